"""A run of changes folded into the rows that they come to: one row per order and payment, however many changes it had.

Pure: nothing here knows a database. The rows are lists in the order of the statements' columns (sql/changes.sql), values as
array literals want them (`database.array`).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from data_writers.database import Unwritable, nested, quoted
from grid_config.changes import (
    AttemptClosed,
    Change,
    Declined,
    Ended,
    Held,
    MoneyReturned,
    Paid,
    PaymentStarted,
    PaymentUnmatched,
)  # fmt: skip
from grid_config.outcomes import ChangeKind, Method, OrderStatus, PaymentResult, ReturnReason
from grid_config.wire import NO_ADDRESS, address_text

Key = tuple[int, int]  # event, order
Placed = tuple[int, int, Change]  # event, incarnation, change

TOUCHED = (
    "event", "order_no", "status", "refund", "seq", "deadline_ms", "extended", "ended_ms", "attempt", "attempt_open", "method", "provider",
    "returned", "returned_attempt",
)  # fmt: skip
BEGUN = (
    *TOUCHED[:-1],
    "account",
    "command_id",
    "fingerprint",
    "created_ms",
    "held_until_ms",
    "total",
    "ip",
    "places",
    "categories",
    "prices",
)
_STATUS, _REFUND, _SEQ, _DEADLINE, _EXTENDED, _ENDED, _ATTEMPT, _OPEN, _METHOD, _PROVIDER, _RETURNED, _RETURNED_ATTEMPT = range(2, 14)

_METHODS = {Method.CARD.value: "card", Method.SBP.value: "sbp"}
_REASONS = {
    ReturnReason.AMOUNT.value: "amount",
    ReturnReason.CLOSED_ATTEMPT.value: "closed_attempt",
    ReturnReason.ENDED_ORDER.value: "ended_order",
    ReturnReason.SEATS_GONE.value: "seats_gone",
    ReturnReason.EVENT_OVER.value: "event_over",
}
_MONEY = {PaymentResult.AUTHORISED.value: "authorised", PaymentResult.CAPTURED.value: "captured"}
_CLOSED = {PaymentResult.CREATE_FAILED.value: "failed", PaymentResult.CANCELLED.value: "cancelled"}
_NOTHING: list[Any] = [None] * (len(TOUCHED) - 2)


def refund_number(payment: int) -> int:
    """The refund of a payment's whole sum. It follows from the payment, so that a database that was set back in time asks
    the provider again under the same idempotence key instead of paying twice.
    """
    return int.from_bytes(blake2b(b"refund|%d" % payment, digest_size=8).digest(), "little") >> 1 or 1


class Effects:
    """What a run of changes comes to. `paid` orders get their tickets; their capture or refund follows from that."""

    def __init__(self) -> None:
        self.begun: dict[Key, list[Any]] = {}
        self.touched: dict[Key, list[Any]] = {}
        self.payments: dict[int, list[Any]] = {}
        self.closed: dict[int, str] = {}
        self.expired: list[Key] = []
        self.untaken: list[Key] = []  # confirmed, but the money could not be taken
        self.paid: dict[Key, Paid] = {}
        self.refunds: list[tuple[int, int, int, int, int, str, int]] = []
        self.jobs: list[tuple[str, int, dict[str, int]]] = []  # task, payment (its lock), arguments
        self.alarms: list[tuple[str, int, int, dict[str, Any]]] = []  # kind, event, order, detail

    def row(self, event: int, order: int) -> list[Any]:
        """The row of an order to be changed."""
        key = (event, order)
        row = self.begun.get(key) or self.touched.get(key)
        if row is None:
            row = self.touched[key] = [event, order, *_NOTHING]
        return row

    def money(self, event: int, change: Paid | MoneyReturned | PaymentUnmatched) -> None:
        """What a provider reports of a payment; the same as the statement does with what is in the table."""
        captured = change.amount if change.result == PaymentResult.CAPTURED else 0
        row = [
            change.attempt, event, change.order, quoted(change.provider), _METHODS[change.method], change.amount, _MONEY[change.result],
            captured, change.at,
        ]  # fmt: skip
        known = self.payments.get(change.attempt)
        if known is not None:
            row[1:5], row[8] = known[1:5], known[8]
            if known[7] > captured:
                row[6:8] = known[6:8]
        self.closed.pop(change.attempt, None)
        self.payments[change.attempt] = row

    def close(self, payment: int, status: str) -> None:
        """An attempt that ended without money."""
        known = self.payments.get(payment)
        if known is None:
            self.closed[payment] = status
        elif known[7] == 0:
            known[6] = status

    def give_back(self, event: int, change: Paid | MoneyReturned | PaymentUnmatched, reason: str) -> None:
        """The row of a refund, and the job that does it."""
        refund = refund_number(change.attempt)
        self.refunds.append((refund, change.attempt, event, change.order, change.amount, reason, change.at))
        self.jobs.append(("refund", change.attempt, {"refund": refund}))

    def cancel_at_provider(self, event: int, order: int, payment: int) -> None:
        self.jobs.append(("cancel", payment, {"event": event, "order": order, "payment": payment}))


def segments(changes: Sequence[Placed]) -> Iterator[Sequence[Placed]]:
    """Cut before every change of an order whose tickets the run so far has yet to write: its tickets come first."""
    start = 0
    paid: set[Key] = set()
    for index, (event, _, change) in enumerate(changes):
        if paid and (event, change.order) in paid:
            yield changes[start:index]
            start = index
            paid.clear()
        if change.kind == ChangeKind.PAID:
            paid.add((event, change.order))
    yield changes[start:] if start else changes


def fold(changes: Sequence[Placed]) -> Effects:
    """The effects of a run in which no order changes after it was paid (`segments`). Unwritable for codes that say nothing."""
    effects = Effects()
    try:
        for event, _, change in changes:
            _FOLDS[change.kind](effects, event, change)
    except (KeyError, ValueError) as error:
        raise Unwritable(f"no such code: {error!r}") from error
    return effects


def _held(effects: Effects, event: int, change: Held) -> None:
    key = (event, change.order)
    if key in effects.begun or key in effects.touched:
        raise Unwritable(f"order {key} begins twice")
    effects.begun[key] = [
        event, change.order, "held", "none", change.seq, change.deadline_at, False, 0, None, False, None, None, '"{}"',
        change.account, change.command_id.hex(), change.fingerprint, change.at, change.deadline_at, change.total, ip_text(change.ip),
        nested(change.places), nested(change.categories), nested(change.prices),
    ]  # fmt: skip


@lru_cache(maxsize=65_536)  # a shopper's address comes with each of its changes
def ip_text(ip: bytes) -> str | None:
    """The address as a row has it; None for no address."""
    return None if ip == NO_ADDRESS else address_text(ip)


def _released(effects: Effects, event: int, change: Ended) -> None:
    _end(effects, event, change, "released")
    if change.open_attempt:
        effects.cancel_at_provider(event, change.order, change.open_attempt)


def _expired(effects: Effects, event: int, change: Ended) -> None:
    _end(effects, event, change, "expired", still_open=change.open_attempt != 0)
    if change.open_attempt:
        effects.row(event, change.order)[_ATTEMPT] = change.open_attempt
        effects.close(change.open_attempt, "unanswered")
        effects.cancel_at_provider(event, change.order, change.open_attempt)
    else:
        effects.expired.append((event, change.order))


def _end(effects: Effects, event: int, change: Ended | Declined, status: str, *, still_open: bool = False) -> None:
    row = effects.row(event, change.order)
    row[_STATUS] = status
    row[_SEQ] = change.seq
    row[_DEADLINE] = 0
    row[_ENDED] = change.at
    row[_OPEN] = still_open


def _payment_started(effects: Effects, event: int, change: PaymentStarted) -> None:
    row = effects.row(event, change.order)
    row[_STATUS] = "paying"
    row[_SEQ] = change.seq
    row[_DEADLINE] = change.deadline_at
    row[_EXTENDED] = True
    row[_ATTEMPT] = change.attempt
    row[_OPEN] = True
    if len(row) == len(TOUCHED):
        row[_RETURNED_ATTEMPT] = None
    row[_METHOD] = method = _METHODS[change.method]
    row[_PROVIDER] = provider = quoted(change.provider)
    effects.payments[change.attempt] = [change.attempt, event, change.order, provider, method, change.total, "open", 0, change.at]


def _attempt_closed(effects: Effects, event: int, change: AttemptClosed) -> None:
    row = effects.row(event, change.order)
    row[_STATUS] = "held"
    row[_SEQ] = change.seq
    row[_DEADLINE] = change.deadline_at
    row[_OPEN] = False
    effects.close(change.attempt, _CLOSED[change.result])
    if change.result == PaymentResult.CREATE_FAILED:
        row[_EXTENDED] = False
        effects.cancel_at_provider(event, change.order, change.attempt)


def _paid(effects: Effects, event: int, change: Paid) -> None:
    row = effects.row(event, change.order)
    row[_STATUS] = "confirmed"  # with its tickets, in the same transaction; or refused there
    row[_SEQ] = change.seq
    row[_DEADLINE] = 0
    row[_ENDED] = change.at
    row[_ATTEMPT] = change.attempt
    row[_OPEN] = False
    row[_METHOD] = _METHODS[change.method]
    row[_PROVIDER] = quoted(change.provider)
    effects.money(event, change)
    effects.paid[event, change.order] = change


def _declined(effects: Effects, event: int, change: Declined) -> None:
    _end(effects, event, change, "declined")
    if change.result == PaymentResult.CAPTURE_FAILED:
        effects.close(change.attempt, "capture_failed")
        effects.untaken.append((event, change.order))
    else:
        effects.close(change.attempt, "declined")


def _money_returned(effects: Effects, event: int, change: MoneyReturned) -> None:
    row = effects.row(event, change.order)
    row[_SEQ] = change.seq
    row[_REFUND] = "pending"
    row[_RETURNED] = _with(row[_RETURNED], change.attempt)
    if row[_ATTEMPT] is not None:
        row[_OPEN] = row[_OPEN] and row[_ATTEMPT] != change.attempt
    elif (event, change.order) in effects.touched:
        row[_RETURNED_ATTEMPT] = change.attempt  # closed, if the row says that it is the latest
    if change.status == OrderStatus.HELD:
        row[_STATUS] = "held"
    effects.money(event, change)
    effects.give_back(event, change, _REASONS[change.reason])


def _with(returned: str | None, payment: int) -> str:
    known = returned.strip('"{}') if returned else ""
    return '"{' + (f"{known},{payment}" if known else str(payment)) + '}"'


def _payment_unmatched(effects: Effects, event: int, change: PaymentUnmatched) -> None:
    if change.result not in _MONEY:
        return  # the end of an attempt of an order long gone: no money moved
    effects.money(event, change)
    effects.give_back(event, change, "unmatched")
    effects.alarms.append(("payment_unmatched", event, change.order, {"payment": change.attempt, "amount": change.amount}))


def _terms_changed(_effects: Effects, _event: int, _change: Change) -> None:
    """The event's document has them; the change only keeps the entry's history whole."""


_FOLDS: dict[int, Callable[[Effects, int, Any], None]] = {
    ChangeKind.HELD: _held,
    ChangeKind.RELEASED: _released,
    ChangeKind.EXPIRED: _expired,
    ChangeKind.PAYMENT_STARTED: _payment_started,
    ChangeKind.ATTEMPT_CLOSED: _attempt_closed,
    ChangeKind.PAID: _paid,
    ChangeKind.DECLINED: _declined,
    ChangeKind.MONEY_RETURNED: _money_returned,
    ChangeKind.PAYMENT_UNMATCHED: _payment_unmatched,
    ChangeKind.TERMS_CHANGED: _terms_changed,
}
