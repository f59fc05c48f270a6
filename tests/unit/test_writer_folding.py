"""A run of changes folded: one row per order and payment, the latest state, nothing twice."""

import pytest

from data_writers import audit, folding
from data_writers.database import Unwritable, array, columns, nested, quoted
from data_writers.folding import BEGUN, TOUCHED, Effects, Placed, fold, refund_number, segments
from data_writers.writer import Gap, decode
from grid_config.outcomes import ChangeKind, OrderStatus, PaymentResult, ReturnReason
from tests.fixtures.outbox import Outbox


def folded(outbox: Outbox, from_seq: int = 0) -> Effects:
    return fold(changes(outbox, from_seq))


def changes(outbox: Outbox, from_seq: int = 0) -> list[Placed]:
    decoded = decode(outbox.batch(from_seq))
    assert not decoded.unreadable
    return decoded.changes


def test_every_kind_of_change_can_be_folded_and_audited() -> None:
    assert folding._FOLDS.keys() == audit._KINDS.keys() == set(ChangeKind)


def test_an_order_that_begins_and_ends_in_a_batch_is_one_new_row_in_its_last_state() -> None:
    outbox = Outbox()
    order = outbox.hold((1, 2))
    outbox.start_payment(order)
    outbox.release(order)

    effects = folded(outbox)

    (row,) = effects.begun.values()
    values = dict(zip(BEGUN, row, strict=True))
    assert not effects.touched
    assert (values["status"], values["seq"], values["attempt"], values["attempt_open"]) == ("released", 3, order.attempt, False)
    assert values["places"] == '"{1,2}"'
    assert [job[0] for job in effects.jobs] == ["cancel"]


def test_what_a_batch_does_not_say_is_kept() -> None:
    outbox = Outbox()
    order = outbox.hold((1,))
    outbox.expire(order)

    (row,) = folded(outbox, 1).touched.values()

    values = dict(zip(TOUCHED, row, strict=True))
    assert (values["status"], values["deadline_ms"], values["refund"], values["attempt"]) == ("expired", 0, None, None)


def test_a_payment_is_one_row_that_keeps_its_first_time_and_its_largest_capture() -> None:
    outbox = Outbox()
    order = outbox.hold((1,))
    outbox.start_payment(order)
    outbox.return_money(order, OrderStatus.HELD, ReturnReason.AMOUNT, PaymentResult.CAPTURED, 5)
    outbox.return_money(order, OrderStatus.HELD, ReturnReason.CLOSED_ATTEMPT, PaymentResult.AUTHORISED, 7)

    (row,) = folded(outbox).payments.values()

    assert row[6:8] == ["captured", 5]
    assert row[8] == changes(outbox)[1][2].at


def test_a_run_is_cut_before_an_order_that_was_just_paid_changes_again() -> None:
    outbox = Outbox()
    outbox.purchase((9,))
    order = outbox.purchase((1,))
    outbox.hold((2,))
    outbox.decline(order, PaymentResult.CAPTURE_FAILED)

    runs = [[change.seq for _, _, change in run] for run in segments(changes(outbox))]

    assert runs == [[1, 2, 3, 4, 5, 6, 7], [8]]


def test_the_same_payment_has_the_same_refund_always() -> None:
    assert refund_number(5) == refund_number(5) != refund_number(6)
    assert 0 < refund_number(5) < 2**63


def test_an_order_cannot_begin_twice_in_one_batch() -> None:
    outbox = Outbox()
    order = outbox.hold((1,))
    outbox.hold((2,), order=order.number)

    with pytest.raises(Unwritable):
        folded(outbox)


def test_changes_must_follow_one_another() -> None:
    outbox = Outbox()
    for place in range(3):
        outbox.hold((place,))
    batch = outbox.batch()

    with pytest.raises(Gap):
        decode(batch._replace(records=batch.records[:2]))
    with pytest.raises(Gap):
        decode(batch._replace(records=[batch.records[0], batch.records[2], batch.records[1]]))


def test_array_literals_are_quoted() -> None:
    assert array([1, None, True, "word"]) == "{1,NULL,True,word}"
    assert quoted('a"b\\c,{}') == '"a\\"b\\\\c,{}"'
    assert nested((1, 2)) == '"{1,2}"'
    assert columns(("a", "b"), [(1, 2), (3, 4)]) == {"a": "{1,3}", "b": "{2,4}"}
