"""The demonstration's halls and events keep the rules they are loaded under."""

from datetime import timedelta

import pytest

from grid_config.layout import Layout
from grid_config.plan import SeatingPlan
from infra.demonstration.halls import chamber_hall, club, theatre
from infra.demonstration.programme import ARTISTS, SHOWINGS


@pytest.mark.parametrize(("hall", "seats", "counted"), [(theatre, 1188, 0), (club, 60, 540), (chamber_hall, 300, 0)])
def test_a_hall_is_a_valid_plan_of_its_size(hall, seats, counted):
    layout = Layout.from_plan(SeatingPlan.model_validate(hall()))
    assert len(layout.seats) == seats
    assert sum(area.capacity for area in layout.areas) == counted


@pytest.mark.parametrize("hall", [theatre, club, chamber_hall])
def test_seats_stand_apart_and_inside_their_plan(hall):
    plan = hall()
    spots = [
        tuple(zone["position"][axis] + row["position"][axis] + seat["position"][axis] for axis in "xy")
        for zone in plan["zones"] for row in zone["rows"] for seat in row["seats"]
    ]  # fmt: skip
    assert len(set(spots)) == len(spots)
    assert all(0 <= x <= plan["size"]["width"] and 0 <= y <= plan["size"]["height"] for x, y in spots)


@pytest.mark.parametrize("showing", SHOWINGS, ids=lambda showing: showing.title)
def test_a_showing_prices_its_whole_hall_and_opens_sixty_days_before(showing):
    assert set(showing.prices) == {category["name"] for category in showing.hall()["categories"]}
    assert showing.starts_in - showing.opens_in >= timedelta(days=61)
    assert set(showing.artists) <= {artist["name"] for artist in ARTISTS}


def test_there_is_one_of_each_kind_of_sale():
    opens = sorted(showing.opens_in for showing in SHOWINGS)
    assert opens[0] < timedelta(0)
    assert timedelta(0) < next(each for each in opens if each > timedelta(0)) < timedelta(minutes=10)
    assert opens[-1] > timedelta(days=30)
    assert any("Танцпол" in showing.prices for showing in SHOWINGS)
