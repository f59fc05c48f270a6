"""Requests that wait for an order's status: woken by whatever in this unit settles the order, else looking now and then.

A waiter looks at the grid at growing intervals, because the order may be settled through another unit. What this unit does
itself (a notification it took, a release) is told here: a status that is waited for is looked at at once; after one that is
not, the interval is the longest, since whoever told of it tells the rest too.
"""

import asyncio
import contextlib
from collections.abc import Container, Iterator

from processing_units.metrics import Metrics

WAITERS_MAX = 5_000  # in one unit; whoever comes on top is answered at once
PAUSE_SECONDS_FIRST = 0.05  # between two looks at an order, growing to the last
PAUSE_SECONDS_LAST = 0.5
PAUSE_GROWTH = 2.0


class Waiter:
    """One request that waits until an order has one of the statuses of its `wish`."""

    __slots__ = ("_heard", "_look", "_pause", "_until", "wish")

    def __init__(self, wish: Container[int], seconds: float) -> None:
        self.wish = wish
        self._until = asyncio.get_running_loop().time() + seconds
        self._pause = PAUSE_SECONDS_FIRST
        self._heard = asyncio.Event()
        self._look = False  # what was heard is worth a look

    @property
    def is_over(self) -> bool:
        """Whether its time is up."""
        return asyncio.get_running_loop().time() >= self._until

    def hear(self, status: int | None) -> None:
        self._look = self._look or status is None or status in self.wish
        self._heard.set()

    async def rest(self) -> None:
        """Until it is time to look again. What is heard during a look makes the rest after it short, or long."""
        now = asyncio.get_running_loop().time()
        due, longest = now + self._pause, now + PAUSE_SECONDS_LAST
        self._pause = min(self._pause * PAUSE_GROWTH, PAUSE_SECONDS_LAST)
        with contextlib.suppress(TimeoutError):
            while not self._look:
                async with asyncio.timeout_at(min(due, self._until)):
                    await self._heard.wait()
                self._heard.clear()
                due = longest
        self._look = False
        self._heard.clear()


class Waiters:
    """All waiters of a unit, by order."""

    def __init__(self, metrics: Metrics) -> None:
        self._by_order: dict[tuple[int, int], set[Waiter]] = {}
        self._count = 0
        metrics.gauge("order_waiters", "Requests that wait for an order's status", lambda: self._count)

    @contextlib.contextmanager
    def joined(self, event: int, order: int, wish: Container[int], seconds: float) -> Iterator[Waiter]:
        """A waiter that hears of the order inside; at the bound its time is up at once."""
        key, waiter = (event, order), Waiter(wish, seconds if self._count < WAITERS_MAX else 0.0)
        together = self._by_order.setdefault(key, set())
        together.add(waiter)
        self._count += 1
        try:
            yield waiter
        finally:
            self._count -= 1
            together.discard(waiter)
            if not together:
                del self._by_order[key]

    def tell(self, event: int, order: int, status: int | None = None) -> None:
        """The order has this status now, or (None) one that only the grid knows."""
        for waiter in self._by_order.get((event, order), ()):
            waiter.hear(status)
