"""The seating plan: the open JSON format that pretix's editor exports, with one addition.

The addition: an area that is sold by count carries `area` (its unique name), `capacity` and `category`; an area without
`area` is decoration. Positions add up: zone + row + seat, zone + area. Fields that only say how the plan looks are kept
and given back untouched, whatever they hold. A fault is named by its exact place (`zones.0.rows.0.seats.1.seat_guid`,
below whatever field the plan stands in).
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    ValidationError,
    model_validator,
    with_config,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from grid_config.limits import (
    AREA_CAPACITY_MAX,
    PLAN_AREAS_MAX,
    PLAN_CATEGORIES_MAX,
    PLAN_COORDINATE_MAX,
    PLAN_FAULTS_MAX,
    PLAN_NAME_LENGTH_MAX,
    PLAN_SEATS_MAX,
)

Location = tuple[str | int, ...]

# A control character in a name breaks mails, tickets and CSV; in particular PostgreSQL's jsonb takes no NUL at all.
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, Field(max_length=PLAN_NAME_LENGTH_MAX, pattern=_PRINTABLE)]
GivenName = Annotated[str, Field(min_length=1, max_length=PLAN_NAME_LENGTH_MAX, pattern=_PRINTABLE)]


def _number(least: int) -> GetPydanticSchema:
    """An int stays an int (0 does not come back as 0.0); one message, without the names of the union's two branches."""
    most = PLAN_COORDINATE_MAX
    either = core_schema.union_schema(
        [
            core_schema.int_schema(ge=least, le=most, strict=True),
            core_schema.float_schema(ge=least, le=most, strict=True, allow_inf_nan=False),
        ],
        custom_error_type="number",
        custom_error_message=f"Input should be a number from {least} to {most}",
    )
    return GetPydanticSchema(lambda _source, _handler: either)


Coordinate = Annotated[int | float, _number(-PLAN_COORDINATE_MAX)]
Length = Annotated[int | float, _number(0)]

# Strict about what a part knows, silent about what it does not.
PART = ConfigDict(extra="allow", strict=True, frozen=True)


class PlanPart(BaseModel):
    """A part of the plan; all are strict and keep the fields they do not know."""

    model_config = PART


# The two parts that a plan has tens of thousands of are dictionaries: a third of the time and memory of model objects.
@with_config(PART)
class Position(TypedDict):
    """In plan units from the parent's position, y downwards."""

    x: Coordinate
    y: Coordinate


@with_config(PART)
class Seat(TypedDict):
    """A place that is sold by name."""

    seat_guid: GivenName
    seat_number: Name
    position: Position
    category: Name


ORIGIN: Position = {"x": 0, "y": 0}


class Row(PlanPart):
    """Seats in the order of the row."""

    row_number: Name
    position: Position = ORIGIN
    seats: list[Seat]

    @property
    def label(self) -> str:
        """What is no row is called, a box or a table: the editor's `row_label`, in which %s is the number. "" for a row."""
        given = (self.model_extra or {}).get("row_label")
        fits = isinstance(given, str) and len(given) <= PLAN_NAME_LENGTH_MAX and re.match(_PRINTABLE, given)
        return given.replace("%s", self.row_number) if given and fits else ""


class Rectangle(PlanPart):
    """From the position to the right and down."""

    width: Length
    height: Length


class Circle(PlanPart):
    """Around the position."""

    radius: Length


class Ellipse(PlanPart):
    """Around the position."""

    radius: Position


class Polygon(PlanPart):
    """Points from the position."""

    points: list[Position]


class AreaText(PlanPart):
    """What is written on an area; older plans have a plain string instead."""

    text: str
    position: Position = ORIGIN


def _text(given: Any) -> Any:
    if given is not None and not isinstance(given, str):
        AreaText.model_validate(given)
    return given


class Area(PlanPart):
    """A shape: sold by count when it has `area`, else decoration."""

    position: Position = ORIGIN
    rotation: Coordinate = 0  # degrees, clockwise
    uuid: str | None = None
    text: Annotated[Any, AfterValidator(_text)] = None
    width: Length | None = None  # older plans: a rectangle
    height: Length | None = None
    rectangle: Rectangle | None = None
    circle: Circle | None = None
    ellipse: Ellipse | None = None
    polygon: Polygon | None = None
    area: GivenName | None = None
    capacity: Annotated[int, Field(ge=1, le=AREA_CAPACITY_MAX)] | None = None
    category: Name | None = None

    @property
    def label(self) -> str:
        """What is written on it, "" if nothing."""
        words = self.text["text"] if isinstance(self.text, dict) else self.text
        return words or ""


