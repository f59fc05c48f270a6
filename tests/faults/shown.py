"""What was shown of the seats and areas, by answers and by streams (I1, I6, I8). More checkers like those of `checkers`."""

from collections.abc import Iterator

from tests.faults.history import Final, History, Told
from tests.faults.lasting import COUNTED, forgiven, kept_until, numbers_of, orders_of, releases, seats_in


def a_version_is_one_state(history: History, _final: Final) -> Iterator[str]:
    """I6: whoever is told of a version of the seats, by whichever unit, by an answer or by a stream, is told the same seats."""
    told: dict[int, tuple[str, str, tuple[int, ...]]] = {}
    looks = [call for call in history.calls if call.what == "look" and call.status == 200]
    shown = [(call.body["version"], "an answer", call.body["states"], tuple(call.body.get("areas_free", ()))) for call in looks]
    shown += [(seen.version, f"the stream of unit {seen.unit}", seen.states, seen.areas_free) for seen in history.seen]
    for version, by, states, areas_free in shown:
        first_by, first_states, first_areas = told.setdefault(version, (by, states, areas_free))
        seat = _first_other(history, states, first_states)
        if seat:
            yield f"I6: version {version}: by {first_by} and by {by} seat {seat} is not the same"
        elif areas_free != first_areas:
            yield f"I6: version {version}: areas have free {first_areas} by {first_by}, {areas_free} by {by}"


def streams_go_forward(history: History, _final: Final) -> Iterator[str]:
    """I6: a listener who comes back is told of later versions only."""
    latest: dict[int, int] = {}
    for seen in history.seen:
        if seen.version < latest.get(seen.unit, 0):
            yield f"I6: the stream of unit {seen.unit} went from version {latest[seen.unit]} back to {seen.version}"
        latest[seen.unit] = seen.version


def streams_end_with_the_seats_as_they_are(history: History, final: Final) -> Iterator[str]:
    """I8: everybody sees which seats are left, also after whatever broke."""
    for states in final.states.values():
        for unit, seen in final.streams.items():
            if seen is None:
                yield f"I8: the stream of unit {unit} has told nothing"
                continue
            seat = _first_other(history, states, seen.states)
            if seat:
                yield f"I8: the stream of unit {unit} does not show seat {seat} as the answer about seats does"
            elif seen.areas_free != final.areas_free:
                yield f"I8: areas have {final.areas_free} free, the stream of unit {unit} says {seen.areas_free}"


def _first_other(history: History, one: str, other: str) -> str:
    """The first seat that is not the same in both; empty if all are."""
    if one == other:
        return ""
    return next(guid for guid, state, wanted in zip(history.seat_order, one, other, strict=True) if state != wanted)


def areas_are_not_oversold(history: History, final: Final) -> Iterator[str]:
    """I1: at no moment more places of the area are promised than it has."""
    moments, rows, released = [], orders_of(final), releases(history)
    for order_id, told in history.held().items():
        count = _places_in_area(told)
        if count and not forgiven(history, final, order_id, told):
            row = rows.get(numbers_of(order_id))
            lasting = row is not None and row.status in COUNTED
            until = float("inf") if lasting else min(released.get(order_id, float("inf")), kept_until(history, told))
            moments += [(told.ended, count), (max(until, told.ended), -count)]
    promised = 0
    for _, change in sorted(moments):
        promised += change
        if promised > history.area_capacity:
            yield f"I1: {promised} places are promised in an area of {history.area_capacity}"


def areas_are_shown_without_what_is_promised(history: History, final: Final) -> Iterator[str]:
    """I6: a look that began after places of the area were promised does not count them as free."""
    released = releases(history)
    orders = [
        (told.ended, min(released.get(order_id, float("inf")), kept_until(history, told)), _places_in_area(told))
        for order_id, told in history.held().items()
        if _places_in_area(told) and not forgiven(history, final, order_id, told)
    ]
    for look in history.calls:
        if look.what != "look" or look.status != 200 or "areas_free" not in look.body:
            continue
        promised = sum(count for ended, until, count in orders if ended < look.began and look.ended < until)
        (free,) = look.body["areas_free"]
        if free > history.area_capacity - promised:
            yield f"I6: {free} places of the area were shown as free while {promised} of {history.area_capacity} were promised"


def areas_shown_equal_the_database(history: History, final: Final) -> Iterator[str]:
    """I8: what an area has free is what no live order and no valid ticket has."""
    seats = len(history.seat_order)
    taken = sum(place >= seats for row in final.orders if row.status in COUNTED for place in row.places)
    if final.states and history.area_capacity and final.areas_free != (history.area_capacity - taken,):
        yield f"I8: the area shows {final.areas_free} free, by the database it has {history.area_capacity - taken}"


def _places_in_area(told: Told) -> int:
    return len(told.body["seats"]) - len(seats_in(told))


SHOWN = (
    a_version_is_one_state,
    streams_go_forward,
    streams_end_with_the_seats_as_they_are,
    areas_are_not_oversold,
    areas_are_shown_without_what_is_promised,
    areas_shown_equal_the_database,
)
