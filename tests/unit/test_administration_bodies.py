"""What administrators may send, and what becomes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from data_pumps.terms import terms_of as restored_terms_of
from data_writers.readings import Sale
from grid_config.identifiers import number_text
from grid_config.terms import NOT_SOLD
from processing_units.administration.bodies import ArtistChange, Event, EventChange
from processing_units.administration.halls import plan_of
from processing_units.administration.terms import terms_of
from processing_units.catalogue.events import EventEntry
from processing_units.edge.problems import Problem
from processing_units.edge.validation import parse
from tests.fixtures.shop import plan

STARTS_AT = datetime(2027, 6, 1, 16, tzinfo=UTC)
BODY: dict[str, Any] = {
    "title": "Концерт",
    "artist_ids": [number_text(7)],
    "description": "",
    "city": "Москва",
    "address": "ул. Примерная, 1",
    "starts_at": "2027-06-01T19:00:00+03:00",
    "sale_opens_at": "2027-01-01T00:00:00Z",
    "hall_id": number_text(8),
    "prices": {"Партер": {"amount": "3500.00", "currency": "RUB"}},
}


def event(**changes: Any) -> Event:
    return parse(Event, orjson.dumps(BODY | changes))


def entry(**changes: Any) -> EventEntry:
    fields = event(**changes).model_dump(mode="json")
    return EventEntry.of(5, 1, {**fields, "status": "published", "hall_version": 1})


def test_an_event_is_read_back_from_the_document_it_was_written_to():
    found = entry(per_customer_limit=4, sale_closes_at="2027-05-01T00:00:00Z")

    assert found.starts_at == STARTS_AT
    assert (found.hall, found.hall_version, found.artists, found.prices) == (8, 1, (7,), {"Партер": 350_000})
    assert found.sale_closes_at == datetime(2027, 5, 1, tzinfo=UTC)


def test_terms_say_what_the_document_says():
    terms = terms_of(entry(per_customer_limit=4, orphan_rule=True), ["Балкон", "Партер"], 300_000)

    assert (terms.limit, terms.orphan_rule, terms.on_sale, terms.hold_ms, terms.closes_at) == (4, True, True, 300_000, 0)
    assert terms.prices == (NOT_SOLD, 350_000)
    assert terms.starts_at == int(STARTS_AT.timestamp() * 1000)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"per_customer_limit": 4, "orphan_rule": True, "sale_closes_at": "2027-05-01T00:00:00.999Z"},
        {"starts_at": "2027-06-01T19:00:00.001+03:00", "prices": {"Балкон": {"amount": "0.00", "currency": "RUB"}}},
        {"prices": {"Партер": {"amount": "9999999.99", "currency": "RUB"}}},
    ],
)
def test_units_and_pumps_read_the_same_terms_out_of_a_document(changes: dict[str, Any]):
    """An edit comes to the inventory from a unit, a restore from the pump's reader; neither room knows the other."""
    edited, categories = entry(**changes), ["Балкон", "Партер"]

    assert terms_of(edited, categories, 300_000) == restored_terms_of(Sale(edited.body, 8, 1), tuple(categories), 300_000)


def test_no_limit_and_free_places_are_possible():
    terms = terms_of(entry(prices={"Партер": {"amount": "0.00", "currency": "RUB"}}), ["Партер"], 1)

    assert (terms.limit, terms.prices) == (0, (0,))


@pytest.mark.parametrize(("days", "is_early_enough"), [(60, True), (59.99, False), (90, True)])
def test_the_sale_opens_at_least_sixty_days_before_the_start(days: float, *, is_early_enough: bool):
    opens_at = (STARTS_AT - timedelta(days=days)).isoformat()
    if is_early_enough:
        assert event(sale_opens_at=opens_at)
        return
    with pytest.raises(Problem) as refused:
        event(sale_opens_at=opens_at)
    assert [error["field"] for error in refused.value.extra["errors"]] == ["sale_opens_at"]


def test_only_what_was_given_is_changed():
    change = parse(EventChange, b'{"title": "x", "per_customer_limit": null}')

    assert change.model_dump(exclude_unset=True) == {"title": "x", "per_customer_limit": None}


@pytest.mark.parametrize(
    "field", ["title", "artist_ids", "description", "city", "address", "starts_at", "sale_opens_at", "hall_id", "prices"]
)
def test_what_is_required_cannot_be_removed(field: str):
    with pytest.raises(Problem) as refused:
        parse(EventChange, orjson.dumps({field: None}))

    assert [error["field"] for error in refused.value.extra["errors"]] == [field]


def test_a_change_shows_no_defaults_to_clients():
    for model in (ArtistChange, EventChange):
        assert not any("default" in shape for shape in model.model_json_schema()["properties"].values())


def test_a_plan_is_taken_as_it_was_given():
    given = plan() | {"x": 1.0, "y": 10**20}

    assert plan_of(orjson.dumps({"plan": plan() | {"x": 1.0}})) == plan() | {"x": 1.0}
    assert orjson.dumps(plan_of(b'{"plan": %b}' % orjson.dumps(plan() | {"x": 1.0}))["x"]) == b"1.0"
    assert given["y"] == 10**20


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"plan": NaN}', b'{"plan": {"name": "\\ud800"}}', b"[" * 100_000])
def test_what_is_not_json_cannot_be_read(body: bytes):
    with pytest.raises(Problem) as refused:
        plan_of(body)

    assert refused.value.code == "malformed"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"1", b"null", b'{"plan": null}', b'{"plan": []}', b'{"plan": {}, "more": 1}'])
def test_what_is_json_but_no_plan_is_invalid(body: bytes):
    with pytest.raises(Problem) as refused:
        plan_of(body)

    assert refused.value.code == "invalid"
    assert len(refused.value.extra["errors"]) >= 1
