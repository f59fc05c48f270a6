"""What fault rounds were told is judged for linearizability: what no order of the calls explains is found, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from grid_config.identifiers import order_of, order_text
from tests.faults.history import Final, History, OrderRow, Told
from tests.faults.linearization import NOT_LINEARIZABLE, calls_of, judged, not_linearizable

EVENT = "0000000000001"
SEATS = ["1-1", "1-2", "1-3"]
A, B = order_text(1, 1), order_text(1, 2)


class Rush:
    """A history that is told line by line; a call begins at `at` and lasts for a second."""

    def __init__(self) -> None:
        self.history = History(seat_order=SEATS, hold_seconds=300.0)
        self.rows: list[OrderRow] = []

    def told(self, at: float, call: tuple[str, str], status: int, body: dict[str, Any], **asked: Any) -> None:
        """`call` is what is asked for, and by whom."""
        request = {"path": "/", "json": {}, "headers": {}} | asked
        self.history.calls.append(Told(call[0], EVENT, call[1], request, status, body, at, at + 1))

    def hold(self, at: float, call: tuple[str, str], seats: list[str], order_id: str = "", *, status: int = 201) -> None:
        """`call` is a key, and whose it is."""
        refused = {"code": "seat_taken" if status == 409 else "unavailable", "seats": seats}
        self._hold(at, call, {"seats": seats}, status, _order(order_id, seats) if order_id else refused)

    def best(self, at: float, call: tuple[str, str], seats: list[str], order_id: str = "") -> None:
        answer = (201, _order(order_id, seats)) if order_id else (503, {"code": "unavailable"})
        self._hold(at, call, {"best_available": {"quantity": 1}}, *answer)

    def _hold(self, at: float, call: tuple[str, str], wanted: dict[str, Any], *answer: Any) -> None:
        self.told(at, ("hold", call[1]), *answer, json=wanted, headers={"Idempotency-Key": call[0]})

    def look(self, at: float, states: str) -> None:
        self.told(at, ("look", "boris"), 200, {"states": states})

    def pay(self, at: float, order_id: str, status: int = 201) -> None:
        body = {"redirect_url": "/pay/1"} if status == 201 else {"code": "unavailable"}
        self.told(at, ("pay", "anna"), status, body, path=f"/orders/{order_id}/payments")

    def approve(self, at: float, status: int = 200) -> None:
        self.told(at, ("approve", "anna"), status, {}, path="/pay/1/outcome")

    def release(self, at: float, order_id: str, status: int = 204) -> None:
        self.told(at, ("release", "anna"), status, {"code": "unavailable"} if status >= 500 else {}, path=f"/orders/{order_id}")

    def read(self, at: float, order_id: str, status: str) -> None:
        self.told(at, ("read", "anna"), 200, {"status": status}, path=f"/orders/{order_id}?wait_for=confirmed")

    def ends(self, order_id: str, status: str) -> None:
        event, number = order_of(order_id) or (0, 0)
        self.rows.append(OrderRow(event, number, 1, status, "none", (0,), 100))

    @property
    def final(self) -> Final:
        return Final(self.rows, [], [], {}, {}, {}, [])

    def found(self) -> list[str]:
        return not_linearizable(self.history, self.final)


def _order(order_id: str, seats: list[str]) -> dict[str, Any]:
    return {"order_id": order_id, "status": "held", "seats": [{"seat": seat} for seat in seats]}


@pytest.fixture
def rush() -> Rush:
    return Rush()


def test_a_purchase_with_repeats_after_unknown_answers_is_explained(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1", "1-2"], status=503)
    rush.hold(2, ("k", "anna"), ["1-1", "1-2"], A, status=200)
    rush.look(4, "hh.")
    rush.pay(6, A, status=0)
    rush.pay(8, A)
    rush.approve(10, status=0)
    rush.approve(12)
    rush.read(14, A, "confirmed")
    rush.look(16, "ss.")
    assert not rush.found()


def test_a_hold_whose_answer_was_lost_may_be_seen_at_any_time(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], status=0)
    rush.look(2, "...")
    rush.look(4, "h..")
    rush.hold(6, ("k", "anna"), ["1-1"], A, status=200)
    assert not rush.found()


def test_and_not_seen_and_then_not(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], status=0)
    rush.look(2, "h..")
    rush.look(4, "...")
    assert NOT_LINEARIZABLE in rush.found()[0]


def test_a_seat_given_twice_is_found_and_named_and_drawn(rush: Rush, tmp_path: Path):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.hold(2, ("k", "boris"), ["1-1", "1-2"], B)
    (sentence,) = rush.found()
    assert "told to boris: seat 1-1" in sentence
    judged(rush.history, rush.final, tmp_path / "broken.html")
    assert "<html" in (tmp_path / "broken.html").read_text()


def test_a_look_of_two_moments_at_one_order_is_found(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1", "1-2"], A)
    rush.look(2, "h..")
    assert rush.found()


def test_who_is_refused_a_free_seat_is_told_something_wrong(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.release(2, A)
    rush.hold(4, ("k", "boris"), ["1-1"], status=409)
    assert rush.found()


def test_seats_that_nobody_chose_are_known_by_who_was_given_them(rush: Rush):
    rush.best(0, ("k", "anna"), [])
    rush.look(2, "..h")
    rush.best(4, ("k", "anna"), ["1-3"], A)
    assert not rush.found()
    rush.look(6, "...")
    assert rush.found()


def test_a_hold_lapses_after_its_time_and_not_before(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.look(301, "...")
    assert not rush.found()
    rush.history.calls[-1] = rush.history.calls[-1]._replace(began=290.0, ended=291.0)
    assert rush.found()


def test_a_try_that_was_refused_says_nothing_of_one_without_an_answer(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], status=0)
    rush.hold(2, ("k", "anna"), ["1-1"], status=409)
    assert rush.found()
    rush.hold(1.5, ("k", "boris"), ["1-1"], B)
    assert not rush.found()


def test_money_of_an_order_that_lapsed_bought_nothing(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.pay(2, A)
    rush.approve(4)
    rush.look(6, "s..")
    assert not rush.found()
    rush.ends(A, "expired")
    assert rush.found()


def test_an_attempt_that_the_provider_ends_frees_the_seats_where_the_order_was_declined(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.pay(2, A)
    rush.look(4, "...")
    assert rush.found()
    rush.ends(A, "declined")
    assert not rush.found()


def test_what_came_after_an_allowed_loss_is_not_judged(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.look(10, "...")
    assert rush.found()
    rush.history.total_losses.append(5.0)
    assert not rush.found()


def test_and_not_what_came_after_somebody_began_to_ask_for_the_best_whose_seats_nobody_knows(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-1"], A)
    rush.best(2, ("k", "boris"), [])
    rush.look(4, "h.h")
    rush.best(10, ("k", "boris"), ["1-2"], B)
    rush.history.total_losses.append(8.0)
    assert [call["op"] for call in calls_of(rush.history, rush.final)] == ["hold", "lapse"]
    assert not rush.found()


def test_what_is_judged_is_what_the_checker_reads(rush: Rush):
    rush.hold(0, ("k", "anna"), ["1-2"], A)
    rush.release(2, A, status=503)
    rush.release(4, A, status=503)
    rush.release(6, A)
    calls = calls_of(rush.history, rush.final)
    assert [call["op"] for call in calls] == ["hold", "lapse", "release"]
    assert (calls[-1]["call_ns"], calls[-1]["result"]) == (2_000_000_000, {"outcome": "ok", "order": A}), "one call with three tries"
    assert json.loads(json.dumps(calls)) == calls
