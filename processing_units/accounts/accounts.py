"""Accounts in the grid: registering, signing in, signing out.

Registering is an intention over four entries, written so that every prefix is harmless (architecture.md, decision 14):
claims of login, e-mail and phone for two minutes, always in this order; then the account; then the claims for good. Of those
who race for the same, whoever is stopped at a claim has stopped nobody behind it, so one always comes through. A claim
whose owner died lapses; one whose account was written is made permanent by whoever meets it.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from grid_config.client import Grid, GridUnavailable
from grid_config.documents import Documents
from grid_config.identifiers import new_number
from processing_units.accounts.account import Account, claim_of, claims_of, document_of
from processing_units.accounts.failures import SignInLimits
from processing_units.accounts.passwords import Passwords
from processing_units.accounts.person import Registration
from processing_units.accounts.sessions import EndedSessions
from processing_units.catalogue.keys import account_key
from processing_units.edge.tokens import Session, Tokens
from processing_units.metrics import Metrics

CLAIM_MS = 120_000  # how long a dead attempt keeps a login from others
# From the first claim to the account. Members refuse what was sent more than 60 s ago, so that even the latest account
# that may still be written finds its claims alive.
ATTEMPT_SECONDS = 20.0
FINISH_SECONDS = 100.0  # how long a claim is tried to be made permanent, while it lives
LOOK_SECONDS = 2.0  # between looks whether an account of which no answer came was written
FINISHING_MAX = 256  # registrations being finished behind their answers; then they are finished before
CLAIM_CHARACTERS_MAX = 320  # the longest e-mail address; a longer login is nobody's

logger = logging.getLogger(__name__)


class AlreadyRegistered(Exception):  # noqa: N818 - an expected answer
    """Somebody has these: `fields`, of login, email and phone."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class Accounts:
    """The calls about accounts. All raise GridUnavailable when the grid does not answer, and PasswordsBusy."""

    def __init__(self, grid: Grid, documents: Documents, tokens: Tokens, metrics: Metrics) -> None:
        self._documents = documents
        self._tokens = tokens
        self._ended = EndedSessions(grid, tokens)
        self._passwords = Passwords()
        self.limits = SignInLimits()
        self._finishing: set[asyncio.Task[None]] = set()
        metrics.gauge("passwords_under_way", "Passwords being hashed or waiting for it", lambda: self._passwords.under_way)
        metrics.gauge("ended_sessions", "Sessions ended before their time, as this unit knows", lambda: tokens.ended)

    async def start(self) -> None:
        await self._ended.start()

    async def stop(self) -> None:
        if self._finishing:
            await asyncio.wait(self._finishing, timeout=2.0)
        await self._ended.stop()
        self._passwords.close()

    async def register(self, person: Registration, address: str) -> int:
        """The new account's number. AlreadyRegistered names what somebody else has."""
        claims = claims_of(person.model_dump(include={"login", "email", "phone"}))
        await self._require_free(claims)  # before the work of hashing
        account = new_number()
        document = document_of(account, person, await self._passwords.hash(person.password), address)
        await self.write(account, document)
        return account

    async def write(self, account: int, document: Mapping[str, Any]) -> None:
        """Write a new account with its claims: whole, or (AlreadyRegistered, GridUnavailable) so that nothing of it stays."""
        claims = claims_of(document)
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                await self._claim(claims, account)
                await self._documents.put_fields(account_key(account), document, expected=0)
        except (TimeoutError, GridUnavailable) as error:  # unknown how far it came: what is there by and by is finished
            await self._finish(account, claims, is_written=False)
            raise GridUnavailable("not known whether the account was written") from error
        await self._finish(account, claims, is_written=True)

    async def sign_in(self, login: str, password: str) -> tuple[Account, str, int] | None:
        """The account, a token and its end (unix s), or None: unknown login or wrong password, which take the same time."""
        account = await self._by_login(login)
        if not await self._passwords.verify(account.password if account else None, password) or account is None:
            return None
        token, expires_at = self._tokens.issue(account.account, account.roles, account.generation)
        return account, token, expires_at

    async def sign_out(self, session: Session) -> None:
        """End a session: here at once, in the other units within a second."""
        await self._ended.end(session)

    async def account(self, account: int) -> Account | None:
        """The account, or None when it is gone."""
        document = await self._documents.get(account_key(account))
        return None if document is None else Account.of(account, document.version, document.fields)

    async def _by_login(self, login: str) -> Account | None:
        if not login or len(login) > CLAIM_CHARACTERS_MAX:
            return None
        claim = await self._documents.get(claim_of(login))
        return None if claim is None else await self.account(claim.number)

    async def _require_free(self, claims: Mapping[str, str]) -> None:
        taken = [field for field, key in claims.items() if await self._is_taken(key)]
        if taken:
            raise AlreadyRegistered(taken)

    async def _is_taken(self, key: str) -> bool:
        """Whether somebody has it. A claim is made permanent on the way if its account was written and its unit then died."""
        claim = await self._documents.get(key)
        if claim is None:
            return False
        if claim.version == 1 and await self.account(claim.number) is not None:
            await self._documents.keep_claim(key, claim.number)
        return True

    async def _claim(self, claims: Mapping[str, str], account: int) -> None:
        mine: list[str] = []
        for field, key in claims.items():
            if await self._documents.claim(key, account, ttl_ms=CLAIM_MS) is None:
                others = [other for other, at in claims.items() if at not in mine and await self._documents.get(at) is not None]
                await asyncio.gather(*(self._documents.release_claim(at, account) for at in mine), return_exceptions=True)
                raise AlreadyRegistered(others or [field])
            mine.append(key)

    async def _finish(self, account: int, claims: Mapping[str, str], *, is_written: bool) -> None:
        """Make the claims permanent behind the answer, unless too many are under way."""
        task = asyncio.create_task(self._keep(account, list(claims.values()), is_written=is_written))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)
        if len(self._finishing) > FINISHING_MAX:
            await task

    async def _keep(self, account: int, keys: list[str], *, is_written: bool) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + FINISH_SECONDS
        while keys and clock() < until:
            try:
                if not is_written and await self.account(account) is None:
                    await asyncio.sleep(LOOK_SECONDS)  # it may still come; if not, its claims lapse
                    continue
                is_written = True
                if not await self._documents.keep_claim(keys[-1], account):
                    logger.error("claim_lost", extra={"data": {"account": account}})
                keys.pop()
            except GridUnavailable:
                await asyncio.sleep(LOOK_SECONDS)
        if keys and is_written:
            logger.error("claims_not_kept", extra={"data": {"account": account}})
