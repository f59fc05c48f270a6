"""Plans as inventories need them: plan order, neighbours, distances from the stage."""

import math
import random
import struct
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_config.geometry import runs_of_row, stage_of
from grid_config.layout import AreaPlace, Layout, SeatPlace, area_of
from grid_config.plan import SeatingPlan

Points = Sequence[tuple[float, float]]


def row(number: str, points: Points, category: str = "A", at: tuple[float, float] = (0, 0)) -> dict[str, Any]:
    return {
        "row_number": number,
        "position": {"x": at[0], "y": at[1]},
        "seats": [
            {"seat_guid": f"{number}-{index}", "seat_number": str(index), "position": {"x": x, "y": y}, "category": category}
            for index, (x, y) in enumerate(points)
        ],
    }


def plan(*zones: dict[str, Any], **more: Any) -> SeatingPlan:
    return SeatingPlan.model_validate(
        {"name": "Hall", "categories": [{"name": "A"}, {"name": "B"}], "zones": [*zones], "size": {"width": 400, "height": 300}} | more
    )


def zone(rows: Sequence[dict[str, Any]], areas: Sequence[dict[str, Any]] = (), at: tuple[float, float] = (0, 0)) -> dict[str, Any]:
    return {"name": f"Zone {at[0]}", "position": {"x": at[0], "y": at[1]}, "rows": [*rows], "areas": [*areas]}


def line(*xs: float) -> Points:
    return [(x, 0) for x in xs]


def test_places_follow_the_plan_zone_by_zone_and_row_by_row() -> None:
    hall = plan(zone([row("2", line(0, 25)), row("1", line(0), "B")]), zone([row("9", line(0))], at=(500, 0)))
    layout = Layout.from_plan(hall)
    assert layout.seats == [
        SeatPlace("2-0", "Zone 0", "2", "0", 0),
        SeatPlace("2-1", "Zone 0", "2", "1", 0),
        SeatPlace("1-0", "Zone 0", "1", "0", 1),
        SeatPlace("9-0", "Zone 500", "9", "0", 0),
    ]
    assert [layout.place_of(seat.guid) for seat in layout.seats] == [0, 1, 2, 3]
    assert layout.place_of("3-0") is None
    assert layout.runs == [(0, 2), (2, 1), (3, 1)]


def test_only_areas_that_are_sold_get_an_index() -> None:
    areas: list[dict[str, Any]] = [
        {"position": {"x": 0, "y": 0}, "text": "Бар"},
        {"position": {"x": 0, "y": 0}, "area": "Танцпол", "capacity": 500, "category": "B"},
        {"position": {"x": 0, "y": 0}, "area": "Балкон", "capacity": 20, "category": "A"},
    ]
    layout = Layout.from_plan(plan(zone([], areas)))
    assert layout.areas == [AreaPlace("Танцпол", 1, 500), AreaPlace("Балкон", 0, 20)]
    assert layout.area_index("Балкон") == 1
    assert layout.area_index("Бар") is None
    assert layout.category_index("B") == 1
    assert layout.category_index("C") is None


def test_a_place_tells_its_area() -> None:
    assert area_of(99_999) is None
    assert area_of(2**30) == area_of(2**30 + 2**20 - 1) == 0
    assert area_of(2**30 + 2**20) == 1
    assert area_of(2**31 - 1) == 1023


@pytest.mark.parametrize(
    ("points", "runs"),
    [
        ([], []),
        (line(0), [(0, 1)]),
        (line(0, 25, 50, 75), [(0, 4)]),
        (line(75, 50, 25, 0), [(0, 4)]),
        (line(0, 25, 50, 110, 135), [(0, 3), (3, 2)]),
        (line(0, 25, 65, 90), [(0, 4)]),
        (line(0, 25, 65.1, 90), [(0, 2), (2, 2)]),
        (line(0, 25, 125), [(0, 2), (2, 1)]),
        ([(0, 0), (0, 20), (0, 40), (0, 90)], [(0, 3), (3, 1)]),
        ([(0, 0), (20, 10), (40, 20), (60, 30)], [(0, 4)]),
    ],
    ids=["none", "one", "a line", "from right to left", "an aisle", "1.6 spacings", "over 1.6", "three", "upwards", "askew"],
)
def test_neighbours_are_what_no_gap_parts(points: Points, runs: list[tuple[int, int]]) -> None:
    assert runs_of_row(points) == runs


def test_a_row_may_bend_all_the_way_round() -> None:
    points = [(300 * math.cos(angle / 20), 300 * math.sin(angle / 20)) for angle in range(120)]
    assert runs_of_row(points) == [(0, 120)]


def test_a_row_listed_out_of_order_joins_only_true_neighbours() -> None:
    assert runs_of_row(line(0, 50, 25, 75)) == [(0, 1), (1, 2), (3, 1)]
    assert runs_of_row(line(50, 75, 100, 0, 25)) == [(0, 3), (3, 2)]


