"""Members whose heaps are full: they refuse what is new, go on with what they have, and nobody dies of it.

Three members with so little heap that a hundred thousand orders fill it. No pump is at work: the outboxes fill it, too.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from grid_config import commands
from grid_config.answers import decode_batch
from grid_config.client import GridUnavailable
from grid_config.documents import Documents
from grid_config.identifiers import new_number, number_of, number_text
from grid_config.outcomes import Method, Outcome, PaymentResult
from processing_units.sales.batcher import Unavailable
from processing_units.watch import GridWatch
from tests.fixtures.grid import Cluster, mark_restored, members
from tests.fixtures.sales_orders import order, problem
from tests.fixtures.sales_unit import SalesUnit, paid, plan, sales_units
from tests.fixtures.system import free_base

HEAP_MIB = 96  # 16 are young, of the 80 others a member of three fills 40
CAPACITY = 1_000_000
SHOPPERS_AT_ONCE = 32
ATTEMPTS = 3
HELD = {Outcome.ACCEPTED, Outcome.REPEATED}  # repeated: the first answer was lost on its way
EVENTS = 6
LOOPBACK = bytes(10) + b"\xff\xff" + bytes((127, 0, 0, 1))
FILL_SECONDS_MAX = 60.0  # it takes 2 to 4
ROOM_SECONDS_MAX = 60.0  # a member that is short looks every 5 s whether it still is


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with members(3, free_base(), tmp_path_factory.mktemp("members"), heap_mib=HEAP_MIB) as cluster:
        yield cluster


@pytest.fixture
async def unit(cluster: Cluster) -> AsyncIterator[SalesUnit]:
    async with sales_units(cluster.settings()) as (unit,):
        await mark_restored(unit.grid)
        yield unit


async def on_sale(unit: SalesUnit) -> list[str]:
    """Events with much room, published as soon as the members have it, too."""
    events: list[str] = []
    async with asyncio.timeout(ROOM_SECONDS_MAX):
        while len(events) < EVENTS:
            try:
                events.append(await unit.publish(plan(rows=2, seats=5, area=CAPACITY), limit=0))
            except Unavailable:
                await asyncio.sleep(0.1)
    return events


async def fill(unit: SalesUnit, event: str) -> int:
    """Let shoppers hold a place each and try in vain to pay for it, until a hold is refused; how many hold one."""
    held = 0
    number = number_of(event)
    assert number is not None
    async with asyncio.timeout(FILL_SECONDS_MAX):
        while True:
            asked = [command for _ in range(SHOPPERS_AT_ONCE) for command in tries(new_number(), new_number())]
            answer = decode_batch(await unit.grid.inventory(number, commands.batch(time.time_ns() // 1_000_000, asked)))
            holds = [outcome for outcome, _ in answer.outcomes[:: len(asked) // SHOPPERS_AT_ONCE]]
            assert set(holds) <= HELD | {Outcome.FULL}, holds
            held += sum(outcome in HELD for outcome in holds)
            if Outcome.FULL in holds:
                return held


def tries(order: int, account: int) -> list[bytes]:
    """A hold, and attempts to pay that the provider did not take: what PostgreSQL has to get of an order is more than the order."""
    hold = commands.hold_areas(secrets.token_bytes(16), 1, order, account, LOOPBACK, [(0, 1)])
    attempts = [new_number() for _ in range(ATTEMPTS)]
    return [hold] + [
        command
        for attempt in attempts
        for command in (
            commands.start_payment(order, account, LOOPBACK, attempt, Method.CARD, "sandbox"),
            commands.settle(order, attempt, PaymentResult.CREATE_FAILED, 0, "sandbox", Method.CARD, LOOPBACK),
        )
    ]


async def fill_grid(unit: SalesUnit, events: list[str]) -> list[str]:
    """Fill these events and, until two members are short, more; those more. Of three members two keep whatever there is."""
    await asyncio.gather(*(fill(unit, event) for event in events))
    more: list[str] = []
    while sum(test.memory_short for test in await unit.grid.self_test()) < 2:
        with contextlib.suppress(Unavailable):
            more.append(await unit.publish(plan(rows=2, seats=5, area=CAPACITY), limit=0))
            await fill(unit, more[-1])
    return more


async def until_refused(error: type[Exception], ask: Callable[[], Awaitable[object]]) -> None:
    """Members hear of each other's shortage within a second."""

    async def refused() -> bool:
        try:
            await ask()
        except error:
            return True
        return False

    await until(refused, ROOM_SECONDS_MAX)


