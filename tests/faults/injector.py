"""Breaks a running system by a plan that comes from a seed alone: what, when, for how long; the target is drawn when it is due."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.faults import EVERYWHERE, Fault, Harm
from tests.faults.history import Broken
from tests.faults.laboratory import Laboratory
from tests.faults.shoppers import Rush

GAP_SECONDS = (0.5, 2.5)  # from one fault's mending to the next one of its kind
AT_ONCE = 2  # kinds of harm in one round


@dataclass(frozen=True)
class Due:
    """A fault that begins `wait` seconds after the one before it was mended, and lasts `seconds`."""

    wait: float
    fault: Fault
    seconds: float
    chance: random.Random


def planned(seed: int, names: Sequence[str], seconds: float) -> list[list[Due]]:
    """What is done one after the other, for each of up to AT_ONCE kinds of harm that go on side by side for so many seconds."""
    chance = random.Random(f"faults {seed}")
    by_harm: dict[Harm, list[Fault]] = {}
    for name in names:
        by_harm.setdefault(EVERYWHERE[name].harm, []).append(EVERYWHERE[name])
    # A kind is drawn as often as it has faults.
    harms = list(dict.fromkeys(EVERYWHERE[name].harm for name in chance.sample(list(names), len(names))))[:AT_ONCE]
    return [_lane(chance, by_harm[harm], seconds) for harm in harms]


def _lane(chance: random.Random, faults: list[Fault], seconds: float) -> list[Due]:
    lane: list[Due] = []
    at = 0.0
    while True:
        due = Due(
            chance.uniform(*GAP_SECONDS), fault := chance.choice(faults), chance.uniform(*fault.seconds), random.Random(chance.random())
        )
        at += due.wait + fault.takes + due.seconds
        if at > seconds and lane:
            return lane
        lane.append(due)


async def inject(rush: Rush, lanes: list[list[Due]]) -> None:
    """Carry the plan out; at the end everything that it broke is mended, but may still be starting."""
    await asyncio.gather(*(_carry_out(rush, lane) for lane in lanes))


async def _carry_out(rush: Rush, lane: list[Due]) -> None:
    for due in lane:
        await asyncio.sleep(due.wait)
        await _one_at_a_time(rush.house.laboratory, due.fault.harm)
        began = time.monotonic()
        target, mend = await due.fault.breaks(rush, due.chance)
        if due.fault.loses_all:
            rush.history.total_losses.append(time.monotonic())
        await asyncio.sleep(due.seconds)
        await mend()
        rush.history.broken.append(Broken(due.fault.name, target, began, time.monotonic()))


async def _one_at_a_time(laboratory: Laboratory, harm: Harm) -> None:
    """Until what the fault before has harmed is there again: every entry has its two copies, every unit sells."""
    if harm == Harm.MEMBERS:
        await laboratory.members_in(laboratory.members)
        await laboratory.partitions_rest()
    elif harm == Harm.UNITS:
        for number in laboratory.units:
            await laboratory.ready(laboratory.ports.unit_operations(number))