def test_seats_that_stand_in_a_zigzag_are_neighbours() -> None:
    assert runs_of_row([(10 * index, 15 * (index % 2)) for index in range(8)]) == [(0, 8)]


def test_two_seats_on_one_spot_are_no_neighbours() -> None:
    assert runs_of_row(line(0, 25, 25, 50)) == [(0, 2), (2, 2)]


def test_a_row_without_geometry_is_taken_as_listed() -> None:
    assert runs_of_row(line(5, 5, 5)) == [(0, 3)]


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), max_size=60))
def test_every_seat_is_in_exactly_one_run(points: list[tuple[int, int]]) -> None:
    covered = [index for start, length in runs_of_row(points) for index in range(start, start + length)]
    assert covered == list(range(len(points)))


@given(st.permutations(range(12)))
def test_a_run_never_joins_seats_with_another_between_them(order: list[int]) -> None:
    for start, length in runs_of_row(line(*[25 * number for number in order])):
        assert all(abs(order[index] - order[index + 1]) == 1 for index in range(start, start + length - 1))


def test_without_a_stage_the_middle_of_the_upper_edge_counts() -> None:
    hall = plan(zone([row("1", [(170, 40), (200, 40), (203, 44)])]))
    assert stage_of(hall) == (200, 0)
    assert Layout.from_plan(hall).scores == [500, 400, round(10 * math.hypot(3, 44))]


def test_without_a_size_the_seats_say_where_the_upper_edge_is() -> None:
    assert stage_of(plan(zone([row("1", [(100, 50), (300, 80)])]), size=None)) == (200, 50)


@pytest.mark.parametrize(
    ("area", "centre"),
    [
        ({"uuid": "stage", "width": 200, "height": 40}, (1110, 70)),
        ({"text": "СЦЕНА", "width": 200, "height": 40}, (1110, 70)),
        ({"text": {"text": "Main stage"}, "rectangle": {"width": 200, "height": 40}}, (1110, 70)),
        ({"text": {"text": "Сцена"}, "rectangle": {"width": 200, "height": 40}, "rotation": 90}, (990, 150)),
        ({"text": "Сцена", "circle": {"radius": 50}}, (1010, 50)),
        ({"text": "Сцена", "ellipse": {"radius": {"x": 50, "y": 20}}}, (1010, 50)),
        ({"text": "Сцена", "polygon": {"points": [{"x": 0, "y": 0}, {"x": 40, "y": 0}, {"x": 20, "y": 30}]}}, (1030, 65)),
    ],
)
def test_the_stage_is_the_area_that_says_so(area: dict[str, Any], centre: tuple[float, float]) -> None:
    other = {"position": {"x": 7, "y": 7}, "text": "Backstage", "uuid": "у сцены"}
    hall = plan(zone([row("1", line(0))], [other, {"position": {"x": 10, "y": 50}} | area], at=(1000, 0)))
    assert stage_of(hall) == pytest.approx(centre)


def test_positions_of_zone_row_and_seat_add_up() -> None:
    hall = plan(zone([row("1", [(3, 4)], at=(20, 30))], at=(100, 200)), size={"width": 0, "height": 0})
    assert Layout.from_plan(hall).scores == [round(10 * math.hypot(123, 234))]


def test_the_encoding_is_what_the_contract_says() -> None:
    areas = [{"position": {"x": 0, "y": 0}, "area": "Floor", "capacity": 2**20, "category": "B"}]
    hall = plan(zone([row("1", line(200, 225, 300)), row("2", line(200), "B")], areas))
    expected = (
        struct.pack("<BIB", 1, 4, 2)
        + bytes([0, 0, 0, 1])
        + struct.pack("<IIHIHIH", 3, 0, 2, 2, 1, 3, 1)
        + struct.pack("<4i", 0, 250, 1000, 0)
        + struct.pack("<HBI", 1, 1, 2**20)
    )
    assert Layout.from_plan(hall).encode() == expected


def test_a_hall_of_30_000_seats_is_laid_out_row_by_row() -> None:
    rows = [row(str(number), [(25 * seat + random.random(), 30 * number) for seat in range(100)]) for number in range(300)]
    hall = plan(zone(rows))
    layout = Layout.from_plan(hall)
    encoded = layout.encode()
    assert len(layout.runs) == 300
    assert len(encoded) == 6 + 30_000 + 4 + 6 * 300 + 4 * 30_000 + 2


def test_a_box_is_called_what_its_row_is_labelled() -> None:
    """As the editor writes it: %s stands for the number. A label that cannot be shown is none."""
    labels = ["Ложа %s", "Ложа для гостей", "", None, 5, "a\x07b", "x" * 300]
    rows = [row(str(number), line(0, 25)) | {"row_label": label} for number, label in enumerate(labels, start=1)]
    layout = Layout.from_plan(plan(zone(rows)))
    told = [layout.row_labels.get(seat.guid, "") for seat in layout.seats]
    assert told == ["Ложа 1", "Ложа 1", "Ложа для гостей", "Ложа для гостей", *[""] * 10]
