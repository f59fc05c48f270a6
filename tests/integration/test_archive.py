"""The archive on a real PostgreSQL: orders as they were written, the audit log by filter and page, and what happens without it."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
import pytest

from grid_config.identifiers import new_number
from grid_config.outcomes import Method, OrderStatus, Refund
from grid_config.wire import pack_address
from processing_units.administration.audit import AuditQuery, export, page
from processing_units.archive.archive import Archive, ArchiveAway
from processing_units.archive.lines import AuditFilter
from processing_units.edge.problems import Problem
from tests.fixtures.database import Databases

NOW = datetime.now(UTC).replace(microsecond=123_456)
EVENT, ORDER, ACCOUNT, INCARNATION = new_number(), new_number(), new_number(), new_number()


@pytest.fixture
async def archive(databases: Databases) -> AsyncIterator[Archive]:
    made = Archive(databases.main, databases.audit)
    await made.start()
    yield made
    await made.stop()


async def execute(url: str, statement: LiteralString, *parameters: object) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(statement, parameters)


async def add_lines(url: str, count: int) -> None:
    """Lines of one event, in no order, some at the same moment; every third of another account, address and status."""
    rows = [
        (
            NOW - timedelta(seconds=n // 2),
            INCARNATION,
            EVENT,
            n + 1,
            "192.0.2.1" if n % 3 else "2001:db8::1",
            ACCOUNT if n % 3 else new_number(),
            "held" if n % 3 else "seat_taken",
            ORDER if n % 3 else None,
            f'{{"n": {n}}}',
        )
        for n in range(count)
    ]
    random.Random(1).shuffle(rows)
    async with await psycopg.AsyncConnection.connect(url) as connection, connection.cursor() as cursor:
        await cursor.execute("SELECT audit_partition((now() - interval '1 month')::date)")
        await cursor.executemany("INSERT INTO audit VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", rows)


async def test_an_order_is_told_as_it_was_written_with_its_tickets(databases: Databases, archive: Archive):
    command = uuid.uuid4()
    await execute(
        databases.main,
        "INSERT INTO orders VALUES (%s, %s, %s, 'declined', 'pending', %s, 77, 5, %s, %s, NULL, true, %s, 99, false, 'card', 'sandbox',"
        " 500050, '192.0.2.1', '{1,3}', '{0,1}', '{350000,150050}', '{98}')",
        EVENT,
        ORDER,
        ACCOUNT,
        command,
        NOW,
        NOW + timedelta(minutes=5),
        NOW + timedelta(minutes=1),
    )
    tickets = "INSERT INTO tickets VALUES (%s, %s, 3, 'cancelled', now()), (%s, %s, 1, 'cancelled', now())"
    await execute(databases.main, tickets, *(EVENT, ORDER) * 2)

    found = await archive.order(EVENT, ORDER)

    assert found is not None
    order = found.order
    assert (order.order, order.account, order.command_id, order.fingerprint, order.seq) == (ORDER, ACCOUNT, command.bytes, 77, 5)
    assert (order.status, order.refund, order.method, order.provider) == (OrderStatus.DECLINED, Refund.PENDING, Method.CARD, "sandbox")
    assert (order.attempt, order.attempt_open, order.extended, order.total, order.deadline_at) == (99, 0, 1, 500_050, 0)
    assert order.created_at == round(NOW.timestamp() * 1000)
    assert (order.places, order.categories, order.prices, order.returned_attempts) == ((1, 3), (0, 1), (350_000, 150_050), (98,))
    assert order.ip == pack_address("192.0.2.1")
    assert found.tickets == ((1, "cancelled"), (3, "cancelled"))
    assert await archive.order(EVENT, ORDER + 1) is None


async def test_pages_of_the_audit_log_have_every_line_once_newest_first(databases: Databases, archive: Archive):
    await add_lines(databases.audit, 57)

    told, cursor = [], None
    for _ in range(12):
        query = AuditQuery.model_validate({"limit": 5} | ({"cursor": cursor} if cursor else {}))
        answer = await page(archive, query)
        told += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert sorted(item["detail"]["n"] for item in told) == list(range(57))
    assert [item["at"] for item in told] == sorted((item["at"] for item in told), reverse=True)
    assert cursor is None


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        (AuditFilter(), 30),
        (AuditFilter(account=ACCOUNT), 20),
        (AuditFilter(ip="192.0.2.1"), 20),
        (AuditFilter(ip="2001:db8::1"), 10),
        (AuditFilter(status="seat_taken"), 10),
        (AuditFilter(event=EVENT), 30),
        (AuditFilter(event=EVENT + 1), 0),
        (AuditFilter(since=NOW), 2),
        (AuditFilter(until=NOW), 28),
        (AuditFilter(since=NOW - timedelta(seconds=2), until=NOW, account=ACCOUNT), 3),
    ],
)
async def test_the_audit_log_is_filtered(databases: Databases, archive: Archive, wanted: AuditFilter, lines: int):
    await add_lines(databases.audit, 30)

    assert len(await archive.audit(wanted, None, 100)) == lines


async def test_an_export_has_all_lines_over_many_pages(databases: Databases, archive: Archive, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("processing_units.archive.archive.PAGE_LINES", 10)
    await add_lines(databases.audit, 35)

    text = b"".join([piece async for piece in await export(archive, AuditQuery.model_validate({}))]).decode()

    head, *rows = text.splitlines()
    assert head == "at,ip,account,status,event_id,order_id,detail"
    assert len(rows) == 35
    assert rows[0].startswith(NOW.isoformat(timespec="milliseconds")[:23] + "Z,")


async def test_an_export_ends_at_its_bound(databases: Databases, archive: Archive, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("processing_units.archive.archive.PAGE_LINES", 10)
    await add_lines(databases.audit, 35)

    pages = [lines async for lines in archive.audit_pages(AuditFilter(), 25)]

    assert [len(lines) for lines in pages] == [10, 10, 5]


@pytest.mark.parametrize("cursor", ["x", "", "dTowOjA6MDow", "dTo5MjIzMzcyMDM2ODU0Nzc1ODA3OjE6MTox"])
async def test_a_made_up_cursor_is_refused_or_begins_elsewhere(archive: Archive, cursor: str):
    told = ""
    try:
        assert (await page(archive, AuditQuery.model_validate({"cursor": cursor})))["items"] == []
    except Problem as problem:
        told = problem.code

    assert told in {"", "invalid"}


async def test_the_archive_cannot_write(databases: Databases, archive: Archive):
    archive._statements["order"] = "DELETE FROM orders"  # a bug, let us say

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await archive.order(EVENT, ORDER)


async def test_a_statement_that_takes_too_long_is_ended(archive: Archive, monkeypatch: pytest.MonkeyPatch):
    archive._statements["order"] = "SELECT pg_sleep(30)"

    with pytest.raises(ArchiveAway):
        async with asyncio.timeout(8):
            await archive.order(EVENT, ORDER)


async def test_a_database_that_is_away_is_told_soon_and_hurts_only_its_own_calls(databases: Databases):
    archive = Archive("postgresql://nobody@127.0.0.1:1/none", databases.audit)
    await archive.start()
    try:
        async with asyncio.timeout(8):
            with pytest.raises(ArchiveAway):
                await archive.order(EVENT, ORDER)
        assert await archive.audit(AuditFilter(), None, 10) == []
    finally:
        await archive.stop()


async def test_no_database_at_all_is_away():
    archive = Archive("", "")
    await archive.start()
    with pytest.raises(ArchiveAway):
        await archive.order(EVENT, ORDER)
    await archive.stop()
