"""How many places are free, for lists: at most a second old, one call per event and second however many look."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from processing_units.edge.problems import Problem

AGE_SECONDS_MAX = 0.5
ANSWER_SECONDS_MAX = 0.5  # both together are the second; then the list is told without the number: it must not wait for one event's members
COUNTS_MAX = 10_000  # events whose counts are remembered


class Counts(NamedTuple):
    """How many seats are in each state, and how many places of each area (by index) are free."""

    free: int
    held: int
    sold: int
    closed: int
    areas_free: tuple[int, ...]


class Counted(Protocol):
    """Something that has the counts of an event: its seats at one version."""

    @property
    def counts(self) -> Counts:
        """At that version."""


class Copy(Protocol):
    """The seats of one event."""

    async def current(self) -> Counted:
        """As they stand now. Problem `unavailable` when the grid does not answer."""

    def ask(self, tell: Callable[[Counted | Problem], None]) -> None:
        """The same for a reader without a task: `tell` is called once, now or later."""


class Availability(Protocol):
    """Who knows the seats of every event: the room of sales, which this one does not know."""

    def of(self, event: int) -> Copy:
        """The seats of a published event."""


def places_free(counts: Counts) -> int:
    """Free seats and free places in areas together."""
    return counts.free + sum(counts.areas_free)


class Free:
    """Free places by event, for lists."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[float, int]] = OrderedDict()
        self._asking: dict[int, asyncio.Task[None]] = {}

    async def of(self, events: Sequence[int], availability: Availability) -> list[int | None]:
        """Free places of each event; None where the grid does not tell them in time."""
        now = asyncio.get_running_loop().time()
        stale = [event for event in events if not self._is_fresh(event, now)]
        if stale:
            await asyncio.wait([self._ask(event, availability) for event in stale], timeout=ANSWER_SECONDS_MAX)
        now = asyncio.get_running_loop().time() - ANSWER_SECONDS_MAX
        return [self._known[event][1] if self._is_fresh(event, now) else None for event in events]

    def _is_fresh(self, event: int, now: float) -> bool:
        known = self._known.get(event)
        return known is not None and known[0] + AGE_SECONDS_MAX >= now

    def _ask(self, event: int, availability: Availability) -> asyncio.Task[None]:
        task = self._asking.get(event)
        if task is None:
            task = self._asking[event] = asyncio.create_task(self._read(event, availability))
            task.add_done_callback(lambda _: self._asking.pop(event, None))
        return task

    async def _read(self, event: int, availability: Availability) -> None:
        asked_at = asyncio.get_running_loop().time()
        try:
            seats = await availability.of(event).current()
        except Problem:
            return
        self._known[event] = (asked_at, places_free(seats.counts))
        self._known.move_to_end(event)
        if len(self._known) > COUNTS_MAX:
            self._known.popitem(last=False)
