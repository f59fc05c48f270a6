"""Where the places of a row stand: curves, seats along them, and numbers shared out so that they add up.

A direction is the angle from "straight down", growing to the right: 0 is opposite the stage, a quarter turn is the right
side of the hall. Somebody in a row looks at the curve's centre; positions along the curve grow to their right.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from grid_config.limits import PLAN_SEATS_MAX

Point = tuple[float, float]

RADIUS = 10  # of a drawn seat, the format's default
STEP = 24  # from one neighbour to the next
ROW_STEP = 32  # from one row to the next
AISLE = 40  # besides a step
WALK = 110  # between blocks: room for a label and a row of wheelchairs
WHEELCHAIR_RADIUS = 13
PAIR_WIDTH = 28  # from a wheelchair to the companion
PAIR_STEP = 88  # from one wheelchair to the next: wide enough that the pairs are no neighbours


class ImpossibleHall(ValueError):  # noqa: N818  # what was asked for, not a defect
    """The hall that was described cannot be built; the text says why, in one line."""


def bounded(seats: int) -> int:
    """The seats, if a plan may have as many; else ImpossibleHall."""
    if seats > PLAN_SEATS_MAX:
        raise ImpossibleHall(f"a plan has at most {PLAN_SEATS_MAX:,} seats, not {seats:,}")
    return seats


class Curve(Protocol):
    """What a row stands on."""

    @property
    def length(self) -> float: ...

    def at(self, along: float) -> Point:
        """The point that far to the right of the curve's middle."""
        ...


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of a circle around `centre`; its middle lies in `direction`, `gap` is left free of its span."""

    centre: Point
    radius: float
    direction: float
    span: float
    gap: float = 0

    @property
    def length(self) -> float:
        return self.span * self.radius - self.gap

    def at(self, along: float) -> Point:
        angle = self.direction + along / self.radius
        return self.centre[0] + self.radius * math.sin(angle), self.centre[1] + self.radius * math.cos(angle)


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line whose people look against `direction`."""

    middle: Point
    direction: float
    length: float

    def at(self, along: float) -> Point:
        return self.middle[0] + along * math.cos(self.direction), self.middle[1] - along * math.sin(self.direction)


def outward(point: Point, direction: float, distance: float, right: float = 0) -> Point:
    """`point` moved `distance` in a direction and `right` to the right of somebody who looks back."""
    across, down = math.sin(direction), math.cos(direction)
    return point[0] + distance * across + right * down, point[1] + distance * down - right * across


@dataclass(frozen=True, slots=True)
class Horseshoe:
    """Around the stalls: a half circle around `centre`, its ends going straight up."""

    centre: Point
    radius: float
    straight: float

    @property
    def length(self) -> float:
        return math.pi * self.radius + 2 * self.straight

    def at(self, along: float) -> Point:
        quarter = self.radius * math.pi / 2
        x, y = self.centre
        if abs(along) > quarter:
            return x + math.copysign(self.radius, along), y + quarter - abs(along)
        return x + self.radius * math.sin(along / self.radius), y + self.radius * math.cos(along / self.radius)


def room(curve: Curve, aisles: int = 0) -> int:
    """How many seats a row on the curve takes, its aisles dividing it into equal parts."""
    part = (curve.length - aisles * AISLE) / (aisles + 1)
    return (aisles + 1) * max(0, math.floor((part - 2 * RADIUS) / STEP + 1e-9) + 1)


def spots(curve: Curve, seats: int, aisles: int = 0) -> list[Point]:
    """Seats from left to right, in the middle of each part that the aisles make; no more of them than there is `room`."""
    parts = max(1, min(aisles + 1, seats // 2))  # nobody sits alone between two aisles
    width = (curve.length - (parts - 1) * AISLE) / parts
    places: list[Point] = []
    for index, count in enumerate(_parts(seats, parts)):
        middle = (index - (parts - 1) / 2) * (width + AISLE)
        places.extend(curve.at(middle + (number - (count - 1) / 2) * STEP) for number in range(count))
    return places


def _parts(seats: int, parts: int) -> list[int]:
    """As equal as can be, and the same on the left as on the right where the numbers allow it."""
    each, rest = divmod(seats, parts)
    inner = sorted(range(parts), key=lambda index: abs(index - (parts - 1) / 2))
    longer = inner[1 : rest + 1] if parts % 2 and not rest % 2 else inner[:rest]
    return [each + (index in longer) for index in range(parts)]


def shared(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `total`; none is more than its share rounded up."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [total * weight / whole for weight in weights]
    counts = [math.floor(share + 1e-9) for share in shares]
    rest = sorted(range(len(weights)), key=lambda index: counts[index] - shares[index])
    for index in rest[: total - sum(counts)]:
        counts[index] += 1
    return counts


def pairs(curve: Curve, count: int) -> Iterator[tuple[Point, Point]]:
    """Spots for a wheelchair and, to its right, a companion; the pairs stand apart."""
    for index in range(count):
        left = (index - (count - 1) / 2) * PAIR_STEP - PAIR_WIDTH / 2
        yield curve.at(left), curve.at(left + PAIR_WIDTH)


def pairs_room(curve: Curve) -> int:
    """How many pairs a curve takes."""
    return max(0, math.floor((curve.length - PAIR_WIDTH - 2 * WHEELCHAIR_RADIUS) / PAIR_STEP + 1e-9) + 1)
