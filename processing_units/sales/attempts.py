"""Refused attempts to buy are audited like purchases (architecture.md, decision 17).

A refusal is noted in memory and told at once; within a tenth of a second the notes go to an outbox in the grid, from
which the audit writer takes them. When that outbox is at its bound, or the grid away, the notes fill up, then refusals
wait, then they become 503: nobody is refused unseen, save by a unit that is killed in that tenth of a second.
"""

import asyncio
import functools
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from starlette.requests import Request

from grid_config.identifiers import number_of, order_of
from processing_units.edge.identity import session_of
from processing_units.edge.problems import Problem, unavailable
from processing_units.metrics import Metrics

GATHER_SECONDS = 0.08  # and some milliseconds for the call itself: a tenth of a second
NOTES_MAX = 20_000  # two seconds of refusals at a unit's best rate
APPEND_RECORDS_MAX = 1_000  # in one call
ROOM_SECONDS = 2.0  # how long a refusal waits for room before it becomes a 503
RETRY_SECONDS = 0.25

# Appends encoded records to one of the logs in the grid; False when that log is at its bound. Errors mean: not known.
Append = Callable[[Sequence[bytes]], Awaitable[bool]]
# (unix ms, address, account, event, order, problem code) → a record's bytes.
Encode = Callable[[int, str, int, int, int, str], bytes]
Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class Attempts:
    """The unit's notes of refused attempts."""

    def __init__(self, append: Append, encode: Encode, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._append = append
        self._encode = encode
        self._metrics = metrics
        self._clock = clock
        self._notes: deque[tuple[int, str, int, int, int, str]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        metrics.gauge("refusals_noted", "Refused attempts on their way to the audit outbox", lambda: len(self._notes))

    async def record(self, code: str, address: str, account: int, event: int, order: int) -> None:
        """Note a refusal by its problem code (0: unknown account, event or order). Problem `unavailable` without room."""
        if len(self._notes) >= NOTES_MAX:
            await self._wait_for_room()
        self._notes.append((int(self._clock() * 1000), address, account, event, order, code))
        if self._task is None:
            self._task = asyncio.create_task(self._flush())

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(ROOM_SECONDS):
                while len(self._notes) >= NOTES_MAX:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            self._metrics.count("refusals_without_room")
            raise unavailable() from None

    async def _flush(self) -> None:
        """Send what was noted until nothing is left; the next note begins anew."""
        try:
            await asyncio.sleep(GATHER_SECONDS)
            while self._notes:
                await self._send_some()
        finally:
            self._task = None

    async def _send_some(self) -> None:
        taken = [self._notes.popleft() for _ in range(min(len(self._notes), APPEND_RECORDS_MAX))]
        try:
            appended = await self._append([self._encode(*note) for note in taken])
        except Exception as error:  # unknown whether they arrived: a line told twice is better than none
            logger.warning("refusals_not_appended", extra={"data": {"why": repr(error)[:200], "records": len(taken)}})
            appended = False
        if not appended:
            self._notes.extendleft(reversed(taken))
            await asyncio.sleep(RETRY_SECONDS)
        if len(self._notes) < NOTES_MAX:
            self._room.set()

    async def stop(self, seconds: float = 2.0) -> None:
        """Send the last notes, if the grid takes them in this time."""
        task = self._task
        if task is not None:
            await asyncio.wait([task], timeout=seconds)
            task.cancel()


def audited(endpoint: Callable[[Request], Awaitable[Answer]]) -> Callable[[Request], Awaitable[Answer]]:
    """Record the endpoint's refusals with time, address, account, event and order.

    Event and order are those of the path's `event_id` or `order_id`. What is not a decision (503, faults) is left out.
    """

    @functools.wraps(endpoint)
    async def wrapped(request: Request) -> Answer:
        try:
            return await endpoint(request)
        except Problem as problem:
            if problem.status < 500:
                await _record(request, problem)
            raise

    return wrapped


async def _record(request: Request, problem: Problem) -> None:
    parts: Any = request.app.state.parts
    event = number_of(request.path_params.get("event_id", "")) or 0
    order = 0
    if "order_id" in request.path_params:
        event, order = order_of(request.path_params["order_id"]) or (0, 0)
    session = session_of(request)
    address = parts.addresses.of(request.scope)
    await parts.attempts.record(problem.code, address, session.account if session else 0, event, order)
