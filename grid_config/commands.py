"""What a unit, the pump and the reader may ask of an inventory: each function gives one command's bytes, framed.

A framed command is `u8 kind | u32 length | body`; `batch` puts up to BATCH_COMMANDS_MAX of them into one request, which
the member executes in order. Numbers out of range raise struct.error: whoever takes them from outside has checked them.
"""
# ruff: noqa: PLR0917 - a command has the fields it has, and the hot path passes them by position

import struct
from collections.abc import Iterable, Sequence
from enum import IntEnum

from grid_config.limits import BATCH_COMMANDS_MAX, FORMAT_VERSION, ORDER_PLACES_MAX
from grid_config.outcomes import Method, PaymentResult, Verdict
from grid_config.terms import Terms
from grid_config.wire import U32, blob_bytes, text_bytes


class Command(IntEnum):
    """The kinds of commands."""

    HOLD = 1
    RELEASE = 2
    START_PAYMENT = 3
    SETTLE = 4
    EXPIRE = 5
    READ_SEATS = 6
    READ_ORDER = 7
    DRAIN = 8
    ACKNOWLEDGE = 9
    RESTORE = 10
    OPEN = 11
    DROP = 12
    STATUS = 13
    DUE = 14
    TERMS = 15
    WHOLE = 16
    LEAVE = 17


class HoldForm(IntEnum):
    """How a hold says what it wants."""

    SEATS = 0
    BEST_AVAILABLE = 1
    AREAS = 2


_BATCH = struct.Struct("<BqH")
_FRAME = struct.Struct("<BI")
_HOLD = "<BI16sqqq16sB"
_HOLD_BODY_SIZE = struct.calcsize(_HOLD) - _FRAME.size
_HOLD_SEATS = [struct.Struct(f"{_HOLD}B{count}i") for count in range(ORDER_PLACES_MAX + 1)]
_HOLD_SEATS_SIZE = [_HOLD_BODY_SIZE + 1 + 4 * count for count in range(ORDER_PLACES_MAX + 1)]
_HOLD_BEST = struct.Struct(f"{_HOLD}BB")
_HOLD_AREAS = [struct.Struct(f"{_HOLD}B{'HB' * count}") for count in range(ORDER_PLACES_MAX + 1)]
_HOLD_AREAS_SIZE = [_HOLD_BODY_SIZE + 1 + 3 * count for count in range(ORDER_PLACES_MAX + 1)]
_RELEASE = struct.Struct("<BIqq16s")
_START_PAYMENT = struct.Struct("<qq16sqB")
_SETTLE = struct.Struct("<qqBq")
_TWO_NUMBERS = struct.Struct("<BIqq")
_DRAIN = struct.Struct("<BIqqqH")
_ACKNOWLEDGE = struct.Struct("<qqI")
_VERDICT = struct.Struct("<qBB")
_RESTORE = struct.Struct("<qqq")
_NUMBER = struct.Struct("<BIq")
_SHORT = struct.Struct("<BIH")
_POSITION = struct.Struct("<BIqqq")
_SOLD = struct.Struct("<qqqB")


def batch(made_at: int, commands: Sequence[bytes]) -> bytes:
    """The request that carries framed commands; `made_at` is the sender's clock in unix ms. ValueError for too many."""
    if len(commands) > BATCH_COMMANDS_MAX:
        raise ValueError(f"{len(commands)} commands in one batch, {BATCH_COMMANDS_MAX} are the most")
    return b"".join((_BATCH.pack(FORMAT_VERSION, made_at, len(commands)), *commands))


def hold_seats(command_id: bytes, fingerprint: int, order: int, account: int, ip: bytes, places: Sequence[int]) -> bytes:
    """Hold exactly these 1-10 places."""
    count = len(places)
    return _HOLD_SEATS[count].pack(
        1, _HOLD_SEATS_SIZE[count], command_id, fingerprint, order, account, ip, 0, count, *places
    )  # fmt: skip


def hold_best(command_id: bytes, fingerprint: int, order: int, account: int, ip: bytes, category: int, quantity: int) -> bytes:
    """Hold the best `quantity` free seats of a category (index)."""
    form = HoldForm.BEST_AVAILABLE
    return _HOLD_BEST.pack(Command.HOLD, _HOLD_BODY_SIZE + 2, command_id, fingerprint, order, account, ip, form, category, quantity)