async def until(so: Callable[[], Awaitable[bool]], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not await so():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.1)


def new_account() -> str:
    return f"account:{number_text(new_number())}"


def logs_of(cluster: Cluster) -> str:
    return "".join(cluster.log(number).read_text() for number in range(3))


async def test_full_members_refuse_new_orders_and_finish_those_they_have(cluster: Cluster, unit: SalesUnit):
    events = await on_sale(unit)
    event = events[0]
    documents = Documents(unit.grid)
    known = new_account()
    await documents.put_fields(known, {"name": "Анна"}, expected=0)
    account = new_number()
    async with unit.client(account) as shopper:
        to_pay = await order(shopper, event, {"seats": ["1-1"]}, **{"Idempotency-Key": "kept"})
        to_release = await order(shopper, event, {"seats": ["1-2", "1-3"]})
        events += await fill_grid(unit, events)

        # What is new is refused, as api.md says, by everybody who would have to keep it.
        await problem(shopper.post(f"/events/{event}/orders", json={"seats": ["1-4"]}), 503, "unavailable")
        taken = await problem(shopper.post(f"/events/{event}/orders", json={"seats": ["1-1"]}), 409, "seat_taken")
        assert taken["seats"] == ["1-1"]
        await until_refused(Unavailable, unit.publish)
        await until_refused(GridUnavailable, lambda: documents.put_fields(new_account(), {"name": "Борис"}, expected=0))

        # What is there goes on.
        again = await order(shopper, event, {"seats": ["1-1"]}, status=200, **{"Idempotency-Key": "kept"})
        assert again["order_id"] == to_pay["order_id"]
        await paid(unit, to_pay["order_id"], account)
        assert (await shopper.delete(f"/orders/{to_release['order_id']}")).status_code == 204
        seats = (await shopper.get(f"/events/{event}/seats")).json()
        assert seats["counts"] == {"free": 9, "held": 0, "sold": 1, "closed": 0}
        assert (await documents.put_fields(known, {"name": "Анна П."}, expected=1)).version == 2
        watch = GridWatch(unit.grid)
        await watch.look()
        assert watch.members_short() >= 2
        assert watch.heap_ratio() > 0.85  # it stays short until it is a step below

        # When the outboxes are in PostgreSQL there is room.
        for each in events:
            number = number_of(each)
            assert number is not None
            await unit.durable(number)

        async def sells() -> bool:
            answer = await shopper.post(f"/events/{event}/orders", json={"seats": ["1-4"]})
            return answer.status_code == 201

        await until(sells, ROOM_SECONDS_MAX)
    assert cluster.alive() == [0, 1, 2]
    assert '"what":"memory_short"' in logs_of(cluster)
    assert '"what":"memory_enough"' in logs_of(cluster)
    assert "OutOfMemoryError" not in logs_of(cluster)


async def test_a_full_member_that_dies_leaves_copies_that_fit_into_the_others(cluster: Cluster, unit: SalesUnit):
    """Each of the two has half as much again to keep, and nothing is lost that was held."""
    events = await on_sale(unit)
    held = dict(zip(events, await asyncio.gather(*(fill(unit, event) for event in events)), strict=True))
    assert sum(held.values()) > 0
    cluster.kill(2)

    async with unit.client(0) as visitor:
        for event, count in held.items():

            async def told(event: str = event) -> bool:
                return (await visitor.get(f"/events/{event}/seats")).status_code == 200

            await until(told, ROOM_SECONDS_MAX)
            seats = (await visitor.get(f"/events/{event}/seats")).json()
            assert seats["areas_free"] == [CAPACITY - count]
    assert cluster.alive() == [0, 1]
    assert "OutOfMemoryError" not in logs_of(cluster)
