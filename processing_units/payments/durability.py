"""Waiting until PostgreSQL has what the grid has answered (architecture.md, decision 11; invariant I4).

Every answer of an entry carries the numbers that tell it, whoever asked: while an event sells, its waiters only listen. When it
has answered nobody for 20 ms, they share one question about any order. What is durable in another life of the entry says
nothing about this one.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

from grid_config.answers import BatchAnswer
from grid_config.commands import read_order
from processing_units.edge.problems import Problem
from processing_units.metrics import Metrics
from processing_units.sales.batcher import Answer, Batchers

LOOK_SECONDS = 0.02
# Providers wait about ten seconds for an answer; half of it leaves room for the grid's own pauses.
WAIT_SECONDS = 5.0
# Notifications of one unit that wait at once: what 1,000 payments a second bring while PostgreSQL is away for five seconds.
WAITERS_MAX = 5_000
SYSTEM = 0  # the account that may read every order


@dataclass(slots=True)
class _Waiter:
    incarnation: int
    seq: int
    done: asyncio.Future[bool]


@dataclass(slots=True)
class _Watch:
    order: int  # any order of the event: the question needs one
    waiters: list[_Waiter] = field(default_factory=list)
    heard_at: float = 0.0  # the last answer, in the loop's time
    task: asyncio.Task[None] | None = None

    def hear(self, answer: BatchAnswer) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        self.waiters = [waiter for waiter in self.waiters if not _told(waiter, answer.incarnation, answer.durable_seq)]


class Durability:
    """Tells when a change of an event is in PostgreSQL."""

    def __init__(self, batchers: Batchers, metrics: Metrics, wait_seconds: float = WAIT_SECONDS) -> None:
        self._batchers = batchers
        self._wait_seconds = wait_seconds
        self._watches: dict[int, _Watch] = {}
        self._waiting = 0
        metrics.gauge("durability_waiters", "Notifications that wait for PostgreSQL", lambda: self._waiting)

    async def reached(self, event: int, order: int, seq: int, answer: Answer) -> bool:
        """Whether the change `seq` of the life that gave `answer` is durable now or within five seconds.

        False also when the entry lives another life by then, or too many wait already.
        """
        if answer.durable_seq >= seq:
            return True
        if self._waiting >= WAITERS_MAX:
            return False
        watch = self._watches.setdefault(event, _Watch(order))
        waiter = _Waiter(answer.incarnation, seq, asyncio.get_running_loop().create_future())
        watch.waiters.append(waiter)
        self._waiting += 1
        if watch.task is None:
            self._batchers.listeners[event] = watch.hear
            watch.task = asyncio.create_task(self._look(event, watch))
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await waiter.done
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
            waiter.done.cancel()

    async def _look(self, event: int, watch: _Watch) -> None:
        """Until nobody waits any more."""
        clock = asyncio.get_running_loop().time
        watch.heard_at = clock()
        try:
            while watch.waiters:
                pause = watch.heard_at + LOOK_SECONDS - clock()
                if pause > 0:
                    await asyncio.sleep(pause)
                else:
                    watch.heard_at = clock()
                    with contextlib.suppress(Problem):  # the entry is away: it may be back before the time is up
                        await self._batchers.ask(event, read_order(watch.order, SYSTEM))
                watch.waiters = [waiter for waiter in watch.waiters if not waiter.done.done()]
        finally:
            del self._watches[event]
            del self._batchers.listeners[event]


def _told(waiter: _Waiter, incarnation: int, durable_seq: int) -> bool:
    """Whether the waiter needs no further look; tells it what the numbers say."""
    if waiter.done.done():
        return True
    if incarnation != waiter.incarnation:
        waiter.done.set_result(False)
        return True
    if durable_seq >= waiter.seq:
        waiter.done.set_result(True)
        return True
    return False
