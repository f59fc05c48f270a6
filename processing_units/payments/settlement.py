"""Telling an inventory what became of an attempt to pay, whoever found out."""

from collections.abc import Mapping
from typing import NamedTuple

from grid_config.commands import settle
from grid_config.orders import Order, decode_order
from grid_config.outcomes import Method, Outcome, PaymentResult
from infra.payment.port import Method as MethodName
from infra.payment.port import PaymentState, Status
from processing_units.sales.batcher import Answer, Batchers, Unavailable
from processing_units.sales.waiters import Waiters

METHOD_CODES: Mapping[MethodName, Method] = {"card": Method.CARD, "sbp": Method.SBP}

# A pending payment has no result yet.
RESULTS: Mapping[Status, PaymentResult] = {
    "authorised": PaymentResult.AUTHORISED,
    "captured": PaymentResult.CAPTURED,
    "declined": PaymentResult.DECLINED,
    "cancelled": PaymentResult.CANCELLED,
}
_WITH_MONEY = {PaymentResult.AUTHORISED, PaymentResult.CAPTURED}


class Result(NamedTuple):
    """What became of one attempt, as its provider says. `amount` in kopecks; `ip`: 16 bytes, who told."""

    event: int
    order: int
    attempt: int
    result: PaymentResult
    amount: int
    provider: str
    method: Method
    ip: bytes


class Senseless(Exception):  # noqa: N818  # named after the fact
    """The inventory can do nothing with such a result, and never will."""


def amount_in(state: PaymentState) -> int:
    """The kopecks that the shopper was charged."""
    return state.captured if state.status == "captured" else state.amount


class Settlement:
    """Settles results through the batchers, and tells who waits for the order."""

    def __init__(self, batchers: Batchers, waiters: Waiters) -> None:
        self._batchers = batchers
        self._waiters = waiters

    async def settle(self, told: Result) -> tuple[Order, Answer]:
        """The order as it stands now (`status` 0: money for an order in no record) and the grid's answer.

        Unavailable when the grid cannot say; Senseless. Repeating is always right: what is settled stays so.
        """
        amount = told.amount if told.result in _WITH_MONEY else 0
        command = settle(told.order, told.attempt, told.result, amount, told.provider, told.method, told.ip)
        answer = await self._batchers.ask(told.event, command)
        if answer.outcome in (Outcome.ACCEPTED, Outcome.REPEATED):
            order = decode_order(answer.body)
            self._waiters.tell(told.event, told.order, order.status)
            return order, answer
        if answer.outcome in (Outcome.INVALID, Outcome.UNKNOWN_ORDER):
            raise Senseless(Outcome(answer.outcome).name.lower())
        raise Unavailable
