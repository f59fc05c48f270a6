"""A unit's process: `python -m processing_units.server`.

It listens on its own port, on the port that all units share (SO_REUSEPORT: the kernel spreads new connections), and on the
operations port. A client that sends or reads slowly costs a connection for a bounded time, never a worker.
"""

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from infra import logs
from infra.settings import Settings, from_environment
from processing_units import app, operations
from processing_units.edge.application import Application
from processing_units.edge.problems import malformed

BACKLOG = 2_048  # connections that wait to be taken; the kernel turns away the rest
CONNECTIONS_MAX = 25_000  # 20,000 shoppers at once (requirement 6.1) on one unit, were it alone, and their streams
KEEP_ALIVE_SECONDS = 30  # longer than the balancer keeps its own connections idle
HEAD_BYTES_MAX = 32 * 1024  # of a request's line and headers
HEAD_SECONDS_MAX = 10.0  # from a connection, or a request's first byte, to its last header
BODY_SECONDS_MAX = 30.0  # from a request's first byte to its last: 16 MiB at 5 Mbit/s
UNREAD_SECONDS_MAX = 30.0  # how long a client may leave an answer unread
SWEEP_SECONDS = 1.0
DRAIN_SECONDS = 10  # what is under way at a stop may end

logger = logging.getLogger(__name__)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with notes of how long a client has kept it waiting; a sweep reads them once a second.

    No timer per request: a note costs an attribute.
    """

    head_bytes = 0
    head_done = False
    waits_since: float | None = None  # for the rest of a request
    unread_since: float | None = None  # an answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        if len(self.connections) > CONNECTIONS_MAX:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.head_done and self.waits_since is not None:
            self.head_bytes += len(data)
            if self.head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("The request's headers are too long.")

    def on_message_begin(self) -> None:
        self.head_bytes = 0
        self.head_done = False
        self.waits_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.head_done = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.waits_since = None
        super().on_message_complete()

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
        elif self.waits_since is not None and now - self.waits_since > (BODY_SECONDS_MAX if self.head_done else HEAD_SECONDS_MAX):
            if self.cycle is None or self.cycle.response_complete or self.cycle.response_started or self.transport.is_closing():
                self.transport.abort()
            else:
                self.send_400_response("The request took too long to come.")


class UnitServer(uvicorn.Server):
    """uvicorn's server without its signal handlers: the process has several servers and one way to end."""

    @asynccontextmanager
    async def running(self, sockets: list[socket.socket]) -> AsyncIterator[None]:
        """Serve until the block ends, then drain."""
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

    async def _sweep(self) -> None:
        """Cut off clients that are too slow."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, PatientProtocol):
                    connection.cut_off_if_slow(now)


def configured(application: Any, *, lifespan: str = "off") -> uvicorn.Config:
    """Uvicorn's configuration for one of the process's applications."""
    return uvicorn.Config(
        application,
        loop="none",
        http=PatientProtocol,
        ws="none",
        lifespan=lifespan,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def listening(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound TCP socket; `shared` ones may be bound by every unit. OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((host, port))
    sock.setblocking(False)
    return sock


async def serve(settings: Settings) -> None:
    """Run one unit until SIGTERM or SIGINT: then the shared port closes, streams end, and what is under way may finish."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    sockets = [listening(settings.host, settings.port)] if settings.port else []
    if settings.site_port:
        sockets.append(listening(settings.host, settings.site_port, shared=True))
    unit = app.build(settings)
    site = UnitServer(configured(unit, lifespan="on"))
    async with operating(settings, unit), site.running(sockets):
        logger.info("unit_started", extra={"data": {"port": settings.port, "site_port": settings.site_port}})
        await ended.wait()
        unit.state.parts.streams.stop()
    logger.info("unit_stopped")


@asynccontextmanager
async def operating(settings: Settings, unit: Application) -> AsyncIterator[None]:
    """The operations port, up before the site is and until it is down."""
    if not settings.operations_port:
        yield
        return
    server = UnitServer(configured(operations.build(unit)))
    async with server.running([listening(settings.host, settings.operations_port)]):
        yield


def main() -> None:
    logs.configure()
    settings = from_environment()
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
