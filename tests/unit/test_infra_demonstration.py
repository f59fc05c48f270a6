"""The demonstration's halls and events keep the rules they are loaded under, and its halls say where their numbers are from."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from grid_config.layout import Layout
from grid_config.plan import SeatingPlan
from infra.demonstration.artists import ARTISTS
from infra.demonstration.buyers import baskets
from infra.demonstration.halls import ESTIMATE, HALLS
from infra.demonstration.loading import Unfinished
from infra.demonstration.programme import SHOWINGS
from infra.halls.checks import findings
from processing_units.administration.bodies import Artist

HALL_PLANS = {key: hall.plan() for key, hall in HALLS.items()}
each_hall = pytest.mark.parametrize("key", HALLS)
each_showing = pytest.mark.parametrize("showing", SHOWINGS, ids=lambda showing: showing.title)


@each_hall
def test_a_hall_has_the_published_number_of_places_and_nothing_wrong_with_it(key):
    layout = Layout.from_plan(SeatingPlan.model_validate(HALL_PLANS[key]))
    assert len(layout.seats) + sum(area.capacity for area in layout.areas) == HALLS[key].places
    assert findings(HALL_PLANS[key]) == []


@each_hall
def test_every_number_of_a_hall_has_a_source_or_is_called_an_estimate(key):
    figures = HALLS[key].figures
    assert any(figure.source != ESTIMATE for figure in figures)
    for figure in figures:
        address = urlsplit(figure.address)
        assert (figure.source == ESTIMATE) == (not figure.address)
        assert figure.source == ESTIMATE or address.scheme in {"http", "https"}


def test_the_halls_range_from_a_palace_to_an_arena():
    sizes = sorted(hall.places for hall in HALLS.values())
    assert sizes[0] == 300
    assert sizes[-1] > 20_000
    assert len(sizes) >= 4


@each_showing
def test_a_showing_prices_its_whole_hall_and_opens_sixty_days_before(showing):
    assert set(showing.prices) == {category["name"] for category in HALL_PLANS[showing.hall]["categories"]}
    assert showing.starts_in - showing.opens_in >= timedelta(days=61)
    assert set(showing.artists) <= {artist["name"] for artist in ARTISTS}


def test_who_plays_has_a_biography_and_works():
    for artist in ARTISTS:
        known = Artist.model_validate(artist)
        assert known.biography
        assert known.works
    assert {name for showing in SHOWINGS for name in showing.artists} == {artist["name"] for artist in ARTISTS}


def test_there_are_eight_events_and_one_of_each_kind_of_sale():
    opens = sorted(showing.opens_in for showing in SHOWINGS)
    assert len(SHOWINGS) == len({showing.title for showing in SHOWINGS}) == 8
    assert timedelta(0) < next(each for each in opens if each > timedelta(0)) < timedelta(minutes=10)
    assert opens[-1] > timedelta(days=30)
    assert any("Танцпол" in showing.prices for showing in SHOWINGS)
    arena = next(showing for showing in SHOWINGS if HALLS[showing.hall].places > 20_000)
    nearly_sold_out = next(showing for showing in SHOWINGS if showing.free is not None)
    assert arena.opens_in < timedelta(0)
    assert nearly_sold_out.opens_in < timedelta(0)
    assert nearly_sold_out.free is not None
    assert 0 < nearly_sold_out.free < 0.1


def test_the_first_event_on_sale_has_seats_for_whoever_tries_the_readme():
    on_sale = min((showing for showing in SHOWINGS if showing.opens_in < timedelta(0)), key=lambda showing: showing.starts_in)
    assert on_sale.free is None


def test_baskets_are_neighbours_and_take_nearly_everything_the_same_at_every_loading():
    plan = HALL_PLANS["philharmonic"]
    found = baskets(plan, 0.04)
    runs = {
        place: first for first, length in Layout.from_plan(SeatingPlan.model_validate(plan)).runs for place in range(first, first + length)
    }
    places = [place for basket in found for place in basket]
    assert found == baskets(plan, 0.04)
    assert len(places) == len(set(places))
    assert 0.9 < len(places) / 1505 < 0.99
    assert all(1 <= len(basket) <= 10 and len({runs[place] for place in basket}) == 1 for basket in found)


def test_an_interrupted_loading_is_known_by_its_database(tmp_path):
    ours = Unfinished(tmp_path / "mark", "postgresql://user:secret@host/one")
    assert not ours.is_ours()
    ours.begin()
    assert ours.is_ours()
    assert not Unfinished(ours.file, "postgresql://user:secret@host/another").is_ours()
    assert "secret" not in ours.file.read_text()
    ours.end()
    assert not ours.is_ours()
