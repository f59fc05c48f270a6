"""The logins, e-mails and phones of accounts as keys of the grid, made permanent once the account's row is written.

The unit that registers an account does so itself, behind its answer; if it died before, its claims would lapse, and the next
one could take the login of an account that is there.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence

from grid_config.documents import Document, Documents

logger = logging.getLogger("data_pumps.claims")

LAPSING_VERSION = 1  # of a claim that nobody made permanent yet; one that was restored has it too, and no end


def claims_of(login: str | None, email: str | None, phone: str | None) -> Iterable[str]:
    """The keys of an account's claims."""
    if login:
        yield f"login:{login.casefold()}"
    if email:
        yield f"email:{email.casefold()}"
    if phone:
        yield f"phone:{phone}"


async def keep_claims(documents: Documents, written: Sequence[tuple[int, Document]]) -> None:
    """Make the claims of these accounts permanent, whoever died meanwhile. GridUnavailable: again, the account still waits."""
    claims = [
        (key, account)
        for account, document in written
        if not document.is_gone
        for key in claims_of(*(document.fields.get(name) for name in ("login", "email", "phone")))
    ]
    await asyncio.gather(*(_keep(documents, key, account) for key, account in claims))


async def _keep(documents: Documents, key: str, account: int) -> None:
    claim = await documents.get(key)
    if claim is not None and claim.number == account and claim.version > LAPSING_VERSION:
        return
    if not await documents.keep_claim(key, account):
        logger.error("claim_lost", extra={"data": {"account": account}})
