"""The whole state of an entry becomes rows, for a database that was set back in time (architecture.md, 9).

The changes between the position and the entry's durable seq are gone; what they came to stands in the entry. So its orders
are written as they are, tickets by the same rules as ever, and what follows for money is derived: an order that is newer
than its row gets its payment's row and the job that finds out at the provider, which asks before it acts. Changes that are
still in the outbox bring their payments, refunds and jobs themselves. Orders that only PostgreSQL has stay as they are,
unless the entry gave their places to others.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from data_writers.batch import State, Taken, Told
from data_writers.database import Connection, array, columns, nested, quoted
from data_writers.effects import SQL as CHANGES
from data_writers.effects import enqueue, keys, raise_alarms, refuse, write_money
from data_writers.folding import Key, Placed, fold, ip_text, refund_number, segments
from data_writers.sql import load
from grid_config.orders import Order
from grid_config.outcomes import Method, OrderStatus, Refund, Verdict

SQL = load("whole")
ORDERS_AT_ONCE = 5_000
ANALYSED_FROM = 2_000  # new rows: tables that were small or empty have no statistics, and their plans were for few rows
Item = TypeVar("Item")
Job = tuple[str, int, dict[str, int]]

_ORDER = (
    "order_no", "account", "command_id", "fingerprint", "status", "refund", "seq", "created_ms", "held_until_ms", "deadline_ms", "extended",
    "ended_ms", "attempt", "attempt_open", "method", "provider", "total", "ip", "places", "categories", "prices", "returned",
)  # fmt: skip
_STATUSES = {status.value: status.name.lower() for status in OrderStatus} | {OrderStatus.PAID.value: "confirmed"}
_REFUNDS = {refund.value: refund.name.lower() for refund in Refund}
_METHODS = {method.value: method.name.lower() for method in Method}
_TAKEN = {OrderStatus.PAID, OrderStatus.CONFIRMED}
_LIVE = {OrderStatus.HELD, OrderStatus.PAYING} | _TAKEN
_UNPAID = {
    OrderStatus.HELD.value: "cancelled", OrderStatus.PAYING.value: "open", OrderStatus.PAID.value: "authorised",
    OrderStatus.CONFIRMED.value: "authorised", OrderStatus.RELEASED.value: "unanswered", OrderStatus.EXPIRED.value: "cancelled",
    OrderStatus.DECLINED.value: "declined", OrderStatus.CANCELLED.value: "unanswered",
}  # fmt: skip


async def write_whole(main: Connection, state: State, changes: Sequence[Placed], aside: set[Key]) -> Taken:
    """Write a state in the open transaction that has moved the position to it. Errors of the data leave as they come.

    `changes`: those of the outbox; orders that were set aside wait for their human and are left out.
    """
    event = state.batch.event
    for segment in segments([placed for placed in changes if (event, placed[2].order) not in aside]):
        await write_money(main, fold(segment))
    orders = [order for order in state.orders if (event, order.order) not in aside]
    return await write_orders(main, state._replace(orders=orders), displaces=True)


async def write_orders(main: Connection, state: State, *, displaces: bool) -> Taken:
    """Write the orders of a state as it has them, with what follows for tickets and money, in the open transaction.

    `displaces`: whoever only PostgreSQL knows loses places that the state has given to others. Otherwise his tickets stand,
    and the state's order is refused.
    """
    event, at = state.batch.event, datetime.now(UTC)
    news = await _take_orders(main, event, state.orders, at)
    sold_news = await _take_sold(main, state, at)
    ended = [(event, order.order) for order in news if order.status not in _LIVE]
    if ended:
        await main.execute(CHANGES["cancel_tickets"], keys(ended))
    if len(news) + len(sold_news) > ANALYSED_FROM:
        await main.execute(SQL["analyse_orders"])
    displaced = await _displace(main, state) if displaces else []
    fresh = [order.order for order in news if order.status in _TAKEN] + list(sold_news)
    refused = await _issue(main, event, fresh, at)
    await _follow_money(main, event, news, refused, at)
    jobs = [_job("cancel", event, order, attempt) for order, attempt in displaced if attempt]
    jobs += [_job("capture", event, order, attempt) for order, attempt in sold_news.items() if attempt and order not in refused]
    await enqueue(main, jobs)
    await raise_alarms(main, [("tickets_refused", event, order, {"places": places}) for order, places in refused.items()])
    paid = [order.order for order in news if order.status == OrderStatus.PAID]
    return Taken(
        [(event, _verdict(order, refused)) for order in paid], len(news) + len(sold_news), [order for order, _ in displaced], list(refused)
    )


async def _take_orders(main: Connection, event: int, orders: Sequence[Order], at: datetime) -> list[Order]:
    """Write the orders; those that were newer than their rows."""
    at_ms = int(at.timestamp() * 1000)
    found: set[int] = set()
    for some in _chunks(orders):
        rows = await main.execute(SQL["take_orders"], {"event": event} | columns(_ORDER, [_row(order, at_ms) for order in some]))
        found |= {order for (order,) in await rows.fetchall()}
    return [order for order in orders if order.order in found]


def _row(order: Order, at_ms: int) -> tuple[Any, ...]:
    ended = order.ended_at or (at_ms if order.status == OrderStatus.PAID else 0)
    return (
        order.order, order.account, order.command_id.hex(), order.fingerprint, _STATUSES[order.status], _REFUNDS[order.refund], order.seq,
        order.created_at, order.held_until, 0 if order.status in _TAKEN else order.deadline_at, bool(order.extended), ended, order.attempt,
        bool(order.attempt_open), _METHODS.get(order.method), quoted(order.provider) if order.provider else None, order.total,
        ip_text(order.ip), nested(order.places), nested(order.categories), nested(order.prices), nested(order.returned_attempts),
    )  # fmt: skip


async def _take_sold(main: Connection, state: State, at: datetime) -> dict[int, int]:
    """Write the sold orders; those that no row said were sold, with their payments where a row tells of them (0: none)."""
    news: dict[int, int] = {}
    for some in _chunks(state.sold):
        rows = [(sold.order, sold.account, sold.attempt, nested(sold.places)) for sold in some]
        parameters = {"event": state.batch.event, "seq": state.batch.from_seq, "at": at}
        found = await main.execute(SQL["take_sold"], parameters | columns(("order_no", "account", "attempt", "places"), rows))
        news |= {order: 0 if unknown else attempt for order, attempt, unknown in await found.fetchall()}
    return news


async def _displace(main: Connection, state: State) -> list[tuple[int, int]]:
    """(order, payment) of those whose places the entry has given to others; their tickets are no more."""
    claims = [order.places for order in state.orders if order.status in _LIVE] + [sold.places for sold in state.sold]
    known = [order.order for order in state.orders] + [sold.order for sold in state.sold]
    event = state.batch.event
    parameters = {"event": event, "places": array(place for places in claims for place in places), "known": array(known)}
    found = await main.execute(SQL["displace_orders"], parameters)
    displaced = [(order, attempt) for order, attempt in await found.fetchall()]
    if displaced:
        await main.execute(CHANGES["cancel_tickets"], keys([(event, order) for order, _ in displaced]))
    return displaced


async def _issue(main: Connection, event: int, orders: Sequence[int], at: datetime) -> dict[int, tuple[int, ...]]:
    """Tickets for these orders; the refused ones with the places that are somebody else's."""
    at_ms = int(at.timestamp() * 1000)
    refused: dict[int, tuple[int, ...]] = {}
    for nth, some in enumerate(_chunks(orders)):
        await main.execute(CHANGES["issue_tickets"], columns(("event", "order_no", "at_ms"), [(event, order, at_ms) for order in some]))
        if nth == 0 and len(orders) > ANALYSED_FROM:
            await main.execute(SQL["analyse_tickets"])
        found = await main.execute(CHANGES["refused_places"], keys([(event, order) for order in some]))
        refused |= {order: tuple(places) for _, order, places in await found.fetchall()}
    if refused:
        await refuse(main, [(event, order) for order in refused])
    return refused


