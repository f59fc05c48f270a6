"""An entry's whole state beside the rows of its event: what differs, and what only has not arrived yet.

The two are never read in one moment, and need not be: every order, in the entry and in its row, carries the seq of its last
change. What the entry has not been told to be durable, and what a row says of a seq that the entry had not reached when it
was asked, is on its way and no difference. A row with a seq beyond its event's position is not: another life of the entry
wrote it, on the side of a cut that was discarded. A verdict of PostgreSQL comes without a seq, so whoever looks once may see one on
its way, too: a difference is what a second look finds again.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from data_writers.database import Link, array
from data_writers.readings import SQL as READING
from data_writers.sql import load
from grid_config.answers import SoldOrder, Whole
from grid_config.orders import Order
from grid_config.outcomes import OrderStatus, Refund

SQL = load("comparison")
FETCHED_AT_ONCE = 500
NO_TICKETS: tuple[tuple[int, ...], int] = ((), 0)

_STATUSES = {status.value: status.name.lower() for status in OrderStatus} | {OrderStatus.PAID.value: "confirmed"}
_REFUNDS = [refund.name.lower() for refund in Refund]
_WAITING = {OrderStatus.HELD, OrderStatus.PAYING}
_TAKEN = {OrderStatus.PAID, OrderStatus.CONFIRMED}
_FREE = b".x"


class What(Enum):
    """How entry and rows can differ. The value is a word for logs and alarms."""

    NO_ROW = "no_row"  # the entry has a durable order, there is no row of it
    ROW_OTHER = "row_other"  # the row is older than the entry says, or of the same age and says other things
    TICKET_MISSING = "ticket_missing"  # sold in the entry and in the row, without all of its tickets
    REFUND_UNTOLD = "refund_untold"  # the money is back, or given up, and the entry has not heard of it
    ROW_AHEAD = "row_ahead"  # the row tells of a change that the entry never had
    UNKNOWN_ORDER = "unknown_order"  # a row of a live order that the entry does not know
    UNKNOWN_TICKET = "unknown_ticket"  # a valid ticket for a place that the entry has not sold to its order
    SEAT_GIVEN_AWAY = "seat_given_away"  # an order has it, and the entry would sell it
    SEAT_LOST = "seat_lost"  # nobody has it, and the entry does not sell it
    TICKET_CANCELLED = "ticket_cancelled"  # by hand: the order is sold, with a ticket that is not valid
    PLACES_OTHER = "places_other"  # an order of which the entry knows only its places, and the row says others


# What a human has done, or must: neither side can say what is right.
BY_HAND = frozenset({What.TICKET_CANCELLED, What.PLACES_OTHER})


class Row(NamedTuple):
    """An order as PostgreSQL has it; `tickets` are the places of its valid ones, `others` counts those that are not valid."""

    order: int
    account: int
    status: str
    refund: str
    seq: int
    deadline_at: int  # unix ms, 0: none
    attempt: int
    attempt_open: bool
    total: int
    places: tuple[int, ...]
    tickets: tuple[int, ...]
    others: int


class Kept(NamedTuple):
    """What PostgreSQL has of an event, in one snapshot: up to which seq, and `aside`, the orders that wait for a human."""

    seq: int
    rows: Mapping[int, Row]
    aside: frozenset[int]


class Difference(NamedTuple):
    """One thing that differs: of an order (0: of none), with its row's seq (-1: no row), or at a seat (-1: at none)."""

    what: What
    order: int
    seq: int = -1
    seat: int = -1


class Compared(NamedTuple):
    """What a look found: differences, and the orders that were on their way and could not be compared."""

    differences: frozenset[Difference]
    in_flight: frozenset[int]


async def read_kept(main: Link, event: int, known: Iterable[int]) -> Kept:
    """The rows of live orders, of orders with tickets and of those that the entry knows, in one snapshot."""
    rows: dict[int, Row] = {}
    async with main.use() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        position = await (await connection.execute(READING["position"], {"event": event})).fetchone()
        aside = await (await connection.execute(SQL["orders_aside"], {"event": event})).fetchall()
        async with connection.cursor(binary=True) as cursor:
            await cursor.execute(SQL["kept_tickets"], {"event": event})
            tickets = {order: (tuple(places or ()), others) async for order, places, others in cursor}
            await cursor.execute(SQL["kept_rows"], {"event": event, "known": array(known)})
            while some := await cursor.fetchmany(FETCHED_AT_ONCE):
                rows |= {row[0]: _row(row, tickets.get(row[0], NO_TICKETS)) for row in some}
                await asyncio.sleep(0)  # the pump beside has its turn
    return Kept(position[1] if position else 0, rows, frozenset(order for (order,) in aside))


def _row(columns: tuple[Any, ...], tickets: tuple[tuple[int, ...], int]) -> Row:
    *head, places = columns
    return Row._make((*head, tuple(places), *tickets))


