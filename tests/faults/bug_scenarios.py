"""Scenarios that seeded bugs must not survive, one function each, in quiet houses and at chosen moments; see `bugs` for who meets whom.

The sound system comes through all of them.
"""

import asyncio
import random
import signal
import time

import psycopg

from grid_config.identifiers import number_of
from infra.postgres import AUDIT
from tests.faults import wall_clock
from tests.faults.database_faults import set_postgres_back
from tests.faults.history import Told
from tests.faults.scenario_steps import AWAIT_SECONDS, durable, hold_anywhere, notified, owner_and_wires, rush, writer_waits
from tests.faults.shoppers import GUIDS, House, Rush, Shopper

LOOKS = 10  # each right after a hold at the other unit
SWITCH_SECONDS = 2.0  # from one start of a payment to the next
AFTER_DEADLINE_SECONDS = 3.0  # enough for a sweep and a question at the provider
ALONE_SECONDS = 3.0  # an owner is without its backup
NO_PARTITION = -1  # of a packet that is about none
AUDIT_AWAY_SECONDS = 3.0
# A member whose clock is apart is fenced within a second and leaves within four: whoever finds it out must ask at that moment.
TRIES, TRY_SECONDS = 80, 0.05
LATE_SECONDS = 3.0  # in which a pump that woke has written what it had in hand, or has given it up


async def hold_seats(shopping: Rush, who: Shopper, key: str, seats: list[str], unit: int = 1) -> Told:
    """One try to hold these seats, whatever the answer."""
    return await shopping.history.call(
        shopping.house.anyone(unit, who.token).http, "hold", "POST", f"/events/{shopping.event_id}/orders",
        event_id=shopping.event_id, account_id=who.account_id, json={"seats": seats}, headers={"Idempotency-Key": key},
    )  # fmt: skip


def seats_left(shopping: Rush, count: int) -> list[str]:
    """Seats that nobody of this run was ever given."""
    given = {str(seat["seat"]) for told in shopping.history.held().values() for seat in told.body["seats"]}
    return [guid for guid in reversed(GUIDS) if guid not in given][:count]


async def quiet_sale(house: House, seed: int) -> Rush:
    """Nothing is broken: holds at one unit are looked for at the other, keys are used twice, seats are asked for that others have, and
    again when they have let them go.
    """
    async with rush(house, seed) as shopping:
        pass
    chance = random.Random(seed)
    one, other = house.crowd[0], house.crowd[1]
    for number in range(LOOKS):
        shopping.units = (2,)
        await shopping.look(other, chance)
        await hold_anywhere(shopping, 1, "hold", f"{seed}-quiet-{number}")
        await shopping.look(other, chance)
        await hold_anywhere(shopping, 2, "repeat", f"{seed}-quiet-{number}")
    first, second, third = seats_left(shopping, 3)
    had = await hold_seats(shopping, one, f"{seed}-first", [first])
    await hold_seats(shopping, other, f"{seed}-all", [first, second, third])
    await shopping.ask(one, "release", "DELETE", f"/orders/{had.body['order_id']}", chance)
    await hold_seats(shopping, other, f"{seed}-all-again", [first, second, third])
    return shopping


async def database_set_back(house: House, seed: int) -> Rush:
    """PostgreSQL is brought back to a moment before some have registered."""
    async with rush(house, seed) as shopping:
        _, set_back = await set_postgres_back(shopping, random.Random(seed))
        await shopping.told(3, ("register",))
        await set_back()
        await shopping.told(8)
    return shopping


async def paid_after_the_end(house: House, seed: int) -> Rush:
    """An order is let go while its shopper is at the provider, and he pays: no job has cancelled the payment yet."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass
    laboratory.kill("worker")
    told = await hold_anywhere(shopping, 1, "hold", f"{seed}-gone")
    started = await shopping.start_to_pay(house.crowd[0], told.body["order_id"], "sbp", random.Random(seed))
    await shopping.ask(house.crowd[0], "release", "DELETE", f"/orders/{told.body['order_id']}", random.Random(seed))
    payment_id = await shopping.approve(started)
    await notified(house, payment_id, lambda codes: 200 in codes)
    laboratory.start_worker()
    return shopping


async def paid_while_nobody_listens(house: House, seed: int) -> Rush:
    """The units are down when the provider takes the money, in time, and come again after the order's deadline."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass
    (seat,) = seats_left(shopping, 1)
    told = await hold_seats(shopping, house.crowd[0], f"{seed}-paid", [seat])
    started = await shopping.start_to_pay(house.crowd[0], told.body["order_id"], "sbp", random.Random(seed))
    await durable(house, told, "paying")
    units = dict(laboratory.units)
    laboratory.kill(*(f"unit-{number}" for number in units))
    await shopping.approve(started)
    await asyncio.sleep(told.body["seconds_left"] + AFTER_DEADLINE_SECONDS)
    for number, settings in units.items():
        laboratory.start_unit(number, **settings)
    await laboratory.all_ready()
    return shopping


