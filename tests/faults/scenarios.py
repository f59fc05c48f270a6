"""What is done to a running system, one function a scenario: shoppers are at work, something is broken and mended again.

Each returns the event and the history of what clients were told; tests have them judged. Seeded bugs meet the same scenarios.
"""

import asyncio
import contextlib
import random
import signal
import struct
import time
from collections.abc import AsyncIterator, Callable
from typing import LiteralString

import psycopg

from grid_config.client import partition_of
from grid_config.identifiers import number_of, order_of
from tests.faults.history import History, Told
from tests.faults.laboratory import Laboratory
from tests.faults.member_proxy import EVERY_PACKET, Wire
from tests.faults.shoppers import GUIDS, House, Rush

PARTITIONS = 271
AWAIT_SECONDS = 60.0
REPEAT_SECONDS = 1.2  # what nobody confirmed is asked again after half a second: in this time a wrong answer would have gone out
BACKUP_BEGINS = struct.Struct("<Bq")
BACKUP_COUNT_AT = 33
BACKUP_STEP = struct.Struct("<IBIB")
AT_ONCE = 6  # requests in flight when a unit dies
UNIT_DEATHS_MAX = 5
MOVES_MAX = 5
MOVE_SECONDS = 3.0  # in which all partitions have moved, when nothing is lost
HOLDS = ("hold", "repeat")


async def until(good: Callable[[], object], what: str, seconds: float = AWAIT_SECONDS) -> None:
    """Wait for a condition that costs nothing to look at."""
    deadline = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def rush(house: House, seed: int) -> AsyncIterator[Rush]:
    """Shoppers at work on an event of their own; some have bought before the block begins.

    No partition is on its way then. A member that the scenario before has killed is getting copies back for a while, and a wire that
    loses one of the packets that carry them stops the partition until Hazelcast gives its move up.
    """
    history = History(seed=seed, seat_order=GUIDS)
    await house.laboratory.partitions_rest()
    event_id = await _on_sale(house)
    house.shopping = Rush(house, history, event_id, seed)
    async with house.shopping.under_way() as shopping:
        await shopping.told(8)
        yield shopping


async def _on_sale(house: House) -> str:
    """A new event. The scenario before may have cost documents that the reader is still bringing back: 503 until it has."""
    deadline = time.monotonic() + AWAIT_SECONDS
    while True:
        try:
            return await house.on_sale()
        except AssertionError as error:
            if ": 503 " not in str(error) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)


async def _owner_and_wires(house: House, event_id: str) -> tuple[int, int, list[Wire]]:
    """The event's partition, the member that owns it, and the wires from there."""
    partition = partition_of(number_of(event_id) or 0, PARTITIONS)
    owner = await house.laboratory.owner_of(partition)
    return partition, owner, house.laboratory.proxies.wires_from(owner)


async def owner_killed_before_the_backup_knows(house: House, seed: int) -> Rush:
    """The backup's packets are held back while shoppers ask and the pump drains; then the owner dies and the packets with it."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        partition, owner, wires = await _owner_and_wires(house, shopping.event_id)
        for wire in wires:
            laboratory.proxies.hold(wire.source, wire.target, partition)
        # First a hold, then its repeat (or a barrier) half a second later, then what the pump and others ask meanwhile.
        await until(lambda: sum(len(wire.held) for wire in wires) >= 8, "the owner speaks to its backup")
        await asyncio.sleep(REPEAT_SECONDS)
        laboratory.kill(f"member-{owner}")
        for wire in wires:
            laboratory.proxies.discard(wire.source, wire.target)
        await shopping.told(12)
    return shopping


async def backup_message_lost(house: House, seed: int, patience: float = AWAIT_SECONDS) -> Rush:
    """One message to the backup is lost, later ones arrive, and the owner dies before the copy is brought up to date."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        partition, owner, wires = await _owner_and_wires(house, shopping.event_id)
        lost = sum(wire.dropped[partition] for wire in wires)
        for wire in wires:
            laboratory.proxies.drop_next(wire.source, wire.target, partition, chosen=_carries_a_hold(shopping.event_id))
        await until(lambda: sum(wire.dropped[partition] for wire in wires) > lost, "a backup message is lost")
        for wire in wires:  # nor does the whole entry arrive, which the copy asks for when it notices
            laboratory.proxies.drop_next(wire.source, wire.target, partition, EVERY_PACKET, _carries_no_message_of(shopping.event_id))
        passed = sum(wire.passed[partition] for wire in wires)
        await until(lambda: sum(wire.passed[partition] for wire in wires) >= passed + 4, "later messages arrive")
        await asyncio.sleep(REPEAT_SECONDS)
        laboratory.kill(f"member-{owner}")
        laboratory.proxies.heal()
        await shopping.told(12, seconds=patience)
    return shopping


