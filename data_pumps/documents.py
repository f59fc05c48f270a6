"""The same for documents and refused attempts: drained, written, acknowledged version by version."""

import asyncio
import logging
from collections.abc import Iterator, Sequence

from data_pumps.claims import keep_claims
from data_pumps.documents_again import DOCUMENTS_MAX, SetBack, WritingAgain
from data_pumps.figures import Figures
from data_pumps.inbox import Inbox
from data_pumps.shares import Shares
from data_writers.audit import Audit, attempt_line
from data_writers.database import Away
from data_writers.documents import DocumentWriter, EpochOver
from grid_config.attempts import AttemptsLogs, DrainedAttempts
from grid_config.client import GridError
from grid_config.documents import Document, Documents
from grid_config.identifiers import number_of
from grid_config.limits import DRAIN_CHANGES_MAX

logger = logging.getLogger("data_pumps.documents")

DOCUMENTS_SHARE = 0  # the share whose holder carries documents
ATTEMPTS_SHARE = 1
RETRY_SECONDS = 0.2
LOOK_SECONDS = 3.0  # whether the database is an older one: also when nothing is to be carried


class DocumentPump:
    """Carries documents; published events go on to the reader at once."""

    def __init__(  # noqa: PLR0917 - the parts it is made of
        self, dirty: Inbox[str], documents: Documents, writer: DocumentWriter, shares: Shares, published: Inbox[int], figures: Figures
    ) -> None:
        self._dirty = dirty
        self._documents = documents
        self._writer = writer
        self._shares = shares
        self._published = published
        self._figures = figures
        self._again = WritingAgain(documents, writer, published, _published_events)
        self._alone = asyncio.Lock()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._carry_on())
            group.create_task(self._look())

    async def _carry_on(self) -> None:
        while True:
            keys = await self._dirty.take(DOCUMENTS_MAX)
            if self._shares.has(DOCUMENTS_SHARE):
                try:
                    await self.carry(keys)
                except (Away, GridError, EpochOver, SetBack) as error:
                    logger.warning("documents_wait", extra={"data": {"why": repr(error)[:300]}})
                    self._dirty.put(keys)
                    await asyncio.sleep(RETRY_SECONDS)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._shares.has(DOCUMENTS_SHARE):
                try:
                    async with self._alone:
                        await self._again.standing()
                except (Away, GridError, EpochOver) as error:
                    logger.warning("documents_wait", extra={"data": {"why": repr(error)[:300]}})

    async def carry(self, keys: Sequence[str]) -> None:
        """Bring these documents to PostgreSQL. The epoch is read first: what is lost afterwards is not written."""
        async with self._alone:
            await self._carry(keys)

    async def _carry(self, keys: Sequence[str]) -> None:
        standing, known = await self._again.standing()
        drained = [document for document in await asyncio.gather(*(self._documents.drain(key) for key in keys)) if document]
        if not drained:
            return
        written, numbers = await self._writer.write(drained, standing.epoch)
        await self._again.remember(numbers, known)
        await keep_claims(self._documents, list(_accounts(written)))
        self._figures.documents.inc(len(drained))
        await asyncio.gather(*(self._documents.acknowledge(document.key, document.version) for document in drained))
        self._published.put(_published_events(drained))


def _accounts(documents: Sequence[Document]) -> Iterator[tuple[int, Document]]:
    """Accounts of these, with their numbers."""
    for document in documents:
        kind, _, name = document.key.partition(":")
        number = number_of(name) if kind == "account" else None
        if number is not None:
            yield number, document


def _published_events(documents: Sequence[Document]) -> list[int]:
    """Events of these that are to be on sale: perhaps new ones, perhaps with other terms."""
    numbers = []
    for document in documents:
        kind, _, name = document.key.partition(":")
        if kind == "event" and not document.is_gone and document.fields.get("status") == "published":
            numbers.append(number_of(name) or 0)
    return [number for number in numbers if number]


class AttemptsPump:
    """Carries the logs of refused attempts to the audit database."""

    def __init__(self, dirty: Inbox[str], logs: AttemptsLogs, audit: Audit, shares: Shares, figures: Figures) -> None:
        self._dirty = dirty
        self._logs = logs
        self._audit = audit
        self._shares = shares
        self._figures = figures

    async def run(self) -> None:
        while True:
            for key in await self._dirty.take(DOCUMENTS_MAX):
                if self._shares.has(ATTEMPTS_SHARE):
                    try:
                        await self.carry(key)
                    except (Away, GridError) as error:
                        logger.warning("attempts_wait", extra={"data": {"why": repr(error)[:300]}})
                        self._dirty.put([key])
                        await asyncio.sleep(RETRY_SECONDS)

    async def carry(self, key: str) -> None:
        """Empty one log."""
        while (drained := await self._logs.drain(key, DRAIN_CHANGES_MAX)).records:
            await self.write(drained)
            await self._logs.acknowledge(key, drained.last_seq)

    async def write(self, drained: DrainedAttempts) -> None:
        """A line per attempt; a repetition gives the same lines."""
        lines = [attempt_line(drained.life, drained.first_seq + index, attempt) for index, attempt in enumerate(drained.records)]
        async with self._audit.transaction() as audit:
            await audit.add(lines)
        self._figures.attempts.inc(len(lines))
