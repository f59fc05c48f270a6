"""What providers tell us: verified, settled, and acknowledged only when it is durable (invariant I4)."""

import logging
from collections.abc import Mapping

from grid_config.identifiers import order_of
from grid_config.orders import Order
from grid_config.outcomes import OrderStatus
from infra.payment.port import Forged, Notification, PaymentProvider, Unintelligible
from processing_units.edge.problems import malformed, unavailable
from processing_units.metrics import Metrics
from processing_units.payments.durability import Durability
from processing_units.payments.settlement import METHOD_CODES, RESULTS, Result, Senseless, Settlement
from processing_units.sales.waiters import Waiters

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2


class Notices:
    """Takes notifications: each is verified, told to the entry, and answered when it is durable."""

    def __init__(self, settlement: Settlement, durability: Durability, waiters: Waiters, metrics: Metrics) -> None:
        self._settlement = settlement
        self._durability = durability
        self._waiters = waiters
        self._metrics = metrics

    async def take(self, provider: PaymentProvider, headers: Mapping[str, str], body: bytes, ip: bytes) -> None:
        """Returns when the provider may forget this notification: its outcome is in PostgreSQL, or there is nothing to record.

        Problem `malformed` when it is not the provider's, `unavailable` when it was not made durable in time.
        """
        try:
            told = provider.verify(headers, body)
        except Forged as error:
            self._metrics.count("notifications_forged")
            logger.warning("notification_forged", extra={"data": {"provider": provider.name, "why": str(error)[:200]}})
            raise malformed("The notification is not the provider's.") from None
        except Unintelligible as error:
            self._alarm("notification_unintelligible", provider, why=str(error)[:200])
            return
        await self._record(provider, told, ip)

    async def _record(self, provider: PaymentProvider, told: Notification, ip: bytes) -> None:
        result, place = RESULTS.get(told.status), order_of(told.order_id)
        if result is None:
            return  # a pending payment: nothing has happened yet
        if place is None:
            self._alarm("notification_without_order", provider, attempt=told.attempt, status=told.status, amount=told.amount)
            return
        event, number = place
        try:
            order, answer = await self._settlement.settle(
                Result(event, number, told.attempt, result, told.amount, provider.name, METHOD_CODES[told.method], ip)
            )
        except Senseless as error:
            self._alarm("notification_senseless", provider, attempt=told.attempt, order=told.order_id, why=str(error))
            return
        if _contradicts(order, told):
            self._alarm("notification_contradicts", provider, attempt=told.attempt, order=told.order_id, amount=told.amount)
        if not order.status:
            self._alarm("money_without_order", provider, attempt=told.attempt, order=told.order_id, amount=told.amount)
        if not await self._durability.reached(event, number, order.seq, answer):
            self._metrics.count("notifications_not_durable")
            raise unavailable("The outcome is not durable yet.", RETRY_SECONDS)
        self._waiters.tell(event, number)  # what became durable has its verdict: confirmed, or to be refunded
        self._metrics.count("notifications_taken")

    def _alarm(self, what: str, provider: PaymentProvider, **data: object) -> None:
        """Somebody must look at it: the provider will not tell again."""
        self._metrics.count("payment_alarms")
        logger.error(what, extra={"data": {"alarm": True, "provider": provider.name, **data}})


def _contradicts(order: Order, told: Notification) -> bool:
    """Whether another sum is told of than what the order was paid with, as far as the entry still knows it: one of the two was a lie."""
    paid = order.status in {OrderStatus.PAID, OrderStatus.CONFIRMED} and order.attempt == told.attempt
    return paid and told.status in {"authorised", "captured"} and order.total not in {0, told.amount}
