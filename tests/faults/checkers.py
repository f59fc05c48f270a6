"""What must hold at the end of every run, whatever failed in between (invariants of the design, I1 to I9).

A checker reads the history of HTTP answers and the final state and returns sentences; none means that it found nothing.
It knows no scenario and no code of the product.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from grid_config.identifiers import number_of
from tests.faults.documents import DOCUMENTS
from tests.faults.history import Final, History, Told
from tests.faults.lasting import COUNTED, VALID, forgiven, kept_until, numbers_of, orders_of, releases, seats_in
from tests.faults.promises import PROMISES
from tests.faults.shown import SHOWN


def one_valid_ticket_per_seat(_history: History, final: Final) -> Iterator[str]:
    """I1."""
    counts = Counter((ticket.event, ticket.place) for ticket in final.tickets if ticket.status in VALID)
    for (event, place), count in counts.items():
        if count > 1:
            yield f"I1: place {place} of event {event} has {count} valid tickets"


def orders_are_whole(_history: History, final: Final) -> Iterator[str]:
    """I2: a confirmed order has a valid ticket for each of its places, any other has none."""
    having: dict[tuple[int, int], set[int]] = defaultdict(set)
    for ticket in final.tickets:
        if ticket.status in VALID:
            having[ticket.event, ticket.order_no].add(ticket.place)
    for key, row in orders_of(final).items():
        wanted = set(row.places) if row.status == "confirmed" else set()
        if having[key] != wanted:
            yield f"I2: order {key} is {row.status} with places {row.places} and tickets {sorted(having[key])}"


def no_seat_was_promised_twice(history: History, final: Final) -> Iterator[str]:
    """I1: two holds of a seat that were both acknowledged, the first neither released nor over when the second was answered."""
    rows = orders_of(final)
    ended: dict[str, float] = {}
    for told in history.calls:
        if told.what == "release" and told.status != 409:
            ended.setdefault(told.request["path"].rsplit("/", 1)[-1], told.began)
    by_seat: dict[tuple[str, str], list[tuple[Told, str]]] = defaultdict(list)
    for order_id, told in history.held().items():
        if forgiven(history, final, order_id, told):
            continue
        for seat in seats_in(told):
            by_seat[told.event_id, seat].append((told, order_id))
    for (event_id, seat), promises in by_seat.items():
        promises.sort(key=lambda promise: promise[0].ended)
        for (first, first_id), (second, second_id) in pairwise(promises):
            row = rows.get(numbers_of(first_id))
            lasting = row is not None and row.status in COUNTED
            until = float("inf") if lasting else min(ended.get(first_id, float("inf")), kept_until(history, first))
            if second.ended < until:
                later = second.ended - first.ended
                yield f"I1: seat {seat} of {event_id} was promised to {first_id} and, {later:.3f} s later, to {second_id}"


def seats_held_are_shown_as_taken(history: History, final: Final) -> Iterator[str]:
    """I6: no look that began after a hold was acknowledged shows its seats as free, until it was given back or could have lapsed."""
    released = releases(history)
    index = {guid: place for place, guid in enumerate(history.seat_order)}
    looks = [told for told in history.calls if told.what == "look" and told.status == 200]
    for order_id, told in history.held().items():
        if forgiven(history, final, order_id, told):
            continue
        until = min(released.get(order_id, float("inf")), kept_until(history, told))
        for look in looks:
            if look.event_id != told.event_id or not told.ended < look.began or not look.ended < until:
                continue
            for seat in seats_in(told):
                if look.body["states"][index[seat]] == ".":
                    yield f"I6: seat {seat} of {order_id} was shown as free {look.began - told.ended:.3f} s after it was promised"


def every_hold_is_kept(history: History, final: Final) -> Iterator[str]:
    """I3: what was acknowledged is in the database once the outboxes are drained."""
    rows = orders_of(final)
    for order_id, told in history.held().items():
        if numbers_of(order_id) not in rows and not forgiven(history, final, order_id, told):
            yield f"I3: order {order_id} was acknowledged and is nowhere"


def every_order_was_told(history: History, final: Final) -> Iterator[str]:
    """I7: everybody asks until he knows, so an order that nobody was told of is one hold too many."""
    told = {numbers_of(order_id) for order_id in history.held()}
    for key, row in orders_of(final).items():
        if key not in told:
            yield f"I7: order {key} ({row.status}, places {row.places}) was told to nobody"


def seats_shown_equal_the_database(history: History, final: Final) -> Iterator[str]:
    """I6 and I8: sold where a valid ticket is, held where a live order is, else free or closed."""
    expected: dict[int, dict[int, str]] = defaultdict(dict)
    for row in final.orders:
        if row.status in COUNTED:
            for place in row.places:
                expected[row.event][place] = "h"
    for ticket in final.tickets:
        if ticket.status in VALID:
            expected[ticket.event][ticket.place] = "s"
    for event_id, states in final.states.items():
        wanted = expected[number_of(event_id) or 0]
        for place, state in enumerate(states):
            want = wanted.get(place, ".")
            if state not in (want, "x"):
                yield f"I8: seat {place} of {event_id} is shown as {state!r}, the database says {want!r}"


def notifications_answered_with_200_are_durable(_history: History, final: Final) -> Iterator[str]:
    """I4, first half."""
    for payment_id, payment in final.ledger.items():
        answered = any(note["status_code"] == 200 for note in payment["notifications"])
        taken = payment["status"] in ("authorised", "captured", "refunded", "succeeded")
        if answered and taken and str(number_of(payment_id)) not in final.payments:
            yield f"I4: the notification of payment {payment_id} was answered with 200, the database has no such payment"


def money_is_tickets_or_goes_back(_history: History, final: Final) -> Iterator[str]:
    """I4, second half: captured less refunded is the price of a confirmed order, or nothing."""
    rows = orders_of(final)
    kept_by_order: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for payment_id, payment in final.ledger.items():
        kept = Decimal(payment["captured"]["amount"]) - Decimal(payment["refunded"]["amount"])
        key = final.payments.get(str(number_of(payment_id)))
        if key is None:
            if kept:
                yield f"I4: payment {payment_id} took {kept} and belongs to no order"
            continue
        kept_by_order[key] += kept
    for key, kept in kept_by_order.items():
        row = rows.get(key)
        due = Decimal(row.total) / 100 if row is not None and row.status == "confirmed" else Decimal(0)
        if kept != due:
            yield f"I4: order {key} ({row.status if row else 'unknown'}) is worth {due} and {kept} was kept"


def audit_is_complete(history: History, final: Final) -> Iterator[str]:
    """I9: every order has a line for its hold and one for the status it ended with, each line with address and account; none twice.

    Money for an order that was lost with the whole grid has no account any more.
    """
    rows = orders_of(final)
    lines: dict[tuple[int, int], set[str]] = defaultdict(set)
    for line in final.audit:
        lines[line.event, line.order_no].add(line.status)
        lost = bool(history.total_losses) and (line.event, line.order_no) not in rows
        if not line.ip or (line.order_no and not line.account and not lost):
            yield f"I9: an audit line of order {line.order_no} lacks address or account"
    for key, row in orders_of(final).items():
        for status in {"held", row.status} - lines[key]:
            yield f"I9: order {key} has no audit line {status!r}"
    for line_key, count in Counter((line.source, line.event, line.seq, line.order_no, line.status) for line in final.audit).items():
        if count > 1:
            yield f"I7: audit line {line_key} was written {count} times"


def nobody_was_alarmed(history: History, final: Final) -> Iterator[str]:
    """The fences are the last line: one that had to act says that an earlier one did not.

    Not after a total loss: money may come for what was acknowledged and not durable yet, and goes back with an alarm.
    """
    expected = {*history.alarms_expected, *(["payment_unmatched"] if history.total_losses else [])}
    for kind, event in final.alarms:
        if kind not in expected:
            yield f"alarm {kind!r} was raised for event {event}"


CHECKERS = (
    one_valid_ticket_per_seat,
    orders_are_whole,
    no_seat_was_promised_twice,
    seats_held_are_shown_as_taken,
    every_hold_is_kept,
    every_order_was_told,
    seats_shown_equal_the_database,
    notifications_answered_with_200_are_durable,
    money_is_tickets_or_goes_back,
    audit_is_complete,
    nobody_was_alarmed,
    *PROMISES,
    *SHOWN,
    *DOCUMENTS,
)


def check(history: History, final: Final) -> list[str]:
    """Everything that is wrong, as sentences."""
    return [sentence for checker in CHECKERS for sentence in checker(history, final)]
