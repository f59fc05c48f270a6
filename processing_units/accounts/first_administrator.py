"""The first administrator: `python -m processing_units.accounts.first_administrator [admin.json]`.

`infra/up` writes `{"login", "password"}`, this makes the account of it in the grid: roles admin and scanner, no e-mail, no
phone. The account's number follows from the login, so that running it again, also after half a run, finds the same account;
a new password in the file becomes the account's.
"""

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from grid_config.client import Grid, GridUnavailable, Stale
from grid_config.documents import Documents
from grid_config.identifiers import number_text
from infra import logs
from infra.settings import Settings, of_process
from processing_units.accounts.account import Account
from processing_units.accounts.accounts import Accounts, AlreadyRegistered
from processing_units.accounts.consent import CONSENT_VERSION
from processing_units.accounts.passwords import Passwords
from processing_units.catalogue.keys import account_key
from processing_units.catalogue.times import text_of
from processing_units.edge.tokens import Tokens
from processing_units.metrics import Metrics

ROLES = ("admin", "scanner")
WAIT_SECONDS = 90.0  # for a grid that is being restored
RETRY_SECONDS = 0.5

logger = logging.getLogger(__name__)


def number_of_login(login: str) -> int:
    """The number of the administrator's account: 63 bits of the login's hash."""
    return int.from_bytes(blake2b(b"first administrator " + login.casefold().encode(), digest_size=8).digest(), "little") >> 1


async def ensure(grid: Grid, login: str, password: str) -> int:
    """Make the account, or bring its password and roles to what they should be; its number. AlreadyRegistered: somebody has the login."""
    documents, number = Documents(grid), number_of_login(login)
    passwords = Passwords(threads=1)
    accounts = Accounts(grid, documents, Tokens(b"issues none"), Metrics())
    try:
        found = await accounts.account(number)
        if found is None:
            await accounts.write(number, _document(number, login, await passwords.hash(password)))
        elif not await passwords.verify(found.password, password) or not found.roles.issuperset(ROLES):
            await _correct(documents, found, await passwords.hash(password))
    finally:
        passwords.close()
        await accounts.stop()
    return number


async def _correct(documents: Documents, found: Account, password: str) -> None:
    fields = {**found.fields, "password": password, "roles": sorted(found.roles | set(ROLES)), "generation": found.generation + 1}
    await documents.put_fields(account_key(found.account), fields, expected=found.version)


def _document(number: int, login: str, password: str) -> dict[str, object]:
    now = text_of(datetime.now(UTC))
    return {
        "account_id": number_text(number),
        "login": login,
        "email": None,
        "phone": None,
        "surname": "Front Row",
        "name": "Administrator",
        "password": password,
        "roles": list(ROLES),
        "generation": 1,
        "consent": {"version": CONSENT_VERSION, "at": now, "address": None},
        "created_at": now,
    }


async def run(settings: Settings, login: str, password: str) -> None:
    """Ensure the administrator, however long the grid is being restored. TimeoutError when it is not back in time."""
    async with asyncio.timeout(WAIT_SECONDS):
        grid = await Grid.connect(settings, WAIT_SECONDS)
        try:
            while True:
                try:
                    number = await ensure(grid, login, password)
                    break
                except (GridUnavailable, Stale) as error:  # being restored, or somebody else is at it
                    logger.info("administrator_waits", extra={"data": {"why": str(error)[:200]}})
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            await grid.close()
    logger.info("administrator_ready", extra={"data": {"account": number}})


def main() -> int:
    logs.configure()
    settings = of_process()
    credentials = Path(sys.argv[1]) if len(sys.argv) > 1 else settings.run_dir / "admin.json"
    told = json.loads(credentials.read_text())
    try:
        asyncio.run(run(settings, told["login"], told["password"]))
    except AlreadyRegistered:
        logger.error("login_taken", extra={"data": {"file": str(credentials)}})  # noqa: TRY400 - the message says it all
        return 1
    except (TimeoutError, GridUnavailable):
        logger.error("grid_not_ready", extra={"data": {"seconds": WAIT_SECONDS}})  # noqa: TRY400
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
