"""A hot read has no task, and a client cannot tell: order, headers, errors and endings are those of every other answer."""

import asyncio
import contextlib
import json
from collections.abc import Mapping

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from grid_config.client import GridUnavailable
from processing_units import protocol, serving
from processing_units.edge.application import Application
from processing_units.edge.problems import Problem
from processing_units.edge.replies import JSON_HEADER, Reply, Tell
from processing_units.metrics import Metrics
from processing_units.serving import UnitServer, configured, listening
from tests.fixtures.connection import answer_of, connected, read_nothing

EVENT = "0123456789abc"
PATH = f"/api/v1/events/{EVENT}/seats"
SEATS = Reply(200, [JSON_HEADER], b'{"seats":1}')


def get(path: str = PATH, *lines: str, version: str = "1.1", body: str = "") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/{version}", "host: shop", *lines, "", body]).encode()


class Hall:
    """Reads wait here until the test tells them."""

    def __init__(self) -> None:
        self.waiting: list[Tell] = []
        self.headers: list[Mapping[bytes, bytes]] = []

    def read(self, event: str, headers: Mapping[bytes, bytes], tell: Tell) -> bool:
        if event != EVENT:
            return False
        self.waiting.append(tell)
        self.headers.append(headers)
        return True

    async def asked(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.waiting) < times:  # noqa: ASYNC110 - a test's wait
                await asyncio.sleep(0.005)

    async def tell(self, told: Reply | Exception = SEATS, times: int = 1) -> None:
        await self.asked(times)
        waiting, self.waiting = self.waiting, []
        for tell in waiting:
            tell(told)


async def by_the_router(request: Request) -> Response:
    return PlainTextResponse("by the router " + (await request.body()).decode())


@pytest.fixture
def hall():
    return Hall()


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
async def server(hall, metrics):
    routes = [Route("/api/v1/events/{event_id}/seats", by_the_router, methods=["GET", "POST"])]
    server = UnitServer(configured(Application(routes, metrics, reads={b"/seats": ("GET /seats", hall.read)})))
    listener = listening("127.0.0.1", 0)
    server.port = listener.getsockname()[1]  # type: ignore[attr-defined]
    async with server.running([listener]):
        yield server


async def test_readers_of_one_version_get_an_answer_each(server, hall, metrics):
    async with connected(server.port) as (reader, writer), connected(server.port) as (other_reader, other_writer):
        ids = set()
        for _ in range(3):
            writer.write(get())
            other_writer.write(get())
            await hall.tell(times=2)
            for each in (reader, other_reader):
                status, headers, body = await answer_of(each)
                assert (status, headers["content-type"], body) == (200, "application/json", b'{"seats":1}')
                assert headers["date"]
                ids.add(headers["x-request-id"])
    assert len(ids) == 6
    assert metrics.requests == {("GET /seats", 200): 6}


async def test_the_read_sees_the_request_s_headers(server, hall):
    async with connected(server.port) as (reader, writer):
        writer.write(get(PATH, 'If-None-Match: W/"1"', "Accept-Encoding: gzip"))
        await hall.tell(Reply(304, [(b"etag", b'W/"1"')], b""))
        status, headers, _ = await answer_of(reader)
    assert (status, headers["etag"], headers.get("content-length")) == (304, 'w/"1"', None)
    assert hall.headers[0][b"if-none-match"] == b'W/"1"'
    assert hall.headers[0][b"accept-encoding"] == b"gzip"


async def test_requests_behind_a_read_wait_for_their_turn(server, hall):
    async with connected(server.port) as (reader, writer):
        writer.write(get() + get(PATH, "content-length: 5", body="first") + get())
        await hall.tell()
        assert (await answer_of(reader))[2] == b'{"seats":1}'
        assert (await answer_of(reader))[2] == b"by the router first"
        assert (await answer_of(reader))[2] == b"by the router "  # the third came while another was under way
        writer.write(get())
        await hall.tell()
        assert (await answer_of(reader))[2] == b'{"seats":1}'


