"""Events that are so long over that the grid has no inventory of them any more (architecture.md, 7).

Nothing of theirs is for sale and their orders are in the archive: no shopper's call asks the grid for them, which would have
their inventories brought back. Late money is another matter: its notification asks, and the reader does bring them back.
"""

import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from grid_config.limits import INVENTORY_STAY_MS, VERSION_STEPS_PER_MS
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.times import milliseconds_of, text_of
from processing_units.edge.problems import Problem, sale_closed

FindEvent = Callable[[int], PublishedEvent | None]


class LeftGrid:
    """Tells which published events have left. `clock` gives unix seconds."""

    def __init__(self, find_event: FindEvent, clock: Callable[[], float] = time.time) -> None:
        self._find_event = find_event
        self._clock = clock

    def event(self, number: int) -> PublishedEvent | None:
        """The event if it has left; None while it has an inventory, and when it is not published."""
        published = self._find_event(number)
        return published if published is not None and self.has(published) else None

    def has(self, published: PublishedEvent) -> bool:
        """Whether this event is one of them."""
        return left_at_ms(published.starts_at) <= self._clock() * 1000


@lru_cache(maxsize=4_096)  # every request for seats asks
def left_at_ms(starts_at: datetime) -> int:
    """From when on the inventory of an event that starts then need not be in the grid, unix ms."""
    return milliseconds_of(starts_at) + INVENTORY_STAY_MS


def last_version(published: PublishedEvent) -> int:
    """The version of the seats of an event that has left: above every one that its shoppers were told before."""
    return left_at_ms(published.starts_at) * VERSION_STEPS_PER_MS


def refused(published: PublishedEvent) -> Problem:
    """What a hold for such an event is told, as its inventory told it before it left."""
    entry = published.entry
    closed_at = entry.starts_at if entry.sale_closes_at is None else min(entry.sale_closes_at, entry.starts_at)
    return sale_closed(text_of(closed_at))
