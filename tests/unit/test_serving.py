"""A server over real sockets: slow clients cost a connection for a bounded time, and nobody else notices."""

import asyncio
import contextlib
import json
import resource
import socket

import pytest
import uvloop
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope

from processing_units import acceptance, protocol, serving
from processing_units.edge.application import Application
from processing_units.edge.replies import JSON_HEADER, Reply
from processing_units.edge.validation import StrictModel, read_json
from processing_units.metrics import Metrics
from processing_units.serving import UnitServer, configured, listening
from tests.fixtures.connection import answer_of, connected, read_nothing

HOT = b"POST /api/v1/events/0123456789abc/orders HTTP/1.1\r\nhost: shop\r\ncontent-length: 0\r\n\r\n"


class Greeting(StrictModel):
    name: str


async def greet(request: Request) -> Response:
    return PlainTextResponse((await read_json(request, Greeting)).name)


async def large(request: Request) -> Response:
    return Response(b"x" * 50_000_000)


async def hot(event: str, scope: Scope, receive: Receive) -> Reply:
    return Reply(201, [JSON_HEADER], b'{"hot":true}')


@pytest.fixture
async def server(monkeypatch):
    for name in ("HEAD_SECONDS_MAX", "BODY_SECONDS_MAX", "UNREAD_SECONDS_MAX", "KEEP_ALIVE_SECONDS"):
        monkeypatch.setattr(protocol, name, 0.4)
    monkeypatch.setattr(serving, "SWEEP_SECONDS", 0.05)
    routes = [Route("/greetings", greet, methods=["POST"]), Route("/large", large)]
    app = Application(routes, Metrics(), hot={("POST", "/orders"): ("hot", hot)})
    server = UnitServer(configured(app))
    socket = listening("127.0.0.1", 0)
    server.port = socket.getsockname()[1]  # type: ignore[attr-defined]
    async with server.running([socket]):
        yield server


@pytest.fixture
async def port(server):
    return server.port


def post(body: bytes, length: int | None = None) -> bytes:
    head = b"POST /greetings HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (len(body) if length is None else length) + body


async def test_an_answer_in_one_piece_is_a_whole_answer(port):
    async with connected(port) as (reader, writer):
        for _ in range(3):
            writer.write(HOT)
            status, headers, body = await answer_of(reader)
            assert (status, body) == (201, b'{"hot":true}')
            assert headers["content-type"] == "application/json"
            assert headers["x-request-id"]
            assert headers["date"]


async def test_requests_that_come_together_are_answered_in_their_order(port):
    async with connected(port) as (reader, writer):
        writer.write(HOT + post(b'{"name": "Anna"}') + HOT)
        bodies = [(await answer_of(reader))[2] for _ in range(3)]
    assert bodies == [b'{"hot":true}', b"Anna", b'{"hot":true}']


async def test_a_client_that_wants_the_connection_closed_gets_that(port):
    async with connected(port) as (reader, writer):
        writer.write(HOT.replace(b"host: shop", b"host: shop\r\nconnection: close"))
        status, headers, _ = await answer_of(reader)
        assert (status, headers["connection"]) == (201, "close")
        assert await asyncio.wait_for(reader.read(), 5) == b""


@pytest.mark.parametrize("sent", [b"", b"POST /greet", b"POST /greetings HTTP/1.1\r\nhost: sh"])
async def test_a_head_that_does_not_come_ends_the_connection(port, sent):
    async with connected(port) as (reader, writer):
        writer.write(sent)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_head_that_drips_ends_all_the_same(port):
    async with connected(port) as (reader, writer):
        writer.write(b"POST /greetings HTTP/1.1\r\n")
        with contextlib.suppress(OSError):
            async with asyncio.timeout(5):
                for number in range(1000):
                    writer.write(b"x-%d: y\r\n" % number)
                    await writer.drain()
                    await asyncio.sleep(0.05)
        assert reader.at_eof() or writer.is_closing() or reader.exception()


