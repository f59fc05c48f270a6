"""The life of a payment at the sandbox provider, with a clock that the test moves."""

from dataclasses import dataclass

import orjson
import pytest

from infra.payment import money
from infra.sandbox.bank import GAP_SECONDS, WRONG_BY_KOPECKS, Bank, Conflict, Down
from infra.sandbox.ledger import Ledger, Payment
from infra.sandbox.repeats import Repeats
from infra.settings import Settings

SUM = 350_000


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bank(clock: Clock) -> Bank:
    return Bank(Ledger(":memory:"), clock)


def wanted(payment_id: str = "p", method: str = "card", asked: int = SUM) -> Payment:
    return Payment(payment_id, "e-o", "e", method, "pending", asked, asked, 0, 0, 0, "http://shop/x", 1_000_300.0, 1_000_000.0)  # type: ignore[arg-type]


def begun(bank: Bank, method: str = "card") -> Payment:
    return bank.create(wanted(method=method))[0]


def told(bank: Bank, clock: Clock) -> list[str]:
    """The statuses that the shop is to be told of by now, in order."""
    return [orjson.loads(one.body)["payment"]["status"] for one in bank.ledger.due_notifications(clock.now, 100)]


def test_creating_twice_with_one_key_is_one_payment(bank):
    assert bank.create(wanted()) == (wanted(), True)
    assert bank.create(wanted()) == (wanted(), False)


def test_a_key_cannot_be_used_for_another_sum(bank):
    begun(bank)
    with pytest.raises(Conflict, match="idempotence_key_reused"):
        bank.create(wanted(asked=SUM + 1))


def test_an_approved_card_waits_for_its_capture(bank, clock):
    payment = bank.decide(begun(bank), "approve")
    assert (payment.status, payment.captured) == ("authorised", 0)
    assert told(bank, clock) == ["authorised"]
    taken = bank.capture(payment, SUM)
    assert (taken.status, taken.captured) == ("captured", SUM)
    assert bank.capture(taken, SUM) == taken
    assert told(bank, clock) == ["authorised", "captured"]


def test_an_approved_sbp_payment_is_taken_at_once(bank, clock):
    payment = bank.decide(begun(bank, "sbp"), "approve")
    assert (payment.status, payment.captured) == ("captured", SUM)
    assert told(bank, clock) == ["captured"]


def test_a_declined_payment_takes_nothing(bank, clock):
    payment = bank.decide(begun(bank), "decline")
    assert (payment.status, payment.captured) == ("declined", 0)
    assert told(bank, clock) == ["declined"]
    with pytest.raises(Conflict):
        bank.capture(payment, SUM)


def test_no_answer_ever_means_that_the_shop_is_not_told_even_of_its_own_cancellation(bank, clock):
    payment = bank.decide(begun(bank), "never")
    assert payment.status == "pending"
    assert bank.cancel(payment).status == "cancelled"
    assert told(bank, clock) == []


def test_after_no_answer_a_person_may_still_pay(bank, clock):
    payment = bank.decide(begun(bank), "never")
    assert bank.decide(payment, "approve").status == "authorised"
    assert told(bank, clock) == ["authorised"]


def test_a_late_approval_comes_when_its_time_has_come(bank, clock):
    bank.decide(begun(bank, "sbp"), "late", 60.0)
    clock.now += 59.9
    assert bank.approve_due(10) == 0
    clock.now += 0.1
    assert bank.approve_due(10) == 1
    assert bank.approve_due(10) == 0
    payment = bank.ledger.payment("p")
    assert payment is not None
    assert payment.status == "captured"
    assert told(bank, clock) == ["captured"]


def test_a_cancelled_payment_is_not_approved_late(bank, clock):
    bank.cancel(bank.decide(begun(bank), "late", 60.0))
    clock.now += 61
    assert bank.approve_due(10) == 0
    assert told(bank, clock) == ["cancelled"]


def test_reordered_tells_the_capture_before_the_authorisation(bank, clock):
    payment = bank.decide(begun(bank), "reordered")
    assert payment.captured == SUM
    assert told(bank, clock) == ["captured"]
    clock.now += GAP_SECONDS
    assert told(bank, clock) == ["captured", "authorised"]


def test_twice_asks_for_two_deliveries_of_one_notification(bank, clock):
    bank.decide(begun(bank), "twice")
    assert [one.copies for one in bank.ledger.due_notifications(clock.now, 10)] == [2]


def test_a_wrong_amount_is_charged_and_told(bank, clock):
    payment = bank.decide(begun(bank), "wrong_amount")
    assert (payment.asked, payment.amount) == (SUM, SUM + WRONG_BY_KOPECKS)
    [notification] = bank.ledger.due_notifications(clock.now, 10)
    assert money.read(orjson.loads(notification.body)["payment"]["amount"]) == SUM + WRONG_BY_KOPECKS


