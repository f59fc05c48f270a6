"""What the clock brings: holds lapse, and payments past their deadline are ended at their provider.

An order that is being paid does not lapse by itself: its provider is asked, and money that it has is money in time, whose
notification has not come through. Anything else is cancelled there, and the answer decides (lessons of others: late money for
seats that are gone). A provider that says nothing for fifteen seconds does not keep the seats.
"""

import asyncio
import logging
from functools import partial

from data_pumps.figures import Figures
from data_pumps.inbox import Inbox
from data_pumps.shares import Shares
from data_writers.inventories import Inventories, Payment, Settled, settled
from grid_config.answers import DueOrder, decode_due
from grid_config.client import GridError
from grid_config.commands import EXPIRE, due
from grid_config.limits import CANCEL_ANSWER_MS_MAX
from grid_config.outcomes import BatchStatus, Method, PaymentResult
from infra.payment.ending import paid_or_cancelled
from infra.payment.plugins import Providers
from infra.payment.port import PaymentError, PaymentProvider, PaymentState

logger = logging.getLogger("data_pumps.due")

EVENTS_MAX = 16  # looked at together
ORDERS_MAX = 100  # of one event at a look; the hint comes again
PAYMENTS_MAX = 64  # being ended at the same time
CANCEL_SECONDS_MAX = CANCEL_ANSWER_MS_MAX / 1000
RETRY_SECONDS = 0.5


class Due:
    """Ends what is due."""

    def __init__(
        self,
        due_events: Inbox[int],
        inventories: Inventories,
        providers: Providers,
        shares: Shares,
        figures: Figures,
    ) -> None:
        self._due_events = due_events
        self._inventories = inventories
        self._providers = providers
        self._shares = shares
        self._figures = figures
        self._ending: dict[int, asyncio.Task[None]] = {}  # by attempt

    async def run(self) -> None:
        try:
            while True:
                events = [event for event in await self._due_events.take(EVENTS_MAX) if self._shares.has(event)]
                await asyncio.gather(*(self._look(event) for event in events))
        finally:
            for task in list(self._ending.values()):
                task.cancel()

    async def _look(self, event: int) -> None:
        try:
            for order in await self.lapse(event):
                if order.attempt not in self._ending and len(self._ending) < PAYMENTS_MAX:
                    task = asyncio.create_task(self._end(event, order))
                    self._ending[order.attempt] = task
                    task.add_done_callback(partial(self._ended, order.attempt))
        except GridError as error:
            logger.warning("due_waits", extra={"data": {"event": event, "why": str(error)}})

    async def lapse(self, event: int) -> list[DueOrder]:
        """Let due holds of an event lapse; the orders whose payments are to be ended."""
        answer = await self._inventories.ask(event, EXPIRE, due(ORDERS_MAX))
        return decode_due(answer.outcomes[1][1]) if answer.status == BatchStatus.ACCEPTED else []

    def _ended(self, attempt: int, _: asyncio.Task[None]) -> None:
        self._ending.pop(attempt, None)

    async def _end(self, event: int, order: DueOrder) -> None:
        try:
            await self.end(event, order)
        except GridError as error:
            logger.warning("due_waits", extra={"data": {"event": event, "order": order.order, "why": str(error)}})
        except Exception:
            logger.exception("payment_not_ended", extra={"data": {"event": event, "order": order.order}})

    async def end(self, event: int, order: DueOrder) -> None:
        """End one payment at its provider and tell the entry what that came to."""
        payment = Payment(order.attempt, order.provider, Method(order.method))
        state = await self._ended_at_provider(payment)
        told = None if state is None else settled(event, order.order, payment, state)
        if told is None:
            told = Settled(event, order.order, order.attempt, PaymentResult.UNANSWERED, 0, order.provider, payment.method)
        await self._inventories.settle(told)
        self._figures.payments_ended.labels(told.result.name.lower()).inc()

    async def _ended_at_provider(self, payment: Payment) -> PaymentState | None:
        """How the payment stands for good; None when nobody answers in time."""
        provider = self._providers.get(payment.provider)
        if provider is None:
            logger.error("provider_unknown", extra={"data": {"provider": payment.provider}})
            return None
        try:
            async with asyncio.timeout(CANCEL_SECONDS_MAX):
                return await self._insist(provider, payment.number)
        except TimeoutError:
            return None

    async def _insist(self, provider: PaymentProvider, attempt: int) -> PaymentState:
        while True:
            try:
                state = await paid_or_cancelled(provider, attempt)
                if state.status != "pending":
                    return state
            except PaymentError as error:
                logger.info("cancel_unanswered", extra={"data": {"why": repr(error)[:200]}})
            await asyncio.sleep(RETRY_SECONDS)
