"""What PostgreSQL knows: ended orders and the audit log, with a read-only role, small pools and short statements.

It lags behind the grid by the pump and may be away; then only the calls that need it answer 503. Nothing that sells waits
for it.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from grid_config.orders import Order
from grid_config.outcomes import Method, OrderStatus, Refund
from grid_config.wire import NO_ADDRESS, pack_address
from processing_units.archive import statements
from processing_units.archive.lines import AuditFilter, AuditLine, moment_of_key

CONNECTIONS_MAX = 4  # per database and unit: administrators and shoppers who look back are few
WAITING_MAX = 32  # calls that wait for a connection; one more is ArchiveAway
WAIT_SECONDS = 3.0
STATEMENT_MS_MAX = 3_000
# A wire that is cut, or a machine without power, tells nobody: the few connections must not wait for it for a quarter of an hour.
WATCHED = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 5_000}  # s, s, times, ms
PAGE_LINES = 1_000  # of an export: one statement's worth

_Pool = AsyncConnectionPool[psycopg.AsyncConnection[dict[str, Any]]]


class ArchiveAway(Exception):  # noqa: N818 - it is a state of the world, not a mistake
    """PostgreSQL does not answer, or not in time; the call may be repeated."""


@dataclass(frozen=True, slots=True)
class ArchivedOrder:
    """An order as PostgreSQL has it, and its tickets as (place, status) by place."""

    order: Order
    tickets: tuple[tuple[int, str], ...]


class Archive:
    """Reads orders from the main database and lines from the audit database; an empty URL is a database that is away."""

    def __init__(self, orders_url: str, audit_url: str) -> None:
        self._orders = _pool(orders_url)
        self._audit = _pool(audit_url)
        self._statements = statements.load()

    async def start(self) -> None:
        """Make the pools ready; connections are made when they are wanted, so PostgreSQL may be away."""
        for pool in (self._orders, self._audit):
            if pool is not None:
                await pool.open(wait=False)

    async def stop(self) -> None:
        for pool in (self._orders, self._audit):
            if pool is not None:
                await pool.close(timeout=1.0)

    async def order(self, event: int, order: int) -> ArchivedOrder | None:
        """The order with its tickets, or None when PostgreSQL has not got it (yet). Raises ArchiveAway."""
        rows = await self._rows(self._orders, "order", {"event": event, "order": order})
        return _order(order, rows[0]) if rows else None

    async def audit(self, wanted: AuditFilter, after: tuple[int, ...] | None, most: int) -> list[AuditLine]:
        """At most `most` lines, newest first, after the line with the key `after`. Raises ArchiveAway."""
        at, source, event, seq = after or (None, None, None, None)
        parameters = {
            "since": wanted.since,
            "until": wanted.until,
            "account": wanted.account,
            "ip": wanted.ip,
            "status": wanted.status,
            "event": wanted.event,
            "after_at": None if at is None else moment_of_key(at),
            "after_source": source,
            "after_event": event,
            "after_seq": seq,
            "most": most,
        }
        return [_line(row) for row in await self._rows(self._audit, "audit", parameters)]

    async def audit_pages(self, wanted: AuditFilter, lines_max: int) -> AsyncIterator[list[AuditLine]]:
        """All lines that match, newest first, up to `lines_max`, a page at a time. Raises ArchiveAway."""
        after: tuple[int, ...] | None = None
        left = lines_max
        while left > 0:
            page = await self.audit(wanted, after, min(PAGE_LINES, left))
            yield page
            if len(page) < PAGE_LINES:
                return
            left -= len(page)
            after = page[-1].key

    async def _rows(self, pool: _Pool | None, statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        if pool is None:
            raise ArchiveAway("no database is configured")
        try:
            async with pool.connection(WAIT_SECONDS) as connection:
                cursor = await connection.execute(self._statements[statement], parameters)
                return await cursor.fetchall()
        except psycopg.OperationalError as error:
            raise ArchiveAway(str(error)) from error


def _pool(url: str) -> _Pool | None:
    if not url:
        return None
    settings = f"-c statement_timeout={STATEMENT_MS_MAX} -c default_transaction_read_only=on -c TimeZone=UTC"
    return AsyncConnectionPool(
        url,
        connection_class=psycopg.AsyncConnection[dict[str, Any]],
        kwargs={"options": settings, "autocommit": True, "connect_timeout": 2, "application_name": "archive", "row_factory": dict_row}
        | WATCHED,
        min_size=0,
        max_size=CONNECTIONS_MAX,
        max_waiting=WAITING_MAX,
        max_idle=60.0,
        reconnect_timeout=5.0,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )


def _order(number: int, row: Mapping[str, Any]) -> ArchivedOrder:
    order = Order(
        order=number,
        account=row["account"],
        command_id=row["command_id"].bytes,
        fingerprint=row["fingerprint"],
        status=OrderStatus[row["status"].upper()],
        refund=Refund[row["refund"].upper()],
        seq=row["seq"],
        created_at=_milliseconds(row["created_at"]),
        held_until=_milliseconds(row["held_until"]),
        deadline_at=_milliseconds(row["deadline_at"]),
        extended=int(row["extended"]),
        ended_at=_milliseconds(row["ended_at"]),
        attempt=row["attempt"] or 0,
        attempt_open=int(row["attempt_open"]),
        method=Method[row["method"].upper()] if row["method"] else 0,
        provider=row["provider"] or "",
        total=row["total"],
        ip=pack_address(str(row["ip"])) if row["ip"] else NO_ADDRESS,
        places=tuple(row["places"]),
        categories=tuple(row["categories"]),
        prices=tuple(row["prices"]),
        returned_attempts=tuple(row["returned"]),
    )
    return ArchivedOrder(order, tuple(zip(row["ticket_places"], row["ticket_statuses"], strict=True)))


def _milliseconds(moment: datetime | None) -> int:
    """Unix time in ms as the grid has it: 0 for none."""
    return 0 if moment is None else round(moment.timestamp() * 1000)


def _line(row: Mapping[str, Any]) -> AuditLine:
    ip = None if row["ip"] is None else str(row["ip"])
    return AuditLine(row["at"], row["source"], row["event"], row["seq"], ip, row["account"], row["status"], row["order_no"], row["detail"])
