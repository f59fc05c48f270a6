"""After a merge every entry is compared with PostgreSQL and the providers (architecture.md, 12), while it sells on.

A merge is noticed by its result, not by its moment. A member that comes into the grid, be it after a cut, by a restart or
anew, has an identity that no member had before; so an entry that was compared under members of whom one is not there any
more needs no comparison, and one under members that have got company does. What was compared under whom stands in PostgreSQL:
a merge that nobody saw, because no pump ran or it was cut off itself, is seen afterwards.

What differs is looked at twice. Then rows are made as the entry says, which is what shoppers were told (`mending`); what
still differs PostgreSQL knows more of, and the entry is brought back from it: it shuts as diverged, the pump writes what it
has left, the reader restores it. That is tried once. What it does not cure is an administrator's.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from data_pumps.figures import Figures
from data_pumps.inbox import Inbox
from data_pumps.reconciliation import Reconciliation
from data_pumps.shares import Shares
from data_writers.audit import Audit
from data_writers.batch import Told
from data_writers.comparison import BY_HAND, Compared, Difference, What, compare, read_compared, read_kept, record
from data_writers.database import Away, Link, Unwritable
from data_writers.effects import raise_alarms
from data_writers.inventories import Inventories, Settled
from data_writers.mending import mend_rows, read_stray, read_unclear, take_money
from data_writers.readings import Position, read_positions, read_published
from grid_config.answers import BatchAnswer, Whole, decode_seats, decode_status, decode_whole
from grid_config.client import Grid, GridError
from grid_config.commands import STATUS, WHOLE, acknowledge, drain, read_seats
from grid_config.outcomes import BatchStatus, EntryState, Outcome, PaymentResult, Verdict

logger = logging.getLogger("data_pumps.comparison")

LOOK_SECONDS = 2.0  # for events to be compared
SHARE_MAX = 0.1  # of the time: a season is compared in minutes, and an on-sale does not notice it
ROUNDS_MAX = 6
ROUND_SECONDS = 0.5  # between two looks at one event: a verdict and an acknowledgement on their way have arrived
RESTORE_SECONDS_MAX = 30.0
TRIES_MAX = 5
TRY_SECONDS = 0.05
NEVER_REACHED = 1 << 62  # a seq
TOLD_MAX = 50  # differences in one alarm


class Result(Enum):
    """What a comparison came to; the value is the row's word."""

    EQUAL = "equal"
    MENDED = "mended"
    RESTORED = "restored"
    DIFFERS = "differs"


class Looked(NamedTuple):
    """One look: the entry's life and state, and what differs."""

    incarnation: int
    whole: Whole
    compared: Compared


class NotNow(Exception):  # noqa: N818 - named as what it says
    """The entry cannot be compared now: it is missing, shut, too large for one answer, or the pump has to drain it first."""