async def test_a_body_that_drips_is_told_so(port):
    async with connected(port) as (reader, writer):
        writer.write(post(b'{"name":', length=100))
        status, headers, body = await answer_of(reader)

        assert (status, json.loads(body)["code"]) == (400, "malformed")
        assert headers["content-type"] == "application/problem+json"
        assert headers["x-request-id"]
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_headers_without_end_are_malformed(port):
    async with connected(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: %b\r\n" % (n, b"y" * 100) for n in range(1000)))
        status, _, body = await answer_of(reader)
        assert (status, json.loads(body)["code"]) == (400, "malformed")


async def test_what_is_not_http_is_malformed(port):
    async with connected(port) as (reader, writer):
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        status, _, body = await answer_of(reader)
        assert (status, json.loads(body)["code"]) == (400, "malformed")


async def test_a_large_body_behind_a_short_head_is_no_long_head(port):
    async with connected(port) as (reader, writer):
        writer.write(post(b'{"name": "%b"}' % (b"a" * 60_000)))
        status, _, body = await answer_of(reader)
        assert (status, len(body)) == (200, 60_000)


async def test_a_body_beyond_the_bound_is_refused_while_it_comes(port):
    async with connected(port) as (reader, writer):
        writer.write(b"POST /greetings HTTP/1.1\r\nhost: s\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n" + b"10\r\n" + b" " * 16 + b"\r\n")
        status, _, body = await answer_of(reader)
        assert (status, json.loads(body)["code"]) == (400, "malformed")


async def test_an_answer_that_is_not_read_ends_the_connection_and_holds_nobody_up(server, port):
    async with connected(port) as (_, deaf):
        read_nothing(deaf)
        deaf.write(b"GET /large HTTP/1.1\r\nhost: shop\r\n\r\n")
        await asyncio.sleep(0.1)
        async with connected(port) as (reader, writer):
            writer.write(HOT.replace(b"host: shop", b"host: shop\r\nconnection: close"))
            assert (await answer_of(reader))[0] == 201
        async with asyncio.timeout(5):
            while server.server_state.connections:  # noqa: ASYNC110 - a test's wait
                await asyncio.sleep(0.05)


async def test_a_quiet_connection_ends_and_a_busy_one_does_not(port):
    async with connected(port) as (quiet, _), connected(port) as (reader, writer):
        for _ in range(8):
            writer.write(HOT)
            assert (await answer_of(reader))[0] == 201
            await asyncio.sleep(0.1)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(quiet.read(), 5) == b""


async def test_two_servers_share_a_port():
    first, second = listening("127.0.0.1", 0, shared=True), None
    port = first.getsockname()[1]
    second = listening("127.0.0.1", port, shared=True)
    app = Application([], Metrics(), hot={("POST", "/orders"): ("hot", hot)})
    servers = [UnitServer(configured(app)) for _ in range(2)]
    async with servers[0].running([first]), servers[1].running([second]):
        for _ in range(40):
            async with connected(port) as (reader, writer):
                writer.write(HOT)
                assert (await answer_of(reader))[0] == 201
        assert all(server.server_state.total_requests > 0 for server in servers)


def test_a_port_that_is_taken_is_an_error():
    taken = listening("127.0.0.1", 0)
    taken.listen()
    with taken, pytest.raises(OSError, match="in use"):
        listening("127.0.0.1", taken.getsockname()[1])


def test_a_crowd_is_let_in_within_a_few_turns_of_the_loop():
    async def let_in() -> int:
        listener = listening("127.0.0.1", 0)
        server = UnitServer(configured(Application([], Metrics(), hot={})))
        async with server.running([listener]):
            crowd = [socket.create_connection(listener.getsockname()) for _ in range(300)]  # the kernel keeps them at the door
            for _ in range(10):
                await asyncio.sleep(0)
            inside = len(server.server_state.connections)
            for visitor in crowd:
                visitor.close()
        return inside

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(let_in()) == 300


def test_a_crowd_beyond_the_files_of_the_process_waits_and_is_let_in(monkeypatch):
    monkeypatch.setattr(acceptance, "PAUSE_SECONDS", 0.05)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def let_in() -> list[int]:
        listener = listening("127.0.0.1", 0)
        server = UnitServer(configured(Application([], Metrics(), hot={})))
        inside = []
        async with server.running([listener]):
            crowd = [socket.create_connection(listener.getsockname()) for _ in range(40)]
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(visitor.fileno() for visitor in crowd) + 20, before[1]))
            for files in (None, before):
                if files:
                    resource.setrlimit(resource.RLIMIT_NOFILE, files)
                await asyncio.sleep(0.3)
                inside.append(len(server.server_state.connections))
            for visitor in crowd:
                visitor.close()
        return inside

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            some, everybody = runner.run(let_in())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert 0 < some < 40
    assert everybody == 40
