"""A whole state of many orders is written in parts, in one transaction and in bearable time."""

import psycopg

from data_writers.audit import Audit
from data_writers.batch import Batch, State
from data_writers.database import Link
from data_writers.readings import Position
from data_writers.writer import Writer
from grid_config.answers import SoldOrder
from grid_config.orders import Order
from grid_config.outcomes import Method, OrderStatus
from tests.fixtures.database import Databases
from tests.fixtures.outbox import ADDRESS, HOLD_MS, PRICE, PROVIDER, START_MS

EVENT, INCARNATION, STOOD_AT = 1, 2, Position(2, 0, 0)
ORDERS, SOLD = 8_000, 4_000  # more than one part of each


def confirmed(number: int) -> Order:
    return Order(
        number, 5, number.to_bytes(16, "big"), 1, OrderStatus.CONFIRMED, 0, number, START_MS, START_MS + HOLD_MS, 0, 1, START_MS + 1,
        10**9 + number, 0, Method.CARD, PROVIDER, 2 * PRICE, ADDRESS, (2 * number, 2 * number + 1), (0, 0), (PRICE, PRICE), (),
    )  # fmt: skip


async def test_thousands_of_orders_are_written_in_one_transaction(databases: Databases) -> None:
    orders = [confirmed(number) for number in range(1, ORDERS + 1)]
    sold = [SoldOrder(10**7 + number, 5, 9, (10**8 + number,)) for number in range(SOLD)]
    state = State(Batch(EVENT, INCARNATION, ORDERS, ORDERS, 7, []), orders, sold)
    writer = Writer(Link(databases.main, "whole"), Audit(Link(databases.audit, "whole")))
    async with await psycopg.AsyncConnection.connect(databases.main, autocommit=True) as main:
        await main.execute("INSERT INTO positions VALUES (%s, %s, %s, %s)", [EVENT, *STOOD_AT])

        written = await writer.replace(state, STOOD_AT, "trimmed")

        counts = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM tickets), (SELECT count(*) FROM payments)"
        assert written.moved == {EVENT}
        assert await (await main.execute(counts)).fetchall() == [(ORDERS + SOLD, 2 * ORDERS + SOLD, ORDERS)]
        assert await (await main.execute("SELECT detail->>'orders' FROM alarms")).fetchall() == [(str(ORDERS + SOLD),)]
    await writer.close()
