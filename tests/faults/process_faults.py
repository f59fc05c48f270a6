"""Faults of units, pump, PostgreSQL, jobs and provider; each takes its target by chance and gives back its name and what mends it."""

import asyncio
import contextlib
import random
import signal
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.faults.laboratory import Laboratory
from tests.faults.mending import Mending, frozen, nothing, starting
from tests.faults.newer_version import change_version
from tests.faults.outbox_scenarios import full
from tests.faults.shoppers import Rush

CONNECTIONS_MAX = 200  # more than PostgreSQL admits
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
TOGETHER_SECONDS = 2.0  # two pumps work beside each other
FULL_SECONDS = 30.0  # to fill an outbox of some hundred changes


def _unit(rush: Rush, chance: random.Random) -> int:
    return chance.choice(sorted(rush.house.laboratory.units))


async def kill_unit(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    laboratory, number = rush.house.laboratory, _unit(rush, chance)
    laboratory.kill(f"unit-{number}")
    return f"unit-{number}", starting(laboratory.start_unit, number)


async def stop_unit(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    laboratory, number = rush.house.laboratory, _unit(rush, chance)
    await laboratory.end(f"unit-{number}")
    return f"unit-{number}", starting(laboratory.start_unit, number)


async def freeze_unit(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    return frozen(rush.house.laboratory, f"unit-{_unit(rush, chance)}")


async def add_unit(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """One more, which shoppers come to as soon as it is ready; then it leaves again, and they go to the others."""
    laboratory = rush.house.laboratory
    number = max(laboratory.units) + 1
    before = rush.units
    laboratory.start_unit(number)
    await laboratory.ready(laboratory.ports.unit_operations(number))
    rush.units = (*before, number)

    async def remove() -> None:
        rush.units = before
        del laboratory.units[number]
        if laboratory.is_alive(f"unit-{number}"):
            await laboratory.end(f"unit-{number}")

    return f"unit-{number}", remove


async def renew_units(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """One after the other stops and comes again with the other one of two versions, each when the one before it is ready."""
    laboratory = rush.house.laboratory
    await change_version(laboratory)
    for number in sorted(laboratory.units):
        await laboratory.end(f"unit-{number}")
        laboratory.start_unit(number)
        await laboratory.ready(laboratory.ports.unit_operations(number))
    return "every unit in turn", nothing


async def kill_pump(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    laboratory.kill("pump")
    return "pump", starting(laboratory.start_pump, "pump")


async def stop_pump(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    await laboratory.end("pump")
    return "pump", starting(laboratory.start_pump, "pump")


async def pause_pump(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """It freezes until the event's outbox is full, where that takes a moment (`outbox_changes_max` of the laboratory)."""
    laboratory = rush.house.laboratory
    name, thaw = frozen(laboratory, "pump")
    outbox = await full(laboratory, rush.event_id, FULL_SECONDS)
    return f"{name} ({outbox} changes of {laboratory.outbox_changes_max} in the outbox)", thaw


async def overtake_pump(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """It freezes for longer than its lease, its successor works, and it goes on beside it."""
    laboratory = rush.house.laboratory
    laboratory.freeze("pump")
    laboratory.start_pump("pump-2")

    async def both() -> None:
        laboratory.thaw("pump")
        await asyncio.sleep(TOGETHER_SECONDS)
        laboratory.kill("pump-2")

    return "pump", both


def _postgres_starts(laboratory: Laboratory) -> Mending:
    async def start() -> None:
        laboratory.start_postgres()
        await laboratory.postgres.answers()

    return start


async def kill_postgres(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    laboratory.kill_postgres()
    return "postgres", _postgres_starts(laboratory)


async def stop_postgres(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """As a supervisor stops it: sessions are ended, what was committed is on disk."""
    laboratory = rush.house.laboratory
    await laboratory.end("postgres", signal.SIGINT)
    return "postgres", _postgres_starts(laboratory)


async def freeze_postgres(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    laboratory.signal_postgres(signal.SIGSTOP)

    async def go_on() -> None:
        laboratory.signal_postgres(signal.SIGCONT)

    return "postgres", go_on


async def protect_postgres(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """It answers and writes nothing (`default_transaction_read_only`)."""
    laboratory = rush.house.laboratory

    await _writes(laboratory, "on")

    async def writable() -> None:
        await _writes(laboratory, "off")

    return "postgres", writable


async def _writes(laboratory: Laboratory, read_only: LiteralString) -> None:
    async with await psycopg.AsyncConnection.connect(laboratory.settings["database_url"], autocommit=True) as connection:
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(sql.SQL("ALTER SYSTEM SET default_transaction_read_only = {}").format(sql.SQL(read_only)))
        await connection.execute("SELECT pg_reload_conf()")


async def crowd_postgres(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """Everybody's connection is ended, and others take all that it admits."""
    laboratory = rush.house.laboratory
    taken: list[psycopg.AsyncConnection] = []
    url = laboratory.settings["database_url"]
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(OTHERS)
    with contextlib.suppress(psycopg.OperationalError):
        while len(taken) < CONNECTIONS_MAX:
            taken += [await psycopg.AsyncConnection.connect(url)]

    async def leave() -> None:
        for connection in taken:
            await connection.close()

    return f"postgres ({len(taken)} connections)", leave


async def kill_worker(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    laboratory.kill("worker")
    return "worker", starting(laboratory.start_worker)


async def stop_worker(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    await laboratory.end("worker")
    return "worker", starting(laboratory.start_worker)


async def freeze_worker(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    return frozen(rush.house.laboratory, "worker")


async def kill_provider(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    laboratory.kill("provider")
    return "provider", starting(laboratory.start_provider)


async def freeze_provider(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    return frozen(rush.house.laboratory, "provider")
