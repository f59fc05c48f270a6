"""Bodies and queries: what cannot be read is `malformed`, what makes no sense is `invalid` and names its fields."""

from typing import Annotated

import pytest
from pydantic import Field
from starlette.requests import Request

from processing_units.edge.problems import Problem
from processing_units.edge.validation import (
    BODY_BYTES_MAX,
    ONE_LINE,
    PageQuery,
    StrictModel,
    is_json,
    parse,
    read_bytes,
    read_json,
    read_query,
)


class Seat(StrictModel):
    number: int


class Order(StrictModel):
    name: Annotated[str, ONE_LINE] = ""
    seats: list[Seat] = Field(max_length=2)


def request_of(body: bytes, headers: dict[str, str] | None = None, parts: int = 1) -> Request:
    """A request whose body comes in so many parts."""
    size = -(-len(body) // parts) or 1
    pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    messages = [{"type": "http.request", "body": piece, "more_body": index < len(pieces) - 1} for index, piece in enumerate(pieces)]

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    given = {"content-type": "application/json"} | (headers or {})
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "query_string": b""}, receive)


async def refused(request, model=Order):
    with pytest.raises(Problem) as caught:
        await read_json(request, model)
    return caught.value


@pytest.mark.parametrize("parts", [1, 2, 7])
async def test_a_body_becomes_its_model_however_it_comes(parts):
    order = await read_json(request_of(b'{"name": "\xd0\x81", "seats": [{"number": 1}]}', parts=parts), Order)

    assert order == Order(name="Ё", seats=[Seat(number=1)])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{}", ["seats"]),
        (b"[]", [""]),
        (b'{"seats": 1}', ["seats"]),
        (b'{"seats": [{"number": "1"}]}', ["seats.0.number"]),
        (b'{"seats": [{"number": 1.5}, {}]}', ["seats.0.number", "seats.1.number"]),
        (b'{"seats": [], "extra": 1}', ["extra"]),
        (b'{"seats": [], "name": "a\\u0000b"}', ["name"]),
        (b'{"seats": [{"number": 1}, {"number": 2}, {"number": 3}]}', ["seats"]),
    ],
)
async def test_what_makes_no_sense_is_named_by_its_place(body, fields):
    problem = await refused(request_of(body))

    assert (problem.status, problem.code) == (422, "invalid")
    assert [error["field"] for error in problem.extra["errors"]] == fields
    assert all(error["message"] for error in problem.extra["errors"])


@pytest.mark.parametrize("body", [b"", b'{"seats": [', b"seats=1", b"\xff\xfe", b'{"seats": []}}', b"[" * 10_000])
async def test_what_is_not_json_is_malformed(body):
    assert (await refused(request_of(body))).code == "malformed"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp", "application/json; charset=utf-16"]
)
async def test_other_types_of_content_are_malformed(kind):
    assert (await refused(request_of(b'{"seats": []}', {"content-type": kind}))).code == "malformed"


def test_json_in_utf_8_may_say_so():
    assert is_json(b"application/json; charset=utf-8")
    assert is_json(b'Application/JSON;charset="UTF-8"')


async def test_a_long_body_is_refused_before_it_is_read():
    taken = []

    async def receive():
        taken.append(1)
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    with pytest.raises(Problem, match="malformed"):
        await read_bytes(receive)
    assert len(taken) == BODY_BYTES_MAX // 1024 + 1
    declared = request_of(b"", {"content-length": str(10**9)})
    assert (await refused(declared)).code == "malformed"


async def test_a_body_that_ends_early_is_malformed():
    request = request_of(b'{"seats": []}', parts=2)
    await request.receive()  # the first part is lost: the rest is followed by the client's going away
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    with pytest.raises(Problem, match="malformed"):
        await read_bytes(receive)


def test_inputs_are_not_told_back():
    with pytest.raises(Problem) as caught:
        parse(Order, b'{"seats": "swordfish"}')

    assert b"swordfish" not in caught.value.document()


@pytest.mark.parametrize("query", [b"limit=0", b"limit=-1", b"limit=101", b"limit=many", b"limit="])
def test_other_limits_are_invalid(query):
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": query})

    with pytest.raises(Problem) as caught:
        read_query(request, PageQuery)
    assert caught.value.extra["errors"][0]["field"] == "limit"
