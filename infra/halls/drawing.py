"""From rows and areas to the seating-plan JSON: names, guids, colours, positions, the plan's size.

Wheelchair places and the companions' seats beside them are rows of a price category of their own, so that "best available"
gives them to nobody who did not ask for them, and always as a pair. Each such seat says its `type` (`wheelchair` or
`companion`); the editor's format has no field for that and keeps what it does not know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from infra.halls.shapes import RADIUS, WHEELCHAIR_RADIUS, Curve, Point, pairs
from web.palette import LIGHT

Plan = dict[str, Any]

MARGIN = 60.0
STAGE = "Сцена"
ACCESSIBLE = "Для зрителей на колясках"
ACCESSIBLE_ROW = "К"


class Seat(NamedTuple):
    """A place in a row; `kind` is "", "wheelchair" or "companion"."""

    number: str
    point: Point
    category: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Seats in the order in which they stand. `label` names what is no row: a box, a table."""

    number: str
    seats: list[Seat]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle, a circle (its `size` is twice the radius) or a mere text; `corner` is a rectangle's upper left, else the middle.

    With a capacity it is an area that is sold by count in the category of its own name.
    """

    text: str
    corner: Point
    size: Point = (0, 0)
    kind: str = "rectangle"
    capacity: int | None = None
    text_size: int = 24

    @property
    def edges(self) -> tuple[Point, Point]:
        (x, y), (width, height) = self.corner, self.size
        if self.kind == "rectangle":
            return (x, y), (x + width, y + height)
        return (x - width / 2, y - height / 2), (x + width / 2, y + height / 2)


@dataclass(frozen=True, slots=True)
class Zone:
    """A block of the hall. `code` begins the guids of its seats."""

    name: str
    code: str
    rows: list[Row] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


def stage(middle: float, bottom: float, width: float, height: float = 110) -> Shape:
    """What best available measures from: an area that says it is the stage."""
    return Shape(STAGE, (middle - width / 2, bottom - height), (width, height), text_size=32)


def numbered(points: Sequence[Point], category: str) -> list[Seat]:
    """Seats 1, 2, ... from left to right."""
    return [Seat(str(number), point, category) for number, point in enumerate(points, start=1)]


def accessible_row(curve: Curve, count: int) -> Row:
    """Wheelchair places along a curve, each with a companion's seat to its right."""
    seats = []
    for index, (wheelchair, companion) in enumerate(pairs(curve, count)):
        seats.append(Seat(str(2 * index + 1), wheelchair, ACCESSIBLE, "wheelchair"))
        seats.append(Seat(str(2 * index + 2), companion, ACCESSIBLE, "companion"))
    return Row(ACCESSIBLE_ROW, seats, "Ряд для колясок")


def plan(name: str, zones: Sequence[Zone]) -> Plan:
    """The plan of zones whose points may lie anywhere; zones without a place and a shape are left out."""
    zones = [zone for zone in zones if zone.rows or zone.shapes]
    points = [*_points(zones)]
    left, top = min(x for x, _ in points) - MARGIN, min(y for _, y in points) - MARGIN
    right, bottom = max(x for x, _ in points) + MARGIN, max(y for _, y in points) + MARGIN
    return {
        "name": name,
        "size": {"width": round(right - left), "height": round(bottom - top)},
        "categories": [{"name": category, "color": LIGHT[index % len(LIGHT)]} for index, category in enumerate(_categories(zones))],
        "zones": [_zone(zone, left, top) for zone in zones],
    }


def _points(zones: Sequence[Zone]) -> Iterator[Point]:
    for zone in zones:
        for row in zone.rows:
            yield from (seat.point for seat in row.seats)
        for shape in zone.shapes:
            yield from shape.edges


def _categories(zones: Sequence[Zone]) -> list[str]:
    """By first place; the accessible one last."""
    found = dict.fromkeys(shape.text for zone in zones for shape in zone.shapes if shape.capacity is not None)
    found |= dict.fromkeys(seat.category for zone in zones for row in zone.rows for seat in row.seats)
    return sorted(found, key=lambda category: category == ACCESSIBLE)


def _zone(zone: Zone, left: float, top: float) -> dict[str, Any]:
    points = [*_points([zone])]
    x, y = round(min(x for x, _ in points) - left), round(min(y for _, y in points) - top)
    origin = left + x, top + y
    return {
        "name": zone.name, "zone_id": zone.code, "uuid": f"zone-{zone.code}", "position": {"x": x, "y": y},
        "rows": [_row(zone.code, row, origin) for row in zone.rows],
        "areas": [_area(zone.code, index, shape, origin) for index, shape in enumerate(zone.shapes)],
    }  # fmt: skip


def _row(code: str, row: Row, origin: Point) -> dict[str, Any]:
    corner, mark = row.seats[0].point, "W" if row.number == ACCESSIBLE_ROW else row.number  # guids stay in ASCII
    position = _at(corner, origin)
    begin = origin[0] + position["x"], origin[1] + position["y"]
    told: dict[str, Any] = {
        "row_number": row.number, "row_number_position": "both", "uuid": f"row-{code}-{mark}", "position": position,
        "seats": [_seat(f"{code}-{mark}-{seat.number}", seat, begin) for seat in row.seats],
    }  # fmt: skip
    return told | {"row_label": row.label} if row.label else told


def _seat(guid: str, seat: Seat, begin: Point) -> dict[str, Any]:
    told = {"seat_guid": guid, "seat_number": seat.number, "position": _at(seat.point, begin), "category": seat.category}
    return told | {"type": seat.kind, "radius": WHEELCHAIR_RADIUS if seat.kind == "wheelchair" else RADIUS} if seat.kind else told


def _area(code: str, index: int, shape: Shape, origin: Point) -> dict[str, Any]:
    width, height = shape.size
    sold = shape.capacity is not None
    middle = (width / 2, height / 2) if shape.kind == "rectangle" else (0.0, 0.0)
    told: dict[str, Any] = {
        "shape": shape.kind, "uuid": "stage" if shape.text == STAGE and not sold else f"area-{code}-{index + 1}", "rotation": 0,
        "color": "#ece7f2" if sold else "#c9c2b8", "border_color": "#8a8378", "position": _at(shape.corner, origin),
        "text": {"text": shape.text, "color": "#333333", "size": shape.text_size, "position": _at(middle, (0, 0))},
    }  # fmt: skip
    if shape.kind == "rectangle":
        told["rectangle"] = {"width": round(width), "height": round(height)}
    elif shape.kind == "circle":
        told["circle"] = {"radius": round(width / 2)}
    return told | {"area": shape.text, "capacity": shape.capacity, "category": shape.text} if sold else told


def _at(point: Point, origin: Point) -> dict[str, float]:
    return {"x": round(point[0] - origin[0], 1), "y": round(point[1] - origin[1], 1)}
