"""What is asked of a seating plan when it is imported, besides what makes it one: plans that were taken before stay readable."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from grid_config.limits import PLAN_DEPTH_MAX, PLAN_FAULTS_MAX
from grid_config.plan import Location, SeatingPlan

_HOLDERS = frozenset({dict, list})


def _shallow(given: Any) -> Any:
    """Asked before anything walks down the plan."""
    level = [given] if type(given) in _HOLDERS else []
    for _ in range(PLAN_DEPTH_MAX):
        level = [part for holder in level for part in (holder.values() if type(holder) is dict else holder) if type(part) in _HOLDERS]
        if not level:
            return given
    raise PydanticCustomError("too_deep", "must not be nested deeper than {most} levels", {"most": PLAN_DEPTH_MAX})


def _unambiguous(plan: SeatingPlan) -> SeatingPlan:
    """No two seats that a ticket would call the same."""
    faults = [
        InitErrorDetails(type=PydanticCustomError("double_place", "another seat has this zone, row and number"), loc=place, input=number)
        for (place, number), _ in zip(_doubles(plan), range(PLAN_FAULTS_MAX), strict=False)
    ]
    if faults:
        raise ValidationError.from_exception_data("SeatingPlan", faults)
    return plan


ImportedPlan = Annotated[SeatingPlan, BeforeValidator(_shallow), AfterValidator(_unambiguous)]


def _doubles(plan: SeatingPlan) -> Iterator[tuple[Location, str]]:
    known: set[tuple[str, str, str]] = set()
    for zone_index, zone in enumerate(plan.zones):
        for row_index, row in enumerate(zone.rows):
            for index, seat in enumerate(row.seats):
                name = (zone.name, row.row_number, seat["seat_number"])
                if name in known:
                    yield ("zones", zone_index, "rows", row_index, "seats", index, "seat_number"), seat["seat_number"]
                known.add(name)
