"""What scenarios have in common: shoppers at work, an order, a row or a notification to wait for, the owner of an event."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import LiteralString

import psycopg

from grid_config.client import partition_of
from grid_config.identifiers import number_of, order_of
from tests.faults.history import History, Told
from tests.faults.member_proxy import Wire
from tests.faults.shoppers import AREA_CAPACITY, GUIDS, House, Rush
from tests.faults.visitors import administrator, newcomers

PARTITIONS = 271
AWAIT_SECONDS = 60.0


async def until(good: Callable[[], object], what: str, seconds: float = AWAIT_SECONDS) -> None:
    """Wait for a condition that costs nothing to look at."""
    deadline = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def rush(house: House, seed: int, owner: int | None = None) -> AsyncIterator[Rush]:
    """Shoppers at work on an event of their own, which belongs to the member `owner` if one is named; some have bought before the
    block begins.

    No partition is on its way then. A member that the scenario before has killed is getting copies back for a while, and a wire that
    loses one of the packets that carry them stops the partition until Hazelcast gives its move up.
    """
    hold_seconds = float(house.laboratory.settings["hold_seconds"])
    history = History(seed=seed, seat_order=GUIDS, hold_seconds=hold_seconds, area_capacity=AREA_CAPACITY)
    await house.laboratory.partitions_rest()
    event_id = await _on_sale(house)
    while owner is not None and (await owner_and_wires(house, event_id))[1] != owner:
        event_id = await _on_sale(house)
    house.shopping = Rush(house, history, event_id, seed, guests=(newcomers, administrator))
    await house.listen(history, event_id)
    async with house.shopping.under_way() as shopping:
        await shopping.told(8)
        yield shopping


async def _on_sale(house: House) -> str:
    """A new event. The scenario before may have cost documents that the reader is still bringing back: 503 until it has."""
    deadline = time.monotonic() + AWAIT_SECONDS
    while True:
        try:
            return await house.on_sale()
        except AssertionError as error:
            if ": 503 " not in str(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)


async def owner_and_wires(house: House, event_id: str) -> tuple[int, int, list[Wire]]:
    """The event's partition, the member that owns it, and the wires from there."""
    partition = partition_of(number_of(event_id) or 0, PARTITIONS)
    owner = await house.laboratory.owner_of(partition)
    return partition, owner, house.laboratory.proxies.wires_from(owner)


async def hold_anywhere(shopping: Rush, unit: int, what: str, key: str) -> Told:
    who = shopping.house.crowd[0]
    wanted = {"best_available": {"category": "Балкон", "quantity": 1}}
    return await shopping.history.call(
        shopping.house.anyone(unit, who.token).http, what, "POST", f"/events/{shopping.event_id}/orders",
        event_id=shopping.event_id, account_id=who.account_id, json=wanted, headers={"Idempotency-Key": key},
    )  # fmt: skip


async def durable(house: House, held: Told, status: str = "held") -> None:
    """Until the order is in its row, with this status."""
    event, order = order_of(str(held.body["order_id"])) or (0, 0)
    async with await psycopg.AsyncConnection.connect(house.laboratory.settings["database_url"], autocommit=True) as connection:
        await appears(connection, "SELECT FROM orders WHERE event = %s AND order_no = %s AND status::text = %s", event, order, status)


async def writer_waits(url: str) -> None:
    """Until the pump has drained and its writer waits for the event's position."""
    waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'pump writer' AND wait_event_type = 'Lock'"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await appears(connection, waiting)


async def appears(connection: psycopg.AsyncConnection, wanted: LiteralString, *parameters: int | str) -> None:
    """Until there is such a row."""
    deadline = time.monotonic() + AWAIT_SECONDS
    while not (await connection.execute(wanted, parameters or None)).rowcount:
        assert time.monotonic() < deadline, wanted
        await asyncio.sleep(0.005)


async def notified(house: House, payment_id: str, good: Callable[[list[int]], object]) -> list[int]:
    """The status codes that the shop has answered to the payment's notifications, once they are good."""
    deadline = time.monotonic() + AWAIT_SECONDS
    while True:
        told = (await house.provider.get(f"/payments/{payment_id}")).json()
        codes = [note["status_code"] for note in told["notifications"]]
        if good(codes):
            return codes
        assert time.monotonic() < deadline, codes
        await asyncio.sleep(0.05)
