"""The audit log as administrators read it: pages of JSON, or all of it as CSV. `data_writers.audit` writes it."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, Field

from grid_config.identifiers import number_of
from processing_units.archive.archive import Archive
from processing_units.archive.lines import AuditFilter, AuditLine, moment_of_key
from processing_units.catalogue.cursors import decode, encode, refused
from processing_units.catalogue.times import Moment, text_of
from processing_units.edge.identity import address_in
from processing_units.edge.validation import PageQuery

EXPORT_LINES_MAX = 5_000_000  # of one CSV: a busy year; more is asked for by `from` and `to`
COLUMNS = ("at", "ip", "account", "status", "event_id", "order_id", "detail")
_CURSOR = "u"  # audit


def _number(text: str) -> str:
    if number_of(text) is None:
        raise ValueError("is not an id")
    return text


def _address(text: str) -> str:
    known = address_in(text)
    if known is None:
        raise ValueError("is not an address")
    return known


class AuditQuery(PageQuery):
    """What GET /admin/audit takes: `from` ≤ at < `to`, newest first."""

    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    account: Annotated[str, AfterValidator(_number)] | None = None
    ip: Annotated[str, AfterValidator(_address)] | None = None
    status: Annotated[str, Field(max_length=100, pattern=r"^[a-z_:]*$")] | None = None
    event: Annotated[str, AfterValidator(_number)] | None = None

    def wanted(self) -> AuditFilter:
        return AuditFilter(
            since=self.from_,
            until=self.to,
            account=number_of(self.account) if self.account else None,
            ip=self.ip,
            status=self.status,
            event=number_of(self.event) if self.event else None,
        )


class AuditItem(BaseModel):
    """A change of an order with its new status, a refused attempt with its problem code, or an administrator's action."""

    at: str
    ip: str | None
    account: str | None
    status: str
    event_id: str | None
    order_id: str | None
    detail: dict[str, Any]


class AuditPage(BaseModel):
    items: list[AuditItem]
    next_cursor: str | None


async def page(archive: Archive, query: AuditQuery) -> dict[str, Any]:
    """The JSON of an `AuditPage`. Raises ArchiveAway; Problem `invalid` for a cursor that is none."""
    after = decode(_CURSOR, 4, query.cursor) if query.cursor is not None else None
    if after is not None:
        _require_time(after[0])
    lines = await archive.audit(query.wanted(), after, query.limit + 1)
    told = lines[: query.limit]
    next_cursor = encode(_CURSOR, told[-1].key) if len(lines) > query.limit else None
    return {"items": [item(line) for line in told], "next_cursor": next_cursor}


def item(line: AuditLine) -> dict[str, Any]:
    """The JSON of an `AuditItem`."""
    return {
        "at": text_of(line.at),
        "ip": line.ip,
        "account": line.account_id,
        "status": line.status,
        "event_id": line.event_id,
        "order_id": line.order_id,
        "detail": line.detail,
    }


async def export(archive: Archive, query: AuditQuery) -> AsyncIterator[bytes]:
    """All matching lines as CSV, a piece at a time. Raises ArchiveAway, before the first piece when it is away then."""
    pages = archive.audit_pages(query.wanted(), EXPORT_LINES_MAX)
    first = await anext(pages)

    async def pieces() -> AsyncIterator[bytes]:
        yield _rows([COLUMNS]) + _rows(map(_row, first))
        async for lines in pages:
            yield _rows(map(_row, lines))

    return pieces()


def _row(line: AuditLine) -> tuple[str, ...]:
    told = item(line)
    detail = orjson.dumps(line.detail).decode() if line.detail else ""
    return (*(told[column] or "" for column in COLUMNS[:-1]), detail)


def _rows(rows: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _require_time(microseconds: int) -> None:
    try:
        moment_of_key(microseconds)
    except OverflowError:
        raise refused() from None
