"""Clients who send too much, too slowly, or what is no JSON or no HTTP: they are told so, and nobody else waits."""

import asyncio
import contextlib
import json
import time
from typing import Any

import pytest
import pytest_asyncio

from processing_units.edge.validation import BODY_BYTES_MAX, HALL_BODY_BYTES_MAX
from processing_units.protocol import HEAD_BYTES_MAX, HEAD_SECONDS_MAX
from tests.fixtures.http import PROMPTLY, Site, Visitor
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import person, plan

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = {"Content-Type": "application/json"}
TEN_MEGABYTES = 10 * 1024 * 1024
DEEP = 30_000
TRICKLE_SECONDS = 0.4


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def on_sale(site: Site) -> str:
    """An event that nobody here may change."""
    return await site.on_sale()


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def dawdler(site: Site) -> asyncio.Task[tuple[float, bytes]]:
    """Somebody who sends a header now and then and never comes to the end, from before the module's first test."""
    return asyncio.create_task(sends_headers_for_ever(site))


async def sends_headers_for_ever(site: Site) -> tuple[float, bytes]:
    """How long it was suffered, in seconds, and what it was told."""
    async with site.connection() as (reader, writer):
        began = time.monotonic()
        reading = asyncio.create_task(reader.read())
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: shop\r\n")
        while not reading.done() and time.monotonic() < began + 2 * HEAD_SECONDS_MAX:
            writer.write(b"X-More: to come\r\n")
            await asyncio.sleep(TRICKLE_SECONDS)
        seconds = time.monotonic() - began
    with contextlib.suppress(OSError):
        return seconds, await reading
    return seconds, b""


