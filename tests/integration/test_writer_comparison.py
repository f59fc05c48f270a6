"""Entries are compared with PostgreSQL and the provider: nothing is found in a sound system, what is planted is mended or told."""

import asyncio
import random
from typing import Any

import pytest

from data_pumps.comparison import Result
from data_writers.jobs import money
from grid_config.answers import decode_seats, decode_status
from grid_config.commands import STATUS, read_seats, release
from grid_config.orders import Order
from grid_config.outcomes import OrderStatus, PaymentResult, Refund
from tests.fixtures.behind import PRICE, Behind, until
from tests.fixtures.outbox import ADDRESS
from tests.fixtures.set_back import add_stranger

pytest_plugins = ["tests.fixtures.behind"]

ALARMS = "SELECT kind FROM alarms WHERE event = %s ORDER BY id"
TOLD = "SELECT detail->'differences'->0->>0, (detail->>'remains')::boolean FROM alarms WHERE event = %s AND kind = 'diverged' ORDER BY id"
TICKETS = "SELECT place FROM tickets WHERE event = %s AND status = 'valid' ORDER BY place"


async def compared(back: Behind, event: int) -> Result:
    return await back.parts.comparison.compare(event)


async def durable(back: Behind, event: int) -> None:
    async def written() -> bool:
        status = decode_status((await back.inventories.ask(event, STATUS)).outcomes[0][1])
        return status.seq == status.durable_seq

    await until(written)


async def seats(back: Behind, event: int) -> bytes:
    return decode_seats((await back.inventories.ask_open(event, read_seats()))[1]).states


async def on_sale(back: Behind) -> tuple[int, Order, Order]:
    """An event with a confirmed order of the places 1 and 2, and a held one of 3."""
    event = await back.publish()
    bought, held = await back.buy(event, (1, 2)), await back.hold(event, (3,))
    await back.stands(event, bought, OrderStatus.CONFIRMED)
    await durable(back, event)
    return event, bought, held


async def last_line(back: Behind, order: int) -> tuple[Any, ...]:
    """(account, status, verdict) of the order's latest line in the audit log."""
    lines = await back.audit.execute(
        "SELECT account, status, detail->>'verdict' FROM audit WHERE order_no = %s ORDER BY at DESC LIMIT 1", [order]
    )
    return await lines.fetchone() or ()


async def planted(back: Behind, event: int, statement: str, *parameters: object) -> None:
    """Somebody changes rows by hand."""
    assert (await back.main.execute(statement, parameters)).rowcount == 1
    assert await back.rows(ALARMS, event) == []


async def test_a_sound_system_under_load_is_found_equal(back: Behind) -> None:
    event = await back.publish(seats=2_000)
    chance = random.Random(1)
    stop = asyncio.Event()

    async def shop(first: int) -> None:
        for place in range(first, first + 200):
            if stop.is_set():
                return
            held = await back.hold(event, (place,))
            match chance.randrange(4):
                case 0:
                    await back.settle(event, await back.start_payment(event, held))
                case 1:
                    await back.inventories.ask_open(event, release(held.order, held.account, ADDRESS))
                case 2:
                    await back.settle(event, await back.start_payment(event, held), PaymentResult.CAPTURED, amount=held.total - 1)

    shoppers = [asyncio.create_task(shop(first)) for first in range(0, 2_000, 200)]
    results = {await compared(back, event) for _ in range(5)}
    stop.set()
    await asyncio.gather(*shoppers)
    await durable(back, event)

    assert results | {await compared(back, event)} == {Result.EQUAL}
    assert await back.rows(ALARMS, event) == []


async def test_a_row_that_is_missing_is_written_again(back: Behind) -> None:
    event, _, held = await on_sale(back)
    before = await back.rows("SELECT * FROM orders WHERE order_no = %s", held.order)
    await planted(back, event, "DELETE FROM orders WHERE order_no = %s", held.order)

    assert await compared(back, event) is Result.MENDED

    assert await back.rows("SELECT * FROM orders WHERE order_no = %s", held.order) == before
    assert await back.rows(TOLD, event) == [("no_row", False)]
    await back.stands(event, await back.settle(event, await back.start_payment(event, held)), OrderStatus.CONFIRMED)


