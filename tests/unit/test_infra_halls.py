"""Halls drawn by rule: whatever is described, the plan has exactly those places, and the import and every check accept it."""

from collections import Counter
from itertools import pairwise
from math import dist

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grid_config.geometry import absolute_seats, stage_of
from grid_config.layout import Layout
from grid_config.limits import PLAN_SEATS_MAX
from grid_config.plan import SeatingPlan
from infra.halls.arena import Arena, Standing
from infra.halls.checks import findings
from infra.halls.club import Club
from infra.halls.drawing import ACCESSIBLE
from infra.halls.shapes import STEP, Arc, ImpossibleHall, Line, room, shared, spots
from infra.halls.theatre import Boxes, Rows, Theatre, theatre
from processing_units.administration.bodies import Hall
from processing_units.edge.validation import HALL_BODY_BYTES_MAX

quickly = settings(max_examples=25, deadline=None)


def laid_out(plan):
    """The layout of a plan that the import accepts and that nothing is wrong with."""
    Hall.model_validate({"plan": plan})
    assert [str(finding) for finding in findings(plan)] == []
    return Layout.from_plan(SeatingPlan.model_validate(plan))


def places(layout):
    return len(layout.seats) + sum(area.capacity for area in layout.areas)


def seats_of(plan):
    return [seat for zone in plan["zones"] for row in zone["rows"] for seat in row["seats"]]


arenas = st.builds(
    Arena,
    name=st.just("Арена"),
    places=st.integers(900, 4_000),
    standing=st.sampled_from([(), (Standing("Танцпол", 100),), (Standing("Фан-зона", 30), Standing("Танцпол", 250))]),
    floor_seats=st.integers(0, 300),
    tiers=st.integers(1, 4),
    wheelchairs=st.one_of(st.none(), st.integers(0, 3)),
    behind_stage=st.booleans(),
)
theatres = st.builds(
    theatre, name=st.just("Театр"), places=st.integers(200, 2_500), balconies=st.integers(0, 3), boxes=st.integers(0, 3),
    wheelchairs=st.one_of(st.none(), st.integers(0, 3)),
)  # fmt: skip
fans = st.builds(
    lambda seats, categories, front, bend, aisles: Theatre(
        "Амфитеатр", (Rows("Амфитеатр", "A", seats, categories, aisles),), wheelchairs=1, front=front, bend=bend
    ),
    st.integers(20, 600), st.sampled_from([(), ("Ближние", "Дальние")]), st.integers(12, 40), st.integers(1, 200), st.integers(0, 3),
)  # fmt: skip
clubs = st.builds(
    Club, name=st.just("Клуб"), places=st.integers(400, 3_000), standing=st.just(("Фан-зона", "Танцпол")), shares=st.just((1.0, 3.0)),
    gallery=st.integers(0, 150), tables=st.integers(0, 25), table_seats=st.sampled_from([2, 4, 5, 6, 7, 8]), wheelchairs=st.integers(0, 4),
)  # fmt: skip


@quickly
@given(st.one_of(arenas, theatres, fans, clubs))
def test_a_hall_has_exactly_the_places_that_were_asked_for(hall):
    layout = laid_out(hall.plan())
    assert places(layout) == hall.places
    assert len({seat.guid for seat in layout.seats}) == len(layout.seats)


@quickly
@given(st.one_of(arenas, theatres, clubs))
def test_people_beside_each_other_are_neighbours_in_the_layout(hall):
    """Seats of a row one step apart are in one run, and nobody is cut off from the only person beside him."""
    plan = SeatingPlan.model_validate(hall.plan())
    layout = Layout.from_plan(plan)
    together = {place for first, length in layout.runs for place in range(first, first + length - 1)}
    points = [point for zone in plan.zones for row in zone.rows for point in absolute_seats(zone, row)]
    for place, (a, b) in enumerate(pairwise(points)):
        same_row = layout.seats[place][1:3] == layout.seats[place + 1][1:3]
        if same_row and dist(a, b) < STEP * 1.05:
            assert place in together
        if place in together:
            assert same_row


@pytest.mark.parametrize(
    "hall",
    [
        Arena("Арена", 12_000, (Standing("Танцпол", 2_000),), floor_seats=300),
        theatre("Театр", 1_200, boxes=2),
        Club("Клуб", 900, gallery=100, tables=10),
    ],
    ids=["arena", "theatre", "club"],
)
def test_wheelchairs_have_a_companion_beside_them_and_a_category_of_their_own(hall):
    plan = hall.plan()
    layout = laid_out(plan)
    kinds = [seat.get("type", "") for seat in seats_of(plan)]
    accessible = layout.category_index(ACCESSIBLE)
    pairs = [(first, length) for first, length in layout.runs if layout.seats[first].category_index == accessible]
    assert pairs
    assert all((kinds[first], kinds[first + 1], length) == ("wheelchair", "companion", 2) for first, length in pairs)
    assert Counter(kinds)["wheelchair"] == len(pairs)
    assert [kind for kind, seat in zip(kinds, layout.seats, strict=True) if seat.category_index != accessible and kind] == []


def test_the_best_seats_of_the_stalls_are_in_the_middle_of_the_first_row():
    layout = laid_out(theatre("Театр", 1_200).plan())
    stalls = [place for place, seat in enumerate(layout.seats) if seat.zone == "Партер"]
    best = layout.seats[min(stalls, key=lambda place: layout.scores[place])]
    numbers = [int(layout.seats[place].number) for place in stalls if layout.seats[place].row == "1"]
    assert best.row == "1"
    assert abs(int(best.number) - (len(numbers) + 1) / 2) <= 1


