"""Starting to pay: an attempt in the inventory first, then the payment at the provider, by the same number.

An order has at most one open attempt. Another provider or method begins only when the former payment is known to be over
(architecture.md, "Order and payment"); the provider being away closes the new attempt again, and the order stays held.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from grid_config.answers import decode_order_status
from grid_config.commands import start_payment
from grid_config.identifiers import new_number, number_text, order_text
from grid_config.orders import Order, decode_order
from grid_config.outcomes import Method, OrderStatus, Outcome, PaymentResult
from infra.payment.plugins import Providers
from infra.payment.port import Method as MethodName
from infra.payment.port import PaymentError, PaymentProvider, PaymentState, UnknownPayment
from processing_units.edge.problems import Problem, not_found, order_not_payable, unavailable
from processing_units.metrics import Metrics
from processing_units.payments.pace import Pace
from processing_units.payments.settlement import METHOD_CODES, RESULTS, Result, Senseless, Settlement, amount_in
from processing_units.sales.batcher import Answer, Batchers, Unavailable

logger = logging.getLogger(__name__)

# Another attempt is closed and the start tried again; a third in a row means that somebody is playing.
ROUNDS_MAX = 3
_WITH_MONEY = ("authorised", "captured")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a shopper asks for, checked: the provider has the method, the address is on this site. `ip`: 16 bytes."""

    event: int
    order: int
    account: int
    ip: bytes
    provider: PaymentProvider
    method: MethodName
    return_url: str


@dataclass(frozen=True, slots=True)
class Started:
    """Where to pay, and until when the order is kept."""

    payment_id: str
    redirect_url: str
    expires_at: datetime


class Starting:
    """Starts payments: an attempt at the entry first, then at its provider."""

    def __init__(self, batchers: Batchers, providers: Providers, settlement: Settlement, pace: Pace, metrics: Metrics) -> None:
        self._batchers = batchers
        self._providers = providers
        self._settlement = settlement
        self._pace = pace
        self._metrics = metrics

    async def start(self, wanted: Wanted) -> Started:
        """Where to pay. Problems: `not_found`, `order_not_payable`, `unavailable` (the order is as it was, or repeat)."""
        if not self._pace.take():
            self._metrics.count("payments_over_pace")
            raise unavailable("Very many shoppers are paying right now; your seats are kept. Try again in a moment.", 2)
        for _ in range(ROUNDS_MAX):
            answer = await self._open_attempt(wanted)
            match answer.outcome:
                case Outcome.ACCEPTED:
                    return await self._create(wanted, decode_order(answer.body), ours=True)
                case Outcome.REPEATED:
                    return await self._create(wanted, decode_order(answer.body), ours=False)
                case Outcome.ATTEMPT_OPEN:
                    await self._end_former(wanted, decode_order(answer.body))
                case _:
                    raise _refusal(answer)
        raise unavailable("Another payment of this order keeps being started.")

    async def _open_attempt(self, wanted: Wanted) -> Answer:
        command = start_payment(
            wanted.order, wanted.account, wanted.ip, new_number(), METHOD_CODES[wanted.method], wanted.provider.name
        )  # fmt: skip
        return await self._batchers.ask(wanted.event, command)

    async def _create(self, wanted: Wanted, order: Order, *, ours: bool) -> Started:
        """Begin the payment at the provider, or find it again. An attempt that another request opened is that request's to close."""
        expires_at = datetime.fromtimestamp(order.deadline_at / 1000, UTC)
        try:
            redirect = await wanted.provider.create(
                order.attempt,
                order_id=order_text(wanted.event, order.order),
                event_id=number_text(wanted.event),
                amount=order.total,
                method=wanted.method,
                return_url=wanted.return_url,
                expires_at=expires_at,
            )
        except PaymentError as error:
            self._metrics.count("payments_not_created")
            logger.warning("payment_not_created", extra={"data": {"provider": wanted.provider.name, "why": str(error)[:200]}})
            if ours:
                await self._settle(wanted, order, PaymentResult.CREATE_FAILED, 0)
            raise _provider_away() from None
        self._metrics.count("payments_started")
        return Started(number_text(order.attempt), redirect.redirect_url, expires_at)

    async def _end_former(self, wanted: Wanted, order: Order) -> None:
        """Make sure that the order's open attempt is over, and tell the inventory how it ended."""
        provider = self._providers.get(order.provider)
        if provider is None:
            logger.error("provider_gone", extra={"data": {"alarm": True, "provider": order.provider, "attempt": order.attempt}})
            raise _provider_away()
        try:
            state = await _over(provider, order.attempt)
        except PaymentError as error:
            logger.warning("former_payment_open", extra={"data": {"provider": provider.name, "why": str(error)[:200]}})
            raise _provider_away() from None
        result = RESULTS.get(state.status)
        if result is None:
            raise _provider_away()
        await self._settle(wanted, order, result, amount_in(state))

    async def _settle(self, wanted: Wanted, order: Order, result: PaymentResult, amount: int) -> None:
        told = Result(wanted.event, order.order, order.attempt, result, amount, order.provider, Method(order.method), wanted.ip)
        try:
            await self._settlement.settle(told)
        except (Senseless, Unavailable) as error:
            # The attempt stays open; at its deadline it is cancelled at the provider and the order ends.
            logger.warning("attempt_not_closed", extra={"data": {"order": order.order, "why": str(error)[:200]}})


async def _over(provider: PaymentProvider, attempt: int) -> PaymentState:
    """How a payment ended that was given up. One that the shopper has just paid is not cancelled under his hands."""
    try:
        state = await provider.query(attempt)
    except UnknownPayment:
        return PaymentState("cancelled", 0, 0, 0)
    return state if state.status in _WITH_MONEY else await provider.cancel(attempt)


def _provider_away() -> Problem:
    return unavailable("The payment provider cannot be reached. The seats are kept; try again, or choose another one.", 2)


def _refusal(answer: Answer) -> Problem:
    match answer.outcome:
        case Outcome.UNKNOWN_ORDER:
            return not_found()
        case Outcome.NOT_PAYABLE:
            return order_not_payable(OrderStatus(decode_order_status(answer.body)).name.lower())
        case _:
            return Unavailable()
