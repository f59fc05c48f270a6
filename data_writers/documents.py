"""Documents of the grid become rows: the newer version stays, and nothing is written that was drained before a loss."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

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


class DocumentWriter:
    """Writes artists, halls, events and accounts. Away when PostgreSQL is not there."""

    def __init__(self, main: Link) -> None:
        self._main = main

    async def epoch(self) -> int:
        """To be read before draining."""
        async with self._main.use() as main:
            row = await (await main.execute(SQL["epoch"])).fetchone()
            assert row is not None, "document_epoch has one row"
            return int(row[0])

    async def write(self, documents: Sequence[Document], epoch: int) -> list[Document]:
        """Write drained documents, or set aside what the constraints refuse: both may be acknowledged. EpochOver: write none.

        Answers those that have their rows.
        """
        try:
            await self._write_all(documents, epoch)
        except (psycopg.Error, ValueError, KeyError):
            # One of them is at fault; apart, each has its own end.
            return [document for document in documents if await self._write_one(document, epoch)]
        return list(documents)

    async def _write_all(self, documents: Sequence[Document], epoch: int) -> None:
        async with self._main.use() as main, main.transaction():
            await _hold_epoch(main, epoch)
            async with main.pipeline():
                for document in documents:
                    name, parameters = statement_of(document)
                    await main.execute(SQL[name], parameters)

    async def _write_one(self, document: Document, epoch: int) -> bool:
        try:
            await self._write_all([document], epoch)
        except (psycopg.Error, ValueError, KeyError) as error:
            if isinstance(error, psycopg.Error) and not is_data_error(error):
                raise
            await self._set_aside(document, epoch, reason_of(error))
            return False
        return True

    async def _set_aside(self, document: Document, epoch: int, reason: str) -> None:
        logger.error("document_set_aside", extra={"data": {"document": document.key, "version": document.version}})
        async with self._main.use() as main, main.transaction():
            await _hold_epoch(main, epoch)
            row = {"key": document.key, "version": document.version, "record": document.body, "reason": reason}
            await main.execute(SQL["set_aside"], row)
            await raise_alarms(main, [("document_set_aside", 0, 0, {"document": document.key, "version": document.version})])


async def _hold_epoch(main: Connection, epoch: int) -> None:
    if await (await main.execute(SQL["hold_epoch"], {"epoch": epoch})).fetchone() is None:
        raise EpochOver


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
