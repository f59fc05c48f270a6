"""Headers, query parameters and addresses with what does not belong there, over HTTP: nothing is found, and nothing changes."""

from typing import Any

import pytest
import pytest_asyncio

from tests.fixtures.http import Site, Visitor
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import plan

pytestmark = pytest.mark.asyncio(loop_scope="session")

HUGE = 10**30
SEATS = {"seats": ["1-1", "1-2"]}
PAYMENT = {"provider": "sandbox", "method": "card", "return_url": "/"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_sale(site: Site) -> str:
    """An event that nobody here may change."""
    return await site.on_sale()


@pytest.mark.parametrize("key", ["", "k" * 65, "k" * 5_000, "ключ".encode(), b"a\xff", "a\tb"])
async def test_an_idempotency_key_is_1_to_64_printable_ascii_characters(site: Site, shopper: Visitor, on_sale: str, key: str | bytes):
    raw = key if isinstance(key, bytes) else key.encode()
    async with site.nothing_changes(on_sale):
        answer = await shopper.answer("POST", f"/events/{on_sale}/orders", SEATS, headers={b"Idempotency-Key": raw})
        assert check_problem(answer, "invalid")["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("given", [None, "", "0", "-1", "1.0", "latest", "W/1", "*", "9" * 30, "1 OR 1=1"])
async def test_a_change_names_the_version_that_was_read(site: Site, on_sale: str, given: str | None):
    admin = await site.admin()
    headers = {} if given is None else {"If-Match": given}
    await admin.refused("PATCH", f"/admin/events/{on_sale}", {"title": "x"}, "If-Match", headers=headers)


LISTS = {"limit": ("0", "-1", "101", "many", "", "1.5", HUGE), "cursor": ("none", "", "x" * 500, "ZTox", "ё", "e:1:2")}
TIMES = ("tomorrow", "1", "2026-13-01T00:00:00Z", "9" * 40, "0001-01-01T00:00:00Z")
QUERIES: dict[str, dict[str, tuple[Any, ...]]] = {
    "/events": LISTS | {"q": ("x" * 201,), "artist": ("x" * 201,), "city": ("x" * 201,), "from": TIMES, "to": TIMES},
    "/admin/artists": LISTS | {"q": ("x" * 201,)},
    "/admin/halls": LISTS,
    "/admin/events": LISTS | {"q": ("x" * 201,)},
    "/admin/audit": LISTS
    | {
        "from": TIMES,
        "to": TIMES,
        "account": ("none", "0" * 13),
        "event": ("none",),
        "ip": ("here", "1.2.3"),
        "status": ("'; --", "x" * 101),
    },
    "/orders/{order}": {"wait_for": ("paradise", "", "HELD"), "timeout": ("-1", "31", "soon", "nan", "inf", "")},
}


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in QUERIES.items() for name in names])
async def test_query_parameters(site: Site, shopper: Visitor, on_sale: str, path: str, name: str):
    visitor = await site.admin() if path.startswith("/admin") else shopper
    at = path.replace("{order}", f"{on_sale}-0000000000001")
    for value in QUERIES[path][name]:
        await visitor.refused("GET", at, None, name, params={name: value, **({"wait_for": "held"} if name == "timeout" else {})})


NO_PATHS = (
    "none",
    "0",
    "0" * 13,
    "zzzzzzzzzzzzz",
    "0" * 12 + "U",
    "0" * 14,
    "x" * 5_000,
    "%00",
    "%d1%8f",
    "%ff",
    "..%2f..",
    "'",
    "1%20OR%201",
    "*",
)


@pytest.mark.parametrize("made_up", NO_PATHS)
async def test_ids_in_addresses(site: Site, shopper: Visitor, on_sale: str, made_up: str):
    admin = await site.admin()
    order, read = f"{on_sale}-{made_up}", {"If-Match": "1"}
    calls = [
        *((shopper, "GET", f"/events/{made_up}{rest}", None) for rest in ("", "/hall", "/seats", "/seats/stream")),
        (shopper, "POST", f"/events/{made_up}/orders", SEATS),
        *((shopper, "GET", f"/orders/{name}", None) for name in (made_up, order, f"{made_up}-{on_sale}", f"{order}-0")),
        (shopper, "DELETE", f"/orders/{order}", None),
        (shopper, "POST", f"/orders/{order}/payments", PAYMENT),
        (shopper, "POST", f"/payments/{made_up}/notifications", {}),
        *((admin, "GET", f"/admin/{kind}/{made_up}", None) for kind in ("artists", "halls", "events")),
        (admin, "PATCH", f"/admin/artists/{made_up}", {"name": "x"}),
        (admin, "PATCH", f"/admin/events/{made_up}", {"title": "x"}),
        (admin, "PUT", f"/admin/halls/{made_up}", {"plan": plan()}),
        (admin, "POST", f"/admin/events/{made_up}/publish", None),
    ]
    for visitor, method, path, body in calls:
        check_problem(await visitor.answer(method, path, body, headers=read), "not_found")


async def test_an_address_that_is_none_is_not_believed(site: Site, shopper: Visitor, event_id: str):
    """What a proxy of ours says about where somebody comes from, if it makes no sense."""
    token = shopper.http.headers["authorization"].removeprefix("Bearer ")
    for seat, forwarded in enumerate(("nowhere", "1.2.3.4.5", "203.0.113.9, ::gg", "x" * 2_000, "203.0.113.9:80"), 1):
        await site.anyone(token=token, address=forwarded).hold(event_id, {"seats": [f"1-{seat}"]})
    addresses = await site.audit(event_id, ["held"])
    assert {line["ip"] for line in addresses if line["status"] == "held"} == {"127.0.0.1"}