Calls = list[tuple[Visitor, str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calls(site: Site, on_sale: str) -> Calls:
    """Every call that takes JSON."""
    shopper, admin = await site.shopper(), await site.admin()
    event = await admin.call("GET", f"/admin/events/{on_sale}", 200)
    return [
        (shopper, "POST", f"/events/{on_sale}/orders"),
        (shopper, "POST", f"/orders/{on_sale}-0000000000001/payments"),
        (shopper, "POST", "/accounts"),
        (shopper, "POST", "/sessions"),
        (admin, "POST", "/admin/artists"),
        (admin, "PATCH", f"/admin/artists/{event['artist_ids'][0]}"),
        (admin, "POST", "/admin/halls"),
        (admin, "PUT", f"/admin/halls/{event['hall_id']}"),
        (admin, "POST", "/admin/events"),
        (admin, "PATCH", f"/admin/events/{on_sale}"),
    ]


BROKEN = {
    "nothing": b"",
    "half": b'{"seats": ["1-1"',
    "two": b'{"seats": ["1-1"]} {"seats": ["1-2"]}',
    "a comment": b'{"seats": ["1-1"] /* mine */}',
    "single quotes": b"{'seats': ['1-1']}",
    "bytes that are no UTF-8": b'{"seats": ["1-\xff"]}',
    "half a surrogate": b'{"seats": ["\\ud800"]}',
    "UTF-16": '{"seats": ["1-1"]}'.encode("utf-16"),
    "a NUL": b'{"seats": ["1-1"]}\x00',
    "a control character": b'{"seats": ["1-\x01"]}',
    "a number that is none": b'{"seats": 01}',
    "depth": b"[" * DEEP,
    "closed depth": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * (DEEP // 3) + b"1" + b"}" * (DEEP // 3),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_json_is_malformed_in_every_call(site: Site, calls: Calls, on_sale: str, what: str):
    headers = JSON | {"If-Match": "1"}
    async with site.nothing_changes(on_sale):
        for visitor, method, path in calls:
            check_problem(await visitor.answer(method, path, content=BROKEN[what], headers=headers), "malformed")


STRANGE = {
    "a huge number": b'{"seats": ["1-1"], "n": ' + b"9" * 5_000 + b"}",
    "an endless number": b'{"best_available": {"category": "x", "quantity": 1e999}}',
    "not a number": b'{"best_available": {"category": "x", "quantity": NaN}}',
    "a huge quantity": b'{"best_available": {"category": "x", "quantity": ' + b"9" * 4_500 + b"}}",
    "many keys": json.dumps({f"k{number}": number for number in range(5_000)}).encode(),
    "many seats": json.dumps({"seats": ["1-1"] * 10_000}).encode(),
}


@pytest.mark.parametrize("what", STRANGE)
async def test_strange_json_is_refused_without_a_fault(site: Site, calls: Calls, on_sale: str, what: str):
    headers = JSON | {"If-Match": "1"}
    async with site.nothing_changes(on_sale):
        for visitor, method, path in calls:
            answer = await visitor.answer(method, path, content=STRANGE[what], headers=headers)
            check_problem(answer, "invalid" if answer.status_code == 422 else "malformed")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/jsonp"]
)
async def test_json_is_announced_as_json(site: Site, calls: Calls, on_sale: str, kind: str):
    async with site.nothing_changes(on_sale):
        for visitor, method, path in calls:
            headers = {"Content-Type": kind, "If-Match": "1"}
            check_problem(await visitor.answer(method, path, content=b'{"seats": ["1-1"]}', headers=headers), "malformed")


async def test_ten_megabytes_are_refused_by_every_call(site: Site, calls: Calls, shopper: Visitor, on_sale: str):
    content = b'{"seats": ["' + b"x" * TEN_MEGABYTES + b'"]}'

    async def in_pieces():
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    async with site.nothing_changes(on_sale):
        for visitor, method, path in calls:
            if "/admin/halls" in path:
                continue
            for body in (content, in_pieces()):
                answer = await visitor.answer(method, path, content=body, headers=JSON | {"If-Match": "1"})
                check_problem(answer, "malformed")
        check_problem(await shopper.answer("POST", "/payments/sandbox/notifications", content=content, headers=JSON), "malformed")


async def test_a_hall_may_be_large_and_not_larger(site: Site):
    admin = await site.admin()
    big = plan() | {"note": "x" * TEN_MEGABYTES}
    await admin.call("POST", "/admin/halls", 201, {"plan": big})
    too_big = plan() | {"note": "x" * HALL_BODY_BYTES_MAX}
    check_problem(await admin.answer("POST", "/admin/halls", {"plan": too_big}), "malformed")


async def test_a_body_of_exactly_the_bound_is_read(site: Site):
    body = json.dumps(person() | {"login": "no such login"}).encode()
    for length, code in ((BODY_BYTES_MAX, "invalid"), (BODY_BYTES_MAX + 1, "malformed")):
        content = body + b" " * (length - len(body))
        check_problem(await site.anyone().answer("POST", "/accounts", content=content, headers=JSON), code)


NO_HTTP: dict[str, bytes] = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a word": b"HELLO\r\n\r\n",
    "a header without a name": b"GET /api/v1/events HTTP/1.1\r\n: x\r\n\r\n",
    "a NUL in a header": b"GET /api/v1/events HTTP/1.1\r\nHost: shop\r\nX-A: a\x00b\r\n\r\n",
    "two lengths": b"POST /api/v1/sessions HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "a length and pieces": b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"POST /api/v1/sessions HTTP/1.1\r\nHost: shop\r\nContent-Length: -1\r\n\r\n",
    "a piece of no size": b"POST /api/v1/sessions HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a long address": b"GET /api/v1/events?q=" + b"x" * 2 * HEAD_BYTES_MAX + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
    "a long header": b"GET /api/v1/events HTTP/1.1\r\nHost: shop\r\nX-A: " + b"x" * 2 * HEAD_BYTES_MAX + b"\r\n\r\n",
    "many headers": b"GET /api/v1/events HTTP/1.1\r\nHost: shop\r\n" + b"X-A: x\r\n" * HEAD_BYTES_MAX + b"\r\n",
}


async def exchange(site: Site, sent: bytes) -> bytes:
    """Everything that comes back until the server ends the connection."""
    async with site.connection() as (reader, writer), asyncio.timeout(PROMPTLY):
        writer.write(sent)
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize("what", NO_HTTP)
async def test_what_is_no_http_is_told_so_and_cut_off(site: Site, what: str):
    answer = await exchange(site, NO_HTTP[what])
    head, _, body = answer.partition(b"\r\n\r\n")
    if answer:  # who goes on talking may find the connection gone before the answer is read
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/problem+json" in head.lower()
        assert b"x-request-id: " in head.lower()
        assert json.loads(body)["code"] == "malformed"


def head_of(visitor: Visitor, path: str, length: int) -> bytes:
    """The head of a POST of JSON that this visitor sends by hand."""
    token = visitor.http.headers["authorization"]
    lines = (
        f"POST /api/v1{path} HTTP/1.1",
        "Host: shop",
        f"Authorization: {token}",
        "Content-Type: application/json",
        f"Content-Length: {length}",
    )
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


async def test_a_body_that_comes_slowly_is_read_and_nobody_else_waits(site: Site, shopper: Visitor, event_id: str):
    wish = b'{"seats": ["1-1"]}'
    async with site.connection() as (reader, writer), asyncio.timeout(PROMPTLY):
        writer.write(head_of(shopper, f"/events/{event_id}/orders", len(wish)))
        for byte in wish:
            assert await shopper.states(event_id) == "." * 10
            await asyncio.sleep(TRICKLE_SECONDS / 4)
            writer.write(bytes([byte]))
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert await shopper.states(event_id) == "h........."


async def test_who_goes_away_in_the_middle_of_a_body_has_asked_for_nothing(site: Site, shopper: Visitor, on_sale: str):
    async with site.nothing_changes(on_sale):
        for path in (f"/events/{on_sale}/orders", "/sessions", "/admin/halls"):
            async with site.connection() as (_, writer):
                writer.write(head_of(shopper, path, 100) + b'{"seats": ["1-1"]}')
                await writer.drain()


async def test_nothing_of_this_was_a_fault(site: Site):
    """Every 500 of the whole run so far would stand here."""
    for unit in range(2):
        figures = await site.figures(unit)
        assert figures.total("front_row_requests_total", status="500") == 0
        log = (site.system.run_dir / "logs" / f"unit-{unit + 1}.log").read_text()
        faults: list[Any] = [line for line in log.splitlines() if '"request_failed"' in line or "Traceback" in line]
        assert faults == []


async def test_who_does_not_come_to_the_end_of_its_headers_is_cut_off(dawdler: asyncio.Task[tuple[float, bytes]]):
    seconds, answer = await dawdler
    assert HEAD_SECONDS_MAX - 1 < seconds < HEAD_SECONDS_MAX + 4
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
