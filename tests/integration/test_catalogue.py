"""What shoppers read of events, on real members and two units."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from grid_config.identifiers import new_number, number_text
from processing_units.catalogue import catalogue, looks
from processing_units.catalogue.times import text_of
from tests.fixtures.shop import Client, Shop, plan, shop, unique

__all__ = ["shop"]  # a fixture
NOWHERE = "/events/0000000000001"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def all_events(client: Client, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = await client.call("GET", "/events", 200, params=params)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        params["cursor"] = page["next_cursor"]


@pytest_asyncio.fixture(loop_scope="module")
async def late_unit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """A shop whose units look for what is new only when somebody misses something: the worst moment after every publication."""
    await asyncio.sleep(0.3)  # what others put on sale is here
    with monkeypatch.context() as seldom:
        seldom.setattr(looks, "POLL_SECONDS", 60.0)
        await asyncio.sleep(0.2)
        yield shop
    for unit in (0, 1):
        await shop.anyone(unit).problem("GET", NOWHERE, 404, "not_found")  # and now they look ten times a second again


async def test_a_published_event_can_be_had_at_once_in_every_unit(shop: Shop, late_unit: Shop):
    admin, shopper = await shop.admin(), await shop.shopper(unit=1)
    for path in ("", "/hall", "/seats"):
        event = await shop.event(admin)
        await shop.anyone(1).call("GET", f"/events/{event}{path}", 200)
    event = await shop.event(admin)
    order = await shopper.call("POST", f"/events/{event}/orders", 201, {"seats": ["1-1"]})
    assert order["status"] == "held"


async def test_an_order_of_an_event_that_a_unit_has_not_heard_of_is_read_and_released_there(shop: Shop, late_unit: Shop):
    event = await shop.event(await shop.admin())
    shopper = await shop.shopper()
    order = await shopper.call("POST", f"/events/{event}/orders", 201, {"seats": ["1-1"]})
    elsewhere = shop.anyone(1, shopper.http.headers["Authorization"].removeprefix("Bearer "))

    told = await asyncio.gather(*(elsewhere.call("GET", f"/orders/{order['order_id']}", 200) for _ in range(3)))
    assert {one["status"] for one in told} == {"held"}
    await elsewhere.call("DELETE", f"/orders/{order['order_id']}", 204)


async def test_the_unit_that_publishes_lists_the_event_at_once_and_the_others_soon(shop: Shop):
    event = await shop.event(await shop.admin())
    assert event in {item["event_id"] for item in await all_events(shop.anyone(0))}
    await asyncio.sleep(0.2)
    assert event in {item["event_id"] for item in await all_events(shop.anyone(1))}


async def test_made_up_events_are_not_found_and_cost_few_looks_however_many_ask(shop: Shop, late_unit: Shop):
    figures = shop.units[1].state.parts.metrics.counts
    stranger, shopper = shop.anyone(1), await shop.shopper(unit=1)
    before, began = figures["catalogue_looks"], asyncio.get_running_loop().time()

    made_up = [number_text(new_number()) for _ in range(150)]
    asked = [stranger.problem("GET", f"/events/{event}{path}", 404, "not_found") for event in made_up for path in ("", "/seats")]
    bought = [shopper.problem("POST", f"/events/{event}/orders", 404, "not_found", {"seats": ["1-1"]}) for event in made_up[:20]]
    await asyncio.gather(*asked, *bought)

    seconds = asyncio.get_running_loop().time() - began
    assert 1 <= figures["catalogue_looks"] - before <= seconds / looks.BETWEEN_SECONDS + 2


async def test_beyond_the_bound_of_waiters_what_is_known_is_told_at_once(shop: Shop, late_unit: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogue, "WAITERS_MAX", 0)
    before = shop.units[1].state.parts.metrics.counts["catalogue_looks"]
    await shop.anyone(1).problem("GET", NOWHERE, 404, "not_found")
    assert shop.units[1].state.parts.metrics.counts["catalogue_looks"] == before


async def test_a_plan_on_its_way_is_waited_for_and_one_that_does_not_come_is_unavailable(
    shop: Shop, late_unit: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(catalogue, "PLAN_SECONDS_MAX", 1.0)
    coming = asyncio.Event()
    plans = shop.units[1].state.parts.catalogue._plans
    fetch = plans._fetch

    async def slow(hall: int, version: int) -> dict[str, Any]:
        await coming.wait()
        document: dict[str, Any] = await fetch(hall, version)
        return document

    monkeypatch.setattr(plans, "_fetch", slow)
    event = await shop.event(await shop.admin())
    await shop.anyone(1).problem("GET", f"/events/{event}/seats", 503, "unavailable")
    asked = asyncio.create_task(shop.anyone(1).call("GET", f"/events/{event}/seats", 200))
    await asyncio.sleep(0.2)
    assert not asked.done()
    coming.set()
    assert (await asked)["counts"]["free"] == 10


async def test_an_event_is_described_with_its_prices_areas_and_free_places(shop: Shop):
    area = {"area": "Танцпол", "capacity": 30, "category": "Партер", "position": {"x": 0, "y": 0}, "width": 9, "height": 9}
    admin = await shop.admin()
    body = await shop.event_body(admin, plan(areas=(area,)))
    made = await admin.call("POST", "/admin/events", 201, body)
    await admin.call("POST", f"/admin/events/{made['event_id']}/publish", 200)

    event = await shop.anyone(1).call("GET", f"/events/{made['event_id']}", 200)

    assert event["prices"] == body["prices"]
    assert event["price_from"] == {"amount": "1500.50", "currency": "RUB"}
    assert event["areas"] == [{"area": "Танцпол", "category": "Партер", "capacity": 30, "free": 30}]
    assert event["seats_free"] == 40
    assert (event["per_customer_limit"], event["hall_id"], event["hall_version"]) == (10, body["hall_id"], 1)
    assert event["starts_at"] == text_of(datetime.fromisoformat(body["starts_at"]))
    assert [artist["artist_id"] for artist in event["artists"]] == body["artist_ids"]


async def test_free_places_are_current_in_the_event_and_soon_in_the_list(shop: Shop):
    event = await shop.event(await shop.admin())
    before = next(item for item in await all_events(shop.anyone()) if item["event_id"] == event)
    assert before["seats_free"] == 10

    await (await shop.shopper()).call("POST", f"/events/{event}/orders", 201, {"seats": ["1-1", "1-2"]})

    assert (await shop.anyone(1).call("GET", f"/events/{event}", 200))["seats_free"] == 8
    await asyncio.sleep(1)
    after = next(item for item in await all_events(shop.anyone()) if item["event_id"] == event)
    assert after["seats_free"] == 8


async def test_pages_follow_one_another_in_every_unit_without_gaps_or_repeats(shop: Shop):
    admin = await shop.admin()
    city = unique("Город ")
    starts_at = datetime.now(UTC) + timedelta(days=100)
    events = [await shop.event(admin, city=city, starts_at=text_of(starts_at + timedelta(days=n // 2))) for n in range(5)]

    await asyncio.sleep(0.2)  # until every unit lists them

    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for unit in (0, 1, 0):
        page = await shop.anyone(unit).call("GET", "/events", 200, params={"city": city.upper(), "limit": 2, **cursor})
        found += page["items"]
        cursor = {"cursor": page["next_cursor"]}

    assert sorted(item["event_id"] for item in found) == sorted(events)
    assert [(item["starts_at"], item["event_id"]) for item in found] == sorted((item["starts_at"], item["event_id"]) for item in found)
    assert cursor == {"cursor": None}


async def test_events_are_found_by_word_artist_city_and_time(shop: Shop):
    admin = await shop.admin()
    word, city = unique("Симфония"), unique("Град")
    event = await shop.event(admin, title=f"Ночь: {word}", city=city)
    artist = (await shop.anyone().call("GET", f"/events/{event}", 200))["artists"][0]
    starts_at = (await shop.anyone().call("GET", f"/events/{event}", 200))["starts_at"]
    just_after = text_of(datetime.fromisoformat(starts_at) + timedelta(milliseconds=1))

    for params in (
        {"q": word.upper()},
        {"artist": artist["artist_id"]},
        {"artist": artist["name"]},
        {"q": artist["name"]},
        {"city": city, "from": starts_at},
        {"city": city, "to": starts_at},
        {"city": f" {city} ", "q": "ночь"},
    ):
        assert [item["event_id"] for item in await all_events(shop.anyone(), **params)] == [event], params
    for params in ({"q": word, "city": "elsewhere"}, {"city": city, "from": just_after}, {"city": city, "to": "2026-01-01T00:00:00Z"}):
        assert await all_events(shop.anyone(), **params) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "101"),
        ("limit", "many"),
        ("cursor", "no-such-cursor"),
        ("cursor", ""),
        ("from", "yesterday"),
        ("from", "2026-12-31"),
        ("to", "1700000000"),
        ("q", "x" * 201),
    ],
)
async def test_a_query_that_makes_no_sense_names_its_parameter(shop: Shop, name: str, value: str):
    assert await shop.anyone().fields("GET", "/events", params={name: value}) == [name]


@pytest.mark.parametrize("path", ["/events/none", "/events/none/hall", "/events/0000000000001", "/events/0000000000001/hall"])
async def test_what_is_not_there_is_not_found(shop: Shop, path: str):
    await shop.anyone().problem("GET", path, 404, "not_found")


async def test_a_draft_is_seen_by_administrators_only(shop: Shop):
    admin = await shop.admin()
    draft = await admin.call("POST", "/admin/events", 201, await shop.event_body(admin))
    await asyncio.sleep(0.3)

    for path in (f"/events/{draft['event_id']}", f"/events/{draft['event_id']}/hall", f"/events/{draft['event_id']}/seats"):
        await admin.problem("GET", path, 404, "not_found")
    assert draft["event_id"] not in {item["event_id"] for item in await all_events(admin)}
    assert (await admin.call("GET", f"/admin/events/{draft['event_id']}", 200))["status"] == "draft"


async def test_the_hall_is_the_plan_as_it_was_imported_and_is_not_sent_twice(shop: Shop):
    admin = await shop.admin()
    stage = {
        "position": {"x": 0, "y": 150},
        "width": 200.5,
        "height": 40,
        "rotation": 0,
        "text": "Сцена",
        "uuid": "stage",
        "x-own": [None, 1.0],
    }
    original = plan(areas=(stage,)) | {"x-editor": {"zoom": 1.25}}
    event = await shop.event(admin, original)

    plain = await shop.anyone().response("GET", f"/events/{event}/hall", 200, headers={"accept-encoding": "identity"})
    packed = await shop.anyone(1).response("GET", f"/events/{event}/hall", 200, headers={"accept-encoding": "gzip"})

    assert plain.json() == packed.json() == original
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.headers["etag"] == packed.headers["etag"]
    for tag in (plain.headers["etag"], "W/" + plain.headers["etag"], f'"other", {plain.headers["etag"]}', "*"):
        unchanged = await shop.anyone().response("GET", f"/events/{event}/hall", 304, headers={"if-none-match": tag})
        assert not unchanged.content
    await shop.anyone().response("GET", f"/events/{event}/hall", 200, headers={"if-none-match": '"other"'})
    assert gzip.compress(plain.content)  # it is JSON text, not something that was packed before


async def test_an_edit_is_seen_by_shoppers_of_all_units_within_200_ms(shop: Shop):
    admin = await shop.admin()
    event = await shop.event(admin)
    document = await admin.call("GET", f"/admin/events/{event}", 200)
    await admin.call("PATCH", f"/admin/events/{event}", 200, {"title": "Новое имя"}, headers={"If-Match": str(document["version"])})
    artist = await admin.call("GET", f"/admin/artists/{document['artist_ids'][0]}", 200)
    await admin.call("PATCH", f"/admin/artists/{artist['artist_id']}", 200, {"name": "Новый артист"}, headers={"If-Match": "1"})
    await asyncio.sleep(0.2)

    for unit in (0, 1):
        told = await shop.anyone(unit).call("GET", f"/events/{event}", 200)
        assert (told["title"], told["artists"][0]["name"]) == ("Новое имя", "Новый артист")
        assert event in {item["event_id"] for item in await all_events(shop.anyone(unit), q="Новый артист")}
