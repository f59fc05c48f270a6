"""Inventories leave the grid a day after their event, with real members and a real PostgreSQL, under a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from data_pumps.reader import LOOK_SECONDS
from data_writers.jobs import money
from grid_config.answers import EntryStatus, decode_seats, decode_status
from grid_config.client import GridUnavailable
from grid_config.commands import STATUS, read_seats
from grid_config.identifiers import new_number
from grid_config.limits import INVENTORY_STAY_MS, ORDER_RETENTION_MS
from grid_config.orders import Order
from grid_config.outcomes import OrderStatus, PaymentResult
from tests.fixtures.behind import SEATS, Behind, behind, until
from tests.fixtures.clock import Hands
from tests.fixtures.database import Databases
from tests.fixtures.grid import Cluster, members
from tests.fixtures.system import free_base

pytest_plugins = ["tests.fixtures.behind"]

STAY = timedelta(milliseconds=INVENTORY_STAY_MS)
REST = timedelta(milliseconds=ORDER_RETENTION_MS)
SOLD = b".ss" + b"." * (SEATS - 3)
POSITION = "SELECT incarnation, seq, change_id FROM positions WHERE event = %s"


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return Hands(tmp_path_factory.mktemp("clock") / "ahead")


@pytest.fixture(scope="module")
def moved_members(hands: Hands, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with members(2, free_base(), tmp_path_factory.mktemp("leaving"), clock_file=hands.file) as cluster:
        yield cluster


@pytest.fixture
async def back(moved_members: Cluster, databases: Databases) -> AsyncIterator[Behind]:
    async with behind(moved_members.settings(hold_seconds=120.0), databases) as running:
        yield running


@pytest.fixture
async def bought(back: Behind) -> tuple[int, Order]:
    """(event, order) of an event that began a day and an hour ago, and for which seats 1 and 2 were sold."""
    event = await back.publish()
    order = await back.buy(event, (1, 2))
    await back.stands(event, order, OrderStatus.CONFIRMED)
    await _get_over(back, event)
    return event, order


async def test_an_inventory_leaves_a_day_after_its_event_and_stays_away(back: Behind, bought: tuple[int, Order], hands: Hands) -> None:
    event, _ = bought
    assert await back.parts.leaving.look() == 0  # something has just happened to it

    await hands.move_to(hands.now() + REST)
    await until(lambda: _left(back, event))

    assert event not in await back.grid.inventories()
    ((incarnation, seq, _),) = await back.rows(POSITION, event)
    assert incarnation != 0 < seq
    await asyncio.sleep(2.5 * LOOK_SECONDS)  # the reader has looked for what is missing
    assert event not in await back.grid.inventories()
    assert await back.parts.leaving.look() == 0


async def test_one_that_postgresql_remembers_otherwise_stays(back: Behind, bought: tuple[int, Order], hands: Hands) -> None:
    event, _ = bought
    await hands.move_to(hands.now() + REST)
    await back.main.execute("UPDATE positions SET change_id = change_id + 1 WHERE event = %s", [event])
    assert await back.parts.leaving.look() == 0

    await back.main.execute("UPDATE positions SET change_id = change_id - 1 WHERE event = %s", [event])
    await until(lambda: _left(back, event))


async def test_one_whose_order_waits_stays(back: Behind, hands: Hands) -> None:
    event = await back.publish()
    back.bank.away.add("cancel")  # at the deadline nobody answers, for fifteen seconds
    paying = await back.start_payment(event, await back.hold(event, (3,)))
    await _get_over(back, event)
    await hands.move_to(hands.now() + REST)

    assert await back.parts.leaving.look() == 0
    assert (await back.order(event, paying.order)).status == OrderStatus.PAYING


async def test_money_that_comes_after_that_still_goes_back(back: Behind, bought: tuple[int, Order], hands: Hands) -> None:
    event, order = bought
    await hands.move_to(hands.now() + REST)
    await until(lambda: _left(back, event))
    await back.main.execute("UPDATE orders SET ended_at = now() - interval '2 days'")  # nobody moves PostgreSQL's clock
    late = order._replace(attempt=new_number())

    await until(lambda: _told(back, event, late))  # a provider repeats its notification until it is taken

    await until(lambda: _has(back, "SELECT 1 FROM refunds WHERE payment = %s", late.attempt))
    ((number, reason),) = await back.rows("SELECT refund, reason FROM refunds WHERE payment = %s", late.attempt)
    assert reason == "unmatched"
    await money.refund(back.desk, number)
    assert back.bank.ledger[late.attempt].refunded == order.total
    assert await _seats(back, event) == SOLD
    assert await back.parts.leaving.look() == 0  # it was asked for: it stays as long as ended orders do

    await hands.move_to(hands.now() + REST)
    await until(lambda: _left(back, event))


async def test_a_notification_that_is_repeated_after_that_finds_its_order(back: Behind, bought: tuple[int, Order], hands: Hands) -> None:
    event, order = bought
    await hands.move_to(hands.now() + REST)
    await until(lambda: _left(back, event))

    await until(lambda: _told(back, event, order))

    assert await back.rows("SELECT 1 FROM refunds") == []
    assert await _seats(back, event) == SOLD


async def test_an_event_that_is_put_off_sells_again(back: Behind, bought: tuple[int, Order], hands: Hands) -> None:
    event, _ = bought
    await hands.move_to(hands.now() + REST)
    await until(lambda: _left(back, event))
    ((former, *_),) = await back.rows(POSITION, event)

    await back.begins_at(event, datetime.now(UTC) + timedelta(days=30))
    await until(lambda: back.sells(event))

    assert await _seats(back, event) == SOLD
    held = await back.hold(event, (4,))
    await until(lambda: _has(back, "SELECT 1 FROM orders WHERE order_no = %s", held.order))
    ((incarnation, *_),) = await back.rows(POSITION, event)
    assert incarnation != former
    assert await back.parts.leaving.look() == 0


async def _left(back: Behind, event: int) -> bool:
    """Whether it has left, after a look; the pump may have to make the last change durable first."""
    await back.parts.leaving.look()
    return event not in await back.grid.inventories()


async def _get_over(back: Behind, event: int) -> None:
    """The event was a day and an hour ago: the entry sells by such terms, and PostgreSQL has all of it."""
    before = await _status(back, event)
    await back.begins_at(event, datetime.now(UTC) - STAY - timedelta(hours=1))

    async def is_over() -> bool:
        now = await _status(back, event)
        return now.durable_seq == now.seq > before.seq

    await until(is_over)


async def _status(back: Behind, event: int) -> EntryStatus:
    return decode_status((await back.inventories.ask(event, STATUS)).outcomes[0][1])


async def _told(back: Behind, event: int, order: Order) -> bool:
    """Whether a notification of money was taken."""
    try:
        await back.settle(event, order, PaymentResult.CAPTURED)
    except GridUnavailable:
        return False
    return True


async def _has(back: Behind, statement: str, *parameters: object) -> bool:
    return bool(await back.rows(statement, *parameters))


async def _seats(back: Behind, event: int) -> bytes:
    _, body = await back.inventories.ask_open(event, read_seats())
    return decode_seats(body).states
