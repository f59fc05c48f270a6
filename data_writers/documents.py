"""Documents of the grid become rows: the newer version stays, and nothing is written that was drained before a loss."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from data_writers.database import Connection, Link, is_data_error, reason_of
from data_writers.effects import raise_alarms
from data_writers.sql import load
from grid_config.documents import Document
from grid_config.identifiers import number_of

logger = logging.getLogger("data_writers.documents")
SQL = load("documents")


class EpochOver(Exception):  # noqa: N818 - named as what it says
    """Documents were lost since this epoch was read: what was drained under it must not be written."""


class Standing(NamedTuple):
    """`epoch`: how often documents were lost; `written`: how many transactions have carried some here, as the database remembers."""

    epoch: int
    written: int


class DocumentWriter:
    """Writes artists, halls, events and accounts. Away when PostgreSQL is not there."""

    def __init__(self, main: Link) -> None:
        self._main = main

    async def standing(self) -> Standing:
        """To be read before draining."""
        async with self._main.use() as main:
            row = await (await main.execute(SQL["standing"])).fetchone()
            assert row is not None, "document_epoch has one row"
            return Standing(*row)

    async def write(self, documents: Sequence[Document], epoch: int) -> tuple[list[Document], list[int]]:
        """Write drained documents, or set aside what the constraints refuse: both may be acknowledged. EpochOver: write none.

        Answers those that have their rows, and the numbers of the transactions that wrote them.
        """
        try:
            number = await self._write_all(documents, epoch)
        except (psycopg.Error, ValueError, KeyError):
            # One of them is at fault; apart, each has its own end.
            numbers = [await self._write_one(document, epoch) for document in documents]
            written = [document for document, number in zip(documents, numbers, strict=True) if number]
            return written, [number for number in numbers if number]
        return list(documents), [number]

    async def write_again(self, documents: Sequence[Document], epoch: int) -> list[Document]:
        """Write what a database that was set back has forgotten; the number does not change. EpochOver: write none.

        Answers those that the constraints refuse as the rows stand now: a login may still be that of who has given it up since.
        """
        try:
            async with self._main.use() as main, main.transaction():
                await _held(main, "hold_epoch", epoch)
                await _write(main, documents)
        except (psycopg.Error, ValueError, KeyError) as error:
            if isinstance(error, psycopg.Error) and not is_data_error(error):
                raise
            if len(documents) == 1:
                return list(documents)
            return [refused for document in documents for refused in await self.write_again([document], epoch)]
        return []

    async def raise_set_back(self, epoch: int, documents: int) -> None:
        """Tell somebody that the database was set back, and how many documents were written again. EpochOver: tell nobody."""
        async with self._main.use() as main, main.transaction():
            await _held(main, "hold_epoch", epoch)
            await raise_alarms(main, [("documents_set_back", 0, 0, {"documents": documents})])

    async def _write_all(self, documents: Sequence[Document], epoch: int) -> int:
        async with self._main.use() as main, main.transaction():
            number = await _held(main, "count_write", epoch)
            await _write(main, documents)
        return number

    async def _write_one(self, document: Document, epoch: int) -> int:
        """The number of its transaction; 0 when it was set aside."""
        try:
            return await self._write_all([document], epoch)
        except (psycopg.Error, ValueError, KeyError) as error:
            if isinstance(error, psycopg.Error) and not is_data_error(error):
                raise
            await self.set_aside(document, epoch, reason_of(error))
            return 0

    async def set_aside(self, document: Document, epoch: int, reason: str) -> None:
        """Put a document where a human finds it, with an alarm. EpochOver: put it nowhere."""
        logger.error("document_set_aside", extra={"data": {"document": document.key, "version": document.version}})
        async with self._main.use() as main, main.transaction():
            await _held(main, "hold_epoch", epoch)
            row = {"key": document.key, "version": document.version, "record": document.body, "reason": reason}
            await main.execute(SQL["set_aside"], row)
            await raise_alarms(main, [("document_set_aside", 0, 0, {"document": document.key, "version": document.version})])


async def _held(main: Connection, statement: str, epoch: int) -> int:
    """What the statement answers that holds the epoch until COMMIT."""
    row = await (await main.execute(SQL[statement], {"epoch": epoch})).fetchone()
    if row is None:
        raise EpochOver
    return int(row[0])


async def _write(main: Connection, documents: Sequence[Document]) -> None:
    async with main.pipeline():
        for document in documents:
            name, parameters = statement_of(document)
            await main.execute(SQL[name], parameters)


def statement_of(document: Document) -> tuple[str, dict[str, Any]]:
    """The statement for a document and its parameters; ValueError or KeyError when its body does not say what it must."""
    kind, _, name = document.key.partition(":")
    number = number_of(name)
    if number is None or kind not in _PARAMETERS:
        raise ValueError(f"{document.key!r} names no row")
    fields = None if document.is_gone else document.fields
    body = None if fields is None else Jsonb(fields)
    return kind, {"number": number, "version": document.version, "body": body} | _PARAMETERS[kind](fields or {})


def _of_event(fields: dict[str, Any]) -> dict[str, Any]:
    if not fields:
        return {"status": "deleted", "hall": None, "hall_version": None, "starts_at": None}
    starts_at = fields.get("starts_at")
    return {
        "status": fields["status"],
        "hall": number_of(fields.get("hall_id") or ""),
        "hall_version": fields.get("hall_version"),
        "starts_at": None if starts_at is None else datetime.fromisoformat(starts_at),
    }


def _of_account(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields.get(name) for name in ("login", "email", "phone")}


_PARAMETERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "artist": lambda _: {},
    "hall": lambda _: {},
    "event": _of_event,
    "account": _of_account,
}
