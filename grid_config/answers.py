"""What an inventory answers: the batch, and the body of each outcome.

A body's shape follows from its command and outcome: an order (hold, release, start_payment, settle, read_order,
attempt_open), seats, drained changes, due orders, the entry's status, or the few numbers of a refusal. Every function
raises Malformed for bytes that are not its shape.
"""

import struct
from dataclasses import dataclass
from typing import NamedTuple

from grid_config.limits import FORMAT_VERSION
from grid_config.orders import Order, decode_order
from grid_config.wire import I64, U32, Malformed, Reader

__all__ = [
    "BatchAnswer", "Drained", "DueOrder", "EntryStatus", "Order", "SeatsAnswer", "SeatsForm", "SoldOrder", "Whole", "decode_batch",
    "decode_drained", "decode_due", "decode_lapsed", "decode_limit", "decode_number", "decode_order", "decode_order_status",
    "decode_places", "decode_seats", "decode_status", "decode_whole",
]  # fmt: skip

_BATCH = struct.Struct("<BBqqqqqH")
_OUTCOME = struct.Struct("<BI")
_DRAINED = struct.Struct("<qqqqI")
_SEATS = struct.Struct("<BIIIIH")
_STATUS = struct.Struct("<BqqqqIIIq")
_TWO_SHORTS = struct.Struct("<HH")
_PLACE_STATE = struct.Struct("<iB")


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What became of a batch; the numbers are the entry's after it (zeros when there is no entry). `now` in unix ms."""

    status: int  # BatchStatus
    incarnation: int
    seq: int
    durable_seq: int
    version: int  # of the seats' states
    now: int
    outcomes: list[tuple[int, bytes]]  # (Outcome, body) per command, none when the batch was refused


def decode_batch(answer: bytes) -> BatchAnswer:
    """The answer of the inventory processor."""
    try:
        form, status, incarnation, seq, durable_seq, version, now, count = _BATCH.unpack_from(answer)
        if form != FORMAT_VERSION:
            raise Malformed(f"format {form}, {FORMAT_VERSION} is spoken here")
        outcomes = []
        at = _BATCH.size
        read = _OUTCOME.unpack_from
        for _ in range(count):
            outcome, size = read(answer, at)
            start = at + 5
            at = start + size
            outcomes.append((outcome, answer[start:at]))
    except struct.error as error:
        raise Malformed(str(error)) from error
    if at != len(answer):
        raise Malformed(f"outcomes of {at} bytes in an answer of {len(answer)}")
    return BatchAnswer(status, incarnation, seq, durable_seq, version, now, outcomes)


class SeatsForm:
    """How a seats answer tells the states."""

    UNCHANGED = 0
    DELTA = 1
    SNAPSHOT = 2


class SeatsAnswer(NamedTuple):
    """The seats at the version of the batch. Counts are of seats, not of places in areas."""

    form: int
    free: int
    held: int
    sold: int
    closed: int
    areas_free: tuple[int, ...]  # by area index
    changes: tuple[tuple[int, int], ...]  # delta: (place, SeatState), each place once, in the order of versions
    states: bytes  # snapshot: a SeatState character per seat in plan order


def decode_seats(body: bytes) -> SeatsAnswer:
    """The answer to read_seats."""
    try:
        form, free, held, sold, closed, areas = _SEATS.unpack_from(body)
        if form > SeatsForm.SNAPSHOT:
            raise Malformed(f"seats of form {form}")
        at = _SEATS.size + 4 * areas
        areas_free = struct.unpack(f"<{areas}i", body[_SEATS.size : at])
        changes: tuple[tuple[int, int], ...] = ()
        states = b""
        if form != SeatsForm.UNCHANGED:
            (count,) = U32.unpack_from(body, at)
            at += 4
            if form == SeatsForm.DELTA:
                changes = tuple(_PLACE_STATE.iter_unpack(body[at : at + 5 * count]))
                at += 5 * count
            else:
                states = body[at : at + count]
                at += count
    except struct.error as error:
        raise Malformed(str(error)) from error
    if at != len(body):
        raise Malformed(f"seats of {at} bytes in a body of {len(body)}")
    return SeatsAnswer(form, free, held, sold, closed, areas_free, changes, states)


