"""Taking authorised money, giving money back, giving up attempts: what the three tasks do.

Every one of them first asks the provider how the payment stands, so that a repetition after a crash finds out what the
former try did.
"""

import logging
from typing import NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from data_writers.database import Unwritable
from data_writers.effects import enqueue, raise_alarms
from data_writers.folding import refund_number
from data_writers.inventories import Payment, Settled, settled
from data_writers.jobs.desk import SQL, Desk, NotYet
from grid_config.outcomes import Method, PaymentResult
from infra.payment.ending import paid_or_cancelled
from infra.payment.port import PaymentError, PaymentProvider, PaymentState, ProviderAway, ProviderRefused, UnknownPayment

logger = logging.getLogger("data_writers.jobs")

REFUND_TRIES_MAX = 12  # with their pauses about twenty minutes; then it is given up and an administrator told
REFUSALS_MAX = 5  # of a refund of money that the provider says it has; half a minute


class Contradiction(ProviderAway):
    """What the provider says now does not go with what it said before. One of the two is wrong: as good as no answer, come again."""


class Refund(NamedTuple):
    """A refund's row, the provider of its payment, and whether the payment was made for this order; kopecks."""

    number: int
    payment: int
    event: int
    order: int
    amount: int
    status: str
    provider: str
    is_its_own: bool


async def capture(desk: Desk, payment: int) -> None:
    """Take the money of a confirmed order; when it cannot be taken for good, the grid makes the order declined.

    NotYet, ProviderAway, GridError: come again. Unwritable when the payment has no row.
    """
    row = await desk.row("payment", payment=payment)
    if row is None:
        raise Unwritable(f"payment {payment} has no row")
    event, order, name, method, amount, _, captured, status = row
    if captured or status != "confirmed":
        return  # taken before, or on its way back
    provider = desk.provider(name)
    state = await _taken(provider, payment, amount)
    if state.captured:
        await desk.execute("captured", payment=payment, captured=state.captured)
        return
    logger.error("capture_failed", extra={"data": {"event": event, "order": order, "payment": payment}})
    await desk.alarm("capture_failed", event, order, payment=payment)
    await desk.inventories.settle(Settled(event, order, payment, PaymentResult.CAPTURE_FAILED, 0, name, Method[method.upper()]))


async def tell_of_waiting(desk: Desk, event: int, order: int, payment: int, tries: int) -> None:
    """Money that cannot be taken for a long time: an administrator hears of it once; the job goes on."""
    logger.error("capture_waits", extra={"data": {"event": event, "order": order, "payment": payment, "tries": tries}})
    await desk.execute("capture_waits", event=event, order=order, detail=Jsonb({"payment": payment, "tries": tries}))


async def _taken(provider: PaymentProvider, payment: int, amount: int) -> PaymentState:
    """How the payment stands after the try to take it: captured, or cancelled and so never to be taken."""
    state = await _asked(provider, payment)
    if state.status == "authorised":
        try:
            state = await provider.capture(payment, amount)
        except ProviderRefused:
            # The refusal may be about a capture that was done; if not, nobody may take the money behind our back.
            state = await _given_up(provider, payment, state)
    if state.status in {"pending", "authorised"}:
        raise NotYet(f"payment {payment} is {state.status}")
    if state.captured not in {0, amount}:
        raise Contradiction(f"{state.captured} kopecks of payment {payment} are taken, {amount} were authorised")
    return state


async def _asked(provider: PaymentProvider, payment: int) -> PaymentState:
    """How a payment stands whose money the provider has told us of."""
    try:
        return _sensible(payment, await provider.query(payment))
    except UnknownPayment:
        raise Contradiction(f"payment {payment} had money and is unknown") from None


def _sensible(payment: int, state: PaymentState) -> PaymentState:
    """A captured payment of nothing is none that went back."""
    if state.status == "captured" and not state.captured:
        raise Contradiction(f"payment {payment} is captured with nothing")
    return state


async def _given_up(provider: PaymentProvider, payment: int, stood: PaymentState) -> PaymentState:
    """How the payment stands after it was cancelled. A provider that does not know it any more says so by a sum of nothing."""
    state = _sensible(payment, await provider.cancel(payment))
    if state.amount != stood.amount:
        raise Contradiction(f"payment {payment} was of {stood.amount} kopecks and is {state.status} with {state.amount}")
    return state


