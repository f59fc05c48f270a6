"""HTTP servers of this process: bounded in connections, patient with slow clients for a bounded time."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import uvicorn

from processing_units.acceptance import Acceptor
from processing_units.edge.application import Application
from processing_units.protocol import KEEP_ALIVE_SECONDS, PatientProtocol

SWEEP_SECONDS = 1.0
DRAIN_SECONDS = 10  # what is under way at a stop may end


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
