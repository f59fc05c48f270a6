"""What shoppers and providers were told, held against what they asked for and what stands at the end (I2, I4, I5, I7).

More checkers like those of `checkers`, which calls them; the same rule holds: they read answers and final states only.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from grid_config.identifiers import order_of
from tests.faults.history import Final, History, Told
from tests.faults.lasting import orders_of, seats_in

# Of the same deadline, told twice; and of what the provider did just before or after the deadline.
MOVED_SECONDS = 0.5


def _order_in(told: Told) -> str:
    """The order that a call is about by its path: /orders/<id>, or /orders/<id>/payments."""
    return str(told.request["path"].split("/")[2])


def orders_are_what_was_asked_for(history: History, final: Final) -> Iterator[str]:
    """I2: all the seats that were asked for, or none; and those that were told are in the row."""
    rows = orders_of(final)
    for order_id, told in history.held().items():
        seats = set(seats_in(told))
        asked = told.request["json"]
        wanted = set(asked["seats"]) if "seats" in asked else None
        if (wanted is not None and seats != wanted) or len(told.body["seats"]) != _quantity(asked):
            yield f"I2: order {order_id} asked for {asked} and was given seats {sorted(seats)}"
        row = rows.get(order_of(order_id) or (0, 0))
        if row is not None and history.seat_order and not _are_places(history, row.places, told):
            yield f"I2: order {order_id} was told seats {sorted(seats)}, its row has places {row.places}"


def _quantity(asked: dict[str, Any]) -> int:
    if "areas" in asked:
        return sum(int(area["quantity"]) for area in asked["areas"])
    return len(asked["seats"]) if "seats" in asked else int(asked["best_available"]["quantity"])


def _are_places(history: History, places: tuple[int, ...], told: Told) -> bool:
    """Whether these are the places that were told: places of areas come after all seats, and it is told how many they are."""
    seats = [history.seat_order[place] for place in places if place < len(history.seat_order)]
    return set(seats) == set(seats_in(told)) and len(places) == len(told.body["seats"])


def a_key_is_one_order(history: History, _final: Final) -> Iterator[str]:
    """I7: who repeats a request with its key is told the same order. A total loss may have cost the first one."""
    orders: dict[tuple[str, str, str], dict[str, Told]] = defaultdict(dict)
    for told in history.calls:
        key = told.request["headers"].get("Idempotency-Key")
        if key and told.what in {"hold", "repeat"} and told.status in {200, 201}:
            orders[told.event_id, told.account_id, key].setdefault(told.body["order_id"], told)
    for (event_id, account_id, key), found in orders.items():
        first = min(found.values(), key=lambda told: told.ended)
        if len(found) > 1 and not any(first.began < loss for loss in history.total_losses):
            yield f"I7: key {key!r} of account {account_id} at {event_id} became orders {', '.join(sorted(found))}"


def _payments(history: History) -> Iterator[tuple[Told, float]]:
    """Starts of payments that were answered, and the deadlines that they told (seconds of the monotonic clock)."""
    for told in history.calls:
        if told.what == "pay" and told.status in {200, 201}:
            yield told, datetime.fromisoformat(told.body["expires_at"]).timestamp() - history.unix


def the_deadline_moves_once(history: History, _final: Final) -> Iterator[str]:
    """I5: the first start of payment gives more time, no later one does. One that the provider never heard of does not count."""
    failed = [told for told in history.calls if told.what == "pay" and told.status not in {200, 201}]
    first: dict[str, tuple[Told, float]] = {}
    for told, deadline in _payments(history):
        order_id = _order_in(told)
        before, known = first.setdefault(order_id, (told, deadline))
        again = any(before.began < each.began < told.ended and _order_in(each) == order_id for each in failed)
        if deadline > known + MOVED_SECONDS and not again:
            yield f"I5: order {order_id} was kept for {deadline - known:.1f} s more by one more start of payment"


def who_pays_in_time_keeps_the_seats(history: History, final: Final) -> Iterator[str]:
    """I5: an order does not lapse whose money the provider took before the deadline. Nobody can know while the provider is away or lies."""
    if history.total_losses:
        return
    rows = orders_of(final)
    orders = {told.body["payment_id"]: (_order_in(told), deadline) for told, deadline in _payments(history)}
    for told in history.calls:
        if told.what != "approve" or told.status != 200 or told.body["payment_id"] not in orders:
            continue
        order_id, deadline = orders[told.body["payment_id"]]
        row, payment = rows.get(order_of(order_id) or (0, 0)), final.ledger.get(told.body["payment_id"])
        if row is None or row.status != "expired" or payment is None or told.ended > deadline - MOVED_SECONDS:
            continue
        asked_for = Decimal(payment["amount"]["amount"]) * 100 == row.total
        away = any(each.target.startswith("provider") and each.began < deadline and told.began < each.ended for each in history.broken)
        if asked_for and not away:
            yield f"I5: order {order_id} lapsed, and was paid for {deadline - told.ended:.1f} s before its deadline"


def no_promise_while_nothing_is_written(history: History, final: Final) -> Iterator[str]:
    """I4: money that came while PostgreSQL stood still is in no row, and no notification of it was answered with 200 then."""
    approved = {told.body["payment_id"]: told.began for told in history.calls if told.what == "approve" and told.status == 200}
    for began, ended in history.standstills:
        for payment_id, at in approved.items():
            told = final.ledger[payment_id]["notifications"] if began < at < ended and payment_id in final.ledger else []
            early = [note for note in told if note["status_code"] == 200 and _moment(history, note) < ended]
            if early:
                yield f"I4: a notification of payment {payment_id} was answered with 200 while PostgreSQL stood still"


def _moment(history: History, note: dict[str, Any]) -> float:
    return datetime.fromisoformat(note["at"]).timestamp() - history.unix


PROMISES = (
    orders_are_what_was_asked_for,
    a_key_is_one_order,
    the_deadline_moves_once,
    who_pays_in_time_keeps_the_seats,
    no_promise_while_nothing_is_written,
)
