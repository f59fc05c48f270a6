"""Rows that are not as the entry says are written as it says: only these, and with what follows for tickets and money.

It is what a database gets that was set back in time (`whole`), with two differences. The position stays: the entry's changes
up to its durable seq were counted already. And who has a ticket keeps it, whatever the entry says: then the entry's order is
refused as a whole and its money goes back, as ever (architecture.md, 10).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg

from data_writers.audit import Audit, lines_of_losers
from data_writers.batch import Batch, State, Told
from data_writers.comparison import SQL, Difference, What
from data_writers.database import Connection, Link, Unwritable, array, columns, nested, reason_of
from data_writers.effects import SQL as CHANGES
from data_writers.effects import enqueue
from data_writers.inventories import Payment
from data_writers.readings import SQL as READING
from data_writers.whole import write_orders
from grid_config.answers import SoldOrder, Whole
from grid_config.orders import Order
from grid_config.outcomes import Method

BY_ENTRY = frozenset({What.NO_ROW, What.ROW_OTHER, What.TICKET_MISSING})
CAPTURES_MAX = 1_000
ATTEMPTS_MAX = 500
ASKED_MS = 3_600_000  # attempts begun longer ago were asked about by their deadlines, their jobs and their provider's repeats
_DOUBTED = ("order_no", "seq", "account", "total", "places", "categories", "prices")
Attempt = tuple[int, Payment]  # of an order


class Stray(NamedTuple):
    """Money that was taken, in kopecks, and belongs to nothing as far as PostgreSQL knows."""

    order: int
    payment: Payment
    captured: int


async def mend_rows(  # noqa: PLR0917 - both databases, and what differs
    main: Link, audit: Audit, event: int, incarnation: int, whole: Whole, differences: Iterable[Difference]
) -> list[Told]:
    """Write the orders that differ as the entry has them, if it still lives this life; the verdicts that it is to be told.

    A row that has changed since it was seen is left alone. Away; Unwritable where the constraints do not take it.
    """
    wrong = {each.order: each.seq for each in differences if each.what in BY_ENTRY}
    try:
        async with main.use() as connection, connection.transaction():
            await connection.execute(CHANGES["lock_positions"], {"events": array([event])})
            position = await (await connection.execute(READING["position"], {"event": event})).fetchone()
            if position is None or position[0] != incarnation:
                return []
            orders = [order for order in whole.orders if order.order in wrong]
            sold = [order for order in whole.sold if order.order in wrong]
            doubted = await _doubt(connection, event, orders, sold, wrong)
            batch = Batch(event, incarnation, whole.durable_seq, whole.durable_seq, 0, ())
            state = State(batch, [each for each in orders if each.order in doubted], [each for each in sold if each.order in doubted])
            taken = await write_orders(connection, state, displaces=False)
            async with audit.transaction() as lines:  # committed first, as ever
                await lines.add(lines_of_losers(state, (), taken, datetime.now(UTC)))
    except psycopg.Error as error:
        raise Unwritable(reason_of(error)) from error
    return [told for _, told in taken.verdicts]


async def _doubt(main: Connection, event: int, orders: list[Order], sold: list[SoldOrder], seen: dict[int, int]) -> set[int]:
    """The orders that have no row, or have still the row that was seen; those rows are older than anything now."""
    doubted = {order for order, seq in seen.items() if seq < 0}
    rows = [
        (each.order, seen[each.order], each.account, each.total, nested(each.places), nested(each.categories), nested(each.prices))
        for each in orders
    ]
    if rows:
        found = await main.execute(SQL["doubt_orders"], {"event": event} | columns(_DOUBTED, rows))
        doubted |= {order for (order,) in await found.fetchall()}
    if sold:
        parameters = columns(("order_no", "seq"), [(each.order, seen[each.order]) for each in sold])
        found = await main.execute(SQL["doubt_sold"], {"event": event} | parameters)
        doubted |= {order for (order,) in await found.fetchall()}
    return doubted


async def take_money(main: Link, event: int) -> int:
    """Enqueue the captures of confirmed orders whose money nobody is about to take; how many."""
    async with main.use() as connection, connection.transaction():
        found = await connection.execute(SQL["untaken_money"], {"event": event, "most": CAPTURES_MAX})
        rows = await found.fetchall()
        await enqueue(connection, [("capture", payment, {"event": event, "order": order, "payment": payment}) for order, payment in rows])
    return len(rows)


async def read_stray(main: Link, event: int) -> list[Stray]:
    """Money that was taken and belongs to nothing."""
    async with main.use() as connection:
        rows = await (await connection.execute(SQL["stray_money"], {"event": event})).fetchall()
    return [Stray(order, _payment(*payment), captured) for order, *payment, captured in rows]


async def read_unclear(main: Link, event: int) -> list[Attempt]:
    """(order, payment) of the latest attempts that brought no money, as far as PostgreSQL knows."""
    async with main.use() as connection:
        found = await connection.execute(SQL["unclear_attempts"], {"event": event, "most": ATTEMPTS_MAX, "asked_ms": ASKED_MS})
        return [(order, _payment(*payment)) for order, *payment in await found.fetchall()]


def _payment(number: int, provider: str, method: str) -> Payment:
    return Payment(number, provider, Method[method.upper()])
