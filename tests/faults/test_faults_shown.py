"""What is shown of areas and streams, and what becomes of documents: checkers that no planted bug meets find what is wrong."""

from typing import Any

import pytest

from grid_config.identifiers import number_text, order_text
from tests.faults.documents import DOCUMENTS
from tests.faults.history import Final, History, OrderRow, Seen, Told
from tests.faults.shown import SHOWN

EVENT, ORDER = number_text(1), order_text(1, 1)
NAME = f"/admin/events/{EVENT}"


class Round:
    """A history, and an end that fits it until somebody says otherwise."""

    def __init__(self) -> None:
        self.history = History(seat_order=["1-1", "1-2"], area_capacity=3)
        self.final = Final([], [], [], {}, {}, {EVENT: ".."}, [], areas_free=(3,))

    def told(self, at: float, what: str, status: int, body: dict[str, Any], **asked: Any) -> None:
        request = {"path": "/", "json": {}, "headers": {}} | asked
        self.history.calls.append(Told(what, EVENT, "anna", request, status, body, at, at + 1))

    def hold_in_area(self, at: float, quantity: int, order_id: str = ORDER) -> None:
        body = {"order_id": order_id, "seats": [{"seat": None}] * quantity, "seconds_left": 300, "expires_at": None}
        self.told(at, "hold", 201, body)

    def found(self) -> list[str]:
        return [sentence for checker in (*SHOWN, *DOCUMENTS) for sentence in checker(self.history, self.final)]


@pytest.fixture
def end() -> Round:
    return Round()


def test_an_area_is_not_promised_twice_over(end: Round):
    end.hold_in_area(0, 2)
    end.told(10, "release", 204, {}, path=f"/orders/{ORDER}")
    end.hold_in_area(20, 3, order_text(1, 2))
    assert not end.found()
    end.hold_in_area(30, 1, order_text(1, 3))
    assert end.found() == ["I1: 4 places are promised in an area of 3"]


def test_an_area_is_not_shown_with_what_was_promised(end: Round):
    end.hold_in_area(0, 2)
    end.told(5, "look", 200, {"version": 1, "states": "..", "areas_free": [1]})
    assert not end.found()
    end.told(7, "look", 200, {"version": 2, "states": "..", "areas_free": [2]})
    assert end.found() == ["I6: 2 places of the area were shown as free while 2 of 3 were promised"]


def test_an_area_ends_with_what_the_database_says(end: Round):
    end.final.orders.append(OrderRow(1, 1, 1, "confirmed", "none", (0, 2, 3), 100))
    end.final.areas_free = (1,)
    assert not end.found()
    end.final.areas_free = (2,)
    assert end.found() == ["I8: the area shows (2,) free, by the database it has 1"]


def test_a_stream_and_an_answer_tell_the_same_of_a_version(end: Round):
    end.told(0, "look", 200, {"version": 7, "states": "h.", "areas_free": [3]})
    end.history.seen.append(Seen(1, 1.0, 7, "h.", (3,)))
    assert not end.found()
    end.history.seen.append(Seen(2, 1.0, 7, "hh", (3,)))
    assert end.found() == ["I6: version 7: by an answer and by the stream of unit 2 seat 1-2 is not the same"]


def test_a_stream_goes_forward_and_ends_as_the_seats_are(end: Round):
    end.history.seen += [Seen(1, 1.0, 7, "..", (3,)), Seen(1, 2.0, 8, "h.", (3,))]
    end.final.streams[1] = end.history.seen[0]
    assert not end.found()
    end.final.streams[2] = None
    assert end.found() == ["I8: the stream of unit 2 has told nothing"]
    del end.final.streams[2]
    end.history.seen.append(Seen(1, 3.0, 7, "..", (3,)))
    end.final.streams[1] = end.history.seen[1]
    back, other = end.found()
    assert back == "I6: the stream of unit 1 went from version 8 back to 7"
    assert other == "I8: the stream of unit 1 does not show seat 1-1 as the answer about seats does"


def test_who_has_registered_is_there_and_can_sign_in(end: Round):
    end.told(0, "register", 201, {"account_id": number_text(5)}, json={"login": "anna"})
    end.final.accounts = frozenset({5})
    assert not end.found()
    end.final.accounts = frozenset()
    end.told(2, "sign in", 401, {}, json={"login": "anna"})
    assert [sentence[:3] for sentence in end.found()] == ["I3:", "I3:"]
    end.history.total_losses.append(1.5)
    assert not end.found(), "a total loss may cost what was not durable yet"


def test_who_has_signed_out_is_nobody_and_who_has_not_is_somebody(end: Round):
    end.told(0, "account", 200, {})
    end.told(5, "signed out", 401, {})
    assert not end.found()
    end.told(7, "signed out", 200, {})
    end.told(9, "account", 401, {})
    assert [sentence.split()[-4:] for sentence in end.found()] == [["is", "still", "let", "in"], ["is", "not", "let", "in"]]


def test_a_unit_that_cannot_read_the_grid_hears_later_who_has_signed_out(end: Round):
    end.told(7, "signed out", 200, {})
    end.told(4, "read", 503, {})
    assert end.found(), "that was over"
    end.told(6, "hold", 503, {})
    assert not end.found()


def test_an_event_is_called_what_was_saved_last_or_perhaps_later(end: Round):
    for at, status, title in ((0, 200, "first"), (2, 200, "second"), (4, 503, "third")):
        end.told(at, "name", status, {}, path=NAME, json={"title": title})
    for titles in (["second"] * 3, ["third"] * 3):
        end.final.titles = {EVENT: titles}
        assert not end.found()
    end.final.titles = {EVENT: ["first"] * 3}
    assert end.found()[0].endswith("and is 'first'")
    end.final.titles = {EVENT: ["second", "third", "third"]}
    assert end.found()[0].startswith("I8")


def test_what_was_made_is_found_by_who_made_it(end: Round):
    end.told(0, "make", 201, {})
    end.told(2, "name", 409, {}, path=NAME)
    assert not end.found()
    end.told(4, "publish", 404, {}, path=NAME)
    assert len(end.found()) == 1
