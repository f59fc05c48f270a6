"""What waits to be looked at: a set that can be waited for. The same thing put twice is looked at once."""

import asyncio
from collections.abc import Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", int, str)
ITEMS_MAX = 100_000  # beyond, hints are dropped: the member or the sweep tells them again


class Inbox(Generic[Item]):
    """Filled by hints, emptied by its consumers."""

    def __init__(self) -> None:
        self._items: dict[Item, None] = {}  # in the order in which they came
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, items: Iterable[Item]) -> None:
        for item in items:
            if len(self._items) >= ITEMS_MAX:
                return
            self._items[item] = None
        if self._items:
            self._filled.set()

    async def take(self, most: int) -> list[Item]:
        """The longest waiting ones, at least one."""
        while not self._items:  # of several who wait, another may have been faster
            await self._filled.wait()
        return self.take_now(most)

    def take_now(self, most: int) -> list[Item]:
        """The longest waiting ones, perhaps none."""
        taken = list(self._items)[:most]
        for item in taken:
            del self._items[item]
        if not self._items:
            self._filled.clear()
        return taken
