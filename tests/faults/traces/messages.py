"""What a replay sends to its owner, and which messages of the owner reach its backup when."""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from data_writers.inventories import Inventories
from grid_config.answers import EntryStatus, decode_status
from grid_config.client import GridUnavailable
from grid_config.commands import STATUS
from infra.places import CHECKOUT
from processing_units.edge.problems import Problem
from tests.faults.grid_scenarios import BACKUP_BEGINS, BACKUP_FORMAT
from tests.faults.traces.world import Wanted, World
from tests.fixtures.behind import until

TRACES = CHECKOUT / "tests" / "model" / "traces"
DELIVERED = re.compile(r"M\d gets .*: confirmed")
EXTRA_PLACE = 20  # each order has a second place that nobody else wants: a stranger's ticket there refuses the order
PATIENCE_SECONDS = 60.0  # of a call that nothing hinders: through a member's death on a busy machine
PAUSE_SECONDS = 0.3

Call = Callable[[Inventories], Coroutine[Any, Any, object]]


class Messages:
    """One trace on one event. A message that the trace delivers in its next step is sent and confirmed at once; any other waits."""

    def __init__(self, name: str, world: World) -> None:
        head, *steps = (TRACES / f"{name}.txt").read_text().splitlines()
        seats = head.rsplit("seats ", 1)[1].split()
        self.name = name
        self.world = world
        self.steps = [step for step in steps if not step.startswith("=>")]
        self.orders = [Wanted((int(seat), EXTRA_PLACE + number)) for number, seat in enumerate(seats)]
        self.event = self.owner = -1
        self.at = 0  # the next step
        self.sides: tuple[Inventories, Inventories] | None = None  # since M0 is cut off: how it is asked, and how the others are
        self._pending: list[asyncio.Task[object]] = []

    async def begin(self, owner: int | None = None, begins_in: timedelta | None = None) -> None:
        """On an event that this member owns, when one is named."""
        self.event = await self.world.new_event(owner, begins_in)
        self.owner = await self.world.owner_of(self.event)

    async def struck(self) -> None:
        """The fault was done to all replays; what was under way is over."""
        self.at += 1
        await self.calls_end()

    async def calls_end(self) -> None:
        """Whoever waits for an answer has it, or has given up."""
        await asyncio.gather(*self._pending, return_exceptions=True)
        self._pending.clear()

    @property
    def partition(self) -> int:
        return self.world.back.grid.partition_of(self.event)

    async def send(self, call: Call) -> bool:
        """Ask the owner: whole, when the trace confirms it in its next step; else its message waits. False: not confirmed."""
        following = self.steps[self.at] if self.at < len(self.steps) else ""
        if DELIVERED.match(following) and not self._pending:
            self.at += 1
            return await confirmed(lambda: call(self.world.back.inventories))
        if not following:
            return await confirmed(lambda: call(self.world.back.inventories))
        cluster = self.world.cluster
        cluster.keep(self.owner, self.partition, BACKUP_BEGINS.pack(BACKUP_FORMAT, self.event))
        before = cluster.waiting(self.owner, self.partition)
        self._pending.append(asyncio.create_task(call(self.world.once)))
        await until(lambda: cluster.waiting(self.owner, self.partition) > before)
        return True

    async def send_unconfirmed(self, call: Call) -> bool:
        """Ask the owner while its backup hears nothing; whether it answers all the same."""
        self.world.cluster.keep(self.owner, self.partition, BACKUP_BEGINS.pack(BACKUP_FORMAT, self.event))
        with contextlib.suppress(GridUnavailable):
            await call(self.world.once)
            return True
        return False

    async def deliver(self, step: str, *_: int) -> bool:
        """The first message that waits reaches the backup; whether its caller is answered."""
        if not self._pending:
            return True  # confirmed with its call
        caller = self._pending.pop()
        assert not caller.done(), f"nobody waits for an answer any more: {step}"
        self.world.cluster.pass_first(self.owner, self.partition)
        with contextlib.suppress(GridUnavailable):
            await caller
            return True
        return False

    async def lose(self, *_: object) -> bool:
        self.world.cluster.lose_first(self.owner, self.partition)
        return True

    async def removed(self, _: str, member: int, gone: int) -> bool:
        """After a death whoever asks next waits for it; after a cut nobody would."""
        cluster = self.world.cluster
        seeing = [self.owner] if member == 0 else [number for number in cluster.alive() if number != self.owner]
        if self.sides:
            await until(lambda: all(cluster.sees(number) < len(cluster.places) for number in seeing))
        return member != gone

    async def copied(self, *_: object) -> bool:
        """What the grid does by itself: waited for by whoever asks next."""
        return True

    async def status(self) -> EntryStatus:
        return decode_status((await self.world.back.inventories.ask(self.event, STATUS)).outcomes[0][1])


async def confirmed(call: Callable[[], Awaitable[object]], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether a call is answered in this time, at whichever attempt."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(GridUnavailable, Problem):
            await call()
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
