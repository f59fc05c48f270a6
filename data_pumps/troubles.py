"""Events that cannot be drained for a reason that another try does not cure: told once, tried again ever more slowly."""

import asyncio
import logging
import time
from typing import Any

from data_pumps.figures import Figures
from data_pumps.inbox import Inbox
from data_writers.database import Away, Link
from data_writers.effects import raise_alarms

logger = logging.getLogger("data_pumps.troubles")

PAUSE_SECONDS_MIN = 1.0
PAUSE_SECONDS_MAX = 60.0


class Troubles:
    """What rests, and until when. An alarm is raised once per event and kind, as long as this process remembers."""

    def __init__(self, dirty: Inbox[int], main: Link, figures: Figures) -> None:
        self._dirty = dirty
        self._main = main
        self._figures = figures
        self._pauses: dict[int, tuple[float, float]] = {}  # by event: until when (monotonic), and how long
        self._told: set[tuple[int, str]] = set()

    def rests(self, event: int) -> bool:
        """Whether it is too early to look at an event again."""
        return event in self._pauses and time.monotonic() < self._pauses[event][0]

    def over(self, event: int) -> None:
        """The event was written: whatever comes next is another trouble."""
        if self._pauses.pop(event, None) is not None:
            self._told = {told for told in self._told if told[0] != event}

    async def note(self, kind: str, event: int, detail: dict[str, Any]) -> None:
        """Let an event rest, twice as long as the last time, and tell an administrator if that was not done yet."""
        self._figures.troubles.labels(kind).inc()
        pause = min(2 * self._pauses[event][1], PAUSE_SECONDS_MAX) if event in self._pauses else PAUSE_SECONDS_MIN
        self._pauses[event] = (time.monotonic() + pause, pause)
        asyncio.get_running_loop().call_later(pause, self._dirty.put, [event])
        if (event, kind) in self._told:
            return
        logger.critical(kind, extra={"data": {"event": event} | detail})
        try:
            async with self._main.use() as main:
                await raise_alarms(main, [(kind, event, 0, detail)])
        except Away as away:
            logger.warning("alarm_waits", extra={"data": {"kind": kind, "event": event, "why": str(away)}})
        else:
            self._told.add((event, kind))