class Zone(PlanPart):
    """Rows and areas that belong together: stalls, a balcony."""

    name: Name = ""
    position: Position
    rows: list[Row]
    areas: list[Area] = []


class Category(PlanPart):
    """What places are priced by."""

    name: GivenName


class Size(PlanPart):
    """Of the whole plan, in plan units."""

    width: Length
    height: Length


class SeatingPlan(PlanPart):
    """A hall. Its faults are ValidationErrors with the exact place; at most PLAN_FAULTS_MAX of those between parts are named."""

    name: Name
    size: Size | None = None
    categories: Annotated[list[Category], Field(max_length=PLAN_CATEGORIES_MAX)]
    zones: list[Zone]

    def document(self) -> dict[str, Any]:
        """The plan as it was given, every field of it and none besides."""
        return self.model_dump(exclude_unset=True)

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults = [
            InitErrorDetails(type=PydanticCustomError(kind, message), loc=location, input=given)
            for (location, kind, message, given), _ in zip(_faults(self), range(PLAN_FAULTS_MAX), strict=False)
        ]
        if faults:
            raise ValidationError.from_exception_data("SeatingPlan", faults)
        return self


Fault = tuple[Location, Any, Any, Any]  # place, kind, message (literals, pydantic says), what stood there


def _faults(plan: SeatingPlan) -> Iterator[Fault]:
    """What no part can see by itself."""
    categories: set[str] = set()
    for index, category in enumerate(plan.categories):
        if category.name in categories:
            yield ("categories", index, "name"), "double_category", "this category stands here twice", category.name
        categories.add(category.name)
    seats = sum(len(row.seats) for zone in plan.zones for row in zone.rows)
    areas = sum(1 for zone in plan.zones for area in zone.areas if area.area is not None)
    if not seats and not areas:
        yield ("zones",), "no_places", "at least one zone must have places", None
    if seats > PLAN_SEATS_MAX:
        yield ("zones",), "too_many_seats", f"at most {PLAN_SEATS_MAX} seats", seats
    if areas > PLAN_AREAS_MAX:
        yield ("zones",), "too_many_areas", f"at most {PLAN_AREAS_MAX} areas", areas
    yield from _seat_faults(plan, categories)
    yield from _area_faults(plan, categories)
    if "\\u0000" in plan.model_dump_json(exclude_unset=True):
        yield from _nul_faults(plan.document(), ())


def _seat_faults(plan: SeatingPlan, categories: set[str]) -> Iterator[Fault]:
    known: set[str] = set()
    for zone_index, zone in enumerate(plan.zones):
        for row_index, row in enumerate(zone.rows):
            for index, seat in enumerate(row.seats):
                guid, category = seat["seat_guid"], seat["category"]
                place = ("zones", zone_index, "rows", row_index, "seats", index)
                if guid in known:
                    yield (*place, "seat_guid"), "double_seat", "another seat has this seat_guid", guid
                if category not in categories:
                    yield (*place, "category"), "unknown_category", "the plan has no such category", category
                known.add(guid)


def _area_faults(plan: SeatingPlan, categories: set[str]) -> Iterator[Fault]:
    known: set[str] = set()
    for zone_index, zone in enumerate(plan.zones):
        for index, area in enumerate(zone.areas):
            if area.area is None:
                continue
            place = ("zones", zone_index, "areas", index)
            if area.area in known:
                yield (*place, "area"), "double_area", "another area has this name", area.area
            known.add(area.area)
            if area.capacity is None:
                yield (*place, "capacity"), "missing", "an area that is sold needs a capacity", None
            if area.category is None:
                yield (*place, "category"), "missing", "an area that is sold needs a category", None
            elif area.category not in categories:
                yield (*place, "category"), "unknown_category", "the plan has no such category", area.category


def _nul_faults(part: Any, place: Location) -> Iterator[Fault]:
    """PostgreSQL's jsonb has no NUL: a plan with one could be sold from the grid and never be stored."""
    if isinstance(part, dict):
        for key, value in part.items():
            if "\0" in key:
                yield place, "nul", "a field's name holds a NUL character", key
            yield from _nul_faults(value, (*place, key))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _nul_faults(value, (*place, index))
    elif isinstance(part, str) and "\0" in part:
        yield place, "nul", "this text holds a NUL character", part
