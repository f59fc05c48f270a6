"""The job worker: `python -m data_writers.jobs.worker`. Any number of them may run; they stop by SIGTERM after their present jobs."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Coroutine

import procrastinate
from prometheus_client import CollectorRegistry, Counter, Gauge

from data_writers.audit import Audit
from data_writers.database import WATCHED, WATCHING, Away, Link
from data_writers.inventories import Inventories
from data_writers.jobs.app import app
from data_writers.jobs.desk import Desk
from data_writers.operations import Checks, operations_port
from grid_config.client import Grid
from infra.clock import clock_of
from infra.logs import configure
from infra.payment.plugins import load
from infra.settings import Settings, of_process

logger = logging.getLogger("data_writers.jobs.worker")

JOBS_AT_ONCE = 16  # nearly all of their time is waiting for a provider
CONNECTIONS_MAX = 4
POLL_SECONDS = 0.5  # retries are not notified
HEARTBEAT_SECONDS = 3.0
WORKER_SILENT_SECONDS = 15.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 2.0
HOLDS_TO_REST = 3  # a payment has one hold's time; after the second its end has been told, or its deadline has asked


@contextlib.asynccontextmanager
async def desk_of(settings: Settings, grid: Grid) -> AsyncIterator[Desk]:
    """What the jobs of one worker share."""
    main = Link(settings.database_url, f"{settings.name} jobs")
    audit = Audit(Link(settings.audit_database_url, f"{settings.name} jobs"))
    providers = load(settings)
    clock = clock_of(settings)
    try:
        yield Desk(main, audit, Inventories(grid, clock), providers, clock, HOLDS_TO_REST * settings.hold_seconds)
    finally:
        await providers.close()
        await audit.close()
        await main.close()


class Figures:
    """How many jobs wait, looked at every two seconds, and whether PostgreSQL answered the look."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waiting = Gauge("front_row_jobs_waiting", "Jobs to be done, by task", ["task"], registry=registry)
        self._failed = Gauge("front_row_jobs_failed", "Jobs that ended by an error", registry=registry)
        self._looks = Counter("front_row_jobs_looks_failed", "Looks at the queue that PostgreSQL did not answer", registry=registry)
        self.seen_at = 0.0

    async def watch(self, desk: Desk) -> None:
        while True:
            try:
                counts = await desk.rows("queue")
            except Away:
                self._looks.inc()
            else:
                self._show(counts)
            await asyncio.sleep(LOOK_SECONDS)

    def _show(self, counts: list[tuple[str, str, int]]) -> None:
        self._waiting.clear()
        for task, status, count in counts:
            if status == "failed":
                self._failed.set(count)
            else:
                self._waiting.labels(task).set(count)
        self.seen_at = time.monotonic()


def checks_of(grid: Grid, figures: Figures) -> Checks:
    """What must be there for jobs to be done."""
    return {
        "grid": lambda: (grid.is_ready, f"{grid.members()} members"),
        "postgres": lambda: (time.monotonic() - figures.seen_at < 5 * LOOK_SECONDS, "answers" if figures.seen_at else "not seen yet"),
    }


async def run(settings: Settings) -> None:
    """Do jobs until SIGTERM, whenever it comes."""
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    grid = await Grid.connect(settings)
    registry = CollectorRegistry()
    figures = Figures(registry)
    connector = procrastinate.PsycopgConnector(
        conninfo=settings.database_url,
        min_size=1,
        max_size=CONNECTIONS_MAX,
        kwargs={"application_name": f"{settings.name} queue", "options": WATCHING} | WATCHED,
    )
    try:
        async with (
            desk_of(settings, grid) as desk,
            operations_port(settings.host, settings.operations_port, checks_of(grid, figures), registry),
        ):
            watch = asyncio.create_task(figures.watch(desk))
            with app.replace_connector(connector) as connected:
                async with connected.open_async():
                    logger.info("worker_ready")
                    await _until(told_to_stop, work(connected, desk))
            watch.cancel()
    finally:
        await grid.close()


async def _until(told_to_stop: asyncio.Event, working: Coroutine[None, None, None]) -> None:
    """Work; when told to stop, let the present jobs end (procrastinate does, when it is cancelled)."""
    worker = asyncio.create_task(working)
    stopping = asyncio.create_task(told_to_stop.wait())
    await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not worker.done():
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
        return
    await worker


async def work(connected: procrastinate.App, desk: Desk, *, wait: bool = True) -> None:
    """Do the jobs of all queues; `wait=False`: only those that are due now."""
    await connected.run_worker_async(
        concurrency=JOBS_AT_ONCE,
        wait=wait,
        fetch_job_polling_interval=POLL_SECONDS,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=WORKER_SILENT_SECONDS,
        shutdown_graceful_timeout=STOP_SECONDS,
        delete_jobs="successful",
        additional_context={"desk": desk},
        install_signal_handlers=False,
    )


def main() -> None:
    configure()
    asyncio.run(run(of_process()))


if __name__ == "__main__":
    main()
