"""The composition root: `build(settings)` gives the application that a unit serves; its lifespan makes the parts and ends them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from grid_config.attempts import Attempt, AttemptsLogs, encode_attempt
from grid_config.client import Grid
from grid_config.documents import Documents
from infra.clock import clock_of
from infra.settings import Settings, secret
from processing_units.accounts import routes as accounts_routes
from processing_units.accounts.accounts import Accounts
from processing_units.administration import routes as administration_routes
from processing_units.administration.administration import Administration
from processing_units.archive.archive import Archive, ArchiveAway, ArchivedOrder
from processing_units.catalogue import routes as catalogue_routes
from processing_units.catalogue.catalogue import Catalogue
from processing_units.edge.application import Application
from processing_units.edge.identity import Addresses
from processing_units.edge.openapi import document
from processing_units.edge.rate import Rates
from processing_units.edge.tokens import Tokens
from processing_units.metrics import Metrics
from processing_units.parts import Parts
from processing_units.payments import routes as payments_routes
from processing_units.payments.payments import Payments
from processing_units.sales import routes as sales_routes
from processing_units.sales.attempts import Attempts
from processing_units.sales.availability import Availability
from processing_units.sales.batcher import Batchers, Unavailable
from processing_units.sales.left import LeftGrid
from processing_units.sales.orders import Caller, Orders, Past
from processing_units.sales.streams import Streams
from processing_units.sales.waiters import Waiters
from processing_units.watch import GridWatch

CATALOGUE_SECONDS = 30.0  # how long a starting unit waits for the catalogue before it listens without it

logger = logging.getLogger(__name__)

ROUTES: list[BaseRoute] = [
    *sales_routes.routes,
    *catalogue_routes.routes,
    *payments_routes.routes,
    *accounts_routes.routes,
    *administration_routes.routes,
]


def build(settings: Settings, pages: Sequence[BaseRoute] = ()) -> Application:
    """A unit, with the routes of its pages. Its parts are at `app.state.parts` once its lifespan has begun (None before)."""

    @asynccontextmanager
    async def lifespan(unit: Application) -> AsyncIterator[None]:
        async with assembled(settings, unit.metrics) as parts:
            unit.state.parts = parts
            unit.hot.update(sales_routes.hot_calls(parts))
            unit.reads.update({**sales_routes.hot_reads(parts), **catalogue_routes.hot_reads(parts)})
            await _catalogue_loaded(parts.catalogue)
            yield

    described = orjson.dumps(document(ROUTES, version("front-row")))

    async def openapi(_: Request) -> Response:
        return Response(described, media_type="application/json")

    routes = [*ROUTES, Route("/api/openapi.json", openapi, methods=["GET"]), *pages]
    unit = Application(routes, Metrics(), lifespan=lifespan)
    unit.state.parts = None
    return unit


@asynccontextmanager
async def assembled(settings: Settings, metrics: Metrics) -> AsyncIterator[Parts]:
    """All parts, started; ended in the opposite order."""
    async with AsyncExitStack() as started:
        grid = await Grid.connect(settings)
        started.push_async_callback(grid.close)
        metrics.counter("grid_errors", "Errors of the grid's client", "error", grid.errors)
        metrics.gauge("grid_members", "Members of the grid as this unit sees it", grid.members)
        watch = GridWatch(grid)
        metrics.gauge("members_short", "Members short of memory: new orders are refused", watch.members_short)
        metrics.gauge("member_heap_ratio", "Live heap of the fullest member over what it may have", watch.heap_ratio)
        clock = clock_of(settings)
        documents = Documents(grid, clock)
        addresses = Addresses(settings.trusted_addresses)
        rates = Rates(addresses)
        batchers = Batchers(grid.inventory, metrics, clock)
        attempts = Attempts(AttemptsLogs(grid, clock).append, _encoded, metrics, clock)
        tokens = Tokens(secret(settings.session_secret_file))
        catalogue = Catalogue(documents, metrics)
        archive = Archive(settings.archive_url, settings.audit_database_url)
        waiters = Waiters(metrics)
        payments = Payments(settings, batchers, waiters, metrics)
        left = LeftGrid(catalogue.event, clock)
        availability = Availability(batchers, left)
        parts = Parts(
            settings=settings,
            metrics=metrics,
            addresses=addresses,
            rates=rates,
            grid=grid,
            watch=watch,
            batchers=batchers,
            attempts=attempts,
            tokens=tokens,
            catalogue=catalogue,
            accounts=Accounts(grid, documents, tokens, metrics),
            administration=Administration(settings, documents, catalogue, batchers),
            archive=archive,
            payments=payments,
            availability=availability,
            orders=Orders(
                batchers,
                attempts,
                Caller(tokens, addresses, rates),
                catalogue,
                left=left,
                waiters=waiters,
                past=_past(archive),
                inquire=payments.inquire,
            ),
            streams=Streams(availability, metrics),
        )
        for part in (watch, archive, catalogue, parts.accounts, payments):
            await part.start()
            started.push_async_callback(part.stop)
        started.push_async_callback(attempts.stop)
        started.callback(parts.streams.stop)
        yield parts


def _encoded(at: int, address: str, account: int, event: int, order: int, code: str) -> bytes:  # noqa: PLR0917 - a note's fields
    return encode_attempt(Attempt(at, address, account, event, order, code, ""))


def _past(archive: Archive) -> Past:
    """What has left the grid, for a room that does not know the database."""

    async def past(event: int, order: int) -> ArchivedOrder | None:
        try:
            return await archive.order(event, order)
        except ArchiveAway as away:
            logger.warning("archive_away", extra={"data": {"why": str(away)[:200]}})
            raise Unavailable from None

    return past


async def _catalogue_loaded(catalogue: Catalogue, seconds: float = CATALOGUE_SECONDS) -> None:
    """Wait for the first whole copy: a unit without it could only say 503. After a while it says so."""
    try:
        async with asyncio.timeout(seconds):
            while not catalogue.ready:  # noqa: ASYNC110 - it follows the grid at its own pace, and tells by a flag
                await asyncio.sleep(0.02)
    except TimeoutError:
        logger.warning("catalogue_not_loaded", extra={"data": {"seconds": seconds}})
