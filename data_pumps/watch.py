"""Listening for work: every member is asked what waits in its entries, often while there is work and seldom while there is none.

Hints live in the members' memory and can be lost; a slow sweep has every owner look at its entries again.
"""

import asyncio
import logging
import time

from data_pumps.inbox import Inbox
from grid_config.client import Grid, GridError
from grid_config.hints import Hints

logger = logging.getLogger("data_pumps.watch")

PAUSE_SECONDS_MIN = 0.02
PAUSE_SECONDS_MAX = 0.05
ASKING_SHARE_MAX = 0.2  # of the time: a slow grid is not asked more often for being slow
SWEEP_SECONDS = 30.0
RETRY_SECONDS = 0.2


class Watch:
    """Fills the inboxes of those who do the work."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self.dirty_events: Inbox[int] = Inbox()
        self.due_events: Inbox[int] = Inbox()
        self.wanted_events: Inbox[int] = Inbox()
        self.dirty_documents: Inbox[str] = Inbox()
        self.dirty_attempts: Inbox[str] = Inbox()
        self.heard_at = 0.0  # monotonic, the last answer of any member

    async def listen(self) -> None:
        """Ask for hints, for ever."""
        pause = PAUSE_SECONDS_MAX
        while True:
            began = time.monotonic()
            found = self._sort(await self._grid.hints())
            took = time.monotonic() - began
            pause = PAUSE_SECONDS_MIN if found else min(2 * pause, PAUSE_SECONDS_MAX)
            await asyncio.sleep(max(pause, min(took / ASKING_SHARE_MAX, 1.0)))

    async def sweep(self) -> None:
        """Have lost hints told again, at the start and every half minute."""
        while True:
            try:
                await self._grid.sweep_hints()
            except GridError as error:
                logger.warning("sweep_failed", extra={"data": {"why": str(error)}})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(SWEEP_SECONDS)

    def _sort(self, hints: list[Hints]) -> bool:
        found = False
        for told in hints:
            self.heard_at = time.monotonic()
            self.dirty_events.put(told.dirty_events)
            self.due_events.put(told.due_events)
            self.wanted_events.put(told.wanted_events)
            self.dirty_documents.put(told.dirty_documents)
            self.dirty_attempts.put(told.dirty_attempts)
            found = found or bool(told.dirty_events or told.due_events or told.wanted_events or told.dirty_documents or told.dirty_attempts)
        return found
