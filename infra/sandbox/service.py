"""The sandbox provider's process: `python -m infra.sandbox.service`.

Listens on `settings.port` (and on `settings.operations_port`, where one is given); its ledger is `sandbox/ledger.sqlite` in the
run directory. /livez, /readyz and /metrics are among its calls: it is a helper for development and tests, not a public service.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
import uvloop
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from infra import logs
from infra.clock import clock_of
from infra.payment.connections import Connections
from infra.payment.trust import trust
from infra.sandbox.api import ShopApi
from infra.sandbox.bank import Bank
from infra.sandbox.ledger import Ledger
from infra.sandbox.notifier import ANSWER_SECONDS, DELIVERIES_MAX, Notifier
from infra.sandbox.page import PayPage
from infra.sandbox.repeats import Repeats
from infra.settings import Settings, of_process, secret

log = logging.getLogger(__name__)

NOTIFICATIONS_PATH = "/api/v1/payments/sandbox/notifications"
# Payments older than this are forgotten when the service starts: long after the last repeat, refund and audit of a test.
KEPT_SECONDS = 30 * 24 * 3600
BACKLOG = 1024
IDLE_SECONDS = 75  # an idle connection; callers give theirs up long before, so that none closes under a request
CONNECT_SECONDS = 2.5  # to the shop; a lost first packet is sent again after one second


def ledger_file(run_dir: Path) -> Path:
    folder = run_dir / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "ledger.sqlite"


def build(settings: Settings) -> Starlette:
    """The whole service; its ledger is open and its notifier runs while the application's lifespan lasts."""
    key = secret(settings.provider_secret_file)
    bank = Bank(Ledger(ledger_file(settings.run_dir)), clock_of(settings))
    bank.ledger.forget_before(bank.clock() - KEPT_SECONDS)
    calls = Connections(DELIVERIES_MAX, trust(settings.run_dir), seconds=ANSWER_SECONDS, connect_seconds=CONNECT_SECONDS)
    notifier = Notifier(bank, calls, settings.site + NOTIFICATIONS_PATH, key, Repeats(settings.sandbox_repeats))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(notifier.run())
        # Without the notifier the shop would never hear of its money: better to be started again by the supervisor.
        running.add_done_callback(_end_process_on_fault)
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await calls.close()
            bank.ledger.close()

    routes: list[BaseRoute] = [
        *ShopApi(bank, notifier, settings.provider_url.rstrip("/"), key).routes(),
        *PayPage(bank, notifier).routes(),
        *_operations(bank),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _end_process_on_fault(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and running.exception() is not None:
        log.critical("notifier_died", exc_info=running.exception())
        raise SystemExit(1)


def _operations(bank: Bank) -> list[Route]:
    registry = CollectorRegistry()
    waiting = Gauge("sandbox_notifications_waiting", "Notifications not answered with 200 yet", registry=registry)
    waiting.set_function(bank.ledger.waiting)

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return [Route("/livez", alive), Route("/readyz", alive), Route("/metrics", metrics)]


def _listen(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), backlog=BACKLOG)


def main() -> None:
    logs.configure()
    settings = of_process()
    listeners = [_listen(settings.host, port) for port in (settings.port, settings.operations_port) if port]
    configuration = uvicorn.Config(
        build(settings),
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=IDLE_SECONDS,
    )
    uvloop.run(uvicorn.Server(configuration).serve(sockets=listeners))


if __name__ == "__main__":
    main()
