"""A pump that is frozen says nothing and keeps its sessions: another one gets its shares, and the rows that it holds."""

import asyncio
import time

import pytest

from data_pumps.shares import SHARES, Shares
from data_writers import database
from data_writers.audit import Audit, attempt_line
from data_writers.database import Away, Link
from grid_config.attempts import Attempt
from tests.fixtures.behind import until
from tests.fixtures.database import Databases


async def test_a_pump_that_falls_silent_leaves_its_shares_to_another(databases: Databases) -> None:
    links = [Link(databases.main, name, idle_seconds=1) for name in ("silent", "successor")]
    silent, successor = [Shares(link) for link in links]
    taking = asyncio.create_task(silent.keep())
    await until(lambda: len(silent) == SHARES)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    working = asyncio.create_task(successor.keep())
    await until(lambda: len(successor) == SHARES)
    believed = len(silent)

    waking = asyncio.create_task(silent.keep())
    await until(lambda: not len(silent))

    assert believed == SHARES, "for a moment both think that they have them"
    for task in (working, waking):
        task.cancel()
    await asyncio.gather(working, waking, return_exceptions=True)
    for link in links:
        await link.close()


@pytest.mark.parametrize("within", [False, True], ids=["after a pipeline", "within a pipeline"])
async def test_a_session_that_stopped_in_mid_transaction_ends_when_somebody_waits_for_its_rows(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, within: bool
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS_MAX", 1)
    monkeypatch.setattr(database, "STALLED_SECONDS_MAX", 0.5)
    frozen, successor = [Link(databases.main, name) for name in ("frozen", "successor")]
    wanted, written = "UPDATE document_epoch SET epoch = epoch", []

    async def succeed() -> None:
        with pytest.raises(Away):
            async with successor.use() as session:
                await session.execute(wanted)
        async with successor.use() as session:
            await session.execute(wanted)
        written.append(wanted)

    async def stand_still() -> None:
        async with frozen.use() as session:
            await session.execute("BEGIN")
            async with session.pipeline():
                told = await session.execute(wanted + " RETURNING epoch")
                await told.fetchall()
                if within:
                    await succeed()
            if not within:  # PostgreSQL's own time-out for idle transactions does not run after one
                await succeed()
            await session.execute("COMMIT")

    with pytest.raises(Away):
        await stand_still()
    assert written == [wanted]
    await frozen.close()
    await successor.close()


async def test_lines_that_a_frozen_writer_did_not_commit_hold_its_successor_up_for_one_try_only(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS_MAX", 1)
    monkeypatch.setattr(database, "STALLED_SECONDS_MAX", 0.5)
    frozen, successor = [Audit(Link(databases.audit, name)) for name in ("frozen", "successor")]
    now_ms, written = int(time.time() * 1000), []
    lines = [attempt_line(1, seq, Attempt(now_ms, "127.0.0.1", 7, 5, 0, "seat_taken", "")) for seq in range(3)]

    async def stand_still() -> None:
        async with frozen.transaction() as held_back:
            await held_back.add(lines)
            with pytest.raises(Away):
                async with successor.transaction() as again:
                    await again.add(lines)
            async with successor.transaction() as again:
                await again.add(lines)
            written.append(len(lines))

    with pytest.raises(Away):
        await stand_still()
    assert written == [len(lines)]
    await frozen.close()
    await successor.close()
