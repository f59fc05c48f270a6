"""Pumps whose drain, COMMIT and acknowledgement are taken one by one, with the product's own `Drain` and `Writer`."""

import asyncio

from data_pumps.drain import Drain
from data_writers.inventories import Inventories
from tests.faults.traces.messages import Messages
from tests.faults.traces.world import Hand, Wanted, World
from tests.fixtures.behind import until


class Pumps(Messages):
    """Each step answers whether it was done."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(name, world)
        self._drains: dict[int, Drain] = {}
        self._hands: dict[int, Hand] = {}

    async def drain(self, _: str, pump: int) -> bool:
        return await self.send(lambda inventories: self._drain(inventories, pump))

    async def drain_unconfirmed(self, _: str, pump: int) -> bool:
        return await self.send_unconfirmed(lambda inventories: self._drain(inventories, pump))

    async def _drain(self, inventories: Inventories, pump: int) -> None:
        drain = self._drains[pump] = Drain(inventories, self.world.link)
        await drain.know([self.event])
        drained = await drain.next(self.event, 100)
        self._hands[pump] = Hand(drained.batch if drained else None)

    async def commit(self, step: str, pump: int) -> bool:
        hand = self._hands.get(pump, Hand())
        if hand.batch is None:
            return False
        if step.endswith("(tickets refused)"):
            await self._strangers_ticket(self.orders[0])
        written = await self.world.writer.write([hand.batch])
        hand.written = self.event in written.moved
        hand.verdicts = tuple(written.verdicts.get(self.event, ()))
        return hand.written

    async def _strangers_ticket(self, wanted: Wanted) -> None:
        """Somebody else has the ticket for its second place."""
        main, stranger = self.world.back.main, wanted.number ^ 1
        await main.execute(
            "INSERT INTO orders (event, order_no, account, status, command_id, fingerprint, seq, created_at, held_until, extended,"
            " ended_at, attempt_open, total, places, categories, prices) VALUES"
            " (%s, %s, 1, 'confirmed', gen_random_uuid(), 0, 0, now(), now(), true, now(), false, 0, ARRAY[%s], ARRAY[0], ARRAY[0])",
            [self.event, stranger, wanted.places[1]],
        )
        ticket = "INSERT INTO tickets (event, order_no, place, status, issued_at) VALUES (%s, %s, %s, 'valid', now())"
        await main.execute(ticket, [self.event, stranger, wanted.places[1]])

    async def acknowledge(self, _: str, pump: int) -> bool:
        hand = self._hands[pump]
        if not hand.written:
            return await self._acknowledged_early()
        return await self.send(lambda inventories: self._acknowledge(inventories, pump))

    async def _acknowledge(self, inventories: Inventories, pump: int) -> None:
        hand = self._hands[pump]
        assert hand.batch is not None
        drain = self._drains[pump]
        drain._inventories = inventories
        drain.moved(hand.batch)
        await drain.acknowledge(hand.batch, hand.verdicts, 1)

    async def _acknowledged_early(self) -> bool:
        """The product's own pump at work, its COMMIT kept waiting by a lock; whether the entry hears of it before."""
        back = self.world.back
        work = asyncio.create_task(back.parts.pump.run())
        waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'test pump writer' AND wait_event_type = 'Lock'"
        async with back.main.transaction():
            await back.main.execute("SELECT FROM positions WHERE event = %s FOR UPDATE", [self.event])
            back.parts.watch.dirty_events.put([self.event])

            async def waits() -> bool:
                return bool((await back.audit.execute(waiting)).rowcount)

            await until(waits)
            early = (await self.status()).durable_seq > 0

        async def is_durable() -> bool:
            status = await self.status()
            return status.durable_seq == status.seq

        await until(is_durable)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return early

    async def forget(self, _: str, pump: int) -> bool:
        self._hands.pop(pump)
        self._drains.pop(pump)
        return True

    async def pump_all(self) -> None:
        """A pump that begins anew, until nothing waits."""
        drain = Drain(self.world.back.inventories, self.world.link)

        async def durable() -> bool:
            drain.forget(self.event)
            await drain.know([self.event])
            drained = await drain.next(self.event, 100)
            if drained is not None and drained.batch is not None:
                written = await self.world.writer.write([drained.batch])
                assert self.event in written.moved
                drain.moved(drained.batch)
                await drain.acknowledge(drained.batch, written.verdicts.get(self.event, ()), 1)
            status = await self.status()
            return status.durable_seq == status.seq

        await until(durable)