@pytest.mark.parametrize(
    "request_bytes",
    [
        get(PATH.replace(EVENT, "another-event")),
        get(PATH + "?fresh=1"),
        get(PATH, "content-length: 0"),
        get(PATH, "transfer-encoding: chunked", body="0\r\n\r\n"),
        get().replace(b"GET", b"POST"),
    ],
)
async def test_what_is_no_plain_read_of_a_known_event_takes_the_router(server, hall, request_bytes):
    async with connected(server.port) as (reader, writer):
        writer.write(request_bytes)
        status, _, body = await answer_of(reader)
    assert (status, body) == (200, b"by the router ")
    assert not hall.waiting


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Problem("unavailable"), 503, "unavailable"),
        (GridUnavailable(), 503, "unavailable"),
        (RuntimeError("SELECT secret"), 500, "internal"),
    ],
)
async def test_what_goes_wrong_is_told_in_a_problem_document(server, hall, raised, status, code):
    async with connected(server.port) as (reader, writer):
        writer.write(get())
        await hall.tell(raised)
        answered, headers, body = await answer_of(reader)
        assert (answered, headers["content-type"], json.loads(body)["code"]) == (status, "application/problem+json", code)
        assert b"secret" not in body
        writer.write(get())
        await hall.tell()
        assert (await answer_of(reader))[0] == 200, "the connection lives on"


@pytest.mark.parametrize("wish", [get(PATH, "connection: close"), get(version="1.0")])
async def test_a_connection_that_is_to_be_closed_is(server, hall, wish):
    async with connected(server.port) as (reader, writer):
        writer.write(wish)
        await hall.tell()
        status, headers, _ = await answer_of(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_reader_who_has_gone_is_nobody_s_trouble(server, hall):
    async with connected(server.port) as (_, writer), connected(server.port) as (reader, other):
        writer.write(get())
        await hall.asked(1)
        writer.transport.abort()
        async with asyncio.timeout(5):
            while len(server.server_state.connections) > 1:  # noqa: ASYNC110 - a test's wait
                await asyncio.sleep(0.005)
        other.write(get())
        await hall.tell(times=2)
        assert (await answer_of(reader))[0] == 200


async def test_a_read_under_way_is_answered_when_the_server_stops(hall):
    server = UnitServer(configured(Application([], Metrics(), reads={b"/seats": ("GET /seats", hall.read)})))
    listener = listening("127.0.0.1", 0)
    running = contextlib.AsyncExitStack()
    await running.enter_async_context(server.running([listener]))
    async with connected(listener.getsockname()[1]) as (reader, writer):
        writer.write(get())
        await hall.asked(1)
        stopping = asyncio.create_task(running.aclose())
        while not server.should_exit:  # noqa: ASYNC110 - a test's wait
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.3)  # the server has told its connections by then
        await hall.tell()
        status, headers, _ = await answer_of(reader)
        assert (status, headers["connection"]) == (200, "close")
        await asyncio.wait_for(stopping, 10)


async def test_a_client_that_reads_nothing_is_cut_off_and_holds_nobody_up(server, hall, monkeypatch):
    monkeypatch.setattr(protocol, "UNREAD_SECONDS_MAX", 0.3)
    monkeypatch.setattr(serving, "SWEEP_SECONDS", 0.05)
    large = Reply(200, [JSON_HEADER], b"x" * 50_000_000)
    async with connected(server.port) as (_, deaf), connected(server.port) as (reader, writer):
        read_nothing(deaf)
        deaf.write(get())
        await hall.tell(large)
        deaf.write(get())  # behind an answer that it does not read: the router's way, which waits for it
        writer.write(get())
        await hall.tell()
        assert (await answer_of(reader))[0] == 200
        async with asyncio.timeout(5):
            while len(server.server_state.connections) > 1:  # noqa: ASYNC110 - a test's wait
                await asyncio.sleep(0.05)
