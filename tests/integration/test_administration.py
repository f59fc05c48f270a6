"""Who may administrate; the artists and halls that administrators make and edit, on real members and two units."""

import asyncio
import copy
import time
from typing import Any

import pytest

from tests.fixtures.shop import Client, Shop, plan, shop, unique

__all__ = ["shop"]  # a fixture
pytestmark = pytest.mark.asyncio(loop_scope="module")

ARTIST = {
    "name": "Артист",
    "occupation": "певец",
    "genre": "джаз",
    "biography": "Родился.\nПел.",
    "works": [{"title": "Первый", "year": 1999, "kind": "album"}],
}


def at(version: int) -> dict[str, str]:
    return {"If-Match": str(version)}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/artists"),
        ("GET", "/admin/artists"),
        ("GET", "/admin/artists/none"),
        ("PATCH", "/admin/artists/none"),
        ("POST", "/admin/halls"),
        ("GET", "/admin/halls"),
        ("GET", "/admin/halls/none"),
        ("PUT", "/admin/halls/none"),
        ("POST", "/admin/events"),
        ("GET", "/admin/events"),
        ("GET", "/admin/events/none"),
        ("PATCH", "/admin/events/none"),
        ("POST", "/admin/events/none/publish"),
        ("GET", "/admin/audit"),
        ("GET", "/admin/nowhere"),
        ("DELETE", "/admin/artists"),
    ],
)
async def test_who_may_is_asked_before_anything_else_is_looked_at(shop: Shop, method: str, path: str):
    await shop.anyone().problem(method, path, 401, "not_signed_in", {"nonsense": True})
    await (await shop.shopper()).problem(method, path, 403, "forbidden", {"nonsense": True})


async def test_addresses_and_methods_that_are_not_there_are_told_to_administrators(shop: Shop):
    admin = await shop.admin()
    await admin.problem("GET", "/admin/nowhere", 404, "not_found")
    await admin.problem("DELETE", "/admin/artists", 405, "method_not_allowed")


async def test_an_artist_is_made_listed_edited_and_stripped_of_optional_fields(shop: Shop):
    admin, elsewhere = await shop.admin(), await shop.admin(unit=1)
    name = unique("Артист ")
    made = await admin.call("POST", "/admin/artists", 201, ARTIST | {"name": name})
    path = f"/admin/artists/{made['artist_id']}"

    assert made == ARTIST | {"name": name, "artist_id": made["artist_id"], "version": 1}
    assert await elsewhere.call("GET", path, 200) == made
    edited = await elsewhere.call("PATCH", path, 200, {"occupation": "певица", "genre": None}, headers=at(1))
    assert edited == made | {"occupation": "певица", "genre": None, "version": 2}
    assert (await admin.problem("PATCH", path, 409, "stale", {"genre": "рок"}, headers=at(1)))["version"] == 2
    await asyncio.sleep(0.2)
    assert (await admin.call("GET", "/admin/artists", 200, params={"q": name}))["items"] == [edited]


@pytest.mark.parametrize(
    ("change", "headers", "field"),
    [
        ({"name": None}, at(1), "name"),
        ({"name": ""}, at(1), "name"),
        ({"genre": "рок"}, {}, "If-Match"),
        ({"genre": "рок"}, {"If-Match": "x"}, "If-Match"),
        ({"unknown": 1}, at(1), "unknown"),
        ({"works": [{"title": "x", "year": "1999"}]}, at(1), "works.0.year"),
        ({"biography": "a\0"}, at(1), "biography"),
    ],
)
async def test_a_refused_change_of_an_artist_changes_nothing(shop: Shop, change: dict[str, Any], headers: dict[str, str], field: str):
    admin = await shop.admin()
    made = await admin.call("POST", "/admin/artists", 201, ARTIST)
    path = f"/admin/artists/{made['artist_id']}"

    assert field in await admin.fields("PATCH", path, change, headers=headers)
    assert await admin.call("GET", path, 200) == made


async def test_of_sixteen_who_edit_the_same_version_one_wins(shop: Shop):
    admins = [await shop.admin(unit) for unit in (0, 1)]
    made = await admins[0].call("POST", "/admin/artists", 201, ARTIST)
    path = f"/admin/artists/{made['artist_id']}"

    answers = await asyncio.gather(*(admins[n % 2].http.patch(path, json={"genre": f"жанр {n}"}, headers=at(1)) for n in range(16)))

    winners = [answer.json() for answer in answers if answer.status_code == 200]
    assert [answer.status_code for answer in answers].count(409) == 15
    assert await admins[0].call("GET", path, 200) == winners[0]