async def move_of_a_copy_stuck(house: House, seed: int) -> Rush:
    """A member comes back, and of what carries the event to it a packet is lost: the event stops, and sells again in seconds."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        for _ in range(MOVES_MAX):
            _, _, wires = await _owner_and_wires(house, shopping.event_id)
            back = wires[0].target
            laboratory.kill(f"member-{back}")
            await shopping.told(4)
            await laboratory.partitions_rest()
            partition, _, wires = await _owner_and_wires(house, shopping.event_id)
            for wire in wires:
                laboratory.proxies.drop_next(wire.source, wire.target, partition, EVERY_PACKET, _carries_no_message_of(shopping.event_id))
            laboratory.start_member(back)
            await laboratory.members_in(laboratory.members)
            await asyncio.sleep(MOVE_SECONDS)
            stuck = laboratory.partitions_move()
            laboratory.proxies.heal()
            await shopping.told(12)
            if stuck:
                return shopping
    raise AssertionError("the event was never moved")


def _carries_a_hold(event_id: str) -> Callable[[bytes], bool]:
    """Whether a packet has a backup message of this event whose first step is a hold; others carry nothing that could be missed.

    The message: u8 1, i64 event, three i64 of its base, u32 steps; a step: u8 type (0: a change), u32 size, u8 kind (1: held).
    """
    begins = BACKUP_BEGINS.pack(1, number_of(event_id) or 0)

    def carries(packet: bytes) -> bool:
        at = packet.find(begins)
        if at < 0 or len(packet) < at + BACKUP_COUNT_AT + BACKUP_STEP.size:
            return False
        steps, kind_of_step, _, kind_of_change = BACKUP_STEP.unpack_from(packet, at + BACKUP_COUNT_AT)
        return bool(steps > 0 and kind_of_step == 0 and kind_of_change == 1)

    return carries


def _carries_no_message_of(event_id: str) -> Callable[[bytes], bool]:
    begins = BACKUP_BEGINS.pack(1, number_of(event_id) or 0)
    return lambda packet: begins not in packet


async def pump_overtaken(house: House, seed: int) -> Rush:
    """A pump freezes between drain and write, a second one writes the same changes, the first goes on with what it has in hand."""
    laboratory = house.laboratory
    url = laboratory.settings["database_url"]
    async with rush(house, seed) as shopping, await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        async with connection.transaction():
            await connection.execute("SELECT FROM positions WHERE event = %s FOR UPDATE", [number_of(shopping.event_id)])
            await _writer_waits(url)
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


async def _writer_waits(url: str) -> None:
    """Until the pump has drained and its writer waits for the event's position."""
    waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'pump writer' AND wait_event_type = 'Lock'"
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await _appears(connection, waiting)


async def _appears(connection: psycopg.AsyncConnection, wanted: LiteralString, *parameters: int | str) -> None:
    """Until there is such a row."""
    deadline = time.monotonic() + AWAIT_SECONDS
    while not (await connection.execute(wanted, parameters or None)).rowcount:
        assert time.monotonic() < deadline, wanted
        await asyncio.sleep(0.005)


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
    await _appears(connection, committing)


