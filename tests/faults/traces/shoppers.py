"""Shoppers, their provider and the unit between them, as a trace has them act."""

import asyncio

from data_writers.inventories import Inventories
from grid_config.answers import decode_order, decode_seats
from grid_config.commands import read_order, read_seats, release, start_payment
from grid_config.identifiers import order_text
from grid_config.outcomes import Method, OrderStatus, Outcome
from infra.payment.port import Notification
from tests.faults.traces.messages import PAUSE_SECONDS, Messages, confirmed
from tests.faults.traces.world import Wanted
from tests.fixtures.behind import PRICE, PROVIDER, until
from tests.fixtures.outbox import ADDRESS


class Shoppers(Messages):
    """Each step answers whether it was done."""

    seen = b""  # the seats as they were shown

    async def hold(self, _: str, order: int) -> bool:
        if self.sides:
            cut_off = self.sides[0]
            return await confirmed(lambda: self._hold(cut_off, order))
        return await self.send(lambda inventories: self._hold(inventories, order))

    async def look(self, *_: object) -> bool:
        """The availability that the others tell after a cut."""
        assert self.sides is not None
        self.seen = decode_seats((await self.sides[1].ask_open(self.event, read_seats()))[1]).states
        return True

    async def hold_unconfirmed(self, _: str, order: int) -> bool:
        return await self.send_unconfirmed(lambda inventories: self._hold(inventories, order))

    async def _hold(self, inventories: Inventories, order: int) -> None:
        wanted = self.orders[order]
        outcome, _ = await inventories.ask_open(self.event, wanted.hold())
        assert outcome in {Outcome.ACCEPTED, Outcome.REPEATED, Outcome.SEAT_TAKEN}, Outcome(outcome).name
        wanted.held = wanted.held or outcome != Outcome.SEAT_TAKEN

    async def release(self, _: str, order: int) -> bool:
        self.orders[order].released = True
        return await self.send(lambda inventories: self._release(inventories, order))

    async def _release(self, inventories: Inventories, order: int) -> None:
        wanted = self.orders[order]
        outcome, _ = await inventories.ask_open(self.event, release(wanted.number, wanted.account, ADDRESS))
        assert outcome in {Outcome.ACCEPTED, Outcome.REPEATED}, Outcome(outcome).name

    async def come_late(self, _: str, order: int) -> bool:
        """The provider has taken money, of which it tells until it is heard."""
        wanted = self.orders[order]
        self.world.back.bank.take(wanted.attempt, PRICE * len(wanted.places))
        return True

    async def pay(self, _: str, order: int) -> bool:
        wanted = self.orders[order]
        command = start_payment(wanted.number, wanted.account, ADDRESS, wanted.attempt, Method.CARD, PROVIDER)
        outcome, body = await self.world.back.inventories.ask_open(self.event, command)
        self.world.back.bank.authorise(wanted.attempt, decode_order(body).total)
        return outcome == Outcome.ACCEPTED

    async def notify(self, _: str, order: int) -> bool:
        """The unit takes the notification, the entry records it. As a trace's last word it claims that the provider gets 200."""
        self.at += 1  # its confirmation
        wanted = self.orders[order]
        self._notify(wanted)
        assert wanted.notified is not None
        await until(lambda: self._is_paid(wanted))
        if self.at < len(self.steps):
            return True
        await asyncio.wait({wanted.notified}, timeout=PAUSE_SECONDS)
        return wanted.has_200

    def _notify(self, wanted: Wanted) -> None:
        paid = self.world.back.bank.ledger[wanted.attempt]
        told = Notification(wanted.attempt, order_text(self.event, wanted.number), paid.status, paid.amount, "card")
        wanted.notified = asyncio.create_task(self.world.notices._record(self.world.back.bank, told, ADDRESS))

    async def _is_paid(self, wanted: Wanted) -> bool:
        outcome, body = await self.world.back.inventories.ask_open(self.event, read_order(wanted.number, 0))
        return outcome == Outcome.ACCEPTED and decode_order(body).status in {OrderStatus.PAID, OrderStatus.CONFIRMED}

    async def hear(self, _: str, order: int) -> bool:
        """The unit hears how far the entry is durable: it listens to whatever it is answered. Whether the provider gets 200."""
        self.at += 1
        task = self.orders[order].notified
        assert task is not None
        await asyncio.wait({task}, timeout=60)
        return self.orders[order].has_200
