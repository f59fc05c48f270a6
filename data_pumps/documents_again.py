"""Documents that PostgreSQL has forgotten, because it was set back in time, are written again from the grid.

Every transaction that carries documents has a number, which the database counts and the grid remembers before it forgets that they
had to be written. A database that counts less than the grid remembers is an older one: all documents are written again (the newer
version stays), somebody is told, and only then the grid remembers the smaller number. Entries of events have their positions for this.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from data_pumps.inbox import Inbox
from data_writers.documents import DocumentWriter, Standing
from grid_config.documents import Document, Documents

logger = logging.getLogger("data_pumps.documents_again")

DOCUMENTS_MAX = 64  # in one transaction; a hall may be some megabytes


class SetBack(Exception):  # noqa: N818 - named as what it says
    """The database was set back while documents were written: they are not acknowledged, and come again."""


class WritingAgain:
    """Compares the two numbers, and writes again what has been forgotten. Not for two tasks at once."""

    def __init__(
        self, documents: Documents, writer: DocumentWriter, published: Inbox[int], published_of: Callable[[Sequence[Document]], list[int]]
    ) -> None:
        self._documents = documents
        self._writer = writer
        self._published = published
        self._published_of = published_of

    async def standing(self) -> tuple[Standing, int | None]:
        """The database's number, and the grid's (None: it has none yet), once nothing is forgotten. Away, EpochOver and GridError."""
        standing, known = await self._writer.standing(), await self._documents.written()
        if known is not None and standing.written < known:
            count = await self._write_all(standing.epoch)
            await self._writer.raise_set_back(standing.epoch, count)
            await self._documents.remember_written(standing.written, known=known)
            logger.warning("documents_written_again", extra={"data": {"documents": count, "had": standing.written, "knew": known}})
            known = standing.written
        return standing, known

    async def remember(self, numbers: Sequence[int], known: int | None) -> None:
        """Remember what was written, before it is acknowledged. SetBack when a number is not a new one: the next look finds it."""
        if known is not None and numbers and min(numbers) <= known:
            await self._documents.remember_written(max(known, *numbers) + 1, known=known)
            raise SetBack
        if numbers:
            await self._documents.remember_written(max(numbers), known=known)

    async def _write_all(self, epoch: int) -> int:
        count = 0
        refused: list[Document] = []
        async for keys in self._documents.durable_keys():
            for first in range(0, len(keys), DOCUMENTS_MAX):
                some = keys[first : first + DOCUMENTS_MAX]
                found = [document for document in await asyncio.gather(*map(self._documents.get, some)) if document]
                refused += await self._writer.write_again(found, epoch)
                self._published.put(self._published_of(found))
                count += len(found)
        for document in await self._once_more(refused, epoch):
            await self._writer.set_aside(document, epoch, "refused by the rows of an older database")
        return count

    async def _once_more(self, refused: list[Document], epoch: int) -> list[Document]:
        """Those that are refused whatever is written before them."""
        while refused:
            still = await self._writer.write_again(refused, epoch)
            if len(still) == len(refused):
                return still
            refused = still
        return []