class Drained(NamedTuple):
    """Changes after a position: `from_seq` < seq <= `to_seq`, still encoded (`changes.decode_change`)."""

    from_seq: int
    to_seq: int
    change_id: int  # at to_seq
    durable_seq: int
    changes: list[bytes]


def decode_drained(body: bytes) -> Drained:
    """The answer to drain."""
    records = []
    try:
        from_seq, to_seq, change_id, durable_seq, count = _DRAINED.unpack_from(body)
        at = _DRAINED.size
        read = U32.unpack_from
        for _ in range(count):
            start = at + 4
            at = start + read(body, at)[0]
            records.append(body[start:at])
    except struct.error as error:
        raise Malformed(str(error)) from error
    if at != len(body):
        raise Malformed(f"changes of {at} bytes in a body of {len(body)}")
    return Drained(from_seq, to_seq, change_id, durable_seq, records)


class SoldOrder(NamedTuple):
    """A confirmed order of which an entry keeps only the places; `attempt` (0: not known) paid for it."""

    order: int
    account: int
    attempt: int
    places: tuple[int, ...]


class Whole(NamedTuple):
    """Everything an entry knows at `seq`, the changes after `durable_seq` among it, still encoded."""

    seq: int
    change_id: int  # at seq
    durable_seq: int
    orders: list[Order]  # live ones, and those that ended lately
    sold: list[SoldOrder]
    changes: list[bytes]


def decode_whole(body: bytes) -> Whole:
    """The answer to whole."""
    reader = Reader(body)
    seq, change_id, durable_seq = reader.i64(), reader.i64(), reader.i64()
    orders = [decode_order(reader.blob()) for _ in range(reader.u32())]
    sold = [SoldOrder(reader.i64(), reader.i64(), reader.i64(), reader.many_i32(reader.u8())) for _ in range(reader.u32())]
    changes = [reader.blob() for _ in range(reader.u32())]
    reader.end()
    return Whole(seq, change_id, durable_seq, orders, sold, changes)


class DueOrder(NamedTuple):
    """A paying order whose deadline is past: its attempt is to be cancelled at the provider."""

    order: int
    account: int
    attempt: int
    method: int
    provider: str
    total: int
    deadline_at: int


def decode_due(body: bytes) -> list[DueOrder]:
    """The answer to due."""
    reader = Reader(body)
    orders = [
        DueOrder(reader.i64(), reader.i64(), reader.i64(), reader.u8(), reader.text(), reader.i64(), reader.i64())
        for _ in range(reader.u16())
    ]
    reader.end()
    return orders


class EntryStatus(NamedTuple):
    """How an entry stands."""

    state: int  # EntryState
    incarnation: int
    seq: int
    durable_seq: int
    durable_change_id: int
    outbox: int  # changes
    live_orders: int
    ended_orders: int
    bytes_estimate: int


def decode_status(body: bytes) -> EntryStatus:
    """The answer to status."""
    return EntryStatus(*_unpack(_STATUS, body))


def decode_lapsed(body: bytes) -> int:
    """The answer to expire: how many holds lapsed."""
    return int(_unpack(U32, body)[0])


def decode_number(body: bytes) -> int:
    """The one i64 of sale_not_open, sale_closed (unix ms), behind (durable_seq) and other_incarnation."""
    return int(_unpack(I64, body)[0])


def decode_limit(body: bytes) -> tuple[int, int]:
    """(limit, held or bought) of limit_exceeded, in places."""
    limit, held_or_bought = _unpack(_TWO_SHORTS, body)
    return limit, held_or_bought


def decode_places(body: bytes) -> tuple[int, ...]:
    """The places of seat_taken and orphan_seats."""
    try:
        return struct.unpack(f"<{body[0]}i", body[1:])
    except (struct.error, IndexError) as error:
        raise Malformed(str(error)) from error


def decode_order_status(body: bytes) -> int:
    """The OrderStatus of not_payable and not_releasable."""
    if len(body) != 1:
        raise Malformed(f"a status of {len(body)} bytes")
    return body[0]


def _unpack(form: struct.Struct, body: bytes) -> tuple[int, ...]:
    try:
        return form.unpack(body)
    except struct.error as error:
        raise Malformed(str(error)) from error
