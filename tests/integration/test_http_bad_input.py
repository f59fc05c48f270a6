"""Every field of every call with what does not belong there, over HTTP: `invalid` names the field, and nothing changes."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.fixtures.http import Site, Visitor
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import person, plan, unique

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "x" * 20_000
HUGE = 10**30
NO_TEXT: tuple[Any, ...] = (None, 1, -1.5, True, [], {}, HUGE)
NO_LINE: tuple[Any, ...] = (*NO_TEXT, "", "a\x00b", "a\nb", LONG)
NO_COUNT: tuple[Any, ...] = (None, "1", 1.5, True, [], {}, 0, -1, HUGE, -HUGE)
NO_LIST: tuple[Any, ...] = (None, 1, "1-1", True, {}, [])
NO_OBJECT: tuple[Any, ...] = (None, 1, "x", True, [])
NO_TIME: tuple[Any, ...] = (*NO_LINE, "tomorrow", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "0001-01-01T00:00:00Z", "1")
NO_ID: tuple[Any, ...] = (*NO_LINE, "none", "0000000000001", "zzzzzzzzzzzzz", "0" * 13, "../../etc/passwd")
NO_MONEY: tuple[Any, ...] = (*NO_LINE, "-1.00", "1e3", "NaN", "1,00", "1.0", "1.000", "01.00", "10000000.01", " 1.00", "١.٠٠")
NO_METHOD: tuple[Any, ...] = (*NO_LINE, "cash", "CARD")
ABSENT = object()


def left_out(wrong: tuple[Any, ...]) -> tuple[Any, ...]:
    """For a field that must be there."""
    return (*wrong, ABSENT)


def optional(wrong: tuple[Any, ...]) -> tuple[Any, ...]:
    """For a field that may be null."""
    return tuple(value for value in wrong if value is not None)


SEATS = {"seats": ["1-1", "1-2"]}
BEST = {"best_available": {"category": "Партер", "quantity": 2}}
AREAS = {"areas": [{"area": "Танцпол", "quantity": 2}]}
FLOOR = {"area": "Танцпол", "category": "Партер", "capacity": 25, "position": {"x": 0, "y": 200}, "width": 200, "height": 80}
PAYMENT = {"provider": "sandbox", "method": "card", "return_url": "/"}
WORK = {"title": "Первый", "year": 1999, "kind": "album"}
ARTIST = {"name": "Артист", "occupation": "певец", "genre": "рок", "biography": "Пел.", "works": [WORK]}
FOREIGN = (
    "https://evil.example/",
    "//evil.example/",
    "javascript:alert(1)",
    "/\\evil.example",
    "\t//evil.example",
    "http:/evil",
    "@evil.example",
)

# call → (a body that would do, field → what does not belong there)
ORDERS: dict[str, tuple[dict[str, Any], dict[str, tuple[Any, ...]]]] = {
    "seats": (SEATS, {
        "seats": (*NO_LIST, ["1-1", "1-1"], [f"1-{seat}" for seat in range(1, 12)], ["1-1"] * 1_000),
        "seats.1": (*NO_LINE, "no-such-seat", "1-1 ", "１-１", "9-9", "танцпол"),
    }),
    "best available": (BEST, {
        "best_available": NO_OBJECT,
        "best_available.category": left_out((*NO_LINE, "Ложа", "партер")),
        "best_available.quantity": left_out((*NO_COUNT, 11)),
        "best_available.row": ("1",),
    }),
    "areas": (AREAS, {
        "areas": (*NO_LIST, [{"area": "Танцпол", "quantity": 6}] * 2, [{"area": "Танцпол", "quantity": 1}] * 11),
        "areas.0": NO_OBJECT,
        "areas.0.area": left_out((*NO_LINE, "Ложа")),
        "areas.0.quantity": left_out((*NO_COUNT, 11)),
    }),
}  # fmt: skip

PAYMENTS: dict[str, tuple[Any, ...]] = {
    "provider": left_out((*NO_LINE, "paypal", "Sandbox")),
    "method": left_out(NO_METHOD),
    "return_url": left_out((*NO_LINE, *FOREIGN)),
    "card_number": ("4111111111111111",),
}
ACCOUNTS: dict[str, tuple[Any, ...]] = {
    "surname": left_out((*NO_LINE, "x" * 201, "   ", "a\x7fb")),
    "name": left_out((*NO_LINE, "x" * 201, "a\u0085b")),
    "phone": left_out((*NO_LINE, "12", "89161234567", "+7 916 123-45-67", "+0123456789", "+" + "7" * 16)),
    "email": left_out((*NO_LINE, "not-an-address", "a@b", "a@b.c\nBcc: x@y.z", "@example.org", "a b@example.org")),
    "login": left_out((*NO_LINE, "ab", "два слова", "логин", "a" * 65, "a/b")),
    "password": left_out((*NO_TEXT, "", "1234567", "password", "qwerty123")),
    "consent": left_out((None, 1, "true", "yes", False, [], {})),
    "consent_version": left_out((*NO_LINE, "1999-01-01")),
    "roles": (["admin"],),
}
SESSIONS: dict[str, tuple[Any, ...]] = {"login": left_out((*NO_TEXT, LONG)), "password": left_out((*NO_TEXT, LONG)), "remember": (True,)}
WORKS = {
    "works": optional((*NO_LIST[:-1], [None], [1])),
    "works.0.title": left_out(NO_LINE),
    "works.0.year": optional((*NO_COUNT, 2_201)),
    "works.0.kind": optional(NO_LINE),
    "works.0.label": ("EMI",),
}
ARTISTS: dict[str, tuple[Any, ...]] = {
    "name": left_out((*NO_LINE, "   ")),
    "occupation": left_out((*NO_LINE, " \u2003 ")),
    "genre": optional(NO_LINE),
    "biography": (1, True, [], {}, "a\x00b", LONG + "x"),
    **WORKS,
    "artist_id": ("0000000000001",),
}
EVENTS: dict[str, tuple[Any, ...]] = {
    "title": left_out((*NO_LINE, "   ")),
    "artist_ids": left_out((*NO_LIST, ["none"], ["0000000000001"])),
    "artist_ids.0": NO_ID,
    "description": left_out((*NO_TEXT, "a\x00b", LONG + "x")),
    "city": left_out(NO_LINE),
    "address": left_out(NO_LINE),
    "starts_at": left_out(NO_TIME),
    "sale_opens_at": left_out((*NO_TIME, (datetime.now(UTC) + timedelta(days=31)).isoformat())),  # the event starts in ninety days
    "sale_closes_at": optional((*NO_TIME, (datetime.now(UTC) - timedelta(days=1)).isoformat())),
    "hall_id": left_out(NO_ID),
    "prices": left_out((None, 1, "x", [], {}, {"Ложа": {"amount": "1.00", "currency": "RUB"}})),
    "prices.Партер": (None, "3500.00", 3500, [], {}),
    "prices.Партер.amount": left_out(NO_MONEY),
    "prices.Партер.currency": left_out((*NO_TEXT, "", "USD", "rub")),
    "per_customer_limit": optional((*NO_COUNT, 1_001)),
    "orphan_rule": (None, 1, "true", [], {}),
    "status": ("published",),
}
SEAT = "plan.zones.0.rows.0.seats.0"
NO_NAME: tuple[Any, ...] = (None, 1, True, [], {}, "x" * 201)
HALLS: dict[str, tuple[Any, ...]] = {
    "plan": left_out(NO_OBJECT),
    "plan.name": left_out(NO_NAME),
    "plan.size": (1, [], {}, {"width": "1", "height": 1}, {"width": 1}),
    "plan.categories": left_out((None, 1, {}, [], [{"name": "Партер"}])),
    "plan.categories.0.name": left_out((*NO_NAME, "Балкон")),
    "plan.zones": left_out((None, 1, {}, [])),
    "plan.zones.0.rows": left_out((None, 1, "x", {})),
    "plan.zones.0.rows.0.seats": left_out((None, 1, "x", {})),
    f"{SEAT}.seat_guid": left_out((*NO_NAME, "", "1-2")),
    f"{SEAT}.category": left_out((*NO_NAME, "Ложа")),
    f"{SEAT}.position": left_out((None, 1, [], {}, {"x": "1", "y": 0}, {"x": 10**9, "y": 0})),
    "plan.zones.0.areas.0.area": (1, [], {}, "x" * 201),
    "plan.zones.0.areas.0.capacity": (None, "25", 0, -1, 10**9, 2.5),
    "plan.zones.0.areas.0.category": ("Ложа", 1, []),
}


def spoilt(body: dict[str, Any], field: str, wrong: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """The body once for each value put at the field."""
    *way, last = (int(step) if step.isdecimal() else step for step in field.split("."))
    for value in wrong:
        bad: Any = copy.deepcopy(body)
        at = bad
        for step in way:
            at = at[step]
        if value is ABSENT:
            del at[last]
        else:
            at[last] = value
        yield bad


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_sale(site: Site) -> str:
    """An event that nobody here may change."""
    return await site.on_sale(plan(areas=(FLOOR,)))


@pytest.mark.parametrize(("form", "field"), [(form, field) for form, (_, fields) in ORDERS.items() for field in fields])
async def test_orders(site: Site, shopper: Visitor, on_sale: str, form: str, field: str):
    body, fields = ORDERS[form]
    async with site.nothing_changes(on_sale):
        for bad in spoilt(body, field, fields[field]):
            await shopper.refused("POST", f"/events/{on_sale}/orders", bad, field)


@pytest.mark.parametrize(
    "body", [{}, SEATS | BEST, SEATS | {"areas": []}, SEATS | BEST | AREAS, SEATS | {"extra": 1}, [], [SEATS], "1-1", 1, None]
)
async def test_an_order_asks_for_exactly_one_thing(site: Site, shopper: Visitor, on_sale: str, body: Any):
    async with site.nothing_changes(on_sale):
        content, kind = json.dumps(body), {"Content-Type": "application/json"}
        answer = await shopper.answer("POST", f"/events/{on_sale}/orders", content=content, headers=kind)
        assert check_problem(answer, "invalid")["errors"]


@pytest.mark.parametrize("field", PAYMENTS)
async def test_payments(site: Site, shopper: Visitor, event_id: str, field: str):
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    async with site.nothing_changes(event_id):
        for bad in spoilt(PAYMENT, field, PAYMENTS[field]):
            await shopper.refused("POST", f"/orders/{order['order_id']}/payments", bad, field)
    assert (await shopper.order(order["order_id"]))["status"] == "held"


async def test_a_return_address_that_only_looks_like_this_site(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    for address in (f"{site.urls['site']}.evil.example/", f"{site.urls['site']}@evil.example/", f"{site.urls['site']}1/"):
        await shopper.refused("POST", f"/orders/{order['order_id']}/payments", PAYMENT | {"return_url": address}, "return_url")


@pytest.mark.parametrize("field", ACCOUNTS)
async def test_accounts(site: Site, field: str):
    body = person()
    for bad in spoilt(body, field, ACCOUNTS[field]):
        await site.anyone().refused("POST", "/accounts", bad, field)
    signing_in = {"login": body["login"], "password": body["password"]}
    check_problem(await site.anyone().answer("POST", "/sessions", signing_in), "not_signed_in")


@pytest.mark.parametrize("field", SESSIONS)
async def test_sessions(site: Site, field: str):
    for bad in spoilt({"login": "nobody", "password": "whatever it is"}, field, SESSIONS[field]):
        await site.anyone().refused("POST", "/sessions", bad, field)


@pytest.mark.parametrize("field", ARTISTS)
async def test_artists(site: Site, field: str):
    admin, name = await site.admin(), unique("Артист ")
    for bad in spoilt(ARTIST | {"name": name}, field, ARTISTS[field]):
        await admin.refused("POST", "/admin/artists", bad, field)
    assert (await admin.call("GET", "/admin/artists", 200, params={"q": name}))["items"] == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def event_body(site: Site) -> dict[str, Any]:
    return await site.event_body(await site.admin())


@pytest.mark.parametrize("field", EVENTS)
async def test_events(site: Site, event_body: dict[str, Any], field: str):
    admin, title = await site.admin(), unique("Концерт ")
    for bad in spoilt(event_body | {"title": title}, field, EVENTS[field]):
        await admin.refused("POST", "/admin/events", bad, field)
    assert (await admin.call("GET", "/admin/events", 200, params={"q": title}))["items"] == []


@pytest.mark.parametrize("field", EVENTS)
async def test_changes_of_a_published_event(site: Site, on_sale: str, field: str):
    admin = await site.admin()
    before = await admin.call("GET", f"/admin/events/{on_sale}", 200)
    body = {name: before[name] for name in EVENTS if "." not in name} | {"per_customer_limit": 3}
    body.pop("status")
    read = {"If-Match": str(before["version"])}
    for bad in spoilt(body, field, tuple(value for value in EVENTS[field] if value is not ABSENT)):
        if (field, bad.get(field, 0)) != ("orphan_rule", None):  # null takes an optional field back
            await admin.refused("PATCH", f"/admin/events/{on_sale}", bad, field, headers=read)
    assert await admin.call("GET", f"/admin/events/{on_sale}", 200) == before


@pytest.mark.parametrize("field", HALLS)
async def test_halls(site: Site, field: str):
    admin = await site.admin()
    body = {"plan": plan(areas=(FLOOR,))}
    for bad in spoilt(body, field, HALLS[field]):
        told = check_problem(await admin.answer("POST", "/admin/halls", bad), "invalid")
        assert any(error["field"].startswith("plan") for error in told["errors"]), told
