"""The operations port of the processes behind the grid: is it alive, is it ready and why not, its figures."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

State = tuple[bool, str]  # ready, in words
Checks = dict[str, Callable[[], State]]


@asynccontextmanager
async def operations_port(host: str, port: int, checks: Checks, registry: CollectorRegistry) -> AsyncIterator[None]:
    """/livez, /readyz and /metrics while the block runs; port 0: none."""
    if not port:
        yield
        return
    config = uvicorn.Config(_application(checks, registry), host=host, port=port, log_config=None, access_log=False, lifespan="off")
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: the process has its own ways to stop, and stops this server last."""
        yield


def _application(checks: Checks, registry: CollectorRegistry) -> Starlette:
    async def livez(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        states = {name: check() for name, check in checks.items()}
        ready = all(state[0] for state in states.values())
        told = {name: {"ready": state[0], "state": state[1]} for name, state in states.items()}
        body = json.dumps({"ready": ready, "dependencies": told})
        return Response(body, 200 if ready else 503, media_type="application/json")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)])
