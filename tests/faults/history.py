"""What clients were told, and what stands at the end: the only things checkers may read.

A `Told` is one HTTP call with its answer (or none: unknown). `Final` is what database, audit log, provider and the
availability answer say once the system is quiet. Nothing here asks the grid or the code under test.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg

ORDERS = "SELECT event, order_no, account, status::text, refund::text, places, total FROM orders"
AUDIT = "SELECT event, order_no, status, host(ip), account, source, seq FROM audit"


class Told(NamedTuple):
    """One call: `began` and `ended` in seconds of the monotonic clock; `status` 0 when no answer came."""

    what: str  # hold, release, pay, read, repeat
    event_id: str
    account_id: str
    request: dict[str, Any]
    status: int
    body: dict[str, Any]
    began: float
    ended: float


class Seen(NamedTuple):
    """What the stream of a unit came to with one of its events: the seats at a version, and what the areas had free."""

    unit: int
    at: float
    version: int
    states: str
    areas_free: tuple[int, ...]


class Broken(NamedTuple):
    """A fault: what it was and what it was done to, from when to when (seconds of the monotonic clock)."""

    fault: str
    target: str
    began: float
    ended: float


@dataclass
class History:
    """Every call of one run, in the order of its answers, and what was broken meanwhile."""

    calls: list[Told] = field(default_factory=list)
    seed: int = 0
    seat_order: list[str] = field(default_factory=list)  # guids in plan order
    hold_seconds: float = 0.0  # of the system that was asked
    area_capacity: int = 0  # of the hall's one area
    seen: list[Seen] = field(default_factory=list)
    total_losses: list[float] = field(default_factory=list)  # when both copies of the event had died, monotonic seconds
    alarms_expected: frozenset[str] = frozenset()
    broken: list[Broken] = field(default_factory=list)
    standstills: list[tuple[float, float]] = field(default_factory=list)  # from when to when PostgreSQL could write nothing
    unix: float = field(default_factory=lambda: time.time() - time.monotonic())  # what makes a moment of the monotonic clock unix time

    async def call(
        self,
        client: httpx.AsyncClient,
        what: str,
        method: str,
        path: str,
        *,
        event_id: str,
        account_id: str,
        json: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Told:
        """Make the call, note it whatever comes of it, and give it back."""
        began = time.monotonic()
        status = 0
        body: dict[str, Any] = {}
        try:
            answer = await client.request(method, path, json=json, headers=headers or {})
            status = answer.status_code
            told = answer.json() if answer.content else {}
            body = told if isinstance(told, dict) else {"items": told}
        except (httpx.HTTPError, ValueError):
            status = 0
        asked = {"path": path, "json": json or {}, "headers": headers or {}}
        self.calls.append(Told(what, event_id, account_id, asked, status, body, began, time.monotonic()))
        return self.calls[-1]

    def keep(self, sentences: list[str], logs: Path) -> Path:
        """Write everything down for whoever looks into it, with the processes' logs; the directory."""
        place = Path(tempfile.mkdtemp(prefix="front-row-fault-"))
        calls = [told._asdict() for told in self.calls]
        broken = [fault._asdict() for fault in self.broken]
        seen = [each._asdict() for each in self.seen]
        record = {"seed": self.seed, "found": sentences, "total_losses": self.total_losses, "broken": broken, "calls": calls, "seen": seen}
        (place / "history.json").write_text(json.dumps(record, ensure_ascii=False, indent=1))
        for log in logs.glob("*.log"):
            shutil.copy(log, place)
        return place

    def held(self) -> dict[str, Told]:
        """The first answer 200 or 201 of every order."""
        first: dict[str, Told] = {}
        for told in self.calls:
            if told.what in ("hold", "repeat") and told.status in (200, 201):
                first.setdefault(told.body["order_id"], told)
        return first


class OrderRow(NamedTuple):
    event: int
    order_no: int
    account: int
    status: str
    refund: str
    places: tuple[int, ...]
    total: int


class TicketRow(NamedTuple):
    event: int
    place: int
    order_no: int
    status: str


class AuditRow(NamedTuple):
    event: int
    order_no: int
    status: str
    ip: str
    account: int
    source: int
    seq: int


@dataclass
class Final:
    """The end of a run. `ledger`: the provider's view by payment id; `states`: seat states by event id.

    `areas_free`: what is free in areas; `streams`: the last that each unit's stream has told, None: nothing; `titles`: of events by
    their ids, as administrators read them at each unit, then as they stand in the database.
    """

    orders: list[OrderRow]
    tickets: list[TicketRow]
    audit: list[AuditRow]
    payments: dict[str, tuple[int, int]]  # payment number as text -> (event, order_no)
    ledger: dict[str, dict[str, Any]]
    states: dict[str, str]
    alarms: list[tuple[str, int | None]]  # kind, event
    areas_free: tuple[int, ...] = ()
    streams: dict[int, Seen | None] = field(default_factory=dict)
    accounts: frozenset[int] = frozenset()
    titles: dict[str, list[str]] = field(default_factory=dict)


class Rows(NamedTuple):
    """What the two databases say."""

    orders: list[OrderRow]
    tickets: list[TicketRow]
    audit: list[AuditRow]
    payments: dict[str, tuple[int, int]]
    alarms: list[tuple[str, int | None]]
    accounts: frozenset[int]
    titles: dict[int, str]


def read_database(database_url: str, audit_url: str) -> Rows:
    """Everything that checkers compare, straight from the two databases."""
    with psycopg.connect(database_url) as main:
        orders = [OrderRow(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6]) for row in _rows(main, ORDERS)]
        tickets = [TicketRow(*row) for row in _rows(main, "SELECT event, place, order_no, status::text FROM tickets")]
        payments = {str(row[0]): (row[1], row[2]) for row in _rows(main, "SELECT payment, event, order_no FROM payments")}
        alarms = [(row[0], row[1]) for row in _rows(main, "SELECT kind, event FROM alarms")]
        accounts = frozenset(row[0] for row in _rows(main, "SELECT account FROM accounts WHERE body IS NOT NULL"))
        titles = {row[0]: str(row[1]) for row in _rows(main, "SELECT event, body->>'title' FROM events")}
    with psycopg.connect(audit_url) as audit_connection:
        audit = [AuditRow(*row) for row in _rows(audit_connection, AUDIT)]
    return Rows(orders, tickets, audit, payments, alarms, accounts, titles)


def _rows(connection: psycopg.Connection[Any], statement: str) -> Iterable[tuple[Any, ...]]:
    return connection.execute(statement).fetchall()
