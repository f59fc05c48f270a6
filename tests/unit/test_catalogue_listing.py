"""The list of events: every page follows the one before, whatever changes between them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_config.identifiers import number_text
from processing_units.catalogue.events import EventEntry, PublishedEvent
from processing_units.catalogue.listing import EventsQuery, Listing
from processing_units.catalogue.plans import Plan, made
from processing_units.catalogue.times import text_of
from processing_units.edge.problems import Problem
from tests.fixtures.shop import plan

NOW = datetime(2027, 1, 1, tzinfo=UTC)
PLAN: Plan = made(1, 1, plan())


def event(number: int, starts_in: float = 1.0, **changes: Any) -> PublishedEvent:
    """An event that starts in so many days; `artists`: names by number."""
    artists: dict[int, str] = changes.pop("artists", {7: "Ёлка"})
    body = {
        "title": f"Концерт {number}",
        "description": "Большой концерт",
        "city": "Москва",
        "status": "published",
        "hall_id": number_text(1),
        "hall_version": 1,
        "starts_at": text_of(NOW + timedelta(days=starts_in)),
        "sale_opens_at": text_of(NOW),
        "sale_closes_at": None,
        "artist_ids": [number_text(artist) for artist in artists],
        "prices": {"Партер": {"amount": "1.00", "currency": "RUB"}},
    } | changes
    return PublishedEvent(EventEntry.of(number, 1, body), PLAN, tuple(artists.items()))


def numbers(listing: Listing, **query: Any) -> list[int]:
    """All events of a query, page by page."""
    found: list[int] = []
    while True:
        page = listing.page(EventsQuery.model_validate(query), NOW)
        found += [published.event for published in page.events]
        if page.next_cursor is None:
            return found
        query["cursor"] = page.next_cursor


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 2**63 - 1), st.integers(0, 5), max_size=30), st.integers(1, 10))
def test_pages_hold_every_event_once_in_the_order_of_start_and_number(starts: dict[int, int], limit: int):
    listing = Listing(event(number, starts_in) for number, starts_in in starts.items())

    assert numbers(listing, limit=limit) == [number for _, number in sorted((starts_in, number) for number, starts_in in starts.items())]


@settings(deadline=None)
@given(st.sets(st.integers(1, 50), min_size=4), st.data())
def test_events_that_stay_are_told_once_while_others_come_and_go(first: set[int], data: st.DataObject):
    second = data.draw(st.sets(st.integers(1, 50)))
    before, after = Listing(map(event, first)), Listing(map(event, second))
    page = before.page(EventsQuery.model_validate({"limit": 2}), NOW)

    rest = numbers(after, limit=3, cursor=page.next_cursor)

    told = [published.event for published in page.events]
    assert set(told) & set(rest) == set()
    assert first & second <= set(told) | set(rest)


def test_events_that_have_begun_are_told_to_those_who_ask_for_that_time():
    listing = Listing([event(1, -1), event(2, 1)])

    assert numbers(listing) == [2]
    assert numbers(listing, **{"from": text_of(NOW - timedelta(days=2))}) == [1, 2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "НОЧЬ"}, [1]),
        ({"q": "ёлка"}, [1]),
        ({"q": "большой"}, [1, 2]),
        ({"q": "  "}, [1, 2]),
        ({"q": "нет такого"}, []),
        ({"artist": number_text(7)}, [1]),
        ({"artist": "ёлка"}, [1]),
        ({"artist": "ёл"}, []),
        ({"city": "казань"}, [2]),
        ({"city": "каз"}, []),
        ({"q": "ночь", "city": "Казань"}, []),
        ({"to": text_of(NOW + timedelta(days=1))}, [1]),
        ({"from": text_of(NOW + timedelta(days=2))}, [2]),
    ],
)
def test_filters_look_without_regard_to_case(query: dict[str, str], found: list[int]):
    listing = Listing([event(1, 1, title="Ночь"), event(2, 2, city="Казань", artists={8: "Пихта"})])

    assert numbers(listing, **query) == found


def test_a_cursor_does_not_lead_back_before_the_time_that_was_asked_for():
    listing = Listing([event(number, number) for number in range(1, 6)])
    page = listing.page(EventsQuery.model_validate({"limit": 1}), NOW)

    assert numbers(listing, cursor=page.next_cursor, **{"from": text_of(NOW + timedelta(days=4))}) == [4, 5]


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(Problem):
        Listing([]).page(EventsQuery.model_validate({"cursor": "YToxOjI"}), NOW)
