"""What is wrong with a plan: what the import refuses, and what it lets through although people in the hall will stumble over it.

Each finding names its place as the API does (`zones.0.rows.1.seats.2`) and, for seats, as people do.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from grid_config.geometry import absolute_seats, stage_area
from grid_config.imported import ImportedPlan
from grid_config.limits import PLAN_FAULTS_MAX
from grid_config.plan import Area, Row, Seat, SeatingPlan, Zone
from infra.halls.shapes import RADIUS

RADIUS_MAX = 100
TOUCH = 0.5  # drawn circles may touch, and positions are rounded


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is where it stands in the JSON; a `refused` plan cannot be imported at all."""

    place: str
    text: str
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class _Spot(NamedTuple):
    place: str
    name: str
    x: float
    y: float
    radius: float


def findings(given: Any) -> list[Finding]:
    """All that is wrong with a plan; when the import refuses it, only why."""
    try:
        plan = TypeAdapter(ImportedPlan).validate_python(given)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        return [Finding(".".join(map(str, item["loc"])) or "plan", item["msg"], refused=True) for item in told[:PLAN_FAULTS_MAX]]
    spots = [*_spots(plan)]
    return [
        *_stage(plan),
        *_categories(plan),
        *_zone_names(plan),
        *_rows(plan),
        *_outside(plan, spots),
        *_in_areas(plan, spots),
        *_overlaps(spots),
    ]


def _stage(plan: SeatingPlan) -> Iterator[Finding]:
    if stage_area(plan) is None:
        yield Finding("zones", "no area says that it is the stage: best available counts from the middle of the upper edge")


def _categories(plan: SeatingPlan) -> Iterator[Finding]:
    used = {seat["category"] for zone in plan.zones for row in zone.rows for seat in row.seats}
    used |= {area.category for zone in plan.zones for area in zone.areas if area.area is not None and area.category is not None}
    for index, category in enumerate(plan.categories):
        if category.name not in used:
            yield Finding(f"categories.{index}", f"no place has the category {category.name!r}")


def _zone_names(plan: SeatingPlan) -> Iterator[Finding]:
    known: dict[str, int] = {}
    for index, zone in enumerate(plan.zones):
        if not zone.name:
            yield Finding(f"zones.{index}.name", "the zone has no name to stand on a ticket")
        elif zone.name in known:
            yield Finding(f"zones.{index}.name", f"zone {known[zone.name]} has the name {zone.name!r} too")
        known.setdefault(zone.name, index)


def _rows(plan: SeatingPlan) -> Iterator[Finding]:
    for zone_index, zone in enumerate(plan.zones):
        known: dict[str, int] = {}
        for index, row in enumerate(zone.rows):
            place = f"zones.{zone_index}.rows.{index}"
            if not row.seats:
                yield Finding(place, f"row {row.row_number!r} of {zone.name!r} has no seat")
            if row.row_number in known:
                yield Finding(f"{place}.row_number", f"row {known[row.row_number]} of {zone.name!r} has the number {row.row_number!r} too")
            known.setdefault(row.row_number, index)


def _spots(plan: SeatingPlan) -> Iterator[_Spot]:
    for zone_index, zone in enumerate(plan.zones):
        for row_index, row in enumerate(zone.rows):
            points = absolute_seats(zone, row)
            for index, (seat, (x, y)) in enumerate(zip(row.seats, points, strict=True)):
                yield _Spot(f"zones.{zone_index}.rows.{row_index}.seats.{index}", _name(zone, row, seat), x, y, _radius(seat))


def _name(zone: Zone, row: Row, seat: Seat) -> str:
    return f"{zone.name}, row {row.row_number}, seat {seat['seat_number']}"


def _radius(seat: Seat) -> float:
    """As drawn. The import does not look at this field: anything may stand there."""
    given: Any = seat.get("radius")
    return float(given) if type(given) in {int, float} and 0 < given <= RADIUS_MAX else RADIUS


def _outside(plan: SeatingPlan, spots: list[_Spot]) -> Iterator[Finding]:
    size = plan.size
    if size is None:
        yield Finding("size", "the plan does not say how large it is")
        return
    for spot in spots:
        if not (0 <= spot.x <= size.width and 0 <= spot.y <= size.height):
            yield Finding(spot.place, f"{spot.name} lies outside of the plan ({spot.x:g}, {spot.y:g} of {size.width:g} x {size.height:g})")
    for zone_index, zone in enumerate(plan.zones):
        for index, area in enumerate(zone.areas):
            left, top, right, bottom = _box(zone, area)
            if area.area is not None and not area.rotation and (left < 0 or top < 0 or right > size.width or bottom > size.height):
                yield Finding(f"zones.{zone_index}.areas.{index}", f"{area.area} reaches out of the plan")


def _in_areas(plan: SeatingPlan, spots: list[_Spot]) -> Iterator[Finding]:
    """Seats on the stage, or where people stand."""
    stage = stage_area(plan)
    for zone in plan.zones:
        for area in zone.areas:
            if area.rectangle is None or area.rotation or not (area.area is not None or (stage and area is stage[1])):
                continue
            left, top, right, bottom = _box(zone, area)
            for spot in spots:
                if left < spot.x < right and top < spot.y < bottom:
                    yield Finding(spot.place, f"{spot.name} stands in {area.area or area.label}")


def _box(zone: Zone, area: Area) -> tuple[float, float, float, float]:
    """An area's edges, before it is turned."""
    x, y = zone.position["x"] + area.position["x"], zone.position["y"] + area.position["y"]
    if area.circle is not None:
        return x - area.circle.radius, y - area.circle.radius, x + area.circle.radius, y + area.circle.radius
    if area.ellipse is not None:
        across, down = area.ellipse.radius["x"], area.ellipse.radius["y"]
        return x - across, y - down, x + across, y + down
    if area.polygon is not None and area.polygon.points:
        xs, ys = [point["x"] for point in area.polygon.points], [point["y"] for point in area.polygon.points]
        return x + min(xs), y + min(ys), x + max(xs), y + max(ys)
    shape = area.rectangle
    width, height = (shape.width, shape.height) if shape is not None else (area.width or 0, area.height or 0)
    return x, y, x + width, y + height


def _overlaps(spots: list[_Spot]) -> Iterator[Finding]:
    """Seats drawn over each other; looked for in the squares around each, so that large halls take no longer than they must."""
    if not spots:
        return
    side = 2 * max(spot.radius for spot in spots)
    squares: defaultdict[tuple[int, int], list[_Spot]] = defaultdict(list)
    for spot in spots:
        column, line = int(spot.x // side), int(spot.y // side)
        for across in (column - 1, column, column + 1):
            for down in (line - 1, line, line + 1):
                for other in squares.get((across, down), ()):
                    near = spot.radius + other.radius - TOUCH
                    if (spot.x - other.x) ** 2 + (spot.y - other.y) ** 2 < near**2:
                        yield Finding(spot.place, f"{spot.name} overlaps {other.name}")
        squares[column, line].append(spot)
