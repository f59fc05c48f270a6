"""What a job works with: the main database, the grid, the providers."""

import time
from dataclasses import dataclass
from typing import Any

from data_writers.audit import Audit
from data_writers.database import Link
from data_writers.effects import raise_alarms
from data_writers.inventories import Inventories
from data_writers.sql import load
from grid_config.client import GridUnavailable
from grid_config.outcomes import Verdict
from infra.clock import Clock
from infra.payment.plugins import Providers
from infra.payment.port import PaymentProvider

SQL = load("jobs")
_VERDICTS = {"done": Verdict.REFUND_DONE, "failed": Verdict.REFUND_FAILED}


class NotYet(Exception):  # noqa: N818 - named as what it says
    """The provider has not decided; the job comes again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Shared by all jobs of a worker; the link is for one short transaction at a time."""

    main: Link
    audit: Audit
    inventories: Inventories
    providers: Providers
    clock: Clock = time.time
    at_rest_seconds: float = 900.0  # after its beginning nothing happens to a payment any more, as a rule

    def provider(self, name: str) -> PaymentProvider:
        """LookupError when nobody of that name is installed any more: the job stays in the queue, visibly failing."""
        provider = self.providers.get(name)
        if provider is None:
            raise LookupError(f"no payment provider {name!r}")
        return provider

    async def row(self, statement: str, **parameters: object) -> tuple[Any, ...] | None:
        """The first row of a named statement (sql/jobs.sql); None when there is none."""
        async with self.main.use() as main:
            return await (await main.execute(SQL[statement], parameters)).fetchone()

    async def rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        async with self.main.use() as main:
            return await (await main.execute(SQL[statement], parameters)).fetchall()

    async def execute(self, statement: str, **parameters: object) -> None:
        async with self.main.use() as main:
            await main.execute(SQL[statement], parameters)

    async def alarm(self, kind: str, event: int, order: int, **detail: object) -> None:
        """Tell the administrators; event and order 0: of none."""
        async with self.main.use() as main:
            await raise_alarms(main, [(kind, event, order, detail)])

    async def tell_refund(self, event: int, order: int) -> None:
        """Bring the state of an order's refund to its entry, in whatever life that is. GridUnavailable: come again.

        The row is written before: a restore that misses the verdict reads it there. A restore under way may have read the
        row's former state, and its entry is not there yet or lives another life than the position says: then come again.
        """
        row = await self.row("refund_state", event=event, order=order)
        if row is None or row[0] not in _VERDICTS:
            return
        refund, incarnation = row
        if not await self.inventories.tell(event, incarnation, (order, _VERDICTS[refund], ())):
            raise GridUnavailable(f"event {event} is being restored")