async def all_members_killed(house: House, seed: int) -> Rush:
    """Every copy of everything in memory is gone at once; members come again, nothing else is started anew."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        kept = await _hold_anywhere(shopping, 1, "hold", f"{seed}-kept")
        await _durable(house, kept)
        await _killed_and_back(shopping, tuple(range(laboratory.members)))
        after = await house.anyone(2, house.crowd[0].token).call("GET", f"/orders/{kept.body['order_id']}", 200)
        assert (after["status"], after["expires_at"]) == ("held", kept.body["expires_at"]), after
        assert after["seconds_left"] < kept.body["seconds_left"]
    return shopping


async def _durable(house: House, held: Told, status: str = "held") -> None:
    """Until the order is in its row, with this status."""
    event, order = order_of(str(held.body["order_id"])) or (0, 0)
    async with await psycopg.AsyncConnection.connect(house.laboratory.settings["database_url"], autocommit=True) as connection:
        await _appears(connection, "SELECT FROM orders WHERE event = %s AND order_no = %s AND status::text = %s", event, order, status)


async def two_members_killed(house: House, seed: int) -> Rush:
    """Owner and backup of the event die at once: 503 from the one that is left, until they are back."""
    async with rush(house, seed) as shopping:
        partition, owner, wires = await _owner_and_wires(house, shopping.event_id)
        backup = max(wires, key=lambda wire: wire.passed[partition]).target
        await _killed_and_back(shopping, (owner, backup))
    return shopping


async def _killed_and_back(shopping: Rush, members: tuple[int, ...]) -> None:
    laboratory: Laboratory = shopping.house.laboratory
    history = shopping.history
    laboratory.kill(*(f"member-{number}" for number in members))
    gone = time.monotonic()
    history.total_losses.append(gone)
    await until(lambda: any(told.status == 503 for told in history.calls if told.began > gone), "503 is told")
    for number in members:
        laboratory.start_member(number)
    back = time.monotonic()
    early = [told for told in history.calls if told.what in HOLDS and told.began > gone and told.ended < back and told.status in (200, 201)]
    assert not early, f"acknowledged on one member: {early[0]}"
    await shopping.told(12, seconds=120)


async def unit_killed_before_it_answers(house: House, seed: int) -> Rush:
    """A unit waits for the grid, freezes, the grid answers it, it dies; each request is repeated at the other unit, twice."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass
    partition, _, wires = await _owner_and_wires(house, shopping.event_id)
    found = 0
    for attempt in range(UNIT_DEATHS_MAX):
        for wire in wires:
            laboratory.proxies.hold(wire.source, wire.target, partition)
        keys = [f"{seed}-killed-{attempt}-{number}" for number in range(AT_ONCE)]
        calls = [asyncio.create_task(_hold_anywhere(shopping, 1, "hold", key)) for key in keys]
        await until(lambda: any(wire.held for wire in wires), "the owner asks its backup")
        laboratory.freeze("unit-1")
        for wire in wires:
            laboratory.proxies.release(wire.source, wire.target)
        await _hold_anywhere(shopping, 2, "hold", f"{keys[0]}-after")  # answered after what was held before it
        laboratory.kill("unit-1")
        answers = await asyncio.gather(*calls)
        laboratory.start_unit(1)
        for key in [key for key, told in zip(keys, answers, strict=True) if told.status == 0]:
            first, second = [await _hold_anywhere(shopping, 2, "repeat", key) for _ in range(2)]
            assert first.status in {200, 201}, first
            assert second.status == 200, second
            assert first.body["order_id"] == second.body["order_id"]
            found += first.status == 200
        await laboratory.ready(laboratory.ports.unit_operations(1))
        if found:
            return shopping
    raise AssertionError("no unit died between the grid's answer and its own")


