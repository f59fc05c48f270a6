"""Pages that many look at, kept for half a second: however many ask, each is made twice a second at most."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

AGE_SECONDS_MAX = 0.5  # as old as the free places of the list; the map shows the seats themselves, which are current
PAGES_MAX = 1_000  # tens of kilobytes each

Page = TypeVar("Page")


class Kept(Generic[Page]):
    """Pages by key; the one made longest ago goes first."""

    def __init__(self, age_seconds: float = AGE_SECONDS_MAX, pages_max: int = PAGES_MAX) -> None:
        self._age_seconds = age_seconds
        self._pages_max = pages_max
        self._made: OrderedDict[Hashable, tuple[float, Page]] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Page]] = {}

    async def of(self, key: Hashable, make: Callable[[], Awaitable[Page]]) -> Page:
        """The page, made by `make` unless a young one is here or being made; what `make` raises is everybody's who waits."""
        made = self._made.get(key)
        if made is not None and made[0] > asyncio.get_running_loop().time():
            return made[1]
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make(key, make))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Page]]) -> Page:
        page = await make()
        self._made[key] = (asyncio.get_running_loop().time() + self._age_seconds, page)
        self._made.move_to_end(key)
        if len(self._made) > self._pages_max:
            self._made.popitem(last=False)
        return page
