"""What is a difference between an entry and the rows, and what is only on its way."""

from data_writers.comparison import Compared, Difference, Kept, Row, What, compare
from grid_config.answers import SoldOrder, Whole
from grid_config.orders import Order
from grid_config.outcomes import OrderStatus
from grid_config.wire import NO_ADDRESS

HELD = Order(7, 1, bytes(16), 1, OrderStatus.HELD, 0, 5, 10, 20, 20, 0, 0, 0, 0, 0, "", 100, NO_ADDRESS, (2,), (0,), (100,), ())
ROW = Row(7, 1, "held", "none", 5, 20, 0, False, 100, (2,), (), 0)
NOTHING = Compared(frozenset(), frozenset())
MOVING = Compared(frozenset(), frozenset({7}))


def beside(order: Order, row: Row | None, *, seq: int = 6, durable: int = 6, position: int = 6, states: bytes = b"..h.") -> Compared:
    whole = Whole(seq, 1, durable, [order], [], [])
    return compare(whole, states, Kept(position, {} if row is None else {row.order: row}, frozenset()))


def test_the_same_is_no_difference():
    assert beside(HELD, ROW) == NOTHING


def test_what_is_not_durable_yet_is_on_its_way_with_a_row_or_without():
    assert beside(HELD, None, durable=4) == MOVING
    assert beside(HELD._replace(deadline_at=99), ROW, durable=4) == MOVING


def test_a_row_that_was_written_since_the_entry_was_asked_is_on_its_way():
    assert beside(HELD, ROW._replace(status="released", seq=8), position=9) == MOVING


def test_a_row_beyond_the_position_is_of_a_life_that_was_discarded():
    assert beside(HELD, ROW._replace(seq=8)) == Compared(frozenset({Difference(What.ROW_AHEAD, 7, 8)}), frozenset())


def test_an_order_that_was_restored_from_such_a_row_is_equal_to_it():
    assert beside(HELD._replace(seq=8), ROW._replace(seq=8)) == NOTHING


def test_a_row_that_is_missing_or_says_other_things_is_a_difference():
    assert beside(HELD, None).differences == {Difference(What.NO_ROW, 7)}
    assert beside(HELD, ROW._replace(places=(3,))).differences == {Difference(What.ROW_OTHER, 7, 5)}


def test_orders_that_wait_for_a_human_are_left_to_him():
    whole = Whole(6, 1, 6, [HELD], [], [])
    assert compare(whole, b"..h.", Kept(6, {}, frozenset({7}))) == NOTHING


def test_a_seat_is_in_the_state_that_its_order_gives_it():
    assert beside(HELD, ROW, states=b"....").differences == {Difference(What.SEAT_GIVEN_AWAY, 0, seat=2)}
    assert beside(HELD, ROW, states=b"h.hx").differences == {Difference(What.SEAT_LOST, 0, seat=0)}


def test_a_sold_seat_that_is_nobodys_in_the_entry_may_be_somebodys_in_postgresql():
    other = ROW._replace(order=8, status="confirmed", places=(1,), tickets=(1,))
    whole = Whole(6, 1, 6, [], [SoldOrder(9, 1, 0, (3,))], [])
    sold = ROW._replace(order=9, status="confirmed", places=(3,), tickets=(3,))
    found = compare(whole, b".s.s", Kept(6, {8: other, 9: sold}, frozenset()))
    assert found.differences == {Difference(What.UNKNOWN_TICKET, 8, 5)}
