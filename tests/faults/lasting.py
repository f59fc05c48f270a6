"""What lasts, and for how long: what checkers say of a promise before they hold it against anything."""

from datetime import datetime

from grid_config.identifiers import order_of
from tests.faults.history import Final, History, OrderRow, Told

VALID = ("valid", "used")
COUNTED = ("held", "paying", "paid", "confirmed")
# A member's clock is the wall clock at its start plus monotonic time; one that started later, after the wall clock was slewed,
# and that has become the owner since, lets holds lapse that much earlier.
CLOCKS_DIFFER_SECONDS = 0.1


def numbers_of(order_id: str) -> tuple[int, int]:
    """The order's key in the database."""
    numbers = order_of(order_id)
    assert numbers is not None, order_id
    return numbers


def orders_of(final: Final) -> dict[tuple[int, int], OrderRow]:
    return {(row.event, row.order_no): row for row in final.orders}


def forgiven(history: History, final: Final, order_id: str, told: Told) -> bool:
    """A total loss of the grid may cost what was acknowledged before it and was not durable yet."""
    return any(told.began < loss for loss in history.total_losses) and numbers_of(order_id) not in orders_of(final)


def kept_until(history: History, told: Told) -> float:
    """How long a hold may not lapse; the seconds left are told as whole ones, a repeat a second after the hold has eleven of 10.4."""
    left = float(told.began + told.body["seconds_left"])
    ends = told.body["expires_at"]  # null once it does not lapse any more
    return min(left, datetime.fromisoformat(ends).timestamp() - history.unix if ends else left) - CLOCKS_DIFFER_SECONDS


def releases(history: History) -> dict[str, float]:
    """When each order was first asked to be let go."""
    return {told.request["path"].rsplit("/", 1)[-1]: told.began for told in reversed(history.calls) if told.what == "release"}


def seats_in(told: Told) -> list[str]:
    """The seats of the order that was told; places of an area have no name."""
    return [str(place["seat"]) for place in told.body["seats"] if place["seat"] is not None]
