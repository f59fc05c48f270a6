"""HTTP servers of this process: bounded in connections, patient with slow clients for a bounded time."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from processing_units.acceptance import Acceptor
from processing_units.edge.application import Application
from processing_units.edge.front_door import WHOLE_ANSWER
from processing_units.edge.problems import malformed

CONNECTIONS_MAX = 25_000  # 20,000 shoppers at once (requirement 6.1) on one unit, were it alone, and their streams
KEEP_ALIVE_SECONDS = 30  # longer than the balancer keeps its own connections idle
HEAD_BYTES_MAX = 32 * 1024  # of a request's line and headers
LONG_HEAD = "The request's headers are too long."
HEAD_SECONDS_MAX = 10.0  # from a connection, or a request's first byte, to its last header
BODY_SECONDS_MAX = 30.0  # from a request's first byte to its last: 16 MiB at 5 Mbit/s
UNREAD_SECONDS_MAX = 30.0  # how long a client may leave an answer unread
SWEEP_SECONDS = 1.0
DRAIN_SECONDS = 10  # what is under way at a stop may end


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with notes of how long a client has kept it waiting; a sweep reads them once a second.

    No timer per request: a note costs an attribute.
    """

    head_bytes = 0
    head_done = False
    waits_since: float | None = None  # for the rest of a request
    idle_since: float | None = None  # between two requests
    unread_since: float | None = None  # an answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        if len(self.connections) > CONNECTIONS_MAX:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if len(data) > HEAD_BYTES_MAX and not (self.head_done and self.waits_since is not None):
            end = data.find(b"\r\n\r\n")  # a head that comes whole, in one piece, would be taken before it is measured
            if not 0 <= end <= HEAD_BYTES_MAX:
                self.send_400_response(LONG_HEAD)
                return
        super().data_received(data)
        if not self.head_done and self.waits_since is not None:
            self.head_bytes += len(data)
            if self.head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response(LONG_HEAD)

    def on_message_begin(self) -> None:
        self.head_bytes = 0
        self.head_done = False
        self.waits_since = self.loop.time()
        self.idle_since = None
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.head_done = True
        super().on_headers_complete()
        self.scope[WHOLE_ANSWER] = partial(answer_whole, self.cycle)  # type: ignore[literal-required]

    def on_message_complete(self) -> None:
        self.waits_since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, but the time between two requests is the sweep's business: no timer for each."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.idle_since = self.loop.time()

    def pause_writing(self) -> None:
        self.unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.unread_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as HTTP is told in a problem document too."""
        body = malformed(msg).document()
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n"
            b"x-request-id: %b\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head % (len(body), secrets.token_hex(8).encode()) + body)
        self.transport.close()

    def cut_off_if_slow(self, now: float) -> None:
        """End the connection of a client that has kept us waiting too long."""
        if self.unread_since is not None and now - self.unread_since > UNREAD_SECONDS_MAX:
            self.transport.abort()
        elif self.idle_since is not None and now - self.idle_since > KEEP_ALIVE_SECONDS:
            self.transport.close()
        elif self.waits_since is not None and now - self.waits_since > (BODY_SECONDS_MAX if self.head_done else HEAD_SECONDS_MAX):
            if self.cycle is None or self.cycle.response_complete or self.cycle.response_started or self.transport.is_closing():
                self.transport.abort()
            else:
                self.send_400_response("The request took too long to come.")


def answer_whole(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    """Write an answer in one piece; False when it must go the usual way (the client reads slowly, or is gone).

    The usual way takes two system calls and looks at every header twice; `head` comes from us, rendered and ended by CRLF.
    """
    if cycle.disconnected or cycle.response_started or cycle.flow.write_paused:
        return False
    lines = b"".join([b"%b: %b\r\n" % header for header in cycle.default_headers])
    ending = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"%b%b%bcontent-length: %d\r\n%b%b" % (STATUS_LINE[status], lines, head, len(body), ending, body))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


class UnitServer(uvicorn.Server):
    """uvicorn's server without its signal handlers: the process has several servers and one way to end."""

    @asynccontextmanager
    async def running(self, sockets: list[socket.socket]) -> AsyncIterator[None]:
        """Serve until the block ends, then drain. RuntimeError when it cannot begin."""
        serving = asyncio.create_task(self._serve(sockets))
        sweeping = asyncio.create_task(self._sweep())
        try:
            while not self.started:
                if serving.done():
                    await serving
                    raise RuntimeError("the server ended before it had started")
                await asyncio.sleep(0.01)
            yield
        finally:
            self.should_exit = True
            sweeping.cancel()
            await serving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        self.servers = [Acceptor(each, self._protocol) for each in sockets or ()]  # type: ignore[misc]  # closed like its own

    def _protocol(self) -> PatientProtocol:
        return PatientProtocol(self.config, self.server_state, self.lifespan.state)

    async def _sweep(self) -> None:
        """Cut off clients that are too slow."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, PatientProtocol):
                    connection.cut_off_if_slow(now)


def configured(application: Application, *, lifespan: Literal["on", "off"] = "off") -> uvicorn.Config:
    """Uvicorn's configuration for one of the process's applications."""
    return uvicorn.Config(
        application.front_door,
        loop="none",
        http=PatientProtocol,
        ws="none",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def listening(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound TCP socket; `shared` ones may be bound by every unit. OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock
