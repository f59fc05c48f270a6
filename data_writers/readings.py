"""What PostgreSQL knows, read back for the grid: an event's orders, positions, verdicts that were not brought, orders being paid."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from data_writers.batch import Told
from data_writers.database import Connection, Link, array
from data_writers.inventories import Payment
from data_writers.sql import load
from grid_config.commands import sold_order
from grid_config.limits import INVENTORY_STAY_MS, ORDER_RETENTION_MS
from grid_config.orders import Order
from grid_config.outcomes import Method, OrderStatus, Refund, Verdict
from grid_config.wire import NO_ADDRESS, pack_address

SQL = load("reading")
RETURNED_ATTEMPTS_MAX = 255  # the wire counts them in a byte

_STATUSES = {status.name.lower(): status.value for status in OrderStatus}
_REFUNDS = {refund.name.lower(): refund.value for refund in Refund}
_METHODS = {"": 0} | {method.name.lower(): method.value for method in Method}


class Position(NamedTuple):
    """Up to where an event's outbox has been written."""

    incarnation: int
    seq: int
    change_id: int


class Sale(NamedTuple):
    """A published event's document, and the plan that it is sold by."""

    body: Mapping[str, Any]
    hall: int
    hall_version: int


class PublishedEvent(NamedTuple):
    """An event as it must be in the grid, read in one snapshot."""

    sale: Sale
    position: Position
    orders: list[Order]
    sold: list[bytes]  # encoded


async def read_positions(main: Link, events: Iterable[int]) -> dict[int, Position]:
    """The positions of these events, as far as they have one."""
    async with main.use() as connection:
        rows = await (await connection.execute(SQL["positions"], {"events": array(events)})).fetchall()
    return {event: Position(*rest) for event, *rest in rows}


async def read_event(main: Link, event: int) -> PublishedEvent | None:
    """Everything a restore needs, or None for an event that is not published. It gets a position if it has none."""
    async with main.use() as connection:
        await connection.execute(SQL["publish_position"], {"event": event})
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            sale = await _sale(connection, event)
            if sale is None:
                return None
            position = await (await connection.execute(SQL["position"], {"event": event})).fetchone()
            assert position is not None, "inserted above"
            orders = await _orders(connection, event)
            sold = await _sold(connection, event, {order.order for order in orders})
    return PublishedEvent(sale, Position(*position), orders, sold)


async def read_sale(main: Link, event: int) -> Sale | None:
    """What an event is sold by, or None when it is not published."""
    async with main.use() as connection:
        return await _sale(connection, event)


async def _sale(connection: Connection, event: int) -> Sale | None:
    row = await (await connection.execute(SQL["event_of"], {"event": event})).fetchone()
    return None if row is None else Sale(*row)


async def _orders(connection: Connection, event: int) -> list[Order]:
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(SQL["orders"], {"event": event, "kept_ms": ORDER_RETENTION_MS})
        return [order_of(row) for row in await cursor.fetchall()]


def order_of(row: tuple[Any, ...]) -> Order:
    """An order of a row of `orders`."""
    number, account, command, fingerprint, status, refund, seq, created, held, deadline, extended, ended, attempt, is_open, *rest = row
    method, provider, total, ip, places, categories, prices, returned = rest
    return Order(
        number, account, command.bytes, fingerprint, _STATUSES[status], _REFUNDS[refund], seq, created, held, deadline, int(extended),
        ended, attempt, int(is_open), _METHODS[method], provider, total, pack_address(ip) if ip else NO_ADDRESS,
        tuple(places), tuple(categories), tuple(prices), tuple(returned[-RETURNED_ATTEMPTS_MAX:]),
    )  # fmt: skip


async def _sold(connection: Connection, event: int, told: set[int]) -> list[bytes]:
    """Encoded sold orders, but for those that are told in full."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(SQL["sold"], {"event": event})
        return [sold_order(*row) for row in await cursor.fetchall() if row[0] not in told]


async def read_hall(main: Link, hall: int, version: int) -> Mapping[str, Any] | None:
    """The body of a version of a hall, or of its latest one when that was never drained; None when there is no such hall."""
    async with main.use() as connection:
        row = await (await connection.execute(SQL["hall_of"], {"hall": hall, "version": version})).fetchone()
    return None if row is None else row[0]


async def read_verdicts(main: Link, event: int, seq: int) -> list[Told]:
    """What was decided of the orders that changed after a seq: an acknowledgement that got lost can be said again."""
    async with main.use() as connection:
        orders = await (await connection.execute(SQL["verdicts"], {"event": event, "seq": seq})).fetchall()
        aside = await (await connection.execute(SQL["set_aside_after"], {"event": event, "seq": seq})).fetchall()
    verdicts = [Told(order, Verdict.SET_ASIDE) for (order,) in aside]
    for order, status, refund, refused in orders:
        if refused is not None:
            verdicts.append(Told(order, Verdict.REFUSED, tuple(refused)))
        elif status == "confirmed":
            verdicts.append(Told(order, Verdict.CONFIRMED))
        if refund in {"done", "failed"}:
            verdicts.append(Told(order, Verdict.REFUND_DONE if refund == "done" else Verdict.REFUND_FAILED))
    return verdicts


async def read_paying(main: Link) -> list[tuple[int, int, Payment]]:
    """(event, order, payment) of every order that is being paid."""
    async with main.use() as connection:
        rows = await (await connection.execute(SQL["paying"])).fetchall()
    return [(event, order, Payment(payment, provider, Method[method.upper()])) for event, order, payment, provider, method in rows]


async def read_published(main: Link) -> set[int]:
    """The events that must have an entry."""
    async with main.use() as connection:
        rows = await (await connection.execute(SQL["published_events"], {"stay_ms": INVENTORY_STAY_MS})).fetchall()
    return {event for (event,) in rows}


async def read_over(main: Link, events: Iterable[int]) -> dict[int, Position]:
    """The positions of those of these events that began so long ago that they need no entry any more."""
    parameters = {"events": array(events), "stay_ms": INVENTORY_STAY_MS}
    async with main.use() as connection:
        rows = await (await connection.execute(SQL["events_over"], parameters)).fetchall()
    return {event: Position(*rest) for event, *rest in rows}
