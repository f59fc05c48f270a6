"""Members that live and see nobody: what each of them knows when they find each other again.

Of clusters of the same size the one with the smaller address is joined: whatever the others know, member 0 stays.
"""

from tests.faults.merge_steps import merged, merges
from tests.faults.scenario_steps import owner_and_wires, rush, until
from tests.faults.shoppers import House, Rush

ALONE_SECONDS = 60.0  # two heartbeats that do not come, one after the other, and what Hazelcast does about it
JOINED, JOINS = 0, 1


async def parted_one_after_the_other(house: House, seed: int) -> Rush:
    """The owner is cut off, the two others sell on, then they lose each other, too; they come back to him who knows the least."""
    laboratory = house.laboratory
    async with rush(house, seed, owner=JOINED) as shopping:
        laboratory.kill("pump")  # nothing of all this comes to PostgreSQL
        await shopping.told(8)
        before = lonely(house)
        laboratory.proxies.cut(JOINED, members=laboratory.members)
        await shopping.told(12)
        await _part_and_meet(shopping, before)
    return shopping


async def parted_at_once(house: House, seed: int) -> Rush:
    """All wires fail in one moment; owner and backup come back to the one that has nothing of the event."""
    while True:
        async with rush(house, seed, owner=JOINS) as shopping:
            if await _backup(shopping) == JOINED:
                continue
            house.laboratory.kill("pump")
            await shopping.told(8)
            await _part_and_meet(shopping, lonely(house))
            return shopping


def lonely(house: House) -> dict[str, int]:
    """How often each member has seen too few others in its life."""
    members = [name for name in house.laboratory.processes if name.startswith("member-")]
    return {name: house.laboratory.log(name).count("doubt_began") for name in members}


async def _backup(shopping: Rush) -> int:
    partition, _, wires = await owner_and_wires(shopping.house, shopping.event_id)
    passed = [wire.passed[partition] for wire in wires]
    await shopping.told(8)
    return max(zip(wires, passed, strict=True), key=lambda wire: wire[0].passed[partition] - wire[1])[0].target


async def _part_and_meet(shopping: Rush, before: dict[str, int]) -> None:
    house, laboratory = shopping.house, shopping.house.laboratory
    for number in range(laboratory.members):
        laboratory.proxies.cut(number, members=laboratory.members)
    await until(lambda: all(count > before[name] for name, count in lonely(house).items()), "everybody is alone", ALONE_SECONDS)
    before = merges(house)
    for wire in (laboratory.proxies.wire(JOINED, JOINS), laboratory.proxies.wire(JOINS, JOINED)):
        wire.cut = False
    await merged(house, before)
    before = merges(house)
    laboratory.proxies.heal()
    await merged(house, before)
    laboratory.start_pump()
    await shopping.told(12, seconds=ALONE_SECONDS)