async def _follow_money(main: Connection, event: int, news: Sequence[Order], refused: dict[int, tuple[int, ...]], at: datetime) -> None:
    """The rows and jobs of the payments of these orders."""
    payments, refunds, jobs = [], [], []
    for order in news:
        back = _going_back(order, refused)
        refunds += [(refund_number(attempt), attempt, order.order, reason) for attempt, reason in back.items()]
        if order.attempt and order.method in _METHODS:
            payments.append(_payment(order, at_provider=order.attempt in back))
            jobs += _jobs(event, order) if order.attempt not in back else []
    for rows in _chunks(payments):
        names = ("payment", "order_no", "provider", "method", "amount", "status")
        await main.execute(SQL["take_payments"], {"event": event, "at": at} | columns(names, rows))
    for wanted in _chunks(refunds):
        asked = await main.execute(SQL["take_refunds"], {"at": at} | columns(("refund", "payment", "order_no", "reason"), wanted))
        jobs += [("refund", payment, {"refund": refund}) for refund, payment in await asked.fetchall()]
    await enqueue(main, jobs)


def _going_back(order: Order, refused: dict[int, tuple[int, ...]]) -> dict[int, str]:
    """Payments of an order whose money must go back, and why."""
    back = dict.fromkeys(order.returned_attempts, "ended_order") if order.refund == Refund.PENDING else {}
    was_refused = order.status == OrderStatus.DECLINED and order.refund == Refund.PENDING and not back
    if order.order in refused or was_refused:
        back[order.attempt] = "refused"
    return back


def _payment(order: Order, *, at_provider: bool) -> tuple[Any, ...]:
    status = "authorised" if at_provider else "unanswered" if order.attempt_open and order.status not in _LIVE else _UNPAID[order.status]
    return order.attempt, order.order, quoted(order.provider), _METHODS[order.method], order.total, status


def _jobs(event: int, order: Order) -> list[Job]:
    if order.status in _TAKEN:
        return [_job("capture", event, order.order, order.attempt)]
    ended_open = order.status not in _LIVE and (order.attempt_open or _UNPAID[order.status] == "unanswered")
    return [_job("cancel", event, order.order, order.attempt)] if ended_open and not order.returned_attempts else []


def _job(task: str, event: int, order: int, payment: int) -> Job:
    return task, payment, {"event": event, "order": order, "payment": payment}


def _verdict(order: int, refused: dict[int, tuple[int, ...]]) -> Told:
    return Told(order, Verdict.REFUSED, refused[order]) if order in refused else Told(order, Verdict.CONFIRMED)


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while some := list(islice(left, ORDERS_AT_ONCE)):
        yield some
