"""Arenas: sectors in tiers around a floor where people stand, sit or both; the stage at one end.

The bowl is a rectangle with round corners: straight sectors along its sides, fans in its corners, aisles between them.
Sectors have numbers as arenas have them: 101, 102, ... in the lowest tier, 201, ... above, clockwise from the stage.
"""

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.halls.drawing import Plan, Row, Shape, Zone, accessible_row, numbered, plan, stage
from infra.halls.shapes import (
    AISLE,
    ROW_STEP,
    WALK,
    Arc,
    Curve,
    ImpossibleHall,
    Line,
    Point,
    bounded,
    outward,
    pairs_room,
    room,
    shared,
    spots,
)

PLACES_MIN = 300
TIERS_MAX = 4
ROWS_MAX = 400
LABEL_BEHIND = 68  # the last row and its wheelchairs, before the next tier
SECTOR_WIDTH = 600  # two dozen seats and an aisle
SEATS_A_WHEELCHAIR = 400
# How many places in the stands have a floor of the size for one place on it, and the smallest floor: that of 1,500 places.
SEATED_FLOOR = 8
STANDING_FLOOR = 1.2
FLOOR_MIN = 1_500
FLOOR_SEATS = "Партер"
TIERS = (("Трибуна",), ("Нижний ярус", "Верхний ярус"), ("Нижний ярус", "Средний ярус", "Верхний ярус"),
         ("1-й ярус", "2-й ярус", "3-й ярус", "4-й ярус"))  # fmt: skip
QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True)
class Standing:
    """People who stand, sold by count; the name is the price category too."""

    name: str
    places: int


@dataclass(frozen=True, slots=True)
class Arena:
    """`places` in all: standing, seats on the floor, wheelchairs with a companion each, and the rest in the bowl.

    `behind_stage`: the sectors behind the stage are sold too. `wheelchairs`: None for one in four hundred places, as far as
    they find room.
    """

    name: str
    places: int
    standing: tuple[Standing, ...] = ()
    floor_seats: int = 0
    tiers: int = 2
    wheelchairs: int | None = None
    behind_stage: bool = False

    def plan(self) -> Plan:
        """The plan; ImpossibleHall when the places do not fit."""
        standing = sum(area.places for area in self.standing)
        if self.places < PLACES_MIN or not 1 <= self.tiers <= TIERS_MAX:
            raise ImpossibleHall(f"an arena has at least {PLACES_MIN} places and 1 to {TIERS_MAX} tiers")
        if min(self.floor_seats, self.wheelchairs or 0, *(area.places for area in self.standing), 0) < 0:
            raise ImpossibleHall("places cannot be fewer than none")
        bowl = bounded(self.places - standing) - self.floor_seats
        if bowl < PLACES_MIN // 2:
            raise ImpossibleHall(f"the stands of an arena need at least {PLACES_MIN // 2} of its places, {bowl} are left for them")
        return _Bowl(self, bowl).plan()


@dataclass(frozen=True, slots=True)
class _Sector:
    """A sector before its rows: from the floor outwards, `distance` away from the core's edge."""

    point: Point  # on the core, where a fan turns or a side's middle is
    direction: float
    right: float = 0
    width: float = 0
    span: float = 0

    def curve(self, distance: float) -> Curve:
        if self.span:
            return Arc(self.point, distance, self.direction, self.span, AISLE)
        return Line(outward(self.point, self.direction, distance, self.right), self.direction, self.width - AISLE)

    @property
    def view(self) -> str:
        """How its people see the stage: a price category of their own, or best available would give out the nearest seats of all,
        and those are beside it.
        """
        if abs(self.direction) > QUARTER + 1e-6:
            return "ограниченный обзор"
        return "напротив" if abs(self.direction) < QUARTER * 0.55 else "сбоку"


@dataclass(frozen=True, slots=True)
class _Tier:
    """Sectors with as many rows; `first` is the distance of the first row."""

    name: str
    first: float
    rows: int
    sectors: list[_Sector] = field(default_factory=list)

    def curves(self) -> Iterator[Curve]:
        return (sector.curve(self.first + row * ROW_STEP) for sector in self.sectors for row in range(self.rows))


