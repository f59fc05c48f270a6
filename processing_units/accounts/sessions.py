"""Sessions that were ended before their time: kept in a map of the grid, followed by every unit."""

import asyncio
import logging

from grid_config.client import Grid
from processing_units.edge.tokens import Session, Tokens

POLL_SECONDS = 0.25  # an ended session is dead everywhere within a second (api.md)
POLL_SECONDS_MAX = 0.75  # with so many ended sessions that reading them costs
POLL_SHARE = 10  # the pause is at least so many times as long as the reading took
RETRY_SECONDS = 0.5

logger = logging.getLogger(__name__)


class EndedSessions:
    """Tells `tokens` which sessions have ended, wherever it happened."""

    def __init__(self, grid: Grid, tokens: Tokens) -> None:
        self._grid = grid
        self._tokens = tokens
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def end(self, session: Session) -> None:
        """End a session. GridUnavailable when the other units cannot be told: it goes on living, try again."""
        await self._grid.end_session(session.session_id, session.expires_at)
        self._tokens.end(session.session_id, session.expires_at)

    async def _follow(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                for session_id, expires_at in (await self._grid.ended_sessions()).items():
                    self._tokens.end(session_id, expires_at)
                pause = min(POLL_SECONDS_MAX, max(POLL_SECONDS, POLL_SHARE * (clock() - began)))
            except Exception as error:  # who is cut off hears later of what others end, and tells nothing of the grid until then
                logger.warning("ended_sessions_not_read", extra={"data": {"why": repr(error)[:200]}})
                pause = RETRY_SECONDS
            await asyncio.sleep(pause)
