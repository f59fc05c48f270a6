"""PostgreSQL without room to write, and PostgreSQL as it was some seconds ago."""

import asyncio
import contextlib
import random
from pathlib import Path

import psycopg
from psycopg import sql

from infra.postgres import MAIN, OWNER, Cluster
from tests.faults.laboratory import Laboratory
from tests.faults.mending import Mending
from tests.faults.shoppers import Rush

COPY_SECONDS_MAX = 60
LOG_MIB_MAX = 1024
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
SET_BACK_ALARM = "trimmed"  # somebody must know that the database had to be written anew from the grid


async def fill_disk(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """No room for tables. As often as not none for the log either: the server ends over it and is started again and again."""
    laboratory = rush.house.laboratory
    disk = laboratory.disk
    assert disk is not None, "the plan asks for a disk that this laboratory has not"
    disk.fill()
    full_log = chance.random() < 0.5
    if full_log:
        await _fill_log(laboratory)

    async def empty() -> None:
        disk.empty()
        await laboratory.postgres.answers()

    return "postgres with its log" if full_log else "postgres", empty


async def _fill_log(laboratory: Laboratory) -> None:
    """Until the server ends for want of a new file of its log."""
    with contextlib.suppress(psycopg.OperationalError):
        async with await psycopg.AsyncConnection.connect(laboratory.settings["database_url"], autocommit=True) as connection:
            for _ in range(LOG_MIB_MAX):
                await connection.execute("SELECT pg_logical_emit_message(false, 'filling', repeat('x', 1 << 20))")
            raise AssertionError("the log found room on a full disk")


async def set_postgres_back(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """The main database is saved, and later is what it was then, while the grid goes on selling: a restore of an older moment.

    The audit log has a database of its own, which nobody sets back.
    """
    laboratory = rush.house.laboratory
    saved = laboratory.directory / "saved.dump"
    await _postgres(laboratory.postgres, "pg_dump", "--format=custom", f"--file={saved}", laboratory.postgres.url(MAIN))

    async def set_back() -> None:
        rush.history.alarms_expected |= {SET_BACK_ALARM}
        await _restore(laboratory, saved)

    return "postgres", set_back


async def _restore(laboratory: Laboratory, saved: Path) -> None:
    """Beside the present one, then in its place. Who was connected is thrown out."""
    postgres = laboratory.postgres
    older, now = sql.Identifier("older"), sql.Identifier(MAIN)
    async with await psycopg.AsyncConnection.connect(postgres.url("postgres"), autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(older))
        await _postgres(postgres, "pg_restore", "--exit-on-error", f"--dbname={postgres.url('older')}", str(saved))
        await connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(now))
        await connection.execute(OTHERS, [MAIN])
        await connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(now))
        await connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(older, now))


async def _postgres(postgres: Cluster, program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs; its words when it fails."""
    done = await asyncio.create_subprocess_exec(
        str(postgres.binaries / program), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(done.communicate(), COPY_SECONDS_MAX)
    assert done.returncode == 0, f"{program} as {OWNER}: {said.decode()[-2000:]}"
