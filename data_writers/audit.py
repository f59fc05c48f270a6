"""The audit log: a line per change of an order, per verdict of PostgreSQL and per refused attempt (invariant I9).

It lives in a database of its own, so its lines and the rows they tell of cannot share a transaction. The lines are
committed first: a crash between the two commits leaves lines of changes that the grid still has, the next pump brings
them again, and the unique index swallows the repetition. The other way round, rows could stand without a line for ever.
Hence the log may run ahead of the rows by one batch; it never lacks a change that is in them.

What a hold of two seats left there, as the table has it (numbers; administrators are told ids and JSON, see
`processing_units.administration.audit`): at 2026-11-23 05:40:36.383+00, source (the entry's incarnation), event, seq (within the
source), ip 127.0.0.1, account, status held, order_no, detail {"change": "held", "places": [12, 13], "total": 1800000}: places
by index in the layout, the total in kopecks. Other changes have their kind as detail, verdicts {"verdict": "confirmed"}.
"""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg

from data_writers.batch import State, Taken, Told
from data_writers.database import Away, Connection, Link, columns, quoted
from data_writers.folding import Placed, ip_text
from data_writers.sql import load
from grid_config.attempts import Attempt
from grid_config.changes import Held
from grid_config.outcomes import ChangeKind, OrderStatus, Verdict

SQL = load("audit")
# Time in microseconds since 1970, where it comes from, what it is about, and what became of it: the columns of `add_lines`.
# Texts are quoted as elements of an array literal; account and order 0: none.
LINE = ("at_us", "source", "event", "seq", "ip", "account", "status", "order_no", "detail")
Line = tuple[int, int, int, int, str | None, int, str, int, str]

_STATUSES = {status.value: status.name.lower() for status in OrderStatus}
_KINDS = {kind.value: '"{\\"change\\":\\"' + kind.name.lower() + '\\"}"' for kind in ChangeKind}
_VERDICTS = {Verdict.CONFIRMED: (1, "confirmed"), Verdict.REFUSED: (2, "declined")}
_HELD = ChangeKind.HELD.value
_US_PER_MS = 1000
_US_MIN = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_US_MAX = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def lines_of(changes: Iterable[Placed]) -> list[Line]:
    """A line per change of an order; a change of the event's terms is nobody's order."""
    return [
        (
            _us(change.at), incarnation, event, change.seq, ip_text(change.ip), change.account,
            _STATUSES.get(change.status, "payment_unmatched"), change.order,
            _held_detail(change) if change.kind == _HELD else _KINDS[change.kind],
        )
        for event, incarnation, change in changes
        if change.order
    ]  # fmt: skip


def lines_of_verdicts(changes: Sequence[Placed], verdicts: Iterable[tuple[int, Told]]) -> list[Line]:
    """A line per verdict. It belongs to the change that was paid: its seq negated keeps it apart, some microseconds behind it."""
    told = {(event, verdict.order): verdict for event, verdict in verdicts}
    lines: list[Line] = []
    for event, incarnation, change in changes:
        verdict = told.get((event, change.order)) if change.kind == ChangeKind.PAID else None
        if verdict is not None and verdict.verdict in _VERDICTS:
            behind_us, status = _VERDICTS[verdict.verdict]
            line = (
                _us(change.at) + behind_us, incarnation, event, -change.seq, ip_text(change.ip), change.account, status, change.order,
                '"{\\"verdict\\":\\"' + verdict.verdict.name.lower() + '\\"}"',
            )  # fmt: skip
            lines.append(line)
    return lines