class _Bowl:
    """The arithmetic of one arena: how large its floor is, how many rows it needs, who sits where."""

    def __init__(self, arena: Arena, places: int) -> None:
        self.arena = arena
        # A known arena of 21,500 has a floor of 60 x 26 m; the ring of the first row grows as the root of the places. Where more
        # people are on the floor than such a one has room for, it is larger.
        standing = sum(area.places for area in arena.standing)
        unit = math.sqrt(max(places, FLOOR_MIN + SEATED_FLOOR * arena.floor_seats + STANDING_FLOOR * standing))
        self.width, self.depth, self.near = 5.8 * unit, 16 * unit, max(80.0, 2.6 * unit)
        wheelchairs = arena.wheelchairs
        if wheelchairs is None:
            wheelchairs = min(max(1, places // SEATS_A_WHEELCHAIR), self._wheelchairs_max(places))
        self.wheelchairs = wheelchairs
        self.seats = places - 2 * wheelchairs
        self.tiers = self._tiers(self._rows(self.seats))
        if wheelchairs > sum(self._platforms()):
            raise ImpossibleHall(f"{sum(self._platforms())} wheelchairs find room in this arena, not {wheelchairs}")

    def plan(self) -> Plan:
        return plan(self.arena.name, [*self._floor(), *self._stands()])

    def _rows(self, seats: int) -> int:
        """The fewest rows that take them."""
        if seats <= 0:
            raise ImpossibleHall("no place is left for a seat")
        rows = bisect_left(
            range(ROWS_MAX), seats, key=lambda count: sum(room(curve) for tier in self._tiers(count) for curve in tier.curves())
        )
        if rows == ROWS_MAX:
            raise ImpossibleHall(f"{seats} seats need more than {ROWS_MAX} rows")
        return rows

    def _tiers(self, rows: int) -> list[_Tier]:
        tiers, distance = [], self.near
        for name, count in zip(TIERS[self.arena.tiers - 1], shared(rows, [1] * self.arena.tiers), strict=True):
            middle = distance + count * ROW_STEP / 2
            tiers.append(_Tier(name, distance, count, [*self._around(middle)]))
            distance += count * ROW_STEP + WALK
        return tiers

    def _around(self, distance: float) -> Iterator[_Sector]:
        """Sectors clockwise from the stage: corner, right side, corner, opposite end, and back."""
        for turn in (1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -1.5, -2.0):
            if turn == -2.0 and not self.arena.behind_stage:
                continue
            direction = turn * QUARTER
            across, down = round(math.sin(direction)), round(math.cos(direction))
            point = (self.width / 2 * across, self.depth / 2 * down)
            if turn % 1:
                point = (math.copysign(self.width / 2, math.sin(direction)), math.copysign(self.depth / 2, math.cos(direction)))
                count = max(1, round(QUARTER * distance / SECTOR_WIDTH))
                for index in range(count):
                    span = QUARTER / count
                    yield _Sector(point, direction + span * ((count - 1) / 2 - index), span=span)
            else:
                length = self.depth if across else self.width
                count = max(1, round(length / SECTOR_WIDTH))
                for index in range(count):
                    yield _Sector(point, direction, right=length * ((count - 1) / 2 - index) / count, width=length / count)

    def _platform(self, sector: _Sector) -> Curve:
        """Where the wheelchairs of a sector stand: behind the last row of the lowest tier."""
        lowest = self.tiers[0]
        return sector.curve(lowest.first + lowest.rows * ROW_STEP + 16)

    def _platforms(self) -> list[int]:
        return [pairs_room(self._platform(sector)) for sector in self.tiers[0].sectors]

    def _wheelchairs_max(self, seats: int) -> int:
        self.tiers = self._tiers(self._rows(seats))
        return sum(self._platforms()) // 2

    def _stands(self) -> Iterator[Zone]:
        rooms = [room(curve) for tier in self.tiers for curve in tier.curves()]
        counts = iter(shared(self.seats, rooms))
        wheelchairs = shared(self.wheelchairs, self._platforms())
        for level, tier in enumerate(self.tiers, start=1):
            for index, sector in enumerate(tier.sectors):
                code = f"{level}{index + 1:02d}"
                rows = [*self._seated(tier, sector, counts)]
                if level == 1 and wheelchairs[index]:
                    rows.append(accessible_row(self._platform(sector), wheelchairs[index]))
                outside = sector.curve(tier.first + tier.rows * ROW_STEP + LABEL_BEHIND).at(0)
                label = Shape(code, outside, kind="text", text_size=36)
                if rows:
                    yield Zone(f"Сектор {code}", code, rows, [label])

    def _seated(self, tier: _Tier, sector: _Sector, counts: Iterator[int]) -> Iterator[Row]:
        category = f"{tier.name}, {sector.view}"
        number = 0
        for row in range(tier.rows):
            seats = next(counts)
            if seats:
                number += 1
                yield Row(str(number), numbered(spots(sector.curve(tier.first + row * ROW_STEP), seats), category))

    def _floor(self) -> Iterator[Zone]:
        """The stage and, from it to the other end, areas and rows."""
        corner = math.sqrt(2) * (self.near - 1.5 * AISLE)  # the corners of the floor do not touch the round ones of the stands
        width, height = self.width + corner, self.depth + corner
        left, top = -width / 2, -height / 2
        deep = max(80.0, height / 7)
        shapes = [stage(0, top + deep, width * 0.7, deep)]
        free, bottom = top + deep + AISLE, top + height
        rows = self._floor_rows(width)
        standing_bottom = bottom - len(rows) * ROW_STEP - (2 * AISLE if rows else 0)
        assert standing_bottom - free >= height / 6 * bool(self.arena.standing), "the floor was made large enough"
        each = [(standing_bottom - free) * share for share in _shares(self.arena.standing)]
        for area, depth in zip(self.arena.standing, each, strict=True):
            shapes.append(Shape(area.name, (left, free), (width, depth - 12), capacity=area.places, text_size=40))
            free += depth
        below = standing_bottom + 2 * AISLE
        seated = [
            Row(str(number), numbered(spots(Line((0, below + (number - 1) * ROW_STEP), 0, width), seats, 2), FLOOR_SEATS))
            for number, seats in enumerate(rows, start=1)
        ]
        yield Zone(FLOOR_SEATS if seated else "Арена", "P", seated, shapes)

    def _floor_rows(self, width: float) -> list[int]:
        seats = self.arena.floor_seats
        if not seats:
            return []
        most = room(Line((0, 0), 0, width), 2)
        return shared(seats, [1] * math.ceil(seats / most))


def _shares(standing: tuple[Standing, ...]) -> list[float]:
    """Of the depth: as the places, but nobody's name is squeezed out of its area."""
    weights = [max(area.places, sum(each.places for each in standing) / 8) for area in standing]
    return [weight / sum(weights) for weight in weights]
