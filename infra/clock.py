"""The time, as processes compare it with each other: the machine's, or for tests one that a file moves ahead.

What minutes bring can be shown without waiting for them when every process of a system, the grid's members too, moves by the
same amount at the same moment. Nobody sets `clock_file` where tickets are sold.
"""

import time
from collections.abc import Callable
from pathlib import Path

from infra.settings import Settings

LOOK_SECONDS = 0.1  # between two looks at the file; the members look as often

Clock = Callable[[], float]  # unix seconds


class MovedClock:
    """The machine's time and as many milliseconds as the file says. It never goes back, whatever the file says next.

    A second number in the file is the unix time in milliseconds, by the machine's clock, from which on they count: clocks whose
    file was written one look before that jump at the same moment, and no two of them are ever apart.
    """

    def __init__(self, file: Path, clock: Clock = time.time) -> None:
        self._file = file
        self._clock = clock
        self._ahead_seconds = 0.0
        self._look_at = 0.0

    def __call__(self) -> float:
        now = self._clock()
        if now >= self._look_at:
            ahead, since = self._told()
            self._look_at = now + LOOK_SECONDS
            if since <= now:
                self._ahead_seconds = max(self._ahead_seconds, ahead)
            else:
                self._look_at = min(self._look_at, since)
        return now + self._ahead_seconds

    def _told(self) -> tuple[float, float]:
        """(seconds ahead, unix time from which on); nothing from the beginning while there is no file or no number in it."""
        try:
            ahead, *since = map(int, self._file.read_text().split())
        except (OSError, ValueError):
            return 0.0, 0.0
        return ahead / 1000, since[0] / 1000 if since else 0.0


def clock_of(settings: Settings) -> Clock:
    """The clock of a process with these settings."""
    return time.time if settings.clock_file is None else MovedClock(settings.clock_file)
