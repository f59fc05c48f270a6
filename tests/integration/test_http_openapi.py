"""The running system against its own OpenAPI document: schemathesis makes requests out of it, sensible and senseless ones.

No answer that the document does not name, none of a type or a shape that it does not name, no code of a problem that it does not
name, and no fault. What is refused has changed nothing.
"""

import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import hypothesis
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from processing_units.app import ROUTES
from processing_units.edge.openapi import document
from tests.fixtures.http import PROMPTLY, Site
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import person, plan

SEED = 20_261_122
EXAMPLES_MAX = 25  # per operation and role
EXAMPLES_OF_STRANGERS_MAX = 5
PLANS_MAX = 3  # seating plans are deep: making one up takes a second
STREAM = "/api/v1/events/{event_id}/seats/stream"
LEFT_OUT = {("get", STREAM): "it never ends: its beginning is read below"}
DOCUMENT = document(ROUTES, "")
CALLS = sorted((method, path) for path, operations in DOCUMENT["paths"].items() for method in operations)
CHECKED = [call for call in CALLS if call not in LEFT_OUT]
FLOOR = {"area": "Танцпол", "category": "Партер", "capacity": 25, "position": {"x": 0, "y": 200}, "width": 200, "height": 80}
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
]


@dataclass(frozen=True)
class Ground:
    """What the requests are made of besides the document: tokens by role, and ids of things that exist."""

    base: str
    schema: Any
    tokens: dict[str, str]
    leaving: str  # a token whose session may be ended
    ids: dict[str, str]
    event_body: dict[str, Any]
    standing: dict[str, Any] = field(default_factory=dict)  # what the calls could change, as it was last seen


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ground(site: Site) -> Ground:
    shopper, admin = await site.shopper(), await site.admin()
    event_id = await site.on_sale(plan(4, 10))
    described = await admin.call("GET", f"/admin/events/{event_id}", 200)
    login, password = site.administrator
    leaving = await site.anyone().call("POST", "/sessions", 201, {"login": login, "password": password})
    raw = (await site.apart.get(f"{site.urls['site']}/api/openapi.json")).json()
    return Ground(
        base=site.urls["site"],
        schema=schemathesis.openapi.from_dict(raw),
        tokens={role: who.http.headers["authorization"] for role, who in (("shopper", shopper), ("administrator", admin))},
        leaving=f"Bearer {leaving['token']}",
        ids={
            "event_id": event_id,
            "order_id": (await shopper.hold(event_id, {"seats": ["1-1"]}))["order_id"],
            "artist_id": described["artist_ids"][0],
            "hall_id": described["hall_id"],
            "provider": "sandbox",
        },
        event_body=await site.event_body(admin),
    )


def requests_for(operation: Any, ids: dict[str, str]) -> "st.SearchStrategy[Any]":
    """Sensible and senseless requests, for things that exist and for made-up ones."""
    known = {name: value for name, value in ids.items() if f"{{{name}}}" in operation.path}
    ways = [operation.as_strategy(mode, **({"path_parameters": known} if known else {})) for mode in GenerationMode]
    return st.one_of(*ways, *([operation.as_strategy()] if known else []))


def try_out(ground: Ground, method: str, path: str, authorization: str, examples: int) -> Counter[int]:
    """The statuses that came of it, and how often."""
    operation, seen = ground.schema[path][method], Counter[int]()
    if "/halls" in path and method != "get":
        examples = min(examples, PLANS_MAX)

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )  # fmt: skip
    @hypothesis.given(case=requests_for(operation, ground.ids))
    def holds(case: Any) -> None:
        seen[checked(ground, case, authorization).status_code] += 1

    holds()
    return seen


def checked(ground: Ground, case: Any, authorization: str) -> Any:
    """The answer to one request, which is as the document says and no fault."""
    changes = case.method.upper() != "GET"
    if changes and not ground.standing:
        ground.standing.update(standing(ground))
    response = case.call(base_url=ground.base, headers={"Authorization": authorization}, timeout=30)
    assert response.status_code < 500 or response.status_code == 503, response.content[:500]
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        check_code(ground, case, response)
        if changes:
            now = standing(ground)
            assert now == ground.standing, f"{case.method} {case.path} was refused with {response.status_code}, and yet"
    elif changes:
        ground.standing.clear()
    return response


