"""Messages of an inventory: what is written is read again, what is broken is malformed."""

import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grid_config import answers, changes, commands
from grid_config.orders import Order, decode_order
from grid_config.outcomes import ChangeKind
from grid_config.terms import Terms, decode_terms
from grid_config.wire import Malformed, Reader, Writer, address_text, pack_address

i64 = st.integers(-(2**63), 2**63 - 1)
u8 = st.integers(0, 255)
i32 = st.integers(-(2**31), 2**31 - 1)
ips = st.binary(min_size=16, max_size=16)
columns = st.lists(st.tuples(i32, u8, i32), max_size=10).map(lambda rows: tuple(zip(*rows, strict=True)) or ((), (), ()))


@st.composite
def any_order(draw: st.DrawFn) -> Order:
    places, categories, prices = draw(columns)
    return Order(
        *(draw(i64), draw(i64), draw(ips), draw(i64), draw(u8), draw(u8)),
        *(draw(i64), draw(i64), draw(i64), draw(i64), draw(u8), draw(i64), draw(i64), draw(u8), draw(u8)),
        draw(st.text(max_size=20)),
        draw(i64),
        draw(ips),
        places,
        categories,
        prices,
        tuple(draw(st.lists(i64, max_size=3))),
    )


@given(any_order())
@example(Order(1, 2, bytes(16), 3, 1, 0, 4, 5, 6, 7, 0, 0, 0, 0, 0, "", 8, bytes(16), (), (), (), (1, 2)))
def test_an_order_comes_back(order: Order) -> None:
    assert decode_order(order.encode()) == order


@given(st.binary(max_size=200))
def test_bytes_are_an_order_or_malformed(body: bytes) -> None:
    try:
        order = decode_order(body)
    except Malformed:
        return
    assert order.encode() == body


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_malformed(body: bytes) -> None:
    readers: list[Any] = [
        changes.decode_change, decode_terms, answers.decode_batch, answers.decode_seats, answers.decode_drained, answers.decode_due,
        answers.decode_status, answers.decode_places, answers.decode_limit, answers.decode_number, answers.decode_order_status,
    ]  # fmt: skip
    for read in readers:
        try:
            read(body)
        except Malformed:
            continue


prices = st.lists(i32, max_size=255).map(tuple)


@given(st.builds(Terms, i64, i64, i64, st.integers(0, 65_535), st.booleans(), st.booleans(), i32, prices))
def test_terms_come_back(terms: Terms) -> None:
    assert decode_terms(terms.encode()) == terms


def head(kind: ChangeKind, status: int = 1) -> bytes:
    return struct.pack("<Bqqqq16sB", kind, 7, 8, 9, 10, bytes(range(16)), status)


HEAD = (7, 8, 9, 10, bytes(range(16)), 1)
PROVIDER = struct.pack("<H7s", 7, b"sandbox")


@pytest.mark.parametrize(
    ("record", "change"),
    [
        (
            head(ChangeKind.HELD) + struct.pack("<16sqqqBiBiiBi", b"k" * 16, 1, 2, 3, 2, 4, 5, 6, 7, 8, 9),
            changes.Held(1, *HEAD, b"k" * 16, 1, 2, 3, (4, 7), (5, 8), (6, 9)),
        ),
        (
            head(ChangeKind.EXPIRED) + struct.pack("<q", 1) + PROVIDER + b"\2",
            changes.Ended(3, *HEAD, 1, "sandbox", 2),
        ),
        (
            head(ChangeKind.PAYMENT_STARTED) + struct.pack("<qB", 1, 2) + PROVIDER + struct.pack("<qq", 3, 4),
            changes.PaymentStarted(4, *HEAD, 1, 2, "sandbox", 3, 4),
        ),
        (head(ChangeKind.ATTEMPT_CLOSED) + struct.pack("<qBq", 1, 7, 2), changes.AttemptClosed(5, *HEAD, 1, 7, 2)),
        (
            head(ChangeKind.PAID) + struct.pack("<qBq", 1, 2, 3) + PROVIDER + b"\2\1",
            changes.Paid(6, *HEAD, 1, 2, 3, "sandbox", 2, 1),
        ),
        (head(ChangeKind.DECLINED) + struct.pack("<qB", 1, 6), changes.Declined(7, *HEAD, 1, 6)),
        (
            head(ChangeKind.MONEY_RETURNED) + struct.pack("<qBq", 1, 2, 3) + PROVIDER + b"\1\4",
            changes.MoneyReturned(8, *HEAD, 1, 2, 3, "sandbox", 1, 4),
        ),
        (
            head(ChangeKind.PAYMENT_UNMATCHED) + struct.pack("<qBq", 1, 2, 3) + PROVIDER + b"\1",
            changes.PaymentUnmatched(9, *HEAD, 1, 2, 3, "sandbox", 1),
        ),
        (
            head(ChangeKind.TERMS_CHANGED) + Terms(1, 2, 3, 4, False, True, 5, (6,)).encode(),
            changes.TermsChanged(10, *HEAD, Terms(1, 2, 3, 4, False, True, 5, (6,))),
        ),
    ],
)
def test_a_change_has_its_fields_and_no_byte_more_or_less(record: bytes, change: changes.Change) -> None:
    assert changes.decode_change(record) == change
    for broken in (record[:-1], record + b"\0", b""):
        with pytest.raises(Malformed):
            changes.decode_change(broken)


