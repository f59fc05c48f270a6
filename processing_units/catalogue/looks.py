"""Looks at the grid's index of the catalogue: ten times a second, and sooner when somebody misses an event.

An event that was published through another unit a moment ago is not here yet. Whoever misses it waits for a look that
began after he came; all who wait share it, and however many ask, looks begin no oftener than every `BETWEEN_SECONDS`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from processing_units.metrics import Metrics

POLL_SECONDS = 0.1  # shoppers see what was saved within 200 ms (api.md, Administration)
BETWEEN_SECONDS = 0.05  # from the beginning of a look to that of the next one, whoever asks: made-up ids must not load the grid
RETRY_SECONDS = 0.5  # after a look that failed: the grid is away for a moment, asking brings it back no sooner

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Look:
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    well: bool = False


class Looks:
    """Looks for ever in `run`. `look` takes what is new; its errors mean that the grid is away, what is here stays."""

    def __init__(self, look: Callable[[], Awaitable[None]], metrics: Metrics) -> None:
        self._look = look
        self._metrics = metrics
        self._next = _Look()
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            began, present = clock(), self._next
            self._next = _Look()
            self._wanted.clear()
            self._metrics.count("catalogue_looks")
            try:
                await self._look()
                present.well = True
            except Exception as error:
                logger.warning("catalogue_waits", extra={"data": {"why": repr(error)[:200]}})
            present.ended.set()
            await (self._pause(began) if present.well else asyncio.sleep(RETRY_SECONDS))

    async def _pause(self, began: float) -> None:
        """Until the next look is due, or somebody wants it sooner."""
        clock = asyncio.get_running_loop().time
        due = clock() + POLL_SECONDS
        await asyncio.sleep(max(0.0, began + BETWEEN_SECONDS - clock()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._wanted.wait()

    async def next(self, seconds: float) -> bool:
        """Bring the next look forward; whether it ended well within so many seconds. It begins after this call."""
        look = self._next
        self._wanted.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await look.ended.wait()
        return look.well