@pytest.mark.parametrize(
    "change", ["status = 'expired'", "seq = seq - 1", "places = '{9}'", "account = 5", "deadline_at = deadline_at + interval '1 hour'"]
)
async def test_a_row_that_says_other_things_is_made_as_the_entry_says(back: Behind, change: str) -> None:
    event, _, held = await on_sale(back)
    before = await back.rows("SELECT * FROM orders WHERE order_no = %s", held.order)
    await planted(back, event, f"UPDATE orders SET {change} WHERE order_no = %s", held.order)

    assert await compared(back, event) is Result.MENDED

    assert await back.rows("SELECT * FROM orders WHERE order_no = %s", held.order) == before
    assert await back.rows(TOLD, event) == [("row_other", False)]


async def test_a_sold_order_without_its_ticket_gets_it_again(back: Behind) -> None:
    event, bought, _ = await on_sale(back)
    await planted(back, event, "DELETE FROM tickets WHERE order_no = %s AND place = 2", bought.order)

    assert await compared(back, event) is Result.MENDED

    assert await back.rows(TICKETS, event) == [(1,), (2,)]
    assert await back.rows(TOLD, event) == [("ticket_missing", False)]
    assert (await back.order(event, bought.order)).status == OrderStatus.CONFIRMED


async def test_a_ticket_that_the_entry_does_not_know_is_never_sold_again(back: Behind) -> None:
    event, bought, held = await on_sale(back)
    await add_stranger(back, event, 77, 5, "valid")

    assert await compared(back, event) is Result.RESTORED

    assert (await seats(back, event))[:7] == b".ssh.s."
    assert [(await back.order(event, each.order)).status for each in (bought, held)] == [OrderStatus.CONFIRMED, OrderStatus.HELD]
    assert await back.rows(TOLD, event) == [("unknown_ticket", False)]
    assert await compared(back, event) is Result.EQUAL


async def test_a_hold_that_only_postgresql_knows_comes_back(back: Behind) -> None:
    event, _, held = await on_sale(back)
    copy = (
        "INSERT INTO orders SELECT event, 78, account, status, refund, '00000000-0000-0000-0000-000000000078', fingerprint, seq,"
        " created_at, held_until, deadline_at, extended, ended_at, attempt, attempt_open, method, provider, total, ip, ARRAY[8],"
        " categories, prices, returned FROM orders WHERE order_no = %s"
    )
    await planted(back, event, copy, held.order)

    assert await compared(back, event) is Result.RESTORED

    assert (await back.order(event, 78)).status == OrderStatus.HELD
    assert (await seats(back, event))[8:9] == b"h"
    assert await back.rows(TOLD, event) == [("unknown_order", False)]


async def test_a_seat_sold_twice_stays_with_whoever_has_the_ticket_and_the_other_ones_money_goes_back(back: Behind) -> None:
    event, bought, _ = await on_sale(back)
    await planted(back, event, "DELETE FROM tickets WHERE order_no = %s AND place = 2", bought.order)
    await add_stranger(back, event, 77, 2, "valid")

    assert await compared(back, event) is Result.RESTORED

    assert await back.rows("SELECT place, order_no FROM tickets WHERE event = %s AND status = 'valid'", event) == [(2, 77)]
    assert await last_line(back, bought.order) == (bought.account, "declined", "refused")
    ((number,),) = await back.rows("SELECT refund FROM refunds WHERE payment = %s AND reason = 'refused'", bought.attempt)
    back.bank.take(bought.attempt, bought.total)
    await money.refund(back.desk, number)
    assert back.bank.ledger[bought.attempt].refunded == 2 * PRICE
    loser = await back.order(event, bought.order)
    assert (loser.status, loser.refund) == (OrderStatus.DECLINED, Refund.DONE)
    assert (await seats(back, event))[:4] == b"..sh"
    assert await compared(back, event) is Result.EQUAL

    await back.settle(event, bought, PaymentResult.CAPTURED)  # the bank says it once more
    await durable(back, event)
    await money.refund(back.desk, number)
    assert await back.rows("SELECT refund FROM orders WHERE order_no = %s", bought.order) == [("done",)]
    assert (await back.order(event, bought.order)).refund == Refund.DONE


