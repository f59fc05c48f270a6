"""Change records: what the outbox holds and the pump carries to the writers.

Decoding is on the pump's path, 20,000 and more a second: tuple types, one precompiled struct per kind (per number of
places for `held`), places as columns. Each kind begins with the same seven fields, so a writer that needs only those
looks at no kind at all.
"""

import struct
from collections.abc import Callable
from typing import NamedTuple

from grid_config.limits import ORDER_PLACES_MAX
from grid_config.outcomes import ChangeKind
from grid_config.terms import Terms, decode_terms
from grid_config.wire import Malformed

_HEAD = "<Bqqqq16sB"
_HEAD_STRUCT = struct.Struct(_HEAD)
_HEAD_SIZE = _HEAD_STRUCT.size
_HEAD_FIELDS = 7
_HELD = [struct.Struct(f"{_HEAD}16sqqqB{'iBi' * places}") for places in range(ORDER_PLACES_MAX + 1)]
_HELD_COUNT_AT = _HEAD_SIZE + 40


class Held(NamedTuple):
    """An order began."""

    kind: int  # ChangeKind
    seq: int
    at: int  # unix ms
    order: int
    account: int
    ip: bytes  # 16
    status: int  # OrderStatus after the change
    command_id: bytes
    fingerprint: int
    deadline_at: int
    total: int
    places: tuple[int, ...]
    categories: tuple[int, ...]
    prices: tuple[int, ...]


class Ended(NamedTuple):
    """An order was released or expired; an attempt that was open (0: none) is to be cancelled at its provider."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    open_attempt: int
    provider: str
    method: int


class PaymentStarted(NamedTuple):
    """An attempt to pay was opened."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    attempt: int
    method: int
    provider: str
    deadline_at: int
    total: int


class AttemptClosed(NamedTuple):
    """An attempt ended without money; the order is held until the deadline."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    attempt: int
    result: int
    deadline_at: int


class Paid(NamedTuple):
    """Money came in time, or (`retaken`) late while the places were still free."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    attempt: int
    result: int
    amount: int
    provider: str
    method: int
    retaken: int


class Declined(NamedTuple):
    """The provider said no, or the capture failed for good."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    attempt: int
    result: int


class MoneyReturned(NamedTuple):
    """Money came that must go back."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    attempt: int
    result: int
    amount: int
    provider: str
    method: int
    reason: int  # ReturnReason


class PaymentUnmatched(NamedTuple):
    """Money came for an order that is in no record."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    attempt: int
    result: int
    amount: int
    provider: str
    method: int


class TermsChanged(NamedTuple):
    """The terms of sale were edited."""

    kind: int
    seq: int
    at: int
    order: int
    account: int
    ip: bytes
    status: int
    terms: Terms


Change = Held | Ended | PaymentStarted | AttemptClosed | Paid | Declined | MoneyReturned | PaymentUnmatched | TermsChanged


def decode_change(record: bytes) -> Change:
    """One change; Malformed for an unknown kind or bytes that are not its shape."""
    try:
        return _DECODERS[record[0]](record)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise Malformed(f"no change record: {error!r}") from error


def _held(record: bytes) -> Held:
    fields = _HELD[record[_HELD_COUNT_AT]].unpack(record)
    places = fields[12:]
    return _new(Held, (*fields[:11], places[0::3], places[1::3], places[2::3]))


_new = tuple.__new__  # the generated __new__ of a NamedTuple takes its fields one by one, at twice the time


def _with_provider(before: str, after: str) -> Callable[[bytes], tuple[tuple[object, ...], str, tuple[int, ...]]]:
    """A reader of records with the provider's name between fixed fields: (fields before, provider, fields after)."""
    first = struct.Struct(f"{_HEAD}{before}H")
    last = struct.Struct(f"<{after}")

    def read(record: bytes) -> tuple[tuple[object, ...], str, tuple[int, ...]]:
        *fields, size = first.unpack_from(record)
        end = first.size + size
        return tuple(fields), record[first.size : end].decode(), last.unpack(record[end:])

    return read


_read_ended = _with_provider("q", "B")
_read_started = _with_provider("qB", "qq")
_read_money = _with_provider("qBq", "B")
_read_money_more = _with_provider("qBq", "BB")
_CLOSED = struct.Struct(f"{_HEAD}qBq")
_DECLINED = struct.Struct(f"{_HEAD}qB")


def _ended(record: bytes) -> Ended:
    fields, provider, rest = _read_ended(record)
    return _new(Ended, (*fields, provider, *rest))


def _payment_started(record: bytes) -> PaymentStarted:
    fields, provider, rest = _read_started(record)
    return _new(PaymentStarted, (*fields, provider, *rest))


def _attempt_closed(record: bytes) -> AttemptClosed:
    return _new(AttemptClosed, _CLOSED.unpack(record))


def _paid(record: bytes) -> Paid:
    fields, provider, rest = _read_money_more(record)
    return _new(Paid, (*fields, provider, *rest))


def _declined(record: bytes) -> Declined:
    return _new(Declined, _DECLINED.unpack(record))


def _money_returned(record: bytes) -> MoneyReturned:
    fields, provider, rest = _read_money_more(record)
    return _new(MoneyReturned, (*fields, provider, *rest))


def _payment_unmatched(record: bytes) -> PaymentUnmatched:
    fields, provider, rest = _read_money(record)
    return _new(PaymentUnmatched, (*fields, provider, *rest))


def _terms_changed(record: bytes) -> TermsChanged:
    return _new(TermsChanged, (*_HEAD_STRUCT.unpack_from(record), decode_terms(record, _HEAD_SIZE)))


_DECODERS: dict[int, Callable[[bytes], Change]] = {
    ChangeKind.HELD: _held,
    ChangeKind.RELEASED: _ended,
    ChangeKind.EXPIRED: _ended,
    ChangeKind.PAYMENT_STARTED: _payment_started,
    ChangeKind.ATTEMPT_CLOSED: _attempt_closed,
    ChangeKind.PAID: _paid,
    ChangeKind.DECLINED: _declined,
    ChangeKind.MONEY_RETURNED: _money_returned,
    ChangeKind.PAYMENT_UNMATCHED: _payment_unmatched,
    ChangeKind.TERMS_CHANGED: _terms_changed,
}
