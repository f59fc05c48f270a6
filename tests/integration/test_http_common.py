"""What all calls have in common over HTTP: one closed set of problems, who must be signed in, one spelling, a request id."""

import pytest

from tests.fixtures.http import Site, eventually
from tests.fixtures.problems import PROBLEMS, check_problem
from tests.fixtures.shop import person

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_codes_are_one_closed_set_with_their_statuses_and_fields(site: Site):
    document = (await site.apart.get(f"{site.urls['site']}/api/openapi.json")).json()
    problem = document["components"]["schemas"]["Problem"]
    assert set(problem["properties"]["code"]["enum"]) == PROBLEMS.keys()
    assert problem["properties"].keys() - {"type", "title", "status", "detail", "code"} == {
        field for _, fields in PROBLEMS.values() for field in fields
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for code in (name for name in PROBLEMS if f"`{name}`" in response["description"]):
                    assert PROBLEMS[code][0] == int(status), (method, path, code)
                    assert list(response["content"]) == ["application/problem+json"]


async def test_every_call_that_needs_somebody_says_so(site: Site):
    """Whoever is not signed in, and a shopper where an administrator is needed, whatever the rest of the request."""
    document = (await site.apart.get(f"{site.urls['site']}/api/openapi.json")).json()
    shopper, looked_at = await site.shopper(), 0
    for path, operations in document["paths"].items():
        for method in (name for name, operation in operations.items() if operation.get("security")):
            at = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
            for headers in ({}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic YTpi"}, {"Cookie": "front_row_session=x"}):
                check_problem(await site.anyone().answer(method, at, headers=headers), "not_signed_in")
            if "/admin/" in path:
                check_problem(await shopper.answer(method, at), "forbidden")
            looked_at += 1
    assert looked_at >= 20


async def test_an_ended_session_is_dead_everywhere(site: Site):
    known = person()
    await site.anyone().call("POST", "/accounts", 201, known)
    session = await site.anyone().call("POST", "/sessions", 201, {"login": known["login"], "password": known["password"]})
    leaving = site.anyone(token=session["token"])
    await leaving.call("DELETE", "/sessions/current", 204)
    check_problem(await leaving.answer("GET", "/account"), "not_signed_in")
    elsewhere = site.anyone(1, session["token"])
    check_problem(await eventually(lambda: elsewhere.answer("GET", "/account"), lambda answer: answer.status_code == 401), "not_signed_in")
    assert (await elsewhere.answer("GET", "/events")).status_code == 200


@pytest.mark.parametrize("path", ["/events/", "//events", "/Events", "/events%2f", "/orders", "/admin"])
async def test_an_address_has_one_spelling(site: Site, path: str):
    answer = await site.apart.get(f"{site.units[0]}{path}", follow_redirects=False)
    check_problem(answer, "not_found")


async def test_what_administration_has_not_is_told_to_administrators_only(site: Site):
    for visitor, code in ((site.anyone(), "not_signed_in"), (await site.shopper(), "forbidden"), (await site.admin(), "not_found")):
        check_problem(await visitor.answer("GET", "/admin/nothing"), code)


async def test_every_answer_has_a_request_id_of_its_own(site: Site):
    answers = [await site.anyone(unit).answer("GET", path) for unit in (0, 1) for path in ("/events", "/consent", "/nowhere") * 5]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids) == 30
