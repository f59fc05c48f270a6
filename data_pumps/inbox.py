"""What waits to be looked at: a set that can be waited for. The same thing put twice is looked at once."""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", int, str)
ITEMS_MAX = 100_000  # beyond, hints are dropped: the member or the sweep tells them again


class Inbox(Generic[Item]):
    """Filled by hints, emptied by its consumers."""

    def __init__(self) -> None:
        self._items: dict[Item, None] = {}  # in the order in which they came
        self._behind: dict[Item, None] = {}  # taken when nothing else waits
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items) + len(self._behind)

    def put(self, items: Iterable[Item]) -> None:
        for item in items:
            if len(self._items) >= ITEMS_MAX:  # whatever waits behind: it takes no urgent thing's place
                break
            self._behind.pop(item, None)
            self._items[item] = None
        self._tell()

    def put_behind(self, items: Iterable[Item]) -> None:
        """What can wait until all else is done: the many never stand before the one that somebody asks for."""
        for item in items:
            if len(self._behind) >= ITEMS_MAX:
                break
            if item not in self._items:
                self._behind[item] = None
        self._tell()

    async def take(self, most: int) -> list[Item]:
        """The longest waiting ones, at least one."""
        while not len(self):  # of several who wait, another may have been faster
            await self._filled.wait()
        return self.take_now(most)

    def take_now(self, most: int) -> list[Item]:
        """The longest waiting ones, perhaps none."""
        taken = list(itertools.islice(itertools.chain(self._items, self._behind), most))
        for item in taken:
            self._items.pop(item, None)
            self._behind.pop(item, None)
        if not len(self):
            self._filled.clear()
        return taken

    def _tell(self) -> None:
        if len(self):
            self._filled.set()
