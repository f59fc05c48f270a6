"""Passwords: argon2id in a few threads of their own, so that a rush of sign-ins delays nobody who is buying.

At most `QUEUE_MAX` passwords wait or are being hashed; one more is `PasswordsBusy`, which the edge answers with 503.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

T = TypeVar("T")

PASSWORD_CHARACTERS_MIN = 8
THREADS = 2  # argon2 lets go of the interpreter, so these really run beside the event loop
QUEUE_MAX = 64  # at about 30 ms each and two threads: nobody waits longer than a second

# OWASP's first choice for argon2id: 19 MiB, two passes, one lane; about 30 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_COMMON = frozenset(word for words in FREQUENCY_LISTS.values() for word in words if len(word) >= PASSWORD_CHARACTERS_MIN)


class PasswordsBusy(Exception):  # noqa: N818 - a state of the queue, not a mistake
    """As many passwords as the queue takes are being checked; nothing was done, the call may be repeated."""


def is_common(password: str) -> bool:
    """Whether a password is one of those that everybody tries first."""
    return password.casefold() in _COMMON


class Passwords:
    """Hashes and checks passwords off the event loop. `close` when done."""

    def __init__(self, threads: int = THREADS, queue_max: int = QUEUE_MAX) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._queue_max = queue_max
        self.under_way = 0  # being hashed, or waiting for it
        # Checked for logins that are not there, so that the time of the answer does not tell which logins are.
        self._decoy = _HASHER.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """The argon2id hash to store. PasswordsBusy when the queue is full."""
        return await self._run(partial(_HASHER.hash, _normal(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; with None (no such login) it takes the same time and is False."""
        right = await self._run(partial(_matches, stored or self._decoy, _normal(password)))
        return right and stored is not None

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self.under_way >= self._queue_max:
            raise PasswordsBusy
        self.under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self.under_way -= 1


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """One form for what different keyboards send for the same letters ("й" as one sign or as two)."""
    return unicodedata.normalize("NFKC", password)
