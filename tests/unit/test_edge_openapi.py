"""The OpenAPI document says what the calls take and answer, out of the models that validate them."""

import json

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from processing_units.app import ROUTES
from processing_units.edge.openapi import document, documentation_of, documented
from processing_units.edge.problems import CODES


@pytest.fixture(scope="module")
def described():
    return document(ROUTES, "1.0")


def references(shape):
    if isinstance(shape, dict):
        for key, value in shape.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(shape, list):
        for value in shape:
            yield from references(value)


def test_the_calls_of_the_contract_are_in_it(described):
    paths = described["paths"]
    assert described["openapi"].startswith("3.1")
    for path, method in [
        ("/api/v1/events", "get"), ("/api/v1/events/{event_id}", "get"), ("/api/v1/events/{event_id}/hall", "get"),
        ("/api/v1/events/{event_id}/seats", "get"), ("/api/v1/events/{event_id}/seats/stream", "get"),
        ("/api/v1/events/{event_id}/orders", "post"), ("/api/v1/orders/{order_id}", "get"), ("/api/v1/orders/{order_id}", "delete"),
        ("/api/v1/orders/{order_id}/payments", "post"), ("/api/v1/payments/{provider}/notifications", "post"),
        ("/api/v1/accounts", "post"), ("/api/v1/sessions", "post"), ("/api/v1/admin/events/{event_id}/publish", "post"),
    ]:  # fmt: skip
        assert method in paths[path], path


def test_every_reference_leads_somewhere(described):
    for reference in references(described):
        at = described
        for name in reference.removeprefix("#/").split("/"):
            at = at[name]


def test_the_closed_set_of_codes_is_listed(described):
    problem = described["components"]["schemas"]["Problem"]
    assert problem["properties"]["code"]["enum"] == list(CODES)
    assert "errors" in problem["properties"]


def test_every_call_is_documented_and_answers_problems_of_its_kind(described):
    for route in ROUTES:
        assert isinstance(route, Route)
        found = documentation_of(route)
        if found is None:  # what is there to say of addresses that lead nowhere
            continue
        for method in (route.methods or set()) - {"HEAD"}:
            answers = described["paths"][route.path_format][method.lower()]["responses"]
            assert {"503", "500", "429"} <= set(answers)
            assert not found.signed_in or "401" in answers
            for status, answer in answers.items():
                assert status[0] == "2" or status == "304" or list(answer["content"]) == ["application/problem+json"]


def test_an_order_has_exactly_one_wish(described):
    schema = described["components"]["schemas"]["OrderRequest"]
    assert schema["oneOf"] == [{"required": ["seats"]}, {"required": ["best_available"]}, {"required": ["areas"]}]
    assert schema["additionalProperties"] is False
    assert "null" not in json.dumps(schema)


def test_operations_have_names_of_their_own(described):
    names = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_a_code_that_does_not_exist_cannot_be_documented():
    with pytest.raises(ValueError, match="no_such_code"):
        documented(summary="x", problems=["no_such_code"])


def test_documenting_leaves_the_endpoint_as_it_is():
    async def endpoint(request: Request) -> Response:
        return Response()

    assert documented(summary="x")(endpoint) is endpoint
