"""What members answer, as units, pumps and writers read it. Each decoder has its encoder here: what is read writes back to the same."""

import struct
from collections.abc import Callable, Iterable
from typing import Any

from grid_config import answers, attempts, changes, documents, hints, orders, terms
from grid_config.limits import FORMAT_VERSION
from grid_config.outcomes import ChangeKind
from grid_config.wire import Malformed, Writer, pack_address
from tests.fuzz.target import Target
from tests.fuzz.vectors import vectors_of

Decode = Callable[[bytes], Any]
Encode = Callable[[Any], bytes]


def wire(name: str, decode: Decode, encode: Encode, seeds: Iterable[bytes]) -> Target:
    """A message: Malformed, or the same bytes again."""

    def read(data: bytes) -> None:
        try:
            told = decode(data)
        except Malformed:
            return
        assert encode(told) == data, told

    return Target(f"wire-{name}", read, tuple(seeds))


def _batch(told: answers.BatchAnswer) -> bytes:
    head = struct.pack(
        "<BBqqqqqH", FORMAT_VERSION, told.status, told.incarnation, told.seq, told.durable_seq, told.version, told.now, len(told.outcomes)
    )
    return head + b"".join(struct.pack("<BI", outcome, len(body)) + body for outcome, body in told.outcomes)


def _seats(told: answers.SeatsAnswer) -> bytes:
    areas = told.areas_free
    head = struct.pack(f"<BIIIIH{len(areas)}i", told.form, told.free, told.held, told.sold, told.closed, len(areas), *areas)
    if told.form == answers.SeatsForm.UNCHANGED:
        return head
    if told.form == answers.SeatsForm.SNAPSHOT:
        return head + struct.pack("<I", len(told.states)) + told.states
    return head + struct.pack("<I", len(told.changes)) + b"".join(struct.pack("<iB", *change) for change in told.changes)


def _drained(told: answers.Drained) -> bytes:
    writer = Writer().i64(told.from_seq).i64(told.to_seq).i64(told.change_id).i64(told.durable_seq).u32(len(told.changes))
    return writer.raw(b"".join(Writer().blob(record).bytes() for record in told.changes)).bytes()


def _whole(told: answers.Whole) -> bytes:
    writer = Writer().i64(told.seq).i64(told.change_id).i64(told.durable_seq).u32(len(told.orders))
    for order in told.orders:
        writer.blob(order.encode())
    writer.u32(len(told.sold))
    for sold in told.sold:
        writer.i64(sold.order).i64(sold.account).i64(sold.attempt).u8(len(sold.places)).many_i32(sold.places)
    writer.u32(len(told.changes))
    for change in told.changes:
        writer.blob(change)
    return writer.bytes()


def _due(told: list[answers.DueOrder]) -> bytes:
    writer = Writer().u16(len(told))
    for one in told:
        writer.i64(one.order).i64(one.account).i64(one.attempt).u8(one.method).text(one.provider).i64(one.total).i64(one.deadline_at)
    return writer.bytes()


# What stands between the common head of a change and its end, by kind: fields of fixed size, `p` for the provider's name.
_TAILS = {
    ChangeKind.RELEASED: "qpB", ChangeKind.EXPIRED: "qpB", ChangeKind.PAYMENT_STARTED: "qBpqq", ChangeKind.ATTEMPT_CLOSED: "qBq",
    ChangeKind.PAID: "qBqpBB", ChangeKind.DECLINED: "qB", ChangeKind.MONEY_RETURNED: "qBqpBB", ChangeKind.PAYMENT_UNMATCHED: "qBqpB",
}  # fmt: skip


def _change(told: changes.Change) -> bytes:
    head = struct.pack("<Bqqqq16sB", *told[:7])
    if isinstance(told, changes.TermsChanged):
        return head + told.terms.encode()
    if isinstance(told, changes.Held):
        columns = [field for place in zip(told.places, told.categories, told.prices, strict=True) for field in place]
        fixed = struct.pack("<16sqqqB", told.command_id, told.fingerprint, told.deadline_at, told.total, len(told.places))
        return head + fixed + struct.pack(f"<{'iBi' * len(told.places)}", *columns)
    parts = [
        Writer().text(str(field)).bytes() if form == "p" else struct.pack(f"<{form}", field)
        for form, field in zip(_TAILS[ChangeKind(told.kind)], told[7:], strict=True)
    ]
    return head + b"".join(parts)


def _read_flagged(data: bytes) -> None:
    """Terms, and changes that carry them: a flag may be any byte but zero, so the value comes back and not the byte."""
    try:
        told = terms.decode_terms(data)
    except Malformed:
        return
    assert terms.decode_terms(told.encode()) == told


def _read_change(data: bytes) -> None:
    try:
        told = changes.decode_change(data)
    except Malformed:
        return
    if isinstance(told, changes.TermsChanged):
        assert changes.decode_change(_change(told)) == told
    else:
        assert _change(told) == data, told


