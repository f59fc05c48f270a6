"""Writing documents of the catalogue: the document, then word of it to the catalogue's index.

A document of which the index was not told is there, but no unit looks for it. When the index does not answer, the word is
sent again behind the answer; the next change or publication of the document sends it too.
"""

import asyncio
import logging

from grid_config.client import GridUnavailable
from grid_config.documents import Document, Documents, Kind
from processing_units.catalogue.keys import key_of

TELLING_MAX = 256  # words on their way behind their answers
TELLING_SECONDS = 120.0
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Shelf:
    """Puts artists, halls and events into the grid."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._telling: set[asyncio.Task[None]] = set()

    async def put(self, kind: Kind, number: int, body: bytes, expected: int) -> Document:
        """The document after `expected` (0: a new one). Raises Stale and GridUnavailable: it may have been written."""
        document = await self._documents.put(key_of(kind, number), body, expected=expected)
        try:
            await self._documents.touch(kind, number, document.version)
        except GridUnavailable:
            if len(self._telling) >= TELLING_MAX:
                raise
            task = asyncio.create_task(self._tell(kind, number, document.version))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        return document

    async def _tell(self, kind: Kind, number: int, version: int) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + TELLING_SECONDS
        while clock() < until:
            try:
                return await self._documents.touch(kind, number, version)
            except GridUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
        logger.error("index_not_told", extra={"data": {"document": key_of(kind, number)}})
        return None