def test_an_unknown_kind_of_change_is_malformed() -> None:
    with pytest.raises(Malformed):
        changes.decode_change(bytes([99]) + bytes(60))


def test_a_batch_answer_gives_each_command_its_body() -> None:
    encoded = struct.pack("<BBqqqqqH", 1, 0, 1, 2, 3, 4, 5, 2) + struct.pack("<BI3s", 0, 3, b"abc") + struct.pack("<BI", 8, 0)
    assert answers.decode_batch(encoded) == answers.BatchAnswer(0, 1, 2, 3, 4, 5, [(0, b"abc"), (8, b"")])
    for broken in (encoded[:-1], encoded + b"\0", b"\2" + encoded[1:], encoded[:43]):
        with pytest.raises(Malformed):
            answers.decode_batch(broken)


def test_seats_come_unchanged_as_a_delta_or_as_a_snapshot() -> None:
    counts = struct.pack("<IIIIHii", 1, 2, 3, 4, 2, 50, 0)
    unchanged = answers.decode_seats(b"\0" + counts)
    delta = answers.decode_seats(b"\1" + counts + struct.pack("<IiBiB", 2, 7, ord("h"), 3, ord(".")))
    snapshot = answers.decode_seats(b"\2" + counts + struct.pack("<I4s", 4, b".hsx"))
    assert unchanged == answers.SeatsAnswer(0, 1, 2, 3, 4, (50, 0), (), b"")
    assert delta.changes == ((7, ord("h")), (3, ord(".")))
    assert snapshot.states == b".hsx"


def test_drained_changes_stay_encoded() -> None:
    encoded = struct.pack("<qqqqIIs", 1, 2, -3, 1, 1, 1, b"c")
    assert answers.decode_drained(encoded) == answers.Drained(1, 2, -3, 1, [b"c"])


def test_due_orders_name_what_to_cancel() -> None:
    due = Writer().u16(1).i64(1).i64(2).i64(3).u8(1).text("касса").i64(4).i64(5).bytes()
    assert answers.decode_due(due) == [answers.DueOrder(1, 2, 3, 1, "касса", 4, 5)]


def test_a_writer_writes_what_a_reader_reads() -> None:
    message = Writer().u8(1).u16(2).u32(3).i64(-5).text("ё").blob(b"\0").raw(b"xy").many_i32([6, 7]).bytes()
    reader = Reader(message)
    assert (reader.u8(), reader.u16(), reader.u32(), reader.i64()) == (1, 2, 3, -5)
    assert (reader.text(), reader.blob(), reader.raw(2), reader.many_i32(2)) == ("ё", b"\0", b"xy", (6, 7))
    reader.end()


def test_a_reader_goes_neither_beyond_nor_stops_before_the_end() -> None:
    with pytest.raises(Malformed):
        Reader(b"\1").u16()
    with pytest.raises(Malformed):
        Reader(b"\5\0ab").text()
    with pytest.raises(Malformed):
        Reader(b"\2\0\xff\xff").text()
    with pytest.raises(Malformed):
        Reader(b"a").end()
    assert Reader(b"abc", 1).rest() == b"bc"


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.255", "2001:db8::1", "::1"])
def test_an_address_comes_back(address: str) -> None:
    assert len(pack_address(address)) == 16
    assert address_text(pack_address(address)) == address


def test_nobodys_address_is_empty() -> None:
    assert address_text(bytes(16)) == ""


def test_a_hold_is_framed_as_the_contract_says() -> None:
    body = struct.pack("<16sqqq16sBBii", b"k" * 16, 1, 2, 3, b"i" * 16, 0, 2, 5, 6)
    assert commands.hold_seats(b"k" * 16, 1, 2, 3, b"i" * 16, (5, 6)) == struct.pack("<BI", 1, len(body)) + body
