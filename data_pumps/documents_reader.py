"""Documents that were lost with their members come back from their rows.

Every partition has a marker beside its documents; a partition without one has lost them (or never had any). First the
epoch is counted up, so that nothing that was drained before the loss is written over what is restored after it; then the
documents, the claims that follow from accounts, and the catalogue's index; the marker last. Until then, absent says nothing.
"""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from data_pumps.claims import claims_of
from data_pumps.documents import DOCUMENTS_SHARE
from data_pumps.figures import Figures
from data_pumps.shares import Shares
from data_writers.database import Away, Link
from data_writers.documents import SQL
from grid_config.client import Grid, GridError
from grid_config.documents import INDEX, ZLIB, Documents, Kind, number_body
from grid_config.identifiers import number_text

logger = logging.getLogger("data_pumps.documents_reader")

LOOK_SECONDS = 3.0
CALLS_AT_ONCE = 64
ROWS_AT_ONCE = 200
CLAIM_VERSION = 1
RESTORE_SECONDS_MAX = 600  # some hundred thousand documents at some thousand a second
Result = TypeVar("Result")
_KINDS = {"artist": Kind.ARTIST, "hall": Kind.HALL, "event": Kind.EVENT}


class DocumentsReader:
    """Looks after the markers of all partitions."""

    def __init__(self, grid: Grid, documents: Documents, main: Link, shares: Shares, figures: Figures) -> None:
        self._grid = grid
        self._documents = documents
        self._main = main
        self._shares = shares
        self._figures = figures
        self.complete = False  # whether the last look found every marker

    async def run(self) -> None:
        while True:
            if self._grid.is_ready:
                try:
                    lost = await self.lost()
                    if lost and self._shares.has(DOCUMENTS_SHARE):
                        await self.restore(lost)
                        lost = set()
                    self.complete = not lost
                except (Away, GridError) as error:
                    logger.warning("documents_restore_waits", extra={"data": {"why": repr(error)[:300]}})
            await asyncio.sleep(LOOK_SECONDS if self.complete else LOOK_SECONDS / 10)

    async def lost(self) -> set[int]:
        """The partitions without a marker."""
        partitions = range(self._grid.partition_count)
        found = await _together([partial(self._documents.marker, each) for each in partitions])
        return {partition for partition, epoch in zip(partitions, found, strict=True) if epoch is None}

    async def restore(self, lost: set[int]) -> None:
        """Bring back the documents of these partitions."""
        async with self._main.use() as main:
            row = await (await main.execute(SQL["next_epoch"])).fetchone()
            assert row is not None, "document_epoch has one row"
        count = await self._restore_documents(lost) + await self._restore_claims(lost)
        await _together([partial(self._documents.put_marker, each, row[0]) for each in sorted(lost)])
        self._figures.documents_restored.inc(count)
        logger.info("documents_restored", extra={"data": {"partitions": len(lost), "documents": count, "epoch": row[0]}})

    async def _restore_documents(self, lost: set[int]) -> int:
        index_lost = self._grid.partition_of(INDEX) in lost
        count = 0
        async for rows in self._rows("all_documents"):
            calls: list[Callable[[], Awaitable[Any]]] = []
            for kind, number, version, text in rows:
                key = f"{kind}:{number_text(number)}"
                if self._grid.partition_of(key) in lost:
                    count += 1
                    calls.append(partial(self._restore_one, key, version, text))
                if index_lost and kind in _KINDS:
                    calls.append(partial(self._documents.touch, _KINDS[kind], number, version))
            await _together(calls)
        return count

    async def _restore_claims(self, lost: set[int]) -> int:
        count = 0
        async for rows in self._rows("all_claims"):
            calls: list[Callable[[], Awaitable[Any]]] = []
            for account, login, email, phone in rows:
                for key in claims_of(login, email, phone):
                    if self._grid.partition_of(key) in lost:
                        count += 1
                        calls.append(partial(self._documents.restore, key, CLAIM_VERSION, number_body(account)))
            await _together(calls)
        return count

    async def _restore_one(self, key: str, version: int, text: str) -> None:
        await self._documents.restore(key, version, body_of(text))

    async def _rows(self, statement: str) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
        async with self._main.use(RESTORE_SECONDS_MAX) as main, main.transaction(), main.cursor("rows") as cursor:
            await cursor.execute(SQL[statement])
            while rows := await cursor.fetchmany(ROWS_AT_ONCE):
                yield rows


def body_of(text: str) -> bytes:
    """A document's JSON as its body."""
    return bytes([ZLIB]) + zlib.compress(text.encode(), 6)


async def _together(calls: Sequence[Callable[[], Awaitable[Result]]]) -> list[Result]:
    """All calls, so many at a time; the first error ends it."""
    room = asyncio.Semaphore(CALLS_AT_ONCE)

    async def one(call: Callable[[], Awaitable[Result]]) -> Result:
        async with room:
            return await call()

    return list(await asyncio.gather(*(one(call) for call in calls)))