async def started_to_pay_twice(house: House, seed: int) -> Rush:
    """A shopper changes his mind at the provider: the second payment gets no more time than the first one."""
    async with rush(house, seed) as shopping:
        pass
    chance = random.Random(seed)
    told = await hold_anywhere(shopping, 1, "hold", f"{seed}-twice")
    await shopping.start_to_pay(house.crowd[0], told.body["order_id"], "card", chance)
    await asyncio.sleep(SWITCH_SECONDS)
    await shopping.approve(await shopping.start_to_pay(house.crowd[0], told.body["order_id"], "sbp", chance))
    return shopping


async def audit_database_away(house: House, seed: int) -> Rush:
    """The audit log's database lets nobody in for some seconds, the main one works on."""
    async with rush(house, seed) as shopping:
        async with await psycopg.AsyncConnection.connect(house.laboratory.settings["database_url"], autocommit=True) as connection:
            await connection.execute("UPDATE pg_database SET datallowconn = false WHERE datname = %s", [AUDIT])
            try:
                await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [AUDIT])
                await asyncio.sleep(AUDIT_AWAY_SECONDS)
            finally:
                await connection.execute("UPDATE pg_database SET datallowconn = true WHERE datname = %s", [AUDIT])
        await shopping.told(4)
    return shopping


async def pump_of_a_former_life(house: House, seed: int) -> Rush:
    """A pump freezes with a hold in hand, the grid is lost and restored without it, the seat is sold again, the pump wakes."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        pass
    url = laboratory.settings["database_url"]
    (seat,) = seats_left(shopping, 1)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        async with connection.transaction():
            await connection.execute("SELECT FROM positions WHERE event = %s FOR UPDATE", [number_of(shopping.event_id)])
            await hold_seats(shopping, house.crowd[0], f"{seed}-lost", [seat])
            await writer_waits(url)
            laboratory.freeze("pump")
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pump %'")
    laboratory.kill(*(f"member-{number}" for number in range(laboratory.members)))
    shopping.history.total_losses.append(time.monotonic())
    for number in range(laboratory.members):
        laboratory.start_member(number)
    await laboratory.members_in(laboratory.members)
    laboratory.start_pump("pump-2")
    await house.sells(1, shopping.event_id)
    laboratory.thaw("pump")
    await asyncio.sleep(LATE_SECONDS)
    sold = await shopping.ask(
        house.crowd[1], "hold", "POST", f"/events/{shopping.event_id}/orders", random.Random(seed),
        json={"seats": [seat]}, headers={"Idempotency-Key": f"{seed}-again"},
    )  # fmt: skip
    assert sold.status == 201, sold
    return shopping


async def killed_one_after_the_other(house: House, seed: int, patience: float = AWAIT_SECONDS) -> Rush:
    """An owner's backup dies, nobody else can become one yet, and the owner dies, too: what it told in between it knew alone.

    Members move so many partitions at a time, and other partitions' packets are held back: the event's turn to get a new backup does
    not come. PostgreSQL stands still meanwhile, so nothing else has heard of a hold. What was told before is gone as when both die.
    """
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        partition, owner, wires = await owner_and_wires(house, shopping.event_id)
        backup = max(wires, key=lambda wire: wire.passed[partition]).target
        for wire in wires:
            wire.holding = laboratory.proxies.wire(wire.target, owner).holding = lambda number: number not in {NO_PARTITION, partition}
        laboratory.signal_postgres(signal.SIGSTOP)
        laboratory.kill(f"member-{backup}")
        shopping.history.total_losses.append(time.monotonic())
        await asyncio.sleep(ALONE_SECONDS)
        laboratory.kill(f"member-{owner}")
        laboratory.signal_postgres(signal.SIGCONT)
        laboratory.proxies.heal()
        laboratory.start_member(backup)
        laboratory.start_member(owner)
        await shopping.told(8, seconds=patience)
    return shopping


async def clock_stepped(house: House, seed: int) -> Rush:
    """Somebody sets the wall clock of an event's owner ahead by half a minute; monotonic time goes on as before."""
    laboratory = house.laboratory
    wall_clock.must_be_there()
    owner = laboratory.members - 1
    async with rush(house, seed, owner=owner) as shopping:
        (seat,) = seats_left(shopping, 1)
        await hold_seats(shopping, house.crowd[0], f"{seed}-kept", [seat])
        laboratory.clocks[owner].move(wall_clock.STEP_SECONDS)
        tries = []
        for number in range(TRIES):
            tries.append(asyncio.create_task(hold_seats(shopping, house.crowd[1], f"{seed}-wanted-{number}", [seat])))
            await asyncio.sleep(TRY_SECONDS)
        await asyncio.gather(*tries)
        await shopping.look(house.crowd[1], random.Random(seed))
        await shopping.told(8)
    laboratory.clocks[owner].move(0)
    return shopping