def test_the_stage_stands_above_all_seats_that_are_sold():
    plan = SeatingPlan.model_validate(Arena("Арена", 5_000, (Standing("Танцпол", 500),)).plan())
    x, y = stage_of(plan)
    assert plan.size is not None
    assert x == pytest.approx(plan.size.width / 2, abs=2)
    assert y < plan.size.height / 3


def test_an_arena_is_numbered_as_arenas_are():
    plan = Arena("Арена", 20_000, (Standing("Фан-зона", 500), Standing("Танцпол", 2_000)), floor_seats=400).plan()
    names = [zone["name"] for zone in plan["zones"]]
    lower = [name for name in names if name.startswith("Сектор 1")]
    assert names[0] == "Партер"
    assert lower == [f"Сектор {number}" for number in range(101, 101 + len(lower))]
    assert "Сектор 201" in names
    sector = plan["zones"][names.index("Сектор 104")]
    assert [row["row_number"] for row in sector["rows"] if row["row_number"] != "К"][:3] == ["1", "2", "3"]
    assert sector["rows"][2]["seats"][6]["seat_guid"] == "104-3-7"
    assert [area["area"] for area in plan["zones"][0]["areas"] if "area" in area] == ["Фан-зона", "Танцпол"]


def test_sectors_behind_the_stage_are_sold_when_asked_for():
    def behind(plan):
        stage_y = stage_of(SeatingPlan.model_validate(plan))[1]
        middle = plan["size"]["width"] / 2
        return [
            zone["name"]
            for zone in plan["zones"]
            if zone["position"]["y"] < stage_y and abs(zone["position"]["x"] - middle) < 300 and zone["rows"]
        ]

    assert len(behind(Arena("Арена", 9_000, behind_stage=True).plan())) > len(behind(Arena("Арена", 9_000).plan()))


def test_a_box_is_a_row_of_its_side():
    hall = Theatre("Театр", (Rows("Партер", "P", 300),), (Boxes("Бенуар", "B", 41, 5),), front=16)
    plan = hall.plan()
    laid_out(plan)
    left, right = (zone for zone in plan["zones"] if zone["name"].startswith("Бенуар"))
    assert [row["row_label"] for row in left["rows"]] == ["Ложа 1", "Ложа 2", "Ложа 3", "Ложа 4", "Ложа 5"]
    assert sum(len(row["seats"]) for zone in (left, right) for row in zone["rows"]) == 41
    assert left["position"]["x"] < right["position"]["x"]


def test_who_sits_at_a_table_sits_with_the_others_of_it():
    layout = laid_out(Club("Клуб", 300, tables=12, table_seats=6).plan())
    tables = [(first, length) for first, length in layout.runs if layout.seats[first].zone == "Столы"]
    assert [length for _, length in tables] == [6] * 12


@pytest.mark.parametrize(
    "describe",
    [
        lambda: Arena("Арена", 100),
        lambda: Arena("Арена", 5_000, tiers=5),
        lambda: Arena("Арена", 2_000, (Standing("Танцпол", 1_900),)),
        lambda: Arena("Арена", 2_000, wheelchairs=500),
        lambda: Arena("Арена", 2_000, floor_seats=-1),
        lambda: Arena("Арена", PLAN_SEATS_MAX + 1),
        lambda: theatre("Театр", 30),
        lambda: theatre("Театр", 1_000, boxes=9),
        lambda: theatre("Театр", 1_000, balconies=-1),
        lambda: Theatre("Театр", ()),
        lambda: Theatre("Театр", (Rows("Партер", "P", 0),)),
        lambda: Theatre("Театр", (Rows("Партер", "P", 300),), bend=0),
        lambda: Theatre("Театр", (Rows("Партер", "P", 300),), (Boxes("Бенуар", "B", 4, 5),)),
        lambda: Theatre("Театр", (Rows("Партер", "P", 300),), wheelchairs=40),
        lambda: Theatre("Театр", (Rows("Партер", "P", 50_000, aisles=0),), front=8, bend=1, width=8),
        lambda: Club("Клуб", 300, tables=100),
        lambda: Club("Клуб", 300, tables=4, table_seats=3),
        lambda: Club("Клуб", 3_000, gallery=2_999, wheelchairs=0),
        lambda: Club("Клуб", 300, standing=("Танцпол",), shares=(1, 2)),
        lambda: Club("Клуб", 300, wheelchairs=60),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_line(describe):
    with pytest.raises(ImpossibleHall) as refusal:
        describe().plan()
    assert "\n" not in str(refusal.value)


def test_the_largest_hall_fits_the_import():
    plan = Arena("Арена", PLAN_SEATS_MAX, tiers=4).plan()
    assert len(seats_of(plan)) == PLAN_SEATS_MAX
    assert len(orjson.dumps({"plan": plan})) < HALL_BODY_BYTES_MAX


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_shares_add_up_and_stay_within_their_weights(total, weights):
    assume(total <= sum(weights))
    counts = shared(total, weights)
    assert sum(counts) == total
    assert all(0 <= count <= weight for count, weight in zip(counts, weights, strict=True))


@given(st.integers(100, 2_000), st.integers(0, 4), st.booleans())
def test_a_row_that_is_full_stays_within_its_curve(length, aisles, bent):
    curve = Arc((0, 0), length, 0, 1) if bent else Line((0, 0), 0, length)
    most = room(curve, aisles)
    points = spots(curve, most, aisles)
    assert len(points) == most
    assert all(dist(a, b) > STEP * 0.98 for a, b in pairwise(points))
    ends = curve.at(-curve.length / 2), curve.at(curve.length / 2)
    assert all(ends[0][0] - 1 <= x <= ends[1][0] + 1 for x, _ in points)