def _hints(told: hints.Hints) -> bytes:
    writer = Writer().u8(FORMAT_VERSION).i64(told.now)
    for events in told[1:4]:
        writer.u32(len(events)).raw(struct.pack(f"<{len(events)}q", *events))
    for keys in told[4:6]:
        writer.u32(len(keys))
        for key in keys:
            writer.text(key)
    return writer.bytes()


HINTS = hints.Hints(5, (1, 2**62), (3,), (), ("hall:1", "event:ы"), ("attempts:0",))
ATTEMPT = attempts.Attempt(1_790_000_000_000, "203.0.113.7", 1, 2, 3, "seat_taken", '{"places":[1]}')
RECORDS = tuple(attempts.encode_attempt(one) for one in (ATTEMPT, ATTEMPT._replace(address="2001:db8::1", detail="")))


def _document(told: tuple[int, documents.Document]) -> bytes:
    outcome, document = told
    form = struct.pack("<BBqqqI", FORMAT_VERSION, outcome, document.version, document.durable_version, document.now, len(document.body))
    return form + document.body


def _news(told: documents.News) -> bytes:
    return struct.pack("<I", len(told.items)) + b"".join(struct.pack("<Bqq", *item) for item in told.items)


def _number(number: int) -> bytes:
    return documents.number_body(number)


def _of(body: bytes) -> documents.Document:
    return documents.Document("index:catalogue", 1, 0, 0, body)


def _attempt(told: attempts.Attempt) -> bytes:
    head = Writer().i64(told.at).raw(pack_address(told.address) if told.address else bytes(16))
    return head.i64(told.account).i64(told.event).i64(told.order).text(told.status).text(told.detail).bytes()


def _drained_attempts(told: attempts.DrainedAttempts) -> bytes:
    writer = Writer().i64(told.first_seq).u32(len(told.records))
    for record in told.records:
        writer.blob(_attempt(record))
    return writer.bytes()


def _read_body(data: bytes) -> None:
    """A document's body: ValueError, or an object that is written and read again."""
    try:
        told = documents.decode_body(data)
    except ValueError:
        return
    try:
        written = documents.encode_body(told)
    except TypeError:  # deeper than what is ever written
        return
    assert documents.decode_body(written) == told


BODIES = (documents.encode_body({"name": "x", "works": [1, None]}), documents.encode_body({"name": "ы" * 400}), b"\x00{}", b"\x01")
SEEDS_OF_DRAINED = (_drained_attempts(attempts.DrainedAttempts(5, 7, (ATTEMPT, ATTEMPT))),)
ANSWER = _document((0, documents.Document("hall:1", 3, 2, 1_790_000_000_000, BODIES[0])))

TARGETS = (
    wire("answer", answers.decode_batch, _batch, vectors_of("answer")),
    wire("seats", answers.decode_seats, _seats, vectors_of("seats")),
    wire("drained", answers.decode_drained, _drained, vectors_of("drained")),
    wire("whole", answers.decode_whole, _whole, vectors_of("whole")),
    wire("due", answers.decode_due, _due, vectors_of("due")),
    wire("status", answers.decode_status, lambda told: struct.pack("<BqqqqIIIq", *told), vectors_of("status")),
    wire("number", answers.decode_number, lambda told: struct.pack("<q", told), vectors_of("number")),
    wire("limit", answers.decode_limit, lambda told: struct.pack("<HH", *told), vectors_of("limit")),
    wire("places", answers.decode_places, lambda told: Writer().u8(len(told)).many_i32(told).bytes(), vectors_of("places")),
    wire("order-status", answers.decode_order_status, lambda told: bytes([told]), vectors_of("order_status")),
    wire("lapsed", answers.decode_lapsed, lambda told: struct.pack("<I", told), vectors_of("lapsed")),
    wire("order", orders.decode_order, orders.Order.encode, vectors_of("order")),
    Target("wire-terms", _read_flagged, vectors_of("terms")),
    Target("wire-change", _read_change, vectors_of("change")),
    wire("hints", hints.decode_hints, _hints, (_hints(HINTS), _hints(hints.Hints(1, (), (), (), (), ())))),
    wire("document", lambda data: documents.decode_answer("hall:1", data), _document, (ANSWER, _document((26, _of(b""))))),
    wire("news", lambda data: documents.decode_news(_of(data)), _news, (_news(documents.News(1, ((documents.Kind.HALL, 5, 6),))),)),
    wire("document-number", lambda data: _of(data).number, _number, (_number(2**62),)),
    Target("wire-document-body", _read_body, BODIES),
    wire("attempt", attempts.decode_attempt, _attempt, RECORDS),
    wire("attempts", lambda data: attempts.decode_drained(5, data), _drained_attempts, SEEDS_OF_DRAINED),
)