class Comparison:
    """Looks for events to be compared, and compares them one after another."""

    def __init__(  # noqa: PLR0917 - the parts it works with
        self,
        grid: Grid,
        inventories: Inventories,
        main: Link,
        audit: Audit,
        shares: Shares,
        figures: Figures,
        wanted: Inbox[int],
        look_anew: Callable[[int], None],
        reconciliation: Reconciliation,
    ) -> None:
        self._grid = grid
        self._inventories = inventories
        self._main = main
        self._audit = audit
        self._shares = shares
        self._figures = figures
        self._wanted = wanted
        self._look_anew = look_anew
        self._reconciliation = reconciliation
        self._busy = 0.0  # seconds that the looks at the present event took

    async def run(self) -> None:
        """Compare what is to be compared, for ever."""
        while True:
            try:
                if self._grid.is_ready and len(self._shares):
                    await self._all()
            except (Away, GridError) as error:
                logger.warning("comparison_waits", extra={"data": {"why": str(error)[:300]}})
            await asyncio.sleep(LOOK_SECONDS)

    async def _all(self) -> None:
        members = self._grid.identities()
        published = [event for event in await read_published(self._main) if self._shares.has(event)]
        due = sorted(set(published) - await read_compared(self._main, published, members)) if published else []
        self._figures.to_compare(len(due))
        for left, event in enumerate(due):
            self._busy = 0.0
            try:
                await self.compare(event)
            except (NotNow, GridError, Unwritable) as error:
                logger.info("comparison_waits", extra={"data": {"event": event, "why": str(error)[:300]}})
            self._figures.to_compare(len(due) - left - 1)
            await asyncio.sleep(self._busy * (1 / SHARE_MAX - 1))

    async def compare(self, event: int) -> Result:
        """Compare one event's entry with PostgreSQL and the providers, and mend what differs. NotNow, Away, GridError.

        Unwritable when PostgreSQL's constraints do not take what the entry says.
        """
        members = self._grid.identities()
        result = await self._entry(event, members)
        await self._money(event)
        await record(self._main, event, members, result.value)
        self._figures.compared.labels(result.value).inc()
        logger.info("compared", extra={"data": {"event": event, "result": result.value}})
        return result

    # ---- grid and rows ------------------------------------------------------------------------------------------------
    async def _entry(self, event: int, members: Iterable[UUID]) -> Result:
        """How entry and rows stand, after what can be done."""
        looked = await self._confirmed(event)
        found = looked.compared.differences
        if not found:
            return Result.EQUAL
        # A refund's word may be late for minutes: its job tries again. It is brought, and no administrator hears of it.
        if grave := {each for each in found if each.what is not What.REFUND_UNTOLD}:
            await self._tell(event, grave)
        await self._mend(event, looked)
        looked = await self._confirmed(event)
        if not looked.compared.differences:
            return Result.MENDED if grave else Result.EQUAL
        if any(each.what not in BY_HAND for each in looked.compared.differences):
            await record(self._main, event, members, Result.DIFFERS.value)  # once: it costs the event a second of its sale
            await self._restore(event, looked.incarnation)
            looked = await self._confirmed(event)
            if not looked.compared.differences:
                return Result.RESTORED
        await self._tell(event, looked.compared.differences, remains=True)
        return Result.DIFFERS

    async def _tell(self, event: int, differences: Iterable[Difference], *, remains: bool = False) -> None:
        some = sorted(differences, key=lambda each: (each.what.value, each.order, each.seat))
        told = [[each.what.value, each.order, each.seat] for each in some[:TOLD_MAX]]
        detail = {"remains": remains, "count": len(some), "differences": told}
        logger.critical("diverged", extra={"data": {"event": event} | detail})
        async with self._main.use() as main:
            await raise_alarms(main, [("diverged", event, 0, detail)])

    async def _confirmed(self, event: int) -> Looked:
        """A look whose differences two looks running have found; every order was at rest in one of them. NotNow otherwise."""
        in_flight: frozenset[int] | None = None
        before: frozenset[Difference] = frozenset()
        for _ in range(ROUNDS_MAX):
            looked = await self._look(event)
            found, moving = looked.compared
            in_flight = moving if in_flight is None else in_flight & moving
            standing = found & before
            if not in_flight and found == standing:
                return looked
            before = found
            await asyncio.sleep(ROUND_SECONDS)
        if standing:
            return looked._replace(compared=Compared(standing, frozenset()))
        raise NotNow(f"{len(in_flight or ())} orders and {len(before)} differences come and go")

    async def _look(self, event: int) -> Looked:
        began = time.monotonic()
        try:
            return await self._look_once(event)
        finally:
            self._busy += time.monotonic() - began

    async def _look_once(self, event: int) -> Looked:
        answer = await self._ask(event)
        outcome, body = answer.outcomes[1]
        if outcome != Outcome.ACCEPTED:
            raise NotNow("its whole state does not fit one answer")
        # Thousands of orders: in a thread, so that the pump beside goes on.
        whole = await asyncio.to_thread(decode_whole, body)
        states = decode_seats(answer.outcomes[2][1]).states
        known = [order.order for order in whole.orders] + [sold.order for sold in whole.sold]
        kept = await read_kept(self._main, event, known)
        return Looked(answer.incarnation, whole, await asyncio.to_thread(compare, whole, states, kept))

    async def _ask(self, event: int) -> BatchAnswer:
        """The entry's whole state and seats, once it agrees with the position: a drain that takes nothing asks for that."""
        for _ in range(TRIES_MAX):
            position = await self._position(event)
            answer = await self._inventories.ask(event, drain(*position, 0), WHOLE, read_seats())
            if answer.status != BatchStatus.ACCEPTED:
                raise NotNow(BatchStatus(answer.status).name.lower())
            if answer.outcomes[0][0] in {Outcome.ACCEPTED, Outcome.BEHIND}:
                return answer
            await asyncio.sleep(TRY_SECONDS)  # the position moves on while it is looked at
        self._look_anew(event)  # or it does not: then the pump finds out why, and mends it
        raise NotNow(Outcome(answer.outcomes[0][0]).name.lower())

    async def _position(self, event: int) -> Position:
        position = (await read_positions(self._main, [event])).get(event)
        if position is None:
            raise NotNow("no position")
        return position

    async def _mend(self, event: int, looked: Looked) -> None:
        """Make the rows as the entry says, and tell it of money that is back."""
        differences = looked.compared.differences
        verdicts = await mend_rows(self._main, self._audit, event, looked.incarnation, looked.whole, differences)
        untold = {each.order for each in differences if each.what is What.REFUND_UNTOLD}
        for order, row in (await read_kept(self._main, event, untold)).rows.items():
            if order in untold:
                verdicts.append(Told(order, Verdict.REFUND_DONE if row.refund == "done" else Verdict.REFUND_FAILED))
        if verdicts:
            await self._inventories.ask(event, acknowledge(looked.incarnation, 0, verdicts))

    async def _restore(self, event: int, incarnation: int) -> None:
        """Shut the entry by a position that it never reached: PostgreSQL remembers what it does not. Pump and reader do the rest."""
        await self._inventories.ask(event, drain(incarnation, NEVER_REACHED, 0, 0))
        self._look_anew(event)
        try:
            async with asyncio.timeout(RESTORE_SECONDS_MAX):
                while True:
                    self._wanted.put([event])
                    await asyncio.sleep(TRY_SECONDS)
                    status = decode_status((await self._inventories.ask(event, STATUS)).outcomes[0][1])
                    if status.state == EntryState.OPEN and status.incarnation != incarnation:
                        return
        except TimeoutError as late:
            raise NotNow("it is being restored") from late

    # ---- money --------------------------------------------------------------------------------------------------------
    async def _money(self, event: int) -> None:
        """Money that belongs to nothing goes back, money that nobody takes is taken; providers are asked about what is unclear."""
        if captures := await take_money(self._main, event):
            logger.error("captures_begun_again", extra={"data": {"event": event, "payments": captures}})
        self._reconciliation.doubt(event, await read_unclear(self._main, event))
        for stray in await read_stray(self._main, event):
            number, provider, method = stray.payment
            detail = {"payment": number, "captured": stray.captured}
            logger.critical("payment_unmatched", extra={"data": {"event": event, "order": stray.order} | detail})
            async with self._main.use() as main:
                await raise_alarms(main, [("payment_unmatched", event, stray.order, detail)])
            told = Settled(event, stray.order, number, PaymentResult.CAPTURED, stray.captured, provider, method)
            await self._inventories.settle(told)
