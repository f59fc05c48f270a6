"""Faults of grid members and of the wires between them; each takes its target by chance and gives back its name and what mends it."""

import random

from tests.faults.grid_scenarios import carries_a_hold
from tests.faults.mending import Mending, frozen, healing, nothing, starting
from tests.faults.newer_version import change_version
from tests.faults.scenario_steps import owner_and_wires
from tests.faults.shoppers import Rush

CUT_SIDES = ("alone", "deaf", "mute")


async def _some_member(rush: Rush, chance: random.Random) -> int:
    """The owner of the event as often as not."""
    if chance.random() < 0.5:
        _, owner, _ = await owner_and_wires(rush.house, rush.event_id)
        return owner
    return chance.randrange(rush.house.laboratory.members)


async def kill_member(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    laboratory, number = rush.house.laboratory, await _some_member(rush, chance)
    laboratory.kill(f"member-{number}")
    return f"member-{number}", starting(laboratory.start_member, number)


async def stop_member(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    laboratory, number = rush.house.laboratory, await _some_member(rush, chance)
    await laboratory.end(f"member-{number}")
    return f"member-{number}", starting(laboratory.start_member, number)


async def freeze_member(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    return frozen(rush.house.laboratory, f"member-{await _some_member(rush, chance)}")


async def cut_member(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """Between it and the others nothing passes, or nothing passes one way. Connections stay up."""
    laboratory, number = rush.house.laboratory, await _some_member(rush, chance)
    side = chance.choice(CUT_SIDES)
    for other in range(laboratory.members):
        if other == number:
            continue
        laboratory.proxies.wire(number, other).cut = side in {"alone", "mute"}
        laboratory.proxies.wire(other, number).cut = side in {"alone", "deaf"}
    return f"member-{number} {side}", healing(laboratory)


async def hold_backups(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """What the event's owner says to its backups is late."""
    laboratory = rush.house.laboratory
    partition, owner, wires = await owner_and_wires(rush.house, rush.event_id)
    for wire in wires:
        laboratory.proxies.hold(wire.source, wire.target, partition)

    async def release() -> None:
        for wire in wires:
            laboratory.proxies.release(wire.source, wire.target)

    return f"member-{owner}", release


async def lose_backups(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """Some of the messages that bring a hold to the backup are lost."""
    laboratory = rush.house.laboratory
    partition, owner, wires = await owner_and_wires(rush.house, rush.event_id)
    for wire in wires:
        laboratory.proxies.drop_next(wire.source, wire.target, partition, chance.randint(1, 5), carries_a_hold(rush.event_id))
    return f"member-{owner}", healing(laboratory)


async def kill_grid(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    laboratory = rush.house.laboratory
    laboratory.kill(*(f"member-{number}" for number in range(laboratory.members)))

    async def start() -> None:
        for number in range(laboratory.members):
            laboratory.start_member(number)

    return "every member", start


async def step_clock(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """The wall clock of one member jumps by minutes while it works, and back; its monotonic time goes on as ever."""
    laboratory, number = rush.house.laboratory, await _some_member(rush, chance)
    seconds = _minutes(chance)
    laboratory.clocks[number].move(seconds)

    async def back() -> None:
        laboratory.clocks[number].move(0)

    return f"member-{number} by {seconds:+d} s", back


async def start_apart(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """A member dies and comes back on a machine whose clock is wrong by minutes: it may join and must not stamp anything."""
    laboratory, number = rush.house.laboratory, await _some_member(rush, chance)
    seconds = _minutes(chance)
    laboratory.kill(f"member-{number}")
    laboratory.clocks[number].move(seconds)
    laboratory.start_member(number)

    async def right() -> None:
        laboratory.clocks[number].move(0)
        laboratory.kill(f"member-{number}")
        laboratory.start_member(number)

    return f"member-{number} by {seconds:+d} s", right


def _minutes(chance: random.Random) -> int:
    return chance.choice((-1, 1)) * chance.randint(60, 900)


async def renew_members(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """A rolling restart, each member with the other one of two versions: for a while both are in the grid."""
    await change_version(rush.house.laboratory)
    return await restart_members(rush, chance)


async def restart_members(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """One after the other leaves and comes again; each waits until the grid is safe."""
    laboratory = rush.house.laboratory
    first = chance.randrange(laboratory.members)
    for turn in range(laboratory.members):
        number = (first + turn) % laboratory.members
        await laboratory.end(f"member-{number}")
        laboratory.start_member(number)
        await laboratory.members_in(laboratory.members)
        await laboratory.partitions_rest()
    return "every member in turn", nothing