def check_code(ground: Ground, case: Any, response: Any) -> None:
    """The refusal is whole, of the closed set, and one that the document names for this call."""
    answer = httpx.Response(
        response.status_code, headers={name: values[0] for name, values in response.headers.items()}, content=response.content
    )
    code = answer.json()["code"]
    check_problem(answer, code)
    told = ground.schema.raw_schema["paths"][case.path][case.method.lower()]["responses"].get(str(response.status_code))
    if told is not None:  # every address has more methods that it refuses than the document has room for
        assert code in re.findall(r"`(\w+)`", told["description"]), f"{case.method} {case.path}: {code}"


def standing(ground: Ground) -> dict[str, Any]:
    """What the calls could change: documents as the grid has them, and the seats, of which a hold may lapse meanwhile."""
    ids, asked = ground.ids, {"authorization": ground.tokens["administrator"]}
    with httpx.Client(base_url=f"{ground.base}/api/v1", headers=asked, timeout=30) as http:
        paths = (f"/admin/artists/{ids['artist_id']}", f"/admin/halls/{ids['hall_id']}", f"/admin/events/{ids['event_id']}", "/account")
        told = {path: http.get(path).json() for path in paths}
        seats = http.get(f"/events/{ids['event_id']}/seats").json()["counts"]
    return told | {"sold": seats["sold"], "closed": seats["closed"]}