async def cancel(desk: Desk, event: int, order: int, payment: int) -> None:
    """Give up an attempt whose order has ended, unless its money is there: that is settled like a notification. A cancellation that
    waited for its provider must not take the money of an order that was bought by late money meanwhile.

    NotYet, ProviderAway, GridError: come again. Unwritable when the payment has no row.
    """
    row = await desk.row("payment", payment=payment)
    if row is None:
        raise Unwritable(f"payment {payment} has no row")
    name, method = row[2], Method[row[3].upper()]
    state = await paid_or_cancelled(desk.provider(name), payment)
    told = settled(event, order, Payment(payment, name, method), state)
    if told is None:
        raise NotYet(f"payment {payment} is {state.status}")
    if told.result in {PaymentResult.AUTHORISED, PaymentResult.CAPTURED}:
        await desk.inventories.settle(told)
    else:
        await desk.execute("closed", payment=payment)


async def refund(desk: Desk, number: int) -> None:
    """Give money back, once, and tell the grid how it ended. PaymentError, GridError: come again. Unwritable when the
    refund has no row.
    """
    row = await desk.row("refund", refund=number)
    if row is None:
        raise Unwritable(f"refund {number} has no row")
    asked = Refund(number, *row)
    if asked.status == "pending":
        await _end(desk, asked, await _try(desk, asked))
    else:  # asked for once more, by a notification that was repeated: the order waits again for what has ended
        await desk.execute("refund_of_order", event=asked.event, order=asked.order)
    await desk.tell_refund(asked.event, asked.order)


async def _try(desk: Desk, asked: Refund) -> str | None:
    """None when the money is back; why not, when it is given up. PaymentError while it may still succeed."""
    if not asked.is_its_own:  # the provider has mixed up two orders: what paid for the other one's tickets stays where it is
        return "the payment was made for another order"
    try:
        await _give_back(desk, asked)
    except psycopg.errors.CheckViolation as error:
        return str(error)
    except PaymentError as error:
        refused = isinstance(error, ProviderRefused)
        if refused:  # of another sum, maybe, than what is there: the next try asks how much that is
            await desk.execute("unreserve", refund=asked.number)
        tried = await desk.row("tried", refund=asked.number, error=str(error))
        if tried is None or tried[0] < (REFUSALS_MAX if refused else REFUND_TRIES_MAX):
            raise Contradiction(f"refused: {error}") if refused else error from None
        return str(error)
    return None


async def _give_back(desk: Desk, asked: Refund) -> None:
    """All that the provider has, whatever sum it told us of: a payment goes back whole."""
    provider = desk.provider(asked.provider)
    if asked.number != refund_number(asked.payment):
        await _reserved(desk, asked, 0, asked.amount)
        await provider.refund(asked.payment, asked.number, asked.amount)
        return
    state = await _asked(provider, asked.payment)
    if state.status in {"pending", "authorised"}:
        state = await _given_up(provider, asked.payment, state)
    if not state.captured:
        await desk.execute("closed", payment=asked.payment)
        return
    amount = await _reserved(desk, asked, state.captured, state.captured - state.refunded or state.captured)
    if state.refunded < state.captured:
        state = await provider.refund(asked.payment, asked.number, amount)
    if state.refunded < state.captured:
        await _ask_rest(desk, asked, state)


async def _reserved(desk: Desk, asked: Refund, captured: int, amount: int) -> int:
    """The sum of the refund, fixed from its first call on, and counted as given back."""
    async with desk.main.use() as main, main.transaction():
        await main.execute(SQL["reserve"], {"refund": asked.number, "captured": captured, "amount": amount})
        row = await (await main.execute(SQL["mark_reserved"], {"refund": asked.number, "amount": amount})).fetchone()
    return amount if row is None else int(row[0])


async def _ask_rest(desk: Desk, asked: Refund, state: PaymentState) -> None:
    """The provider had said that it has less: what is still there goes back by a refund of its own, which no query can talk us out of."""
    number, rest = refund_number(asked.number), state.captured - state.refunded
    logger.warning("refund_has_rest", extra={"data": {"refund": asked.number, "rest": rest}})
    async with desk.main.use() as main, main.transaction():
        await main.execute(SQL["more_captured"], {"payment": asked.payment, "captured": state.captured})
        await main.execute(SQL["ask_rest"], {"refund": asked.number, "rest": number, "amount": rest})
        await enqueue(main, [("refund", asked.payment, {"refund": number})])


async def _end(desk: Desk, asked: Refund, error: str | None) -> None:
    status = "done" if error is None else "failed"
    async with desk.main.use() as main, main.transaction():
        if error is not None:
            logger.error("refund_failed", extra={"data": {"refund": asked.number, "event": asked.event, "order": asked.order}})
            await main.execute(SQL["unreserve"], {"refund": asked.number})
            await raise_alarms(main, [("refund_failed", asked.event, asked.order, {"refund": asked.number, "error": error})])
        await main.execute(SQL["end_refund"], {"refund": asked.number, "status": status, "error": error})
        await main.execute(SQL["refund_of_order"], {"event": asked.event, "order": asked.order})
