"""Providers are asked how attempts to pay stand whose notification may have come while nobody listened.

After a restart, and for an event that came back, that is every order that was being paid; after a comparison, what brought no
money as far as PostgreSQL knows.
"""

import asyncio
import logging
from collections.abc import Iterable

from data_writers.database import Away, Link
from data_writers.inventories import Inventories, Payment, settled
from data_writers.readings import PublishedEvent, read_paying
from grid_config.client import GridError
from grid_config.outcomes import Method, OrderStatus, PaymentResult
from infra.payment.plugins import Providers
from infra.payment.port import PaymentError, UnknownPayment

logger = logging.getLogger("data_pumps.reconciliation")

QUERIES_AT_ONCE = 32
WAITING_MAX = 100_000
RETRY_SECONDS = 1.0
TRIES_MAX = 60

Asked = tuple[int, int, Payment, bool]  # event, order, and whether only money counts
_MONEY = {PaymentResult.AUTHORISED, PaymentResult.CAPTURED}


class Reconciliation:
    """Asks and settles, in the background."""

    def __init__(self, main: Link, inventories: Inventories, providers: Providers) -> None:
        self._main = main
        self._inventories = inventories
        self._providers = providers
        self._waiting: asyncio.Queue[Asked] = asyncio.Queue(WAITING_MAX)

    def restored(self, event: int, snapshot: PublishedEvent) -> None:
        """An event came back: its orders that are being paid are asked for."""
        for order in snapshot.orders:
            if order.status == OrderStatus.PAYING and order.attempt_open and not self._waiting.full():
                self._waiting.put_nowait((event, order.order, Payment(order.attempt, order.provider, Method(order.method)), False))

    def doubt(self, event: int, attempts: Iterable[tuple[int, Payment]]) -> None:
        """Attempts of orders (order, payment) that have ended without money: if it came all the same, it is settled."""
        for order, payment in attempts:
            if not self._waiting.full():
                self._waiting.put_nowait((event, order, payment, True))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(QUERIES_AT_ONCE):
                group.create_task(self._serve())
            group.create_task(self._begin())

    async def _begin(self) -> None:
        while True:
            try:
                await self._put(await read_paying(self._main))
                return
            except Away:
                await asyncio.sleep(RETRY_SECONDS)

    async def _put(self, paying: Iterable[tuple[int, int, Payment]]) -> None:
        for each in paying:
            await self._waiting.put((*each, False))

    async def _serve(self) -> None:
        while True:
            asked = await self._waiting.get()
            for _ in range(TRIES_MAX):
                try:
                    event, order, payment, only_money = asked
                    await self.ask(event, order, payment, only_money=only_money)
                    break
                except (PaymentError, GridError) as error:
                    logger.info("reconciliation_waits", extra={"data": {"event": asked[0], "order": asked[1], "why": repr(error)[:200]}})
                await asyncio.sleep(RETRY_SECONDS)

    async def ask(self, event: int, order: int, payment: Payment, *, only_money: bool = False) -> None:
        """Ask about one attempt and settle what it came to. An attempt that is still pending has its deadline.

        `only_money`: of an order that has ended, another end is no news.
        """
        provider = self._providers.get(payment.provider)
        if provider is None:
            return
        try:
            told = settled(event, order, payment, await provider.query(payment.number))
        except UnknownPayment:
            return
        if told is not None and (told.result in _MONEY or not only_money):
            await self._inventories.settle(told)