def lines_of_losers(state: State, changes: Iterable[Placed], taken: Taken, at: datetime) -> list[Line]:
    """A line per order that lost its places when rows were made as an entry's state says, unless one of `changes` tells of it.

    Numbers of orders are beyond all seqs: negated they keep these lines apart from changes and verdicts.
    """
    told = {change.order for _, _, change in changes if change.kind == ChangeKind.PAID}
    known: dict[int, tuple[str | None, int]] = {sold.order: (None, sold.account) for sold in state.sold}
    known |= {order.order: (ip_text(order.ip), order.account) for order in state.orders}
    losers = [(order, "refused") for order in taken.refused if order not in told] + [(order, "displaced") for order in taken.displaced]
    _, status = _VERDICTS[Verdict.REFUSED]
    at_us, batch = int(at.timestamp() * 1_000_000), state.batch
    return [
        (at_us, batch.incarnation, batch.event, -order, *known.get(order, (None, 0)), status, order, '"{\\"verdict\\":\\"' + why + '\\"}"')
        for order, why in losers
    ]


def _us(at_ms: int) -> int:
    """Microseconds of a time; one that no clock shows is told as now, so that no line is ever refused."""
    us = at_ms * _US_PER_MS
    return us if _US_MIN < us < _US_MAX else int(datetime.now(UTC).timestamp() * 1_000_000)


def _held_detail(change: Any) -> str:
    held: Held = change
    return '"{\\"change\\":\\"held\\",\\"places\\":[' + ",".join(map(str, held.places)) + f'],\\"total\\":{held.total}}}"'


class AuditTransaction:
    """Lines of one transaction; committed when its block ends."""

    def __init__(self, connection: Connection, months: set[int]) -> None:
        self._connection = connection
        self._months = months

    async def add(self, lines: Sequence[Line]) -> None:
        """Write the lines that are not there yet. Away, whatever the error: a line is right by construction. That somebody holds the
        same lines back goes to the link, which ends those that stand still in mid-transaction.
        """
        if not lines:
            return
        try:
            await self._make_partitions_of(lines)
            await self._connection.execute(SQL["add_lines"], columns(LINE, lines))
        except psycopg.errors.LockNotAvailable:
            raise
        except psycopg.Error as error:
            self._months.clear()  # a partition may have been taken away
            raise Away(f"audit: {type(error).__name__}: {error}") from error

    async def make_partitions(self, months: set[int]) -> None:
        """The partitions of these months, as `_month` counts them."""
        for month in sorted(months - self._months):
            await self._connection.execute(SQL["make_partition"], {"month": f"{month // 12:04}-{month % 12 + 1:02}-01"})
            self._months.add(month)

    async def _make_partitions_of(self, lines: Sequence[Line]) -> None:
        # Nearly always all lines are of one month that is known.
        months = {_month(min(line[0] for line in lines)), _month(max(line[0] for line in lines))}
        if len(months) > 1:
            months = {_month(line[0]) for line in lines}
        await self.make_partitions(months)


def _month(us: int) -> int:
    at = datetime.fromtimestamp(us // 1_000_000, UTC)
    return at.year * 12 + at.month - 1


class Audit:
    """The audit database. Away when it is not there."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._months: set[int] = set()  # whose partitions are there

    async def close(self) -> None:
        await self._link.close()

    async def make_months(self, now_s: int, ahead: int) -> None:
        """The partitions of this month and of as many ahead."""
        async with self.transaction() as lines:
            await lines.make_partitions({_month(now_s * 1_000_000) + number for number in range(ahead + 1)})

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AuditTransaction]:
        """Lines that are committed together, when the block ends without an error."""
        async with self._link.use() as connection:
            try:
                async with connection.transaction():
                    yield AuditTransaction(connection, self._months)
            except BaseException:
                self._months.clear()  # made in a transaction that did not come to its end
                raise


def attempt_line(life: int, seq: int, attempt: Attempt) -> Line:
    """The line of a refused attempt; `life` and `seq` are its log's."""
    detail = quoted(json.dumps({"detail": attempt.detail.replace("\0", "")})) if attempt.detail else '"{}"'
    status = quoted(attempt.status.replace("\0", ""))
    return _us(attempt.at), life, attempt.event, seq, attempt.address or None, attempt.account, status, attempt.order, detail
