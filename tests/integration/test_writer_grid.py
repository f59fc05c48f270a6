"""The whole way behind the grid, with real members and a real PostgreSQL: out to rows, verdicts back, and back after a loss."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from data_writers.jobs import money
from grid_config.answers import decode_seats
from grid_config.commands import read_seats
from grid_config.outcomes import OrderStatus, PaymentResult, Refund
from tests.fixtures.behind import PRICE, Behind, behind, until
from tests.fixtures.database import Databases
from tests.fixtures.grid import Cluster, members
from tests.fixtures.system import free_base

pytest_plugins = ["tests.fixtures.behind"]
HOLD_SECONDS = 4.0


@pytest.fixture
async def back(behind_members: Cluster, databases: Databases) -> AsyncIterator[Behind]:
    settings = behind_members.settings(hold_seconds=HOLD_SECONDS)
    async with behind(settings, databases) as running:
        yield running


async def test_a_hold_becomes_a_row_and_a_paid_order_is_confirmed_with_tickets(back: Behind) -> None:
    event = await back.publish()

    held = await back.hold(event, (1, 2))
    await until(lambda: _has(back, "SELECT 1 FROM orders WHERE order_no = %s AND status = 'held'", held.order))
    await back.settle(event, await back.start_payment(event, held))
    await back.stands(event, held, OrderStatus.CONFIRMED)

    assert await back.rows("SELECT place, status FROM tickets WHERE event = %s ORDER BY place", event) == [(1, "valid"), (2, "valid")]
    assert await back.rows("SELECT task_name FROM procrastinate_jobs") == [("capture",)]
    statuses = await (await back.audit.execute("SELECT status FROM audit WHERE event = %s ORDER BY at, abs(seq)", [event])).fetchall()
    assert [status for (status,) in statuses] == ["held", "paying", "paid", "confirmed"]


async def test_a_hold_lapses_and_a_payment_past_its_deadline_is_cancelled_at_the_bank(back: Behind) -> None:
    event = await back.publish()
    held = await back.hold(event, (1,))
    paying = await back.start_payment(event, await back.hold(event, (2,)))

    await back.stands(event, held, OrderStatus.EXPIRED)
    await back.stands(event, paying, OrderStatus.EXPIRED)

    assert ("cancel", paying.attempt) in back.bank.calls
    await until(lambda: _has(back, "SELECT 1 FROM payments WHERE payment = %s AND status = 'cancelled'", paying.attempt))


async def test_money_that_the_bank_had_taken_at_the_deadline_is_settled(back: Behind) -> None:
    event = await back.publish()
    paying = await back.start_payment(event, await back.hold(event, (2,)))
    back.bank.take(paying.attempt, paying.total)

    await back.stands(event, paying, OrderStatus.CONFIRMED)


async def test_a_capture_is_taken_and_one_that_fails_for_good_gives_the_seats_back(back: Behind) -> None:
    event = await back.publish()
    bought = await back.buy(event, (1,))
    failing = await back.buy(event, (2,))
    await back.stands(event, bought, OrderStatus.CONFIRMED)
    await back.stands(event, failing, OrderStatus.CONFIRMED)

    await money.capture(back.desk, bought.attempt)
    await money.capture(back.desk, bought.attempt)
    back.bank.refuses.add("capture")
    await money.capture(back.desk, failing.attempt)

    await back.stands(event, failing, OrderStatus.DECLINED)
    await until(lambda: _has(back, "SELECT 1 FROM tickets WHERE order_no = %s AND status = 'cancelled'", failing.order))
    assert [call for call, attempt in back.bank.calls if attempt == bought.attempt].count("capture") == 1
    assert back.bank.ledger[failing.attempt].status == "cancelled"
    assert await back.rows("SELECT status, captured FROM payments WHERE payment = %s", bought.attempt) == [("captured", PRICE)]


async def test_money_that_must_go_back_goes_back_once_and_the_order_says_so(back: Behind) -> None:
    event = await back.publish()
    paying = await back.start_payment(event, await back.hold(event, (2,)))
    await back.settle(event, paying, PaymentResult.CAPTURED, amount=paying.total - 1)
    await until(lambda: _has(back, "SELECT 1 FROM refunds WHERE payment = %s", paying.attempt))
    ((number,),) = await back.rows("SELECT refund FROM refunds WHERE payment = %s", paying.attempt)

    await money.refund(back.desk, number)
    await money.refund(back.desk, number)

    assert back.bank.ledger[paying.attempt].refunded == paying.total - 1
    assert await back.rows("SELECT status, reserved FROM refunds") == [("done", True)]
    assert (await back.order(event, paying.order)).refund == Refund.DONE


async def test_everything_killed_in_the_grid_comes_back_as_the_rows_say(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with members(2, free_base(), tmp_path_factory.mktemp("lost")) as cluster:
        async with behind(cluster.settings(hold_seconds=120.0), databases) as back:
            event = await back.publish()
            bought = [await back.buy(event, (place, place + 1)) for place in range(0, 20, 2)]
            held = [await back.hold(event, (place,)) for place in range(20, 25)]
            paying = await back.start_payment(event, await back.hold(event, (30,)))
            for order in bought:
                await back.stands(event, order, OrderStatus.CONFIRMED)
            await until(lambda: _durable(back, event))
            before = {order.order: await back.order(event, order.order) for order in (*bought, *held, paying)}
            seats = await _seats(back, event)

            for number in cluster.alive():
                cluster.kill(number)
            for number in range(2):
                cluster.start(number)
            await asyncio.to_thread(cluster.wait_for_members, 2)
            await until(lambda: back.sells(event), 90)

            after = {number: await back.order(event, number) for number in before}
            assert await _seats(back, event) == seats
            for number, order in before.items():
                assert after[number]._replace(ended_at=0) == order._replace(ended_at=0)
            again = await back.hold(event, (31,))
            await until(lambda: _has(back, "SELECT 1 FROM orders WHERE order_no = %s", again.order))


async def _has(back: Behind, statement: str, *parameters: object) -> bool:
    return bool(await back.rows(statement, *parameters))


async def _durable(back: Behind, event: int) -> bool:
    answer = await back.inventories.ask(event, read_seats())
    return answer.seq == answer.durable_seq


async def _seats(back: Behind, event: int) -> bytes:
    _, body = await back.inventories.ask_open(event, read_seats())
    return decode_seats(body).states
