"""Theatres and concert halls: curved rows in stalls and amphitheatre, boxes along both sides, balconies behind.

All rows lie on circles around one point behind the stage, so blocks fit into each other; boxes stand in horseshoes around
them, a tier outside the other, and balconies lie outside of everything.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infra.halls.drawing import Plan, Row, Shape, Zone, accessible_row, numbered, plan, stage
from infra.halls.shapes import (
    AISLE,
    RADIUS,
    ROW_STEP,
    STEP,
    WALK,
    Arc,
    Horseshoe,
    ImpossibleHall,
    Point,
    bounded,
    pairs_room,
    room,
    shared,
    spots,
)

ROWS_MAX = 400
TIER_STEP = 64  # from one tier of boxes to the next
PARTITION = 16  # between boxes, besides a step
PARTITION_MAX = 56  # where there is room
SIDES = ((-1, "левая сторона", "L"), (1, "правая сторона", "R"))
BOX_NAMES = ("Бенуар", "Бельэтаж", "Ложи 1-го яруса", "Ложи 2-го яруса")
BALCONIES_MAX = 6
BALCONY_SPAN = math.radians(150)


@dataclass(frozen=True, slots=True)
class Rows:
    """A block of rows. `categories` share its rows from front to back; none: the block's own name."""

    name: str
    code: str
    seats: int
    categories: tuple[str, ...] = ()
    aisles: int = 2


@dataclass(frozen=True, slots=True)
class Boxes:
    """A tier of boxes, `boxes` on either side; the seats are shared out among them. `label` is what a box is called."""

    name: str
    code: str
    seats: int
    boxes: int
    label: str = "Ложа"


