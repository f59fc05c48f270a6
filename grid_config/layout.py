"""A seating plan as the inventory needs it: places in plan order, who sits beside whom, how far the stage is.

Plan order is zone by zone, row by row, seat by seat; a seat's place is its index in it. A slot of the area with index a
has the place AREA_PLACE_FIRST | a << AREA_SLOT_BITS | slot. `geometry` says what neighbours are; `encode` is what a
restore carries to the members.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple, Self

from grid_config.geometry import absolute_seats, runs_of_row, stage_of
from grid_config.limits import AREA_PLACE_FIRST, AREA_SLOT_BITS, FORMAT_VERSION, SCORE_SCALE
from grid_config.plan import SeatingPlan

_RUN_LENGTH_MAX = 65_535  # u16


class SeatPlace(NamedTuple):
    """A seat as people know it."""

    guid: str
    zone: str
    row: str
    number: str
    category_index: int


class AreaPlace(NamedTuple):
    """An area that is sold by count."""

    name: str
    category_index: int
    capacity: int


def area_of(place: int) -> int | None:
    """The index of the area that a place lies in; None for a seat."""
    return (place & ~AREA_PLACE_FIRST) >> AREA_SLOT_BITS if place >= AREA_PLACE_FIRST else None


class Layout:
    """What never changes about the places of a plan. Build it with `from_plan`."""

    __slots__ = ("_areas_by_name", "_places_by_guid", "areas", "categories", "row_labels", "runs", "scores", "seats")

    def __init__(
        self,
        categories: list[str],
        seats: list[SeatPlace],
        runs: list[tuple[int, int]],
        scores: list[int],
        areas: list[AreaPlace],
        *,
        row_labels: dict[str, str] | None = None,
    ) -> None:
        self.categories = categories
        self.seats = seats  # by place
        self.runs = runs  # (first place, length): neighbours in one row; every seat is in exactly one
        self.scores = scores  # by place: distance from the stage in plan units x SCORE_SCALE
        self.areas = areas  # by area index
        self.row_labels = row_labels or {}  # by guid, only of seats whose row is called something else: "Box 5"
        self._places_by_guid = {seat.guid: place for place, seat in enumerate(seats)}
        self._areas_by_name = {area.name: index for index, area in enumerate(areas)}

    @classmethod
    def from_plan(cls, plan: SeatingPlan) -> Self:
        """The layout of a valid plan; about 3 us a seat."""
        categories = [category.name for category in plan.categories]
        index_of = {name: index for index, name in enumerate(categories)}
        stage_x, stage_y = stage_of(plan)
        seats: list[SeatPlace] = []
        runs: list[tuple[int, int]] = []
        scores: list[int] = []
        labels: dict[str, str] = {}
        for zone in plan.zones:
            for row in zone.rows:
                points = absolute_seats(zone, row)
                runs.extend((len(seats) + start, length) for start, length in _cut(runs_of_row(points)))
                scores.extend([round(SCORE_SCALE * ((x - stage_x) ** 2 + (y - stage_y) ** 2) ** 0.5) for x, y in points])
                zone_name, row_number, label = zone.name, row.row_number, row.label
                if label:
                    labels |= {seat["seat_guid"]: label for seat in row.seats}
                seats.extend(
                    [
                        SeatPlace(seat["seat_guid"], zone_name, row_number, seat["seat_number"], index_of[seat["category"]])
                        for seat in row.seats
                    ]
                )
        return cls(categories, seats, runs, scores, _areas(plan, index_of), row_labels=labels)

    def place_of(self, guid: str) -> int | None:
        """The place of a seat_guid; None when the plan has no such seat."""
        return self._places_by_guid.get(guid)

    def area_index(self, name: str) -> int | None:
        """The index of an area by its name; None when the plan has no such area."""
        return self._areas_by_name.get(name)

    def category_index(self, name: str) -> int | None:
        """The index of a category by its name; None when the plan has no such category."""
        return self.categories.index(name) if name in self.categories else None

    def encode(self) -> bytes:
        """u8 1, u32 seats, u8 categories, categories of seats (u8), u32 runs, runs (u32, u16), scores (i32), u16 areas, (u8, u32)."""
        seats, runs, areas = self.seats, self.runs, self.areas
        return b"".join(
            (
                struct.pack("<BIB", FORMAT_VERSION, len(seats), len(self.categories)),
                bytes([seat.category_index for seat in seats]),
                struct.pack(f"<I{'IH' * len(runs)}", len(runs), *[number for run in runs for number in run]),
                struct.pack(f"<{len(seats)}i", *self.scores),
                struct.pack("<H", len(areas)),
                *[struct.pack("<BI", area.category_index, area.capacity) for area in areas],
            )
        )


def _areas(plan: SeatingPlan, index_of: dict[str, int]) -> list[AreaPlace]:
    return [
        AreaPlace(area.area, index_of[area.category], area.capacity)
        for zone in plan.zones
        for area in zone.areas
        if area.area is not None and area.category is not None and area.capacity is not None
    ]


def _cut(runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs no longer than the wire can say."""
    for start, length in runs:
        for offset in range(0, length, _RUN_LENGTH_MAX):
            yield start + offset, min(_RUN_LENGTH_MAX, length - offset)
