"""Events as administrators make, publish and edit them, and what the audit log hears of it, on real members and two units."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grid_config.attempts import KEYS, AttemptsLogs
from grid_config.identifiers import number_of
from processing_units.catalogue.times import text_of
from tests.fixtures.shop import Shop, shop

__all__ = ["shop"]  # a fixture
pytestmark = pytest.mark.asyncio(loop_scope="module")


def at(version: int) -> dict[str, str]:
    return {"If-Match": str(version)}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"title": None}, "title"),
        ({"artist_ids": []}, "artist_ids"),
        ({"artist_ids": ["none"]}, "artist_ids.0"),
        ({"artist_ids": ["0000000000001"]}, "artist_ids.0"),
        ({"artist_ids": ["0000000000001"] * 2}, "artist_ids"),
        ({"hall_id": "0000000000001"}, "hall_id"),
        ({"hall_id": "x"}, "hall_id"),
        ({"hall_id": 5}, "hall_id"),
        ({"starts_at": "2026-12-31"}, "starts_at"),
        ({"starts_at": 1}, "starts_at"),
        ({"starts_at": text_of(datetime.now(UTC) + timedelta(days=59))}, "sale_opens_at"),
        ({"sale_closes_at": text_of(datetime.now(UTC) - timedelta(days=1))}, "sale_closes_at"),
        ({"prices": {}}, "prices"),
        ({"prices": {"Ложа": {"amount": "1.00", "currency": "RUB"}}}, "prices.Ложа"),
        ({"prices": None}, "prices"),
        ({"prices": [1]}, "prices"),
        ({"per_customer_limit": 0}, "per_customer_limit"),
        ({"per_customer_limit": 1001}, "per_customer_limit"),
        ({"per_customer_limit": "5"}, "per_customer_limit"),
        ({"per_customer_limit": True}, "per_customer_limit"),
        ({"orphan_rule": None}, "orphan_rule"),
        ({"orphan_rule": 1}, "orphan_rule"),
        ({"unknown": 1}, "unknown"),
        ({"status": "published"}, "status"),
        *(
            ({"prices": {"Партер": {"amount": amount, "currency": "RUB"}}}, "prices.Партер.amount")
            for amount in (3500, 3500.5, "3500.505", "-1.00", "1e3", "NaN", "3500,00", "", "10000000.01")
        ),
    ],
)
async def test_a_bad_event_names_its_field(shop: Shop, change: dict[str, Any], field: str):
    admin = await shop.admin()

    assert field in await admin.fields("POST", "/admin/events", await shop.event_body(admin) | change)


async def test_publishing_again_is_as_good_as_once(shop: Shop):
    admin = await shop.admin()
    event = await shop.event(admin)

    again = await (await shop.admin(unit=1)).call("POST", f"/admin/events/{event}/publish", 200)

    assert (again["status"], again["version"]) == ("published", 2)
    await admin.problem("POST", "/admin/events/0000000000001/publish", 404, "not_found")


async def test_publication_is_unavailable_while_the_reader_is_away_and_the_same_call_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    from processing_units.administration import events

    monkeypatch.setattr(events, "PUBLISH_SECONDS_MAX", 0.5)
    admin = await shop.admin()
    made = await admin.call("POST", "/admin/events", 201, await shop.event_body(admin))
    path = f"/admin/events/{made['event_id']}/publish"
    shop.hand.rests = True

    refused = await admin.response("POST", path, 503)
    assert refused.headers["retry-after"]
    shop.hand.rests = False
    await asyncio.sleep(0.5)
    assert (await admin.call("POST", path, 200))["status"] == "published"


async def test_terms_of_a_published_event_are_sold_under_at_once(shop: Shop):
    admin, shopper = await shop.admin(), await shop.shopper()
    event = await shop.event(admin)
    path = f"/admin/events/{event}"

    limited = await admin.call("PATCH", path, 200, {"per_customer_limit": 1}, headers=at(2))
    await shopper.problem("POST", f"/events/{event}/orders", 403, "limit_exceeded", {"seats": ["1-1", "1-2"]})
    dearer = {"prices": {"Партер": {"amount": "9999.99", "currency": "RUB"}}, "per_customer_limit": None}
    free = await admin.call("PATCH", path, 200, dearer, headers=at(limited["version"]))
    order = await shopper.call("POST", f"/events/{event}/orders", 201, {"seats": ["1-1", "1-2"]})
    later = {"sale_opens_at": text_of(datetime.now(UTC) + timedelta(days=1))}
    await admin.call("PATCH", path, 200, later, headers=at(free["version"]))

    assert order["total"] == {"amount": "19999.98", "currency": "RUB"}
    await shopper.problem("POST", f"/events/{event}/orders", 403, "sale_not_open", {"seats": ["1-3"]})


async def test_a_refused_change_of_an_event_changes_nothing(shop: Shop):
    admin = await shop.admin()
    event = await shop.event(admin, per_customer_limit=2)
    path = f"/admin/events/{event}"
    before = await admin.call("GET", path, 200)

    far = {"starts_at": text_of(datetime.now(UTC) + timedelta(days=1))}
    for change in ({"title": None}, {"starts_at": None}, {"prices": None}, {"title": "x", "unknown": 1}, {"hall_id": "0000000000001"}, far):
        await admin.problem("PATCH", path, 422, "invalid", change, headers=at(before["version"]))
    await admin.problem("PATCH", path, 422, "invalid", {"title": "x"})
    await admin.problem("PATCH", path, 409, "stale", {"per_customer_limit": 5}, headers=at(1))

    assert await admin.call("GET", path, 200) == before
    await (await shop.shopper()).problem("POST", f"/events/{event}/orders", 403, "limit_exceeded", {"seats": ["1-1", "1-2", "1-3"]})
    await admin.call("PATCH", path, 200, {"per_customer_limit": None, "orphan_rule": None}, headers=at(before["version"]))
    assert await admin.call("GET", path, 200) == before | {"per_customer_limit": None, "version": before["version"] + 1}


async def test_of_two_who_change_the_terms_at_once_the_inventory_follows_the_winner(shop: Shop):
    admins = [await shop.admin(unit) for unit in (0, 1)]
    event = await shop.event(admins[0])
    for _ in range(3):
        version = (await admins[0].call("GET", f"/admin/events/{event}", 200))["version"]
        path, read = f"/admin/events/{event}", at(version)
        await asyncio.gather(*(admin.http.patch(path, json={"per_customer_limit": n}, headers=read) for n, admin in enumerate(admins, 1)))
        stands = (await admins[1].call("GET", f"/admin/events/{event}", 200))["per_customer_limit"]

        shopper, three = await shop.shopper(), {"seats": ["1-1", "1-2", "1-3"]}
        refused = await shopper.problem("POST", f"/events/{event}/orders", 403, "limit_exceeded", three)
        assert refused["limit"] == stands


async def test_every_action_of_an_administrator_goes_to_the_audit_outbox(shop: Shop):
    admin = await shop.admin()
    event = await shop.event(admin)
    await admin.call("PATCH", f"/admin/events/{event}", 200, {"title": "x"}, headers=at(2))
    account = number_of((await admin.call("GET", "/account", 200))["account_id"])
    wanted = {"admin:event_created", "admin:event_published", "admin:event_changed"}

    logs = AttemptsLogs(shop.grid)
    async with asyncio.timeout(10):
        while True:
            records = [record for key in KEYS for record in (await logs.drain(key, 2_000)).records if record.account == account]
            if {record.status for record in records if record.event == number_of(event)} == wanted:
                break
            await asyncio.sleep(0.05)

    assert {"admin:artist_created", "admin:hall_created"} <= {record.status for record in records}
    assert all(record.address == "127.0.0.1" for record in records)


async def test_without_its_database_the_audit_is_unavailable_and_the_rest_is_not(shop: Shop):
    admin = await shop.admin()
    await admin.problem("GET", "/admin/audit", 503, "unavailable")
    await admin.problem("GET", "/admin/audit", 503, "unavailable", headers={"accept": "text/csv"})
    await admin.call("GET", "/admin/artists", 200)
