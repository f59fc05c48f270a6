"""Looks at the grid from this unit: how many members, and whether every one of them speaks our format."""

import asyncio
import contextlib
import logging

from grid_config.client import FormatUnknown, Grid
from grid_config.hints import SelfTest

LOOK_SECONDS = 2.0  # between two self-tests; a member that joins with another version is seen this soon

logger = logging.getLogger(__name__)


class GridWatch:
    """The last self-test of all members. `state` says what it found; `agrees`, whether they speak this unit's format."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._members: list[SelfTest] = []
        self._task: asyncio.Task[None] | None = None
        self.agrees = False
        self.state = "not tested yet"

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """One self-test. Members that do not answer say nothing about their format."""
        try:
            tests = await self._grid.self_test()
        except FormatUnknown as other:
            self.agrees, self.state = False, str(other)
        except Exception as error:  # as good as no answer: whether the grid is there is told by its members
            logger.warning("self_test_failed", extra={"data": {"why": repr(error)[:200]}})
        else:
            if tests:
                self._members = tests
                self.agrees, self.state = True, "versions " + ", ".join(sorted({test.version for test in tests}))

    def members_short(self) -> int:
        """Members that refuse new orders, being short of memory."""
        return sum(test.memory_short for test in self._members)

    def heap_ratio(self) -> float:
        """Live heap of the fullest member over what it may have: above 1 it is short. 0.0 before anything is known."""
        return max((test.heap_live / test.heap_bound for test in self._members if test.heap_bound), default=0.0)