async def test_a_ticket_of_a_life_that_was_discarded_is_not_taken_for_one_on_its_way(back: Behind) -> None:
    event, _, _ = await on_sale(back)
    await add_stranger(back, event, 77, 5, "valid")
    await planted(back, event, "UPDATE orders SET seq = seq + 1000 WHERE order_no = 77")

    assert await compared(back, event) is Result.RESTORED

    assert (await seats(back, event))[5:6] == b"s"
    assert await compared(back, event) is Result.EQUAL


async def test_a_ticket_that_was_cancelled_by_hand_is_a_humans(back: Behind) -> None:
    event, bought, _ = await on_sale(back)
    await planted(back, event, "UPDATE tickets SET status = 'cancelled' WHERE order_no = %s AND place = 2", bought.order)

    assert await compared(back, event) is Result.DIFFERS

    assert await back.rows(TOLD, event) == [("ticket_cancelled", False), ("ticket_cancelled", True)]
    assert (await seats(back, event))[:4] == b".ssh"
    assert await back.rows("SELECT result FROM comparisons WHERE event = %s", event) == [("differs",)]


async def test_the_entry_hears_of_a_refund_whose_word_got_lost(back: Behind) -> None:
    event, _, held = await on_sale(back)
    paying = await back.start_payment(event, held)
    await back.settle(event, paying, PaymentResult.CAPTURED, amount=paying.total - 1)
    await durable(back, event)
    await back.main.execute("UPDATE orders SET refund = 'done' WHERE order_no = %s", [held.order])

    assert await compared(back, event) is Result.EQUAL

    assert (await back.order(event, held.order)).refund == Refund.DONE
    assert await back.rows(ALARMS, event) == []


async def test_money_that_was_taken_and_belongs_to_nothing_goes_back(back: Behind) -> None:
    event, _, held = await on_sale(back)
    paying = await back.start_payment(event, held)
    await durable(back, event)
    await back.inventories.ask_open(event, release(held.order, held.account, ADDRESS))
    await durable(back, event)
    back.bank.take(paying.attempt, paying.total)
    await planted(back, event, "UPDATE payments SET captured = amount, status = 'captured' WHERE payment = %s", paying.attempt)

    assert await compared(back, event) is Result.EQUAL

    assert await back.rows(ALARMS, event) == [("payment_unmatched",)]
    await until(lambda: _has(back, "SELECT 1 FROM refunds WHERE payment = %s AND reason = 'ended_order'", paying.attempt))
    assert await compared(back, event) is Result.EQUAL
    assert await back.rows(ALARMS, event) == [("payment_unmatched",)]


async def test_money_that_only_the_provider_knows_of_goes_back(back: Behind) -> None:
    event, _, held = await on_sale(back)
    paying = await back.start_payment(event, held)
    await back.inventories.ask_open(event, release(held.order, held.account, ADDRESS))
    await durable(back, event)
    back.bank.take(paying.attempt, paying.total)  # and its notification came to the side that was discarded

    assert await compared(back, event) is Result.EQUAL

    await until(lambda: _has(back, "SELECT 1 FROM refunds WHERE payment = %s AND amount = %s", paying.attempt, paying.total))


async def test_a_confirmed_order_whose_capture_got_lost_is_captured(back: Behind) -> None:
    event, bought, _ = await on_sale(back)
    await back.main.execute("DELETE FROM procrastinate_jobs")
    await back.main.execute("UPDATE orders SET ended_at = now() - interval '5 minutes' WHERE order_no = %s", [bought.order])

    assert await compared(back, event) is Result.EQUAL
    assert await compared(back, event) is Result.EQUAL

    jobs = await back.rows("SELECT task_name, (args->>'payment')::bigint FROM procrastinate_jobs")
    assert jobs == [("capture", bought.attempt)]


async def _has(back: Behind, statement: str, *parameters: Any) -> bool:
    return bool(await back.rows(statement, *parameters))