async def read_compared(main: Link, events: Iterable[int], members: Iterable[UUID]) -> set[int]:
    """Those of these events that need no comparison while these are the grid's members."""
    async with main.use() as connection:
        rows = await (await connection.execute(SQL["compared"], {"events": array(events), "members": array(members)})).fetchall()
    return {event for (event,) in rows}


async def record(main: Link, event: int, members: Iterable[UUID], result: str) -> None:
    """Remember what a comparison came to that began while these were the grid's members."""
    async with main.use() as connection:
        await connection.execute(SQL["record"], {"event": event, "members": array(members), "result": result})


def compare(whole: Whole, states: bytes, kept: Kept) -> Compared:
    """An entry and its seats' states in one moment, beside rows that were read after it."""
    found: set[Difference] = set()
    in_flight: set[int] = set()
    orders = {order.order: order for order in whole.orders}
    sold = {order.order: order for order in whole.sold}
    for number in (orders.keys() | sold.keys() | kept.rows.keys()) - kept.aside:
        order, row = orders.get(number), kept.rows.get(number)
        waits = order is not None and whole.durable_seq < order.seq <= whole.seq
        if waits or (row is not None and whole.seq < row.seq <= kept.seq):
            in_flight.add(number)
        else:
            differ = _of_order(order, row) if order else _of_sold(sold[number], row) if number in sold else _of_unknown(row)
            found |= {Difference(what, number, row.seq if row else -1) for what in differ}
    tickets = {place for row in kept.rows.values() for place in row.tickets}
    found |= {Difference(what, 0, seat=seat) for what, seat in _of_seats(whole, states, tickets)}
    return Compared(frozenset(found), frozenset(in_flight))


def _of_order(order: Order, row: Row | None) -> Iterator[What]:
    if row is None:
        yield What.NO_ROW
    elif row.seq > order.seq:
        yield What.ROW_AHEAD
    elif order.status not in _TAKEN and row.tickets:
        yield What.UNKNOWN_TICKET
    elif row.seq < order.seq or _told(order) != _said(row, waiting=order.status in _WAITING):
        yield What.ROW_OTHER
    else:
        if order.status in _TAKEN:
            yield from _of_tickets(order.places, row)
        yield from _of_refund(order.refund, row.refund)


def _told(order: Order) -> tuple[object, ...]:
    told = (_STATUSES[order.status], order.account, order.total, order.places)
    return (*told, order.deadline_at, order.attempt, bool(order.attempt_open)) if order.status in _WAITING else told


def _said(row: Row, *, waiting: bool) -> tuple[object, ...]:
    said = (row.status, row.account, row.total, row.places)
    return (*said, row.deadline_at, row.attempt, row.attempt_open) if waiting else said


def _of_refund(told: int, said: str) -> Iterator[What]:
    if _REFUNDS[told] == said:
        return
    if said in {"done", "failed"} and told != Refund.NONE:
        yield What.REFUND_UNTOLD
    else:
        yield What.ROW_OTHER if _REFUNDS.index(said) < told else What.ROW_AHEAD


def _of_tickets(places: Collection[int], row: Row) -> Iterator[What]:
    if set(row.tickets) - set(places):
        yield What.UNKNOWN_TICKET
    if set(places) - set(row.tickets):
        yield What.TICKET_CANCELLED if row.others else What.TICKET_MISSING


def _of_sold(sold: SoldOrder, row: Row | None) -> Iterator[What]:
    if row is None:
        yield What.NO_ROW
    elif set(row.places) != set(sold.places):
        yield What.PLACES_OTHER
    elif row.status != "confirmed":
        yield What.TICKET_CANCELLED if row.others else What.ROW_OTHER
    else:
        yield from _of_tickets(sold.places, row)


def _of_unknown(row: Row | None) -> Iterator[What]:
    if row is not None and row.tickets:
        yield What.UNKNOWN_TICKET
    elif row is not None and row.status in {"held", "paying"}:
        yield What.UNKNOWN_ORDER


def _of_seats(whole: Whole, states: bytes, tickets: Collection[int]) -> Iterator[tuple[What, int]]:
    """Whether each seat is in the state that the entry's own orders give it; nobody's here may be somebody's in PostgreSQL."""
    expected = bytearray(b"." * len(states))
    for order in whole.orders:
        if order.status in _WAITING or order.status in _TAKEN:
            _mark(expected, order.places, b"s" if order.status in _TAKEN else b"h")
    for sold in whole.sold:
        _mark(expected, sold.places, b"s")
    if expected == states.replace(b"x", b"."):
        return
    for seat, (wanted, state) in enumerate(zip(expected, states, strict=True)):
        if wanted != state and state in _FREE and wanted not in _FREE:
            yield What.SEAT_GIVEN_AWAY, seat
        elif wanted != state and state not in _FREE and not (state == ord("s") and seat in tickets):
            yield What.SEAT_LOST if wanted in _FREE else What.SEAT_GIVEN_AWAY, seat


def _mark(expected: bytearray, places: Iterable[int], state: bytes) -> None:
    for place in places:
        if 0 <= place < len(expected):  # places in areas are counted, not shown
            expected[place : place + 1] = state