def hold_areas(command_id: bytes, fingerprint: int, order: int, account: int, ip: bytes, wanted: Sequence[tuple[int, int]]) -> bytes:
    """Hold places in areas: pairs of (area index, quantity)."""
    count = len(wanted)
    flat = [number for pair in wanted for number in pair]
    return _HOLD_AREAS[count].pack(
        Command.HOLD, _HOLD_AREAS_SIZE[count], command_id, fingerprint, order, account, ip, HoldForm.AREAS, count, *flat
    )


def release(order: int, account: int, ip: bytes) -> bytes:
    """Let a held or paying order go."""
    return _RELEASE.pack(Command.RELEASE, 32, order, account, ip)


def start_payment(order: int, account: int, ip: bytes, attempt: int, method: Method, provider: str) -> bytes:
    """Open an attempt to pay; `attempt` is the payment's number."""
    return _framed(Command.START_PAYMENT, _START_PAYMENT.pack(order, account, ip, attempt, method) + text_bytes(provider))


def settle(order: int, attempt: int, result: PaymentResult, amount: int, provider: str, method: Method, ip: bytes) -> bytes:
    """Tell what became of an attempt; `amount` in kopecks (0 where no money moved)."""
    body = _SETTLE.pack(order, attempt, result, amount) + text_bytes(provider) + bytes((method,)) + ip
    return _framed(Command.SETTLE, body)


def read_seats(incarnation: int = 0, version: int = 0) -> bytes:
    """The seats' states since a version of a life; zeros: none known, a snapshot please."""
    return _TWO_NUMBERS.pack(Command.READ_SEATS, 16, incarnation, version)


def read_order(order: int, account: int) -> bytes:
    """One order of an account; account 0: the system asks, whosoever it is."""
    return _TWO_NUMBERS.pack(Command.READ_ORDER, 16, order, account)


def drain(incarnation: int, seq: int, change_id: int, most: int) -> bytes:
    """The changes after a position, at most DRAIN_CHANGES_MAX."""
    return _DRAIN.pack(Command.DRAIN, 26, incarnation, seq, change_id, most)


def acknowledge(incarnation: int, seq: int, verdicts: Iterable[tuple[int, Verdict, Sequence[int]]] = ()) -> bytes:
    """Everything up to `seq` is durable; verdicts are (order, verdict, conflicting places)."""
    parts = [_VERDICT.pack(order, verdict, len(places)) + struct.pack(f"<{len(places)}i", *places) for order, verdict, places in verdicts]
    return _framed(Command.ACKNOWLEDGE, _ACKNOWLEDGE.pack(incarnation, seq, len(parts)) + b"".join(parts))


def restore(
    new_incarnation: int, seq: int, change_id: int, layout: bytes, terms: Terms, orders: Sequence[bytes], sold: Sequence[bytes]
) -> bytes:
    """Make the entry of an event, shut: its layout, terms, live orders (`Order.encode`) and sold places (`sold_order`)."""
    parts = (
        _RESTORE.pack(new_incarnation, seq, change_id),
        blob_bytes(layout),
        terms.encode(),
        U32.pack(len(orders)),
        *orders,
        U32.pack(len(sold)),
        *sold,
    )
    return _framed(Command.RESTORE, b"".join(parts))


def sold_order(order: int, account: int, attempt: int, places: Sequence[int]) -> bytes:
    """A confirmed order, shrunk to what an entry keeps of it."""
    return _SOLD.pack(order, account, attempt, len(places)) + struct.pack(f"<{len(places)}i", *places)


def open_entry(incarnation: int) -> bytes:
    """Let a restored entry sell."""
    return _NUMBER.pack(Command.OPEN, 8, incarnation)


def drop_entry(incarnation: int) -> bytes:
    """Remove an entry that is still shut under this incarnation."""
    return _NUMBER.pack(Command.DROP, 8, incarnation)


def leave(incarnation: int, seq: int, change_id: int) -> bytes:
    """Remove an entry whose event is long over, if it stands at this position and has nothing left to do."""
    return _POSITION.pack(Command.LEAVE, 24, incarnation, seq, change_id)


def due(most: int) -> bytes:
    """The orders whose payment deadline is past."""
    return _SHORT.pack(Command.DUE, 2, most)


def change_terms(terms: Terms) -> bytes:
    """Sell under other terms from now on."""
    return _framed(Command.TERMS, terms.encode())


EXPIRE = _FRAME.pack(Command.EXPIRE, 0)
"""Let all due holds lapse now."""

STATUS = _FRAME.pack(Command.STATUS, 0)
"""How the entry stands."""

WHOLE = _FRAME.pack(Command.WHOLE, 0)
"""Everything that it knows: for a position that its outbox no longer reaches."""


def _framed(command: Command, body: bytes) -> bytes:
    return _FRAME.pack(command, len(body)) + body
