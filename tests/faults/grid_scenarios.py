"""Members die and messages between them are lost, one function a scenario: shoppers are at work, it is broken and mended again.

Each returns the event and the history of what clients were told; tests have them judged. Seeded bugs meet the same scenarios.
"""

import asyncio
import random
import struct
import time
from collections.abc import Callable

from grid_config.identifiers import number_of
from tests.faults import wall_clock
from tests.faults.history import History
from tests.faults.laboratory import Laboratory
from tests.faults.member_proxy import EVERY_PACKET
from tests.faults.scenario_steps import AWAIT_SECONDS, durable, hold_anywhere, notified, owner_and_wires, rush, until
from tests.faults.shoppers import GUIDS, House, Rush

REPEAT_SECONDS = 1.2  # what nobody confirmed is asked again after half a second: in this time a wrong answer would have gone out
BACKUP_FORMAT = 2
BACKUP_BEGINS = struct.Struct("<Bq")
BACKUP_COUNT_AT = 57
BACKUP_STEP = struct.Struct("<IBIB")
MOVES_MAX = 5
MOVE_SECONDS = 3.0  # in which all partitions have moved, when nothing is lost
HOLDS = ("hold", "repeat")
WRONG_SECONDS = 8.0  # five without a heartbeat, one until it is noticed, one until who is alone looks for the others


async def owner_killed_before_the_backup_knows(house: House, seed: int) -> Rush:
    """The backup's packets are held back while shoppers ask and the pump drains; then the owner dies and the packets with it."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        partition, owner, wires = await owner_and_wires(house, shopping.event_id)
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
        partition, owner, wires = await owner_and_wires(house, shopping.event_id)
        lost = sum(wire.dropped[partition] for wire in wires)
        for wire in wires:
            laboratory.proxies.drop_next(wire.source, wire.target, partition, chosen=carries_a_hold(shopping.event_id))
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
            _, _, wires = await owner_and_wires(house, shopping.event_id)
            back = wires[0].target
            laboratory.kill(f"member-{back}")
            await shopping.told(4)
            await laboratory.partitions_rest()
            partition, _, wires = await owner_and_wires(house, shopping.event_id)
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


def carries_a_hold(event_id: str) -> Callable[[bytes], bool]:
    """Whether a packet has a backup message of this event whose first step is a hold; others carry nothing that could be missed.

    The message: u8 2, i64 event, six i64 of its base, u32 steps; a step: u8 type (0: a change), u32 size, u8 kind (1: held).
    """
    begins = BACKUP_BEGINS.pack(BACKUP_FORMAT, number_of(event_id) or 0)

    def carries(packet: bytes) -> bool:
        at = packet.find(begins)
        if at < 0 or len(packet) < at + BACKUP_COUNT_AT + BACKUP_STEP.size:
            return False
        steps, kind_of_step, _, kind_of_change = BACKUP_STEP.unpack_from(packet, at + BACKUP_COUNT_AT)
        return bool(steps > 0 and kind_of_step == 0 and kind_of_change == 1)

    return carries


def _carries_no_message_of(event_id: str) -> Callable[[bytes], bool]:
    begins = BACKUP_BEGINS.pack(BACKUP_FORMAT, number_of(event_id) or 0)
    return lambda packet: begins not in packet


async def all_members_killed(house: House, seed: int) -> Rush:
    """Every copy of everything in memory is gone at once; members come again, nothing else is started anew."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        kept = await hold_anywhere(shopping, 1, "hold", f"{seed}-kept")
        await durable(house, kept)
        await _killed_and_back(shopping, tuple(range(laboratory.members)))
        after = await house.anyone(2, house.crowd[0].token).call("GET", f"/orders/{kept.body['order_id']}", 200)
        assert (after["status"], after["expires_at"]) == ("held", kept.body["expires_at"]), after
        assert after["seconds_left"] < kept.body["seconds_left"]
    return shopping


async def clock_set_ahead(house: House, seed: int) -> Rush:
    """The wall clock of an event's owner is set ahead by half a minute and stays so, for longer than members that believe in wall clocks
    need to give each other up."""
    wall_clock.must_be_there()
    laboratory = house.laboratory
    owner = laboratory.members - 1
    async with rush(house, seed, owner=owner) as shopping:
        laboratory.clocks[owner].move(wall_clock.STEP_SECONDS)
        await asyncio.sleep(WRONG_SECONDS)
        await shopping.told(8)
    laboratory.clocks[owner].move(0)
    return shopping


async def two_members_killed(house: House, seed: int) -> Rush:
    """Owner and backup of the event die at once: 503 from the one that is left, until they are back."""
    async with rush(house, seed) as shopping:
        partition, owner, wires = await owner_and_wires(house, shopping.event_id)
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


async def both_sides_of_a_cut_sell(house: House, seed: int) -> Rush:
    """Without quorum and fence each half of a cut grid sells the same seat, each to its own unit, each with a pump of its own."""
    laboratory = house.laboratory
    # The last two: after a merge, when the half that PostgreSQL knew last is the one that was discarded.
    alarms = frozenset({"diverged", "tickets_refused", "other_incarnation", "payment_unmatched"})
    history = History(seed=seed, seat_order=GUIDS, alarms_expected=alarms)
    event_id = await house.on_sale()
    shopping = Rush(house, history, event_id, seed)
    laboratory.kill("unit-1", "unit-2", "pump", "worker")
    laboratory.units = {}
    laboratory.proxies.cut(0, members=laboratory.members)
    await laboratory.members_in(1)

    payment_id = await _buy_on(shopping, 0)
    await notified(house, payment_id, lambda told: 200 in told)
    laboratory.kill("unit-1", "pump", "worker")
    laboratory.units = {}

    payment_id = await _buy_on(shopping, 1)  # its pump comes later: it would see the other side's position
    await notified(house, payment_id, lambda told: 503 in told)
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
    held = await shopping.hold(who, {"seats": [GUIDS[0]]}, random.Random(side))
    assert held.status == 201, held
    payment_id = await shopping.pay(who, held.body["order_id"], "sbp", random.Random(side))
    assert payment_id is not None
    return payment_id


def _start_behind(laboratory: Laboratory, side: int) -> None:
    laboratory.start_pump(grid_members=laboratory.member_address(side))
    laboratory.start_worker(grid_members=laboratory.member_address(side))
