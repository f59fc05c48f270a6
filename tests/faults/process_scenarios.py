"""Units, pumps and PostgreSQL die, freeze and come too late, one function a scenario; see `grid_scenarios` for the members."""

import asyncio
import random
import signal
import time

import psycopg

from grid_config.identifiers import number_of
from tests.faults.scenario_steps import AWAIT_SECONDS, appears, durable, hold_anywhere, notified, owner_and_wires, rush, until, writer_waits
from tests.faults.shoppers import House, Rush

AT_ONCE = 6  # requests in flight when a unit dies
UNIT_DEATHS_MAX = 5


async def pump_overtaken(house: House, seed: int) -> Rush:
    """A pump freezes between drain and write, a second one writes the same changes, the first goes on with what it has in hand."""
    laboratory = house.laboratory
    url = laboratory.settings["database_url"]
    async with rush(house, seed) as shopping, await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        async with connection.transaction():
            await connection.execute("SELECT FROM positions WHERE event = %s FOR UPDATE", [number_of(shopping.event_id)])
            await writer_waits(url)
            laboratory.freeze("pump")
        # As when its machine is cut off: its sessions end, and with them its locks.
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pump %'")
        before = await _position(connection, shopping.event_id)
        laboratory.start_pump("pump-2")
        deadline = time.monotonic() + AWAIT_SECONDS
        while await _position(connection, shopping.event_id) == before:
            assert time.monotonic() < deadline, "the second pump does not write"
            await asyncio.sleep(0.05)
        laboratory.thaw("pump")
        await shopping.told(12)
    return shopping


async def _position(connection: psycopg.AsyncConnection, event_id: str) -> int:
    row = await (await connection.execute("SELECT seq FROM positions WHERE event = %s", [number_of(event_id)])).fetchone()
    assert row is not None
    return int(row[0])


async def postgres_killed_in_mid_commit(house: House, seed: int) -> Rush:
    """-9 for every process of the server while a commit of the pump is under way; sales go on meanwhile; it comes again."""
    laboratory = house.laboratory
    url = laboratory.settings["database_url"]
    async with rush(house, seed) as shopping:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            row = await (await connection.execute("SHOW fsync")).fetchone()
            assert row == ("on",), row
            await _lengthen_commits(connection)
            await _in_mid_commit(connection)
            laboratory.kill_postgres()
        await shopping.told(8)  # holding goes on without it
        laboratory.start_postgres()
        await laboratory.postgres.answers()
        await shopping.told(8)
    return shopping


async def _lengthen_commits(connection: psycopg.AsyncConnection) -> None:
    """Every commit waits a tenth of a second before it flushes, so that one can be met."""
    await connection.execute("ALTER SYSTEM SET commit_delay = 100000")
    await connection.execute("ALTER SYSTEM SET commit_siblings = 0")
    await connection.execute("SELECT pg_reload_conf()")


async def _in_mid_commit(connection: psycopg.AsyncConnection) -> None:
    committing = "SELECT FROM pg_stat_activity WHERE application_name = 'pump writer' AND state = 'active' AND query ILIKE 'COMMIT%'"
    await appears(connection, committing)


async def unit_killed_before_it_answers(house: House, seed: int) -> Rush:
    """A unit waits for the grid, freezes, the grid answers it, it dies; each request is repeated at the other unit, twice."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass
    partition, _, wires = await owner_and_wires(house, shopping.event_id)
    found = 0
    for attempt in range(UNIT_DEATHS_MAX):
        for wire in wires:
            laboratory.proxies.hold(wire.source, wire.target, partition)
        keys = [f"{seed}-killed-{attempt}-{number}" for number in range(AT_ONCE)]
        calls = [asyncio.create_task(hold_anywhere(shopping, 1, "hold", key)) for key in keys]
        await until(lambda: any(wire.held for wire in wires), "the owner asks its backup")
        laboratory.freeze("unit-1")
        for wire in wires:
            laboratory.proxies.release(wire.source, wire.target)
        await hold_anywhere(shopping, 2, "hold", f"{keys[0]}-after")  # answered after what was held before it
        laboratory.kill("unit-1")
        answers = await asyncio.gather(*calls)
        laboratory.start_unit(1)
        for key in [key for key, told in zip(keys, answers, strict=True) if told.status == 0]:
            first, second = [await hold_anywhere(shopping, 2, "repeat", key) for _ in range(2)]
            assert first.status in {200, 201}, first
            assert second.status == 200, second
            assert first.body["order_id"] == second.body["order_id"]
            found += first.status == 200
        await laboratory.ready(laboratory.ports.unit_operations(1))
        if found:
            return shopping
    raise AssertionError("no unit died between the grid's answer and its own")


async def notified_while_nothing_is_durable(house: House, seed: int) -> tuple[Rush, list[int]]:
    """PostgreSQL stands still while the provider tells of money again and again; the answers that it got until then."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass  # the pump must not be busy with others when the money comes
    held = await hold_anywhere(shopping, 2, "hold", f"{seed}-paid")
    started = await shopping.start_to_pay(house.crowd[0], held.body["order_id"], "sbp", random.Random(seed))
    await durable(house, held, "paying")
    laboratory.signal_postgres(signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        payment_id = await shopping.approve(started)
        answers = await notified(house, payment_id, lambda told: 200 in told or len(told) >= 2)
    finally:
        shopping.history.standstills.append((stopped, time.monotonic()))
        laboratory.signal_postgres(signal.SIGCONT)
    await notified(house, payment_id, lambda told: 200 in told)
    return shopping, answers
