"""The process behind the grid: `python -m data_pumps.process`. Pump, reader and clock in one event loop; any number may run."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvloop

from data_pumps.comparison import Comparison
from data_pumps.documents import AttemptsPump, DocumentPump
from data_pumps.documents_reader import DocumentsReader
from data_pumps.drain import Drain
from data_pumps.due import Due
from data_pumps.figures import Figures
from data_pumps.leaving import Leaving
from data_pumps.pump import Pump
from data_pumps.reader import Reader
from data_pumps.reconciliation import Reconciliation
from data_pumps.shares import LEASE_SECONDS, Shares
from data_pumps.troubles import Troubles
from data_pumps.watch import Watch
from data_writers.audit import Audit
from data_writers.database import Link
from data_writers.documents import DocumentWriter
from data_writers.inventories import Inventories
from data_writers.operations import Checks, operations_port
from data_writers.writer import Writer
from grid_config.attempts import AttemptsLogs
from grid_config.client import Grid
from grid_config.documents import Documents
from infra.clock import clock_of
from infra.logs import configure
from infra.payment.plugins import Providers, load
from infra.settings import Settings, of_process

logger = logging.getLogger("data_pumps.process")

READER_LINKS = 3
SILENT_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, for the process and for tests that run a part of it."""

    grid: Grid
    figures: Figures
    shares: Shares
    watch: Watch
    pump: Pump
    documents: DocumentPump
    attempts: AttemptsPump
    documents_reader: DocumentsReader
    reader: Reader
    reader_link: Link
    due: Due
    reconciliation: Reconciliation
    leaving: Leaving
    comparison: Comparison

    async def run(self) -> None:
        """All of it, until it is cancelled or one part fails for a reason that nobody foresaw."""
        async with asyncio.TaskGroup() as group:
            for work in (
                self.shares.keep, self.watch.listen, self.watch.sweep, self.pump.run, self.documents.run, self.attempts.run,
                self.documents_reader.run, self.reader.run, self.due.run, self.reconciliation.run,
                self.leaving.run, self.comparison.run,
            ):  # fmt: skip
                group.create_task(work())

    def checks(self) -> Checks:
        """What must be there for changes to become durable."""
        return {
            "grid": lambda: (self.grid.is_ready, f"{self.grid.members()} members"),
            "hints": lambda: (time.monotonic() - self.watch.heard_at < SILENT_SECONDS_MAX, "heard" if self.watch.heard_at else "silent"),
            "postgres": lambda: (self.shares.answered, "answers" if self.shares.answered else "away"),
            "documents": lambda: (self.documents_reader.complete, "all there" if self.documents_reader.complete else "being restored"),
        }


@contextlib.asynccontextmanager
async def parts_of(settings: Settings, grid: Grid, providers: Providers) -> AsyncIterator[Parts]:
    """The composition root: every part of the process over one grid."""
    links = [
        Link(settings.database_url, f"{settings.name} {use}")
        for use in ("positions", "documents", "losses", "reconciliation", "leaving", "comparison")
    ]
    positions_link, documents_link, losses_link, reconciliation_link, leaving_link, comparison_link = links
    shares_link = Link(settings.database_url, f"{settings.name} shares", idle_seconds=LEASE_SECONDS)
    reader_links = [Link(settings.database_url, f"{settings.name} reader", by_key=True) for _ in range(READER_LINKS)]
    audits = [Audit(Link(settings.audit_database_url, f"{settings.name} {use}")) for use in ("changes", "attempts", "comparison")]
    writer = Writer(Link(settings.database_url, f"{settings.name} writer", by_key=True), audits[0])
    clock = clock_of(settings)
    inventories, documents, attempts = Inventories(grid, clock), Documents(grid, clock), AttemptsLogs(grid, clock)
    figures, watch, shares = Figures(), Watch(grid), Shares(shares_link)
    reconciliation = Reconciliation(reconciliation_link, inventories, providers)
    troubles = Troubles(watch.dirty_events, positions_link, figures)
    drain = Drain(inventories, positions_link)
    pump = Pump(watch.dirty_events, watch.wanted_events, drain, writer, shares, figures, troubles)
    hold_ms = round(settings.hold_seconds * 1000)
    try:
        yield Parts(
            grid=grid,
            figures=figures,
            shares=shares,
            watch=watch,
            pump=pump,
            documents=DocumentPump(watch.dirty_documents, documents, DocumentWriter(documents_link), shares, watch.wanted_events, figures),
            attempts=AttemptsPump(watch.dirty_attempts, attempts, audits[1], shares, figures),
            documents_reader=DocumentsReader(grid, documents, losses_link, shares, figures),
            reader=Reader(grid, inventories, reader_links, watch.wanted_events, shares, figures, reconciliation.restored, hold_ms),
            reader_link=reader_links[0],
            due=Due(watch.due_events, inventories, providers, shares, figures),
            reconciliation=reconciliation,
            leaving=Leaving(grid, inventories, leaving_link, shares, figures),
            comparison=Comparison(
                grid, inventories, comparison_link, audits[2], shares, figures, watch.wanted_events, pump.look_anew, reconciliation
            ),
        )
    finally:
        await writer.close()
        for audit in audits[1:]:
            await audit.close()
        for link in (shares_link, *links, *reader_links):
            await link.close()


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    grid = await Grid.connect(settings)
    providers = load(settings)
    try:
        await grid.self_test()
        async with (
            parts_of(settings, grid, providers) as parts,
            operations_port(settings.host, settings.operations_port, parts.checks(), parts.figures.registry),
        ):
            logger.info("pump_ready")
            await _until_told(parts)
    finally:
        await providers.close()
        await grid.close()


async def _until_told(parts: Parts) -> None:
    work = asyncio.create_task(parts.run())
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work


def main() -> None:
    configure()
    uvloop.run(run(of_process()))


if __name__ == "__main__":
    main()