@dataclass(frozen=True, slots=True)
class Theatre:
    """`front`: seats that the first row has room for; `bend`: degrees of the circle that a row takes; `width`: most seats of a
    row of the stalls. Wheelchairs stand behind the first block of the stalls, each with a companion's seat.
    """

    name: str
    stalls: tuple[Rows, ...]
    boxes: tuple[Boxes, ...] = ()
    balconies: tuple[Rows, ...] = ()
    wheelchairs: int = 2
    front: int = 20
    bend: float = 40
    width: int = 1_000

    @property
    def places(self) -> int:
        return sum(part.seats for part in self.parts) + 2 * self.wheelchairs

    @property
    def parts(self) -> list[Rows | Boxes]:
        """From the stage outwards."""
        return [*self.stalls, *self.boxes, *self.balconies]

    def plan(self) -> Plan:
        """The plan; ImpossibleHall when something does not fit."""
        if not self.stalls or any(part.seats < 1 for part in self.parts) or self.wheelchairs < 0:
            raise ImpossibleHall("a theatre has stalls, and no block without a seat")
        if not 4 <= self.front <= self.width or not 1 <= self.bend <= 200:
            raise ImpossibleHall("the first row has 4 seats or more, not more than the widest one, and bends by 1 to 200 degrees")
        if any(not 1 <= tier.boxes <= tier.seats // 2 for tier in self.boxes):
            raise ImpossibleHall("a tier of boxes has at least one on either side, and a seat in each")
        bounded(self.places)
        return _House(self).plan()


def theatre(name: str, places: int, balconies: int = 2, boxes: int = 1, wheelchairs: int | None = None) -> Theatre:
    """A theatre of that many places with usual shares: a half in the stalls, a tenth in each tier of boxes. ImpossibleHall otherwise."""
    if not 0 <= boxes <= len(BOX_NAMES) or not 0 <= balconies <= BALCONIES_MAX:
        raise ImpossibleHall(f"a theatre has up to {len(BOX_NAMES)} tiers of boxes and up to {BALCONIES_MAX} balconies")
    wheelchairs = max(1, places // 400) if wheelchairs is None else wheelchairs
    weights = [5, 2, *([1] * boxes), *([1.5] * balconies)]
    stalls, amphitheatre, *others = shared(places - 2 * wheelchairs, weights)
    tiers, upper = others[:boxes], others[boxes:]
    front = max(8, round(math.sqrt(places) * 0.6))
    if min(stalls, amphitheatre, *others, places) < 8:
        raise ImpossibleHall(f"{places} places are too few for so many parts")
    return Theatre(
        name,
        (Rows("Партер", "P", stalls, ("Партер, первые ряды", "Партер")), Rows("Амфитеатр", "A", amphitheatre)),
        tuple(Boxes(BOX_NAMES[index], f"B{index + 1}", seats, max(1, seats // 10)) for index, seats in enumerate(tiers)),
        tuple(Rows(f"Балкон {index}-го яруса", f"G{index}", seats) for index, seats in enumerate(upper, start=1)),
        wheelchairs, front, bend=50, width=2 * front,
    )  # fmt: skip


@dataclass(slots=True)
class _House:
    """The halls's geometry while it grows: `radius` is where the next row may stand, the farthest point says how wide all is."""

    theatre: Theatre
    zones: list[Zone] = field(default_factory=list)
    radius: float = 0
    half_width: float = 0
    reach: float = 0

    @property
    def span(self) -> float:
        return math.radians(self.theatre.bend)

    @property
    def stage_width(self) -> float:
        return max(160.0, self.theatre.front * STEP * 0.8)

    def plan(self) -> Plan:
        first = self.radius = self.theatre.front * STEP / self.span
        ends = first * math.cos(self.span / 2)
        for part in self.theatre.stalls:
            self._block(part, self.span, self.theatre.width)
            if part is self.theatre.stalls[0] and self.theatre.wheelchairs:
                self._wheelchairs()
            self.radius += WALK
        self._boxes(ends)
        self.radius = max(self.radius, self.reach + WALK)
        for part in self.theatre.balconies:
            self._block(part, min(BALCONY_SPAN, 2 * math.asin(min(1.0, self.half_width / self.radius))), self.theatre.width * 4)
            self.radius += WALK
        self.zones[0].shapes.insert(0, stage(0, ends - 60, self.stage_width))
        return plan(self.theatre.name, self.zones)

    def _block(self, part: Rows, span: float, most: int) -> None:
        """Rows one behind the other, as few as take the seats, all a little shorter than their room."""
        label = Shape(part.name, (0, self.radius - WALK / 2), kind="text")
        arcs: list[Arc] = []
        rooms: list[int] = []
        longest = most * STEP + part.aisles * AISLE + 2 * RADIUS
        while sum(rooms) < part.seats:
            arcs.append(Arc((0, 0), self.radius, 0, min(span, longest / self.radius)))
            rooms.append(room(arcs[-1], part.aisles))
            self.radius += ROW_STEP
            if len(rooms) > ROWS_MAX:
                raise ImpossibleHall(f"{part.name}: {part.seats} seats need more than {ROWS_MAX} rows; widen the hall")
        rows: list[Row] = []
        categories = part.categories or (part.name,)
        for index, (arc, seats) in enumerate(zip(arcs, shared(part.seats, rooms), strict=True)):
            category = categories[index * len(categories) // len(arcs)]
            if seats:
                rows.append(Row(str(len(rows) + 1), numbered(spots(arc, seats, part.aisles), category)))
        self._add(Zone(part.name, part.code, rows, [label]))

    def _wheelchairs(self) -> None:
        arc = Arc((0, 0), self.radius + ROW_STEP / 2, 0, self.span)
        if self.theatre.wheelchairs > pairs_room(arc):
            raise ImpossibleHall(f"{pairs_room(arc)} wheelchairs find room behind the stalls, not {self.theatre.wheelchairs}")
        self.zones[-1].rows.append(accessible_row(arc, self.theatre.wheelchairs))
        self._measure(seat.point for seat in self.zones[-1].rows[-1].seats)
        self.radius += 2 * ROW_STEP

    def _boxes(self, top: float) -> None:
        """Tiers of boxes from beside the stage around the stalls to their middle."""
        if not self.theatre.boxes:
            return
        inner = max(self.half_width, self.stage_width / 2) + TIER_STEP
        points = [seat.point for zone in self.zones for row in zone.rows for seat in row.seats]
        centre = max(top, *(y - math.sqrt(inner**2 - x**2) for x, y in points))
        for index, tier in enumerate(self.theatre.boxes, start=1):
            horseshoe = Horseshoe((0, centre), inner + index * TIER_STEP, centre - top)
            counts = shared(tier.seats, [1] * (2 * tier.boxes))
            for side, name, letter in SIDES:
                rows = [*_side(horseshoe, side, counts[::2] if side < 0 else counts[1::2], tier)]
                self._add(Zone(f"{tier.name}, {name}", f"{tier.code}{letter}", rows))

    def _add(self, zone: Zone) -> None:
        self.zones.append(zone)
        self._measure(seat.point for row in zone.rows for seat in row.seats)

    def _measure(self, points: Iterable[Point]) -> None:
        for x, y in points:
            self.half_width = max(self.half_width, abs(x))
            self.reach = max(self.reach, math.hypot(x, y))


def _side(horseshoe: Horseshoe, side: int, counts: list[int], tier: Boxes) -> Iterator[Row]:
    """The boxes of one side, the first beside the stage."""
    needed = sum((count - 1) * STEP for count in counts)
    between = min(max((horseshoe.length / 2 - needed) / len(counts), STEP + PARTITION), STEP + PARTITION_MAX)
    end = max(horseshoe.length / 2, needed + len(counts) * between)  # what is too long begins beside the stage, not behind the stalls
    for number, count in enumerate(counts, start=1):
        begin = end - (count - 1) * STEP
        places = sorted(side * (begin + index * STEP) for index in range(count))
        yield Row(str(number), numbered([horseshoe.at(along) for along in places], tier.name), f"{tier.label} {number}")
        end = begin - between
