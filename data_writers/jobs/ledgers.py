"""The providers' ledgers beside our rows: money that nobody told us of, or that our rows have forgotten, is found and settled.

A provider gives a notification up some day, and what told of a payment can be lost with everything that knew it: a grid that
died before the start of the payment was durable, a database that was set back. So what each provider lists is read once, some
minutes after it was begun, and how far that has come stands in the same database: one that was set back reads it again.
"""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from data_writers.database import Away, array
from data_writers.effects import enqueue, raise_alarms
from data_writers.inventories import Payment, settled
from data_writers.jobs.desk import Desk, NotYet
from grid_config.identifiers import order_of
from grid_config.outcomes import Method, PaymentResult
from infra.payment.port import LedgerLine, PaymentError, PaymentProvider, UnknownPayment

logger = logging.getLogger("data_writers.jobs")

FIRST = timedelta(days=1)  # of a provider that was never read
SLICE = timedelta(hours=1)  # that much is read again when it could not be read to its end
LINES_AT_ONCE = 500
_MONEY = {PaymentResult.AUTHORISED, PaymentResult.CAPTURED}


async def read(desk: Desk) -> None:
    """Read every provider's ledger as far as payments are at rest. Who does not answer, PostgreSQL too, is asked the next time."""
    until = datetime.fromtimestamp(desk.clock(), UTC) - timedelta(seconds=desk.at_rest_seconds)
    for provider in desk.providers:
        try:
            await _read(desk, provider, until)
        except (PaymentError, Away) as error:
            logger.warning("ledger_waits", extra={"data": {"provider": provider.name, "why": str(error)[:300]}})


async def _read(desk: Desk, provider: PaymentProvider, until: datetime) -> None:
    row = await desk.row("ledger_read_until", provider=provider.name)
    since = row[0] if row else until - FIRST
    while since < until:
        end = min(since + SLICE, until)
        async for lines in _in_batches(provider.ledger_lines(since, end)):
            await _compare(desk, provider, lines)
        await desk.execute("ledger_read", provider=provider.name, until=end)
        since = end


async def _in_batches(lines: AsyncIterator[LedgerLine]) -> AsyncIterator[list[LedgerLine]]:
    batch: list[LedgerLine] = []
    async for line in lines:
        batch.append(line)
        if len(batch) == LINES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _compare(desk: Desk, provider: PaymentProvider, lines: list[LedgerLine]) -> None:
    """Each line that belongs to nothing gets a job that settles it, or, if its order cannot be one of ours, an alarm."""
    places = {line.attempt: order_of(line.order_id) or (0, 0) for line in lines}
    events = [event for event, _ in places.values()]
    unmatched = dict(await desk.rows("unmatched", payment=array(places), event=array(events)))
    jobs: list[tuple[str, int, dict[str, int | str]]] = []
    alarms: list[tuple[str, int, int, dict[str, int | str]]] = []
    for line in lines:
        if line.attempt not in unmatched:
            continue
        event, order = places[line.attempt]
        named: dict[str, int | str] = {"payment": line.attempt, "provider": provider.name}
        logger.error("money_in_ledger_only", extra={"data": {"event": event, "order": order} | named})
        if unmatched[line.attempt]:
            method = int(Method[line.method.upper()])
            jobs.append(("settle", line.attempt, {"event": event, "order": order, "method": method, **named}))
        else:
            alarms.append(("payment_foreign", event, order, {"order_id": line.order_id[:64], **named}))
    async with desk.main.use() as main, main.transaction():
        await enqueue(main, jobs)
        await raise_alarms(main, alarms)


async def settle(desk: Desk, event: int, order: int, payment: Payment) -> None:
    """Tell the entry of money that the provider has: it buys the seats, or goes back. NotYet, PaymentError, GridError: come again."""
    try:
        state = await desk.provider(payment.provider).query(payment.number)
    except UnknownPayment:
        raise NotYet(f"payment {payment.number} is in the ledger and unknown") from None
    told = settled(event, order, payment, state)
    if told is not None and told.result in _MONEY and state.refunded < max(state.captured, 1):
        await desk.inventories.settle(told)
