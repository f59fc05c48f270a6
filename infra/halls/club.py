"""Clubs: people who stand in front of the stage, tables behind them, a gallery around."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from infra.halls.arena import Standing
from infra.halls.drawing import Plan, Row, Seat, Shape, Zone, accessible_row, numbered, plan, stage
from infra.halls.shapes import AISLE, RADIUS, ROW_STEP, STEP, WALK, ImpossibleHall, Line, bounded, outward, pairs_room, room, shared, spots

TABLE_SEATS = (2, 4, 5, 6, 7, 8)  # three sit in a triangle, where nobody is the middle one
ROWS_MAX = 40
LABEL_BEHIND = 40
GALLERY = "Галерея"
TABLES = "Столы"
QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True)
class Club:
    """`places` in all: the gallery's seats, the tables', wheelchairs with a companion each, and who stands: the given areas in
    their proportion, from the stage backwards.
    """

    name: str
    places: int
    standing: tuple[str, ...] = ("Танцпол",)
    shares: tuple[float, ...] = (1.0,)
    gallery: int = 0
    tables: int = 0
    table_seats: int = 4
    wheelchairs: int = 2

    @property
    def areas(self) -> list[Standing]:
        """Who stands where."""
        left = self.places - self.gallery - self.tables * self.table_seats - 2 * self.wheelchairs
        return [Standing(name, places) for name, places in zip(self.standing, shared(max(0, left), self.shares), strict=True)]

    def plan(self) -> Plan:
        """The plan; ImpossibleHall when something does not fit."""
        if min(self.gallery, self.tables, self.wheelchairs) < 0 or len(self.standing) != len(self.shares) or not self.standing:
            raise ImpossibleHall("a club has areas to stand in, each with its share, and nothing fewer than none")
        if self.table_seats not in TABLE_SEATS:
            raise ImpossibleHall(f"a table has {', '.join(map(str, TABLE_SEATS))} seats")
        if any(area.places < 1 for area in self.areas):
            raise ImpossibleHall(f"of {self.places} places nothing is left to stand in")
        bounded(self.gallery + self.tables * self.table_seats)
        return plan(self.name, [*self._zones()])

    def _zones(self) -> Iterator[Zone]:
        standing = sum(area.places for area in self.areas)
        width, depth = max(480.0, 30 * math.sqrt(standing)), max(240.0, 20 * math.sqrt(standing))
        shapes, down = [stage(0, -60, width * 0.6)], 0.0
        for area, share in zip(self.areas, self._depths(), strict=True):
            shapes.append(Shape(area.name, (-width / 2, down), (width, share * depth - 12), capacity=area.places, text_size=32))
            down += share * depth
        yield Zone("Зал", "F", self._wheelchairs(width, down + ROW_STEP), shapes)
        down += WALK
        bottom = down + self._tables_depth(width)
        if self.tables:
            yield self._table_zone(width, down)
        yield from self._gallery(width, bottom)

    def _depths(self) -> list[float]:
        places = [area.places for area in self.areas]
        weights = [max(each, sum(places) / 6) for each in places]
        return [weight / sum(weights) for weight in weights]

    def _wheelchairs(self, width: float, down: float) -> list[Row]:
        line = Line((0, down), 0, width)
        if self.wheelchairs > pairs_room(line):
            raise ImpossibleHall(f"{pairs_room(line)} wheelchairs find room behind the floor, not {self.wheelchairs}")
        return [accessible_row(line, self.wheelchairs)] if self.wheelchairs else []

    @property
    def _ring(self) -> float:
        """How far from a table's middle people sit."""
        return max(36.0, STEP / (2 * math.sin(math.pi / self.table_seats)))

    @property
    def _table_step(self) -> float:
        return 2 * self._ring + 2 * RADIUS + AISLE

    def _table_columns(self, width: float) -> int:
        return max(1, math.floor(width / self._table_step))

    def _tables_depth(self, width: float) -> float:
        return math.ceil(self.tables / self._table_columns(width)) * self._table_step

    def _table_zone(self, width: float, top: float) -> Zone:
        rows, shapes = [], [Shape(TABLES, (0, top - STEP), kind="text")]
        columns, step = self._table_columns(width), self._table_step
        for index in range(self.tables):
            across, down = index % columns - (min(columns, self.tables) - 1) / 2, index // columns + 0.5
            middle = (across * step, top + down * step)
            seats = [
                Seat(str(place + 1), outward(middle, -math.pi + 2 * math.pi * (place + 0.5) / self.table_seats, self._ring), TABLES)
                for place in range(self.table_seats)
            ]
            rows.append(Row(str(index + 1), seats, f"Стол {index + 1}"))
            shapes.append(Shape(str(index + 1), middle, (2 * self._ring - 2 * RADIUS - 12,) * 2, kind="circle", text_size=16))
        return Zone(TABLES, "T", rows, shapes)

    def _gallery(self, width: float, bottom: float) -> Iterator[Zone]:
        """Left, right and opposite the stage, as many rows as it takes."""
        if not self.gallery:
            return
        sides = (
            ("левая сторона", "GL", (-width / 2 - WALK, bottom / 2), -QUARTER, bottom),
            ("напротив сцены", "GC", (0.0, bottom + WALK), 0.0, width),
            ("правая сторона", "GR", (width / 2 + WALK, bottom / 2), QUARTER, bottom),
        )
        most = [room(Line(point, direction, length)) for _, _, point, direction, length in sides]
        rows = math.ceil(self.gallery / sum(most))
        if rows > ROWS_MAX:
            raise ImpossibleHall(f"{self.gallery} seats do not fit on the gallery of this club")
        counts = iter(shared(self.gallery, [each for each in most for _ in range(rows)]))
        for name, code, point, direction, length in sides:
            taken: list[Row] = []
            for row in range(rows):
                seats = next(counts)
                if seats:
                    line = Line(outward(point, direction, row * ROW_STEP), direction, length)
                    taken.append(Row(str(len(taken) + 1), numbered(spots(line, seats), GALLERY)))
            if taken:
                label = Shape(GALLERY, outward(point, direction, len(taken) * ROW_STEP + LABEL_BEHIND), kind="text")
                yield Zone(f"{GALLERY}, {name}", code, taken, [label])