async def _hold_anywhere(shopping: Rush, unit: int, what: str, key: str) -> Told:
    who = shopping.house.crowd[0]
    wanted = {"best_available": {"category": "Балкон", "quantity": 1}}
    return await shopping.history.call(
        shopping.house.anyone(unit, who.token).http, what, "POST", f"/events/{shopping.event_id}/orders",
        event_id=shopping.event_id, account_id=who.account_id, json=wanted, headers={"Idempotency-Key": key},
    )  # fmt: skip


async def notified_while_nothing_is_durable(house: House, seed: int) -> tuple[Rush, list[int]]:
    """PostgreSQL stands still while the provider tells of money again and again; the answers that it got until then."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass  # the pump must not be busy with others when the money comes
    held = await _hold_anywhere(shopping, 2, "hold", f"{seed}-paid")
    started = await shopping.start_to_pay(house.crowd[0], held.body["order_id"], "sbp", random.Random(seed))
    await _durable(house, held, "paying")
    laboratory.signal_postgres(signal.SIGSTOP)
    try:
        payment_id = await shopping.approve(started)
        answers = await _notified(house, payment_id, lambda told: 200 in told or len(told) >= 2)
    finally:
        laboratory.signal_postgres(signal.SIGCONT)
    await _notified(house, payment_id, lambda told: 200 in told)
    return shopping, answers


async def _notified(house: House, payment_id: str, good: Callable[[list[int]], object]) -> list[int]:
    """The status codes that the shop has answered to the payment's notifications, once they are good."""
    deadline = time.monotonic() + AWAIT_SECONDS
    while True:
        told = (await house.provider.get(f"/payments/{payment_id}")).json()
        codes = [note["status_code"] for note in told["notifications"]]
        if good(codes):
            return codes
        assert time.monotonic() < deadline, codes
        await asyncio.sleep(0.05)


async def both_sides_of_a_cut_sell(house: House, seed: int) -> Rush:
    """Without quorum and fence each half of a cut grid sells the same seat, each to its own unit, each with a pump of its own."""
    laboratory = house.laboratory
    history = History(seed=seed, seat_order=GUIDS, alarms_expected=frozenset({"diverged", "tickets_refused"}))
    event_id = await house.on_sale()
    shopping = Rush(house, history, event_id, seed)
    laboratory.kill("unit-1", "unit-2", "pump", "worker")
    laboratory.units = {}
    laboratory.proxies.cut(0, members=laboratory.members)
    await laboratory.members_in(1)

    payment_id = await _buy_on(shopping, 0)
    await _notified(house, payment_id, lambda told: 200 in told)
    laboratory.kill("unit-1", "pump", "worker")
    laboratory.units = {}

    payment_id = await _buy_on(shopping, 1)  # its pump comes later: it would see the other side's position
    await _notified(house, payment_id, lambda told: 503 in told)
    _start_behind(laboratory, 1)
    return shopping


async def _buy_on(shopping: Rush, side: int) -> str:
    """The best seat of the house is bought by side's shopper at its unit, which knows its half of the grid only; the payment."""
    laboratory = shopping.house.laboratory
    laboratory.start_unit(side + 1, grid_members=laboratory.member_address(side))
    if side == 0:
        _start_behind(laboratory, side)
    await laboratory.ready(laboratory.ports.unit_operations(side + 1))
    shopping.units = (side + 1,)
    who = shopping.house.crowd[side]
    held = await shopping.hold(who, [GUIDS[0]], random.Random(side))
    assert held.status == 201, held
    payment_id = await shopping.pay(who, held.body["order_id"], "sbp", random.Random(side))
    assert payment_id is not None
    return payment_id


def _start_behind(laboratory: Laboratory, side: int) -> None:
    laboratory.start_pump(grid_members=laboratory.member_address(side))
    laboratory.start_worker(grid_members=laboratory.member_address(side))
