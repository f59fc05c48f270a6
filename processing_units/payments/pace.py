"""The rate at which one unit sends shoppers to the providers.

Acquirers take a rush for an attack and answer it with double charges and blocks (lessons.md, 16). Beyond the pace a shopper
keeps his seats and is asked to try again in a moment.
"""

import time
from collections.abc import Callable

# How many seconds' worth may start at once after a quiet time.
BURST_SECONDS = 1.0


class Pace:
    """A token bucket; `clock` is monotonic, in seconds."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._most = max(1.0, per_second * BURST_SECONDS)
        self._clock = clock
        self._left = self._most
        self._since = clock()

    def take(self) -> bool:
        """Whether one more may start now."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._since) * self._per_second)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
