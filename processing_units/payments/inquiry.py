"""Asking the provider when a shopper is back and its notification is not (lessons.md, 11).

A waiting shopper's page asks for his order again and again. When the order is still being paid a second later, the provider
is asked once, then at most every few seconds per order; what it says is settled like a notification. Nobody waits for this.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from grid_config.commands import read_order
from grid_config.orders import Order, decode_order
from grid_config.outcomes import Method, OrderStatus, Outcome
from infra.payment.plugins import Providers
from infra.payment.port import PaymentError, UnknownPayment
from processing_units.edge.problems import Problem
from processing_units.metrics import Metrics
from processing_units.payments.settlement import RESULTS, Result, Senseless, Settlement, amount_in
from processing_units.sales.batcher import Batchers

logger = logging.getLogger(__name__)

# A notification is normally here before the shopper's browser is: the provider is asked only when it is late.
GRACE_SECONDS = 1.0
BETWEEN_SECONDS = 3.0
ORDERS_MAX = 10_000  # orders whose last inquiry is remembered; beyond it, and beyond as many under way, none begins
QUERIES_MAX = 32  # at the providers at once


class Inquiry:
    """Asks a provider about orders that somebody waits for, when its notification is late."""

    def __init__(
        self,
        batchers: Batchers,
        providers: Providers,
        settlement: Settlement,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._batchers = batchers
        self._providers = providers
        self._settlement = settlement
        self._metrics = metrics
        self._clock = clock
        self._last: OrderedDict[tuple[int, int], float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(QUERIES_MAX)

    def begin(self, event: int, order: Order) -> None:
        """Ask about this order's open attempt in the background, unless that was done a moment ago."""
        if order.status != OrderStatus.PAYING or not order.attempt_open:
            return
        now, key = self._clock(), (event, order.order)
        self._forget_before(now - BETWEEN_SECONDS)
        if key in self._last or len(self._last) >= ORDERS_MAX or len(self._tasks) >= ORDERS_MAX:
            return
        self._last[key] = now
        task = asyncio.create_task(self._inquire(event, order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget_before(self, moment: float) -> None:
        while self._last and next(iter(self._last.values())) <= moment:
            self._last.popitem(last=False)

    async def _inquire(self, event: int, order: Order) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        try:
            async with self._room:
                if await self._still_paying(event, order):
                    await self._ask(event, order)
        except (PaymentError, Problem, Senseless) as error:
            logger.info("inquiry_in_vain", extra={"data": {"provider": order.provider, "why": repr(error)[:200]}})
        except Exception:
            logger.exception("inquiry_failed")

    async def _still_paying(self, event: int, order: Order) -> bool:
        answer = await self._batchers.ask(event, read_order(order.order, order.account))
        if answer.outcome not in {Outcome.ACCEPTED, Outcome.REPEATED}:
            return False
        now = decode_order(answer.body)
        return now.status == OrderStatus.PAYING and now.attempt == order.attempt and bool(now.attempt_open)

    async def _ask(self, event: int, order: Order) -> None:
        provider = self._providers.get(order.provider)
        if provider is None:
            return
        self._metrics.count("payment_inquiries")
        try:
            state = await provider.query(order.attempt)
        except UnknownPayment:
            return  # `create` is under way or was lost; the shopper starts again, or the deadline ends it
        result = RESULTS.get(state.status)
        if result is not None:
            told = Result(event, order.order, order.attempt, result, amount_in(state), order.provider, Method(order.method), order.ip)
            await self._settlement.settle(told)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