async def test_lists_go_on_where_the_page_before_ended(shop: Shop):
    admin = await shop.admin()
    mark = unique("Список ")
    made = {(await admin.call("POST", "/admin/artists", 201, ARTIST | {"name": f"{mark} {n}"}))["artist_id"] for n in range(5)}
    await asyncio.sleep(0.3)

    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await admin.call("GET", "/admin/artists", 200, params={"q": mark, "limit": 2, **cursor})
        found += [item["artist_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert len(found) == 5
    assert set(found) == made


async def test_a_hall_keeps_its_plan_and_is_listed_with_its_size(shop: Shop):
    admin = await shop.admin()
    original = plan(rows=3, seats=4) | {"name": unique("Зал ")}
    made = await admin.call("POST", "/admin/halls", 201, {"plan": original})

    assert made == {"hall_id": made["hall_id"], "version": 1, "name": original["name"], "plan": original}
    assert await (await shop.admin(unit=1)).call("GET", f"/admin/halls/{made['hall_id']}", 200) == made
    await asyncio.sleep(0.2)
    listed = [item for page in [await admin.call("GET", "/admin/halls", 200, params={"limit": 100})] for item in page["items"]]
    assert {"hall_id": made["hall_id"], "version": 1, "name": original["name"], "seats": 12, "areas": 0} in listed


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda p: p["zones"][0]["rows"][0]["seats"][1].update(seat_guid="1-1"), "plan.zones.0.rows.0.seats.1.seat_guid"),
        (lambda p: p["zones"][0]["rows"][0]["seats"][0].update(category="Ложа"), "plan.zones.0.rows.0.seats.0.category"),
        (lambda p: p.update(zones=[]), "plan.zones"),
        (lambda p: p["zones"][0]["rows"][0]["seats"][0].pop("position"), "plan.zones.0.rows.0.seats.0.position"),
        (lambda p: p.update(name=5), "plan.name"),
        (lambda p: p.update(note="a\0b"), "plan.note"),
    ],
)
async def test_a_bad_plan_is_refused_with_the_place_of_the_fault(shop: Shop, spoil: Any, field: str):
    bad = copy.deepcopy(plan())
    spoil(bad)

    assert field in await (await shop.admin()).fields("POST", "/admin/halls", {"plan": bad})


async def test_what_is_no_plan_at_all_cannot_be_read(shop: Shop):
    admin = await shop.admin()
    for body in (b"", b"{", b'{"plan": NaN}', b'{"plan": "\xff"}', b"[" * 5_000):
        await admin.problem("POST", "/admin/halls", 400, "malformed", content=body, headers={"content-type": "application/json"})
    await admin.problem("POST", "/admin/halls", 400, "malformed", content=b"{}", headers={"content-type": "text/plain"})
    too_long = b" " * (16 * 2**20 + 1)
    await admin.problem("POST", "/admin/halls", 400, "malformed", content=too_long, headers={"content-type": "application/json"})
    assert await admin.fields("POST", "/admin/halls", {"plan": plan(), "more": 1}) == ["more"]
    assert await admin.fields("POST", "/admin/halls", []) == [""]


async def test_ten_thousand_faults_are_told_by_the_first_hundred(shop: Shop):
    bad = plan(rows=100, seats=100)
    for row in bad["zones"][0]["rows"]:
        for seat in row["seats"]:
            del seat["category"]

    assert len(await (await shop.admin()).fields("POST", "/admin/halls", {"plan": bad})) == 100


async def test_a_stadium_is_imported_while_others_are_served(shop: Shop):
    admin, shopper = await shop.admin(), shop.anyone()
    importing = asyncio.create_task(admin.call("POST", "/admin/halls", 201, {"plan": plan(rows=300, seats=100)}))
    longest = 0.0
    while not importing.done():
        began = time.perf_counter()
        await shopper.call("GET", "/consent", 200)
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(0.005)

    assert len((await importing)["plan"]["zones"][0]["rows"]) == 300
    assert longest < 1.0  # the test's own encoding and decoding of the body on this loop included


async def test_an_event_keeps_its_plan_when_its_hall_gets_another(shop: Shop):
    admin = await shop.admin()
    event = await shop.event(admin, plan(rows=2, seats=5))
    document = await admin.call("GET", f"/admin/events/{event}", 200)
    path = f"/admin/halls/{document['hall_id']}"

    second = await admin.call("PUT", path, 200, {"plan": plan(rows=2, seats=6)}, headers=at(1))
    third = await admin.call("PUT", path, 200, {"plan": plan(rows=2, seats=7)})
    newer = await admin.call("POST", "/admin/events", 201, await shop.event_body(admin) | {"hall_id": document["hall_id"]})

    assert (second["version"], third["version"], newer["hall_version"]) == (2, 3, 3)
    assert (await admin.problem("PUT", path, 409, "stale", {"plan": plan()}, headers=at(2)))["version"] == 3
    assert await shop.anyone().call("GET", f"/events/{event}/hall", 200) == plan(rows=2, seats=5)
    await admin.call("POST", f"/admin/events/{newer['event_id']}/publish", 200)
    assert await shop.anyone(1).call("GET", f"/events/{newer['event_id']}/hall", 200) == plan(rows=2, seats=7)


async def test_a_unit_that_starts_later_finds_the_plans_of_all_versions(shop: Shop):
    from processing_units.app import build

    admin = await shop.admin()
    event = await shop.event(admin, plan(rows=2, seats=5))
    hall = (await admin.call("GET", f"/admin/events/{event}", 200))["hall_id"]
    for seats in (6, 7):
        await admin.call("PUT", f"/admin/halls/{hall}", 200, {"plan": plan(rows=2, seats=seats)})

    unit = build(shop.units[0].state.parts.settings)
    async with unit.router.lifespan_context(unit):
        late = Client(unit)
        assert await late.call("GET", f"/events/{event}/hall", 200) == plan(rows=2, seats=5)
        await late.http.aclose()
