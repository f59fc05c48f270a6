"""Session tokens: signed, so that no request asks the grid who is calling.

A token carries the account, its generation, its roles, the session's id and the time it ends. Reading a known token is one
look into a bounded dictionary; an unknown one costs one HMAC. Sessions ended before their time are told by `end`
(the unit's poller calls it, see `accounts.sessions`).
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

SESSION_SECONDS = 12 * 3600  # a shopper's day; an administrator signs in once per shift
CACHE_MAX = 65_536  # three times the 20,000 shoppers at once of the requirements (6.1), about 30 MiB
TOKEN_CHARACTERS_MAX = 512  # a longer one cannot be ours: not worth an HMAC
ENDED_MAX = 500_000  # ended sessions remembered until they would have ended by themselves


@dataclass(frozen=True, slots=True)
class Session:
    """Who is calling. `account` is the account's number, `expires_at` a unix time in seconds."""

    account: int
    roles: frozenset[str]
    session_id: str
    expires_at: int
    generation: int = 1


class Tokens:
    """Issues and reads tokens under one secret; every unit has the same secret, so any of them reads any token."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._serializer = URLSafeSerializer(
            secret, salt="front-row session", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )
        self._clock = clock
        self._known: dict[str, Session] = {}
        self._ended: dict[str, int] = {}

    def issue(self, account: int, roles: Iterable[str], generation: int = 1) -> tuple[str, int]:
        """A new session: its token, and the unix time (seconds) at which it ends."""
        expires_at = int(self._clock()) + SESSION_SECONDS
        session_id = secrets.token_urlsafe(12)
        token = self._serializer.dumps([account, generation, sorted(roles), session_id, expires_at])
        text = token.decode() if isinstance(token, bytes) else token
        self._remember(text, Session(account, frozenset(roles), session_id, expires_at, generation))
        return text, expires_at

    def read(self, token: str) -> Session | None:
        """The session of a token, or None when it is forged, over or ended."""
        session = self._known.get(token)
        if session is None:
            session = self._verified(token)
            if session is None:
                return None
            self._remember(token, session)
        if session.expires_at <= self._clock() or session.session_id in self._ended:
            return None
        return session

    def end(self, session_id: str, expires_at: int) -> None:
        """Forget a session from now on. `expires_at` (seconds) is when its token would have ended anyway."""
        if len(self._ended) >= ENDED_MAX:
            now = self._clock()
            self._ended = {ended: until for ended, until in self._ended.items() if until > now}
        self._ended[session_id] = expires_at

    @property
    def ended(self) -> int:
        """How many ended sessions are remembered."""
        return len(self._ended)

    def _verified(self, token: str) -> Session | None:
        if len(token) > TOKEN_CHARACTERS_MAX:
            return None
        try:
            account, generation, roles, session_id, expires_at = self._serializer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return Session(account, frozenset(roles), session_id, expires_at, generation)

    def _remember(self, token: str, session: Session) -> None:
        if len(self._known) >= CACHE_MAX:
            del self._known[next(iter(self._known))]
        self._known[token] = session