def count(ground: Ground, path: str) -> int:
    """How many there are of what a list tells, in the unit that is asked."""
    found, cursor = 0, None
    with httpx.Client(headers={"authorization": ground.tokens["administrator"]}, timeout=30) as http:
        while found == 0 or cursor is not None:
            page = http.get(ground.base + path, params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()
            found, cursor = found + len(page["items"]), page["next_cursor"]
    return found


def test_the_document_of_the_running_system_has_every_call(ground: Ground):
    served = {(method, path) for path, operations in ground.schema.raw_schema["paths"].items() for method in operations}
    assert served == set(CALLS)
    assert set(CALLS) >= LEFT_OUT.keys()


@pytest.mark.parametrize(("method", "path"), CHECKED)
def test_every_answer_is_as_documented(ground: Ground, method: str, path: str):
    role = "administrator" if "/admin/" in path else "shopper"
    token = ground.leaving if path.endswith("/sessions/current") else ground.tokens[role]
    makes = method == "post" and path.removeprefix("/api/v1/admin/") in {"artists", "halls", "events"}
    before = count(ground, path) if makes else 0
    made = try_out(ground, method, path, token, EXAMPLES_MAX)[201]
    until = time.monotonic() + PROMPTLY
    while makes and (now := count(ground, path)) != before + made:  # units hear of it a moment later
        assert time.monotonic() < until, f"{now - before} are there of {made} that were made"


@pytest.mark.parametrize(("method", "path"), [call for call in CHECKED if "/admin/" in call[1]])
def test_shoppers_do_not_administer(ground: Ground, method: str, path: str):
    assert try_out(ground, method, path, ground.tokens["shopper"], EXAMPLES_OF_STRANGERS_MAX).keys() <= {403, 404, 405}


@pytest.mark.parametrize(("method", "path"), [call for call in CHECKED if "/admin/" not in call[1]])
def test_administrators_are_answered_like_everybody(ground: Ground, method: str, path: str):
    token = ground.leaving if path.endswith("/sessions/current") else ground.tokens["administrator"]
    try_out(ground, method, path, token, EXAMPLES_OF_STRANGERS_MAX)


@pytest.mark.parametrize(("method", "path"), [call for call in CHECKED if "security" in DOCUMENT["paths"][call[1]][call[0]]])
def test_without_a_living_session_nothing_is_told(ground: Ground, method: str, path: str):
    address = ground.base + path.format(**{name: ground.ids.get(name, "x") for name in re.findall(r"{(\w+)}", path)})
    for authorization in ("", "Bearer none", ground.tokens["shopper"][:-3] + "AAA", "Basic YTpi"):
        headers = {"Authorization": authorization, "If-Match": "1"}
        check_problem(httpx.request(method, address, headers=headers, json=None if method == "get" else {}, timeout=20), "not_signed_in")


LAST_SEEN = ("", "0", "1", "99999999999999999999", "-1", "\u00b2", "x" * 5_000, "1; DROP", "1,2")


@pytest.mark.parametrize("last", LAST_SEEN)
def test_a_stream_begins_as_documented_whatever_was_seen_last(ground: Ground, last: str):
    assert list(ground.schema.raw_schema["paths"][STREAM]["get"]["responses"]["200"]["content"]) == ["text/event-stream"]
    address = ground.base + STREAM.format(event_id=ground.ids["event_id"])
    with httpx.Client(timeout=20) as http, http.stream("GET", address, headers=[(b"Last-Event-ID", last.encode("latin-1"))]) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.iter_lines()
        assert next(lines) == "event: snapshot"
        assert next(lines).startswith("id: ")
        told = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
        assert told.keys() == {"version", "counts", "states"}
        assert sum(told["counts"].values()) == len(told["states"])


@pytest.mark.parametrize("event_id", ["none", "0000000000001", "%00", "zzzzzzzzzzzzz", "\u0660"])
def test_a_stream_of_nothing_is_refused_as_documented(ground: Ground, event_id: str):
    check_problem(httpx.get(ground.base + STREAM.format(event_id=event_id), timeout=20), "not_found")


def test_what_succeeds_is_as_documented(ground: Ground):
    """One sensible request after the other, so that every answer with a document in it is seen."""

    def ask(method: str, path: str, expect: int, body: Any = None, role: str = "administrator", **more: Any) -> Any:
        path = f"/api/v1{path}"
        given = {} if body is None else {"body": body, "media_type": "application/json"}
        named = {name: ids[name] for name in ids if f"{{{name}}}" in path}
        case = ground.schema[path][method].Case(path_parameters=named, **given, **more)
        response = checked(ground, case, ground.tokens[role])
        assert response.status_code == expect, response.content[:500]
        return response.json() if "json" in response.headers.get("content-type", [""])[0] else None

    ids, shopper = dict(ground.ids), "shopper"
    registering = person()
    ask("get", "/consent", 200)
    ask("post", "/accounts", 201, registering)
    ask("post", "/sessions", 201, {"login": registering["email"], "password": registering["password"]})
    artist = ask("post", "/admin/artists", 201, {"name": "Артист", "occupation": "певец", "works": [{"title": "Первый"}]})
    ids["artist_id"] = artist["artist_id"]
    ask("patch", "/admin/artists/{artist_id}", 200, {"genre": None}, headers={"If-Match": str(artist["version"])})
    hall = ask("post", "/admin/halls", 201, {"plan": plan(areas=(FLOOR,))})
    ids["hall_id"] = hall["hall_id"]
    ask("put", "/admin/halls/{hall_id}", 200, {"plan": plan(areas=(FLOOR,))})
    event = ask("post", "/admin/events", 201, ground.event_body | {"hall_id": ids["hall_id"], "artist_ids": [ids["artist_id"]]})
    ids["event_id"] = event["event_id"]
    ask("patch", "/admin/events/{event_id}", 200, {"title": "Новое имя"}, headers={"If-Match": str(event["version"])})
    ask("post", "/admin/events/{event_id}/publish", 200)
    for role in ground.tokens:
        ask("get", "/events/{event_id}", 200, role=role)
    ask("get", "/events", 200, query={"limit": 1})
    ids["event_id"] = ground.ids["event_id"]  # one that every unit knows
    for wish in ({"seats": ["2-1", "2-2"]}, {"best_available": {"category": "Балкон", "quantity": 2}}):
        order = ask("post", "/events/{event_id}/orders", 201, wish, shopper)
        ids["order_id"] = order["order_id"]
        ask("get", "/orders/{order_id}", 200, role=shopper)
        ask("post", "/events/{event_id}/orders", 409, {"seats": [order["seats"][0]["seat"]]}, shopper)
    ask("post", "/orders/{order_id}/payments", 201, {"provider": "sandbox", "method": "sbp", "return_url": "/"}, shopper)
    ask("get", "/orders/{order_id}", 200, role=shopper)
    ask("delete", "/orders/{order_id}", 204, role=shopper)
    ask("get", "/events/{event_id}/seats", 200)
    ask("get", "/events/{event_id}/hall", 200)
    ask("get", "/admin/audit", 200)
    ask("get", "/admin/audit", 200, headers={"Accept": "text/csv"}, query={"event": ids["event_id"]})
