"""Where things stand in a plan: who is beside whom in a row, and where the stage is.

Coordinates are absolute plan units, y downwards.
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low

from grid_config.limits import RUN_GAP_FACTOR
from grid_config.plan import Area, Row, SeatingPlan, Zone

Point = tuple[float, float]

# A whole word: "backstage" and "у сцены" are other things.
_says_stage = re.compile(r"(?<![^\W_])(stage|сцена)(?![^\W_])", re.IGNORECASE).search


def absolute_seats(zone: Zone, row: Row) -> list[Point]:
    """Where the seats of a row are."""
    x = zone.position["x"] + row.position["x"]
    y = zone.position["y"] + row.position["y"]
    return [(x + position["x"], y + position["y"]) for position in [seat["position"] for seat in row.seats]]


def runs_of_row(points: Sequence[Point]) -> list[tuple[int, int]]:
    """Neighbours among the seats of one row, given in plan order: (first, length) of each stretch without a gap.

    Every seat is in exactly one run. A plan lists the seats of a row along it; where it does not, only those that
    follow each other both in the plan and along the row are neighbours.
    """
    if not points:
        return []
    steps = [(bx - ax, by - ay) for (ax, ay), (bx, by) in pairwise(points)]
    lengths = [(x * x + y * y) ** 0.5 for x, y in steps]
    if _never_turns_back(steps):
        joined = _without_gaps(lengths, lengths)
    else:
        ranks, along = _ranks(points)
        joined = [near and abs(a - b) == 1 for near, a, b in zip(_without_gaps(lengths, along), ranks, ranks[1:], strict=False)]
    runs = []
    start = 0
    for index, together in enumerate(joined, start=1):
        if not together:
            runs.append((start, index - start))
            start = index
    runs.append((start, len(points) - start))
    return runs


def stage_of(plan: SeatingPlan) -> Point:
    """The centre of the first area that says it is the stage, else the middle of the plan's upper edge."""
    stage = stage_area(plan)
    if stage is not None:
        return _centre(*stage)
    if plan.size is not None:
        return plan.size.width / 2, 0
    points = [point for zone in plan.zones for row in zone.rows for point in absolute_seats(zone, row)]
    if not points:
        return 0, 0
    xs = [x for x, _ in points]
    return (min(xs) + max(xs)) / 2, min(y for _, y in points)


def stage_area(plan: SeatingPlan) -> tuple[Zone, Area] | None:
    """The first area that says it is the stage, with its zone; None without one."""
    for zone in plan.zones:
        for area in zone.areas:
            if _says_stage(area.label) or _says_stage(area.uuid or ""):
                return zone, area
    return None


def _never_turns_back(steps: Sequence[Point]) -> bool:
    """Whether the seats go on along the row, which may bend as much as it likes."""
    return all(ax * bx + ay * by >= 0 for (ax, ay), (bx, by) in pairwise(steps))


def _without_gaps(lengths: Sequence[float], spacings: Sequence[float]) -> list[bool]:
    if not lengths:
        return []
    # The lower median: in a row of three, the one narrow distance is the spacing and the wide one the aisle.
    usual = median_low(spacings)
    widest = RUN_GAP_FACTOR * usual
    return [length <= widest and (length > 0 or usual == 0) for length in lengths]


def _ranks(points: Sequence[Point]) -> tuple[list[int], list[float]]:
    """Each seat's rank along the row's main direction, and the distances between seats of following ranks."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    xx = sum((x - mean_x) ** 2 for x, _ in points)
    yy = sum((y - mean_y) ** 2 for _, y in points)
    xy = sum((x - mean_x) * (y - mean_y) for x, y in points)
    angle = math.atan2(2 * xy, xx - yy) / 2  # of the axis along which the seats are spread most
    across, down = math.cos(angle), math.sin(angle)
    order = sorted(range(count), key=lambda index: points[index][0] * across + points[index][1] * down)
    ranks = [0] * count
    for rank, index in enumerate(order):
        ranks[index] = rank
    return ranks, [math.dist(points[a], points[b]) for a, b in pairwise(order)]


def _centre(zone: Zone, area: Area) -> Point:
    across, down = _middle(area)
    turn = math.radians(area.rotation)  # clockwise around the position, y downwards
    return (
        zone.position["x"] + area.position["x"] + across * math.cos(turn) - down * math.sin(turn),
        zone.position["y"] + area.position["y"] + across * math.sin(turn) + down * math.cos(turn),
    )


def _middle(area: Area) -> Point:
    """The middle of the shape from the area's position, before it is turned."""
    if area.circle is not None or area.ellipse is not None:
        return 0, 0
    if area.polygon is not None and area.polygon.points:
        xs = [point["x"] for point in area.polygon.points]
        ys = [point["y"] for point in area.polygon.points]
        return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    if area.rectangle is not None:
        return area.rectangle.width / 2, area.rectangle.height / 2
    return (area.width or 0) / 2, (area.height or 0) / 2
