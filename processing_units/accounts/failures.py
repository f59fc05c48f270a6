"""Failed sign-ins, counted per login and address: guessing is slow, memory is bounded."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

KEYS_MAX = 20_000  # counters kept; the oldest goes first, about 4 MiB


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `failures` within `seconds` of the first of them."""

    failures: int
    seconds: float


PER_LOGIN_AND_ADDRESS = Limit(10, 300.0)  # somebody who forgot which of their passwords it was gets through
PER_ADDRESS = Limit(100, 300.0)  # an office behind one address gets through, a list of stolen logins does not
PER_LOGIN = Limit(200, 900.0)  # guessing one login from many addresses; high, because it also locks the owner out


class Failures:
    """Counts failures under any key; a window begins with its first failure and ends by itself."""

    def __init__(self, keys_max: int = KEYS_MAX, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys_max = keys_max
        self._clock = clock
        self._windows: dict[Hashable, tuple[float, int]] = {}

    def wait(self, key: Hashable, limit: Limit) -> float:
        """Seconds until this key may try again; 0.0 when it may now."""
        window = self._windows.get(key)
        if window is None or window[1] < limit.failures:
            return 0.0
        return max(0.0, window[0] + limit.seconds - self._clock())

    def record(self, key: Hashable, limit: Limit) -> None:
        """One more failure under this key."""
        now = self._clock()
        began, count = self._windows.pop(key, (now, 0))
        if began + limit.seconds <= now:
            began, count = now, 0
        if len(self._windows) >= self._keys_max:
            del self._windows[next(iter(self._windows))]
        self._windows[key] = (began, count + 1)

    def forget(self, key: Hashable) -> None:
        """The key has proved itself."""
        self._windows.pop(key, None)


class SignInLimits:
    """The three limits of signing in; trusted addresses are spared the one that is per address alone."""

    def __init__(self, failures: Failures | None = None) -> None:
        self._failures = failures or Failures()

    def wait(self, login: str, address: str, *, trusted: bool) -> float:
        """Seconds this login must wait at this address; 0.0 when it may try."""
        return max(self._failures.wait(key, limit) for key, limit in _keys(login, address, trusted=trusted))

    def failed(self, login: str, address: str, *, trusted: bool) -> None:
        for key, limit in _keys(login, address, trusted=trusted):
            self._failures.record(key, limit)

    def succeeded(self, login: str, address: str) -> None:
        self._failures.forget((login, address))


def _keys(login: str, address: str, *, trusted: bool) -> list[tuple[Hashable, Limit]]:
    keys: list[tuple[Hashable, Limit]] = [((login, address), PER_LOGIN_AND_ADDRESS), (("login", login), PER_LOGIN)]
    return keys if trusted else [*keys, (("address", address), PER_ADDRESS)]