@pytest.mark.parametrize("outcome", ["approve", "decline", "never", "late", "twice", "reordered", "wrong_amount"])
def test_nothing_can_be_decided_about_a_cancelled_payment(bank, outcome):
    with pytest.raises(Conflict, match="cancelled"):
        bank.decide(bank.cancel(begun(bank)), outcome)


def test_the_same_decision_again_changes_nothing_and_another_one_is_refused(bank, clock):
    paid = bank.decide(begun(bank), "approve")
    assert bank.decide(paid, "approve") == paid
    with pytest.raises(Conflict, match="decided"):
        bank.decide(paid, "decline")
    assert told(bank, clock) == ["authorised"]


def test_an_authorised_payment_can_be_cancelled_and_a_captured_one_cannot(bank):
    assert bank.cancel(bank.decide(begun(bank), "approve")).status == "cancelled"
    captured = bank.decide(bank.create(wanted("q", "sbp"))[0], "approve")
    with pytest.raises(Conflict, match="already_captured"):
        bank.cancel(captured)


def test_refunds_are_made_once_per_id_and_never_exceed_what_was_taken(bank):
    paid = bank.decide(begun(bank, "sbp"), "approve")
    once = bank.refund(paid, "r1", 100_000)
    assert once.refunded == 100_000
    assert bank.refund(once, "r1", 100_000).refunded == 100_000
    with pytest.raises(Conflict, match="refund_id_reused"):
        bank.refund(once, "r1", 1)
    with pytest.raises(Conflict, match="too_much"):
        bank.refund(once, "r2", SUM - 100_000 + 1)
    assert bank.refund(once, "r2", SUM - 100_000).refunded == SUM


def test_what_is_not_captured_cannot_be_refunded(bank):
    with pytest.raises(Conflict, match="too_much"):
        bank.refund(bank.decide(begun(bank), "approve"), "r", 1)


def test_behaviour_down_creates_nothing(bank):
    bank.ledger.behave("create", "down")
    with pytest.raises(Down):
        bank.create(wanted())
    assert bank.ledger.payment("p") is None


def test_behaviour_fail_refuses_the_capture_for_good(bank):
    bank.ledger.behave("capture", "fail")
    paid = bank.decide(begun(bank), "approve")
    with pytest.raises(Conflict, match="not_captured"):
        bank.capture(paid, SUM)


def test_refunds_fail_as_often_as_ordered(bank):
    paid = bank.decide(begun(bank, "sbp"), "approve")
    bank.ledger.behave("refund", "fail_times:2")
    for _ in range(2):
        with pytest.raises(Down):
            bank.refund(paid, "r", SUM)
    assert bank.refund(paid, "r", SUM).refunded == SUM


def test_what_goes_wrong_inside_a_step_leaves_nothing_behind(bank, monkeypatch):
    payment = begun(bank)
    monkeypatch.setattr(bank.ledger, "add_notification", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bank.decide(payment, "approve")
    assert bank.ledger.payment("p") == payment


def test_old_payments_are_forgotten_unless_the_shop_has_still_to_be_told(bank, clock):
    bank.decide(begun(bank), "approve")
    bank.create(wanted("quiet"))
    bank.ledger.forget_before(clock.now + 1)
    assert bank.ledger.payment("p") is not None
    assert bank.ledger.payment("quiet") is None


def test_the_ledger_lists_whose_money_is_there_page_by_page(bank, clock):
    def listed(since: float = 0.0, after: str = "", until: float = 2_000_000.0, limit: int = 2) -> list[str]:
        return [payment.payment_id for payment in bank.ledger.with_money(since, after, until, limit)]

    for name in ("d", "b", "c", "a", "e", "f"):
        bank.create(wanted(name))
    for name in ("b", "c", "d", "e"):
        bank.decide(bank.ledger.payment(name), "approve")
    bank.capture(bank.ledger.payment("c"), SUM)
    bank.capture(bank.ledger.payment("e"), SUM)
    bank.refund(bank.ledger.payment("e"), "r", SUM)
    bank.decide(bank.ledger.payment("f"), "decline")

    assert listed() == ["b", "c"]
    assert listed(1_000_000.0, "c") == ["d"]
    assert listed(until=1_000_000.0) == []
    bank.refund(bank.ledger.payment("c"), "s", 1)
    assert listed() == ["b", "c"]


def test_the_repeats_grow_for_a_day():
    repeats = Repeats(Settings().sandbox_repeats)
    assert [repeats.after(tries) for tries in (1, 2, 3)] == [1.0, 2.0, 5.0]
    assert repeats.after(1000) == 3600.0
