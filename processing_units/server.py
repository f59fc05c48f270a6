"""A unit's process: `python -m processing_units.server`.

It listens on its own port, on the port that all units share (SO_REUSEPORT: the kernel spreads new connections), and on the
operations port.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvloop
from starlette.routing import BaseRoute

from infra import logs
from infra.settings import Settings, of_process
from processing_units import app, operations
from processing_units.edge.application import Application
from processing_units.serving import UnitServer, configured, listening

logger = logging.getLogger(__name__)


async def serve(settings: Settings, pages: Sequence[BaseRoute] = ()) -> None:
    """Run one unit until SIGTERM or SIGINT: then the shared port closes, streams end, and what is under way may finish."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    sockets = [listening(settings.host, settings.port)] if settings.port else []
    if settings.site_port:
        sockets.append(listening(settings.host, settings.site_port, shared=True))
    unit = app.build(settings, pages)
    site = UnitServer(configured(unit, lifespan="on"))
    async with operating(settings, unit), site.running(sockets):
        _settle_memory()
        logger.info("unit_started", extra={"data": {"port": settings.port, "site_port": settings.site_port}})
        await ended.wait()
        unit.state.parts.streams.stop()
    logger.info("unit_stopped")


def _settle_memory() -> None:
    """Plans, routes and modules stay: the collector need not walk them again while shoppers wait.

    Requests make few cycles; a collection every 20,000 objects instead of 700 finds them soon enough.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def operating(settings: Settings, unit: Application) -> AsyncIterator[None]:
    """The operations port, up before the site is and until it is down."""
    if not settings.operations_port:
        yield
        return
    server = UnitServer(configured(operations.build(unit)))
    async with server.running([listening(settings.host, settings.operations_port)]):
        yield


def main(pages: Sequence[BaseRoute] = ()) -> None:
    logs.configure()
    settings = of_process()
    uvloop.run(serve(settings, pages))


if __name__ == "__main__":
    main()
