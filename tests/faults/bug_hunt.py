"""A bug is planted in a copy of the tree, its scenario meets it, and the checkers have to find it."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from tests.faults.buggy_copy import plant
from tests.faults.bugs import PUMP, UNITS, Bug
from tests.faults.shoppers import House
from tests.faults.verdict import keep, settled

FOUND_WITHIN = 20.0  # seconds
STAYS_SECONDS = 4.0  # a promise that was broken stays broken; what is only on its way does not
LOOK_SECONDS = 1.0
TOLD_MAX = 300  # characters of a sentence


@dataclass(frozen=True)
class Hunted:
    """Which sentence found a bug at which seed, empty: none; and what else was said."""

    bug: Bug
    seed: int
    sentence: str
    seconds: float
    told: tuple[str, ...] = ()
    planted: bool = True

    @property
    def as_it_must_be(self) -> bool:
        return bool(self.sentence) == self.planted

    def __str__(self) -> str:
        end = f"({f'seed {self.seed}, ' if self.seed else ''}{self.seconds:.0f} s)"
        if not self.planted:
            return f"without {self.bug.name}: {self.sentence or 'whole'} {end}"
        return f"{self.bug.name}: {self.sentence or 'NOBODY FOUND IT'} {end}" + "".join(f"\n    {each}" for each in self.told)


@contextlib.asynccontextmanager
async def planted(house: House, bug: Bug, *, sound: bool = False) -> AsyncIterator[None]:
    """The bug's processes come from a copy that has it during the block; afterwards, sound ones as soon as somebody mends the house.

    The copy stays as long as the house: scenarios start other processes from it, in which it is the same as the tree. With `sound`
    everything is done but the planting.
    """
    laboratory = house.laboratory
    tree, hold_seconds = laboratory.checkout, laboratory.settings["hold_seconds"]
    own = bug.planted_in if bug.hold_seconds is None else {*bug.planted_in, PUMP, UNITS}
    place = laboratory.directory / "bugs" / bug.name
    laboratory.checkout = tree if sound else await plant(bug.name, place)
    laboratory.settings["hold_seconds"] = f"{bug.hold_seconds:g}" if bug.hold_seconds is not None else hold_seconds
    try:
        _kill(house, own)
        await laboratory.mend()
        yield
    finally:
        laboratory.checkout, laboratory.settings["hold_seconds"] = tree, hold_seconds
        _kill(house, own)


def _kill(house: House, beginnings: Iterable[str]) -> None:
    laboratory = house.laboratory
    laboratory.kill(*(name for name in list(laboratory.processes) if name.startswith(tuple(beginnings))))


async def hunt(house: House, bug: Bug) -> Hunted:
    """Plant it and let the scenario meet it, seed by seed, until a checker finds it."""
    began = time.monotonic()
    told: list[str] = []
    await house.laboratory.mend()
    async with planted(house, bug):
        for seed in bug.seeds:
            named, sentences = await _met(house, bug, seed)
            if named:
                return Hunted(bug, seed, named, time.monotonic() - began, tuple(told))
            told += [f"seed {seed}: {sentence}"[:TOLD_MAX] for sentence in sentences[:5] or ["whole"]]
            _kill(house, bug.planted_in)  # what it has left may be beyond mending
            await house.laboratory.mend()
    return Hunted(bug, 0, "", time.monotonic() - began, tuple(told))


async def _met(house: House, bug: Bug, seed: int) -> tuple[str, list[str]]:
    """The sentence that finds the bug at this seed, empty if there is none that stays, and all that was said at last."""
    stuck: list[str] = []
    house.shopping = None
    try:
        await bug.scenario(house, seed)
    except (TimeoutError, AssertionError) as error:  # a copy with a hole may be too broken to sell on
        stuck = [f"stuck: {error!r}"]
    deadline = time.monotonic() + FOUND_WITHIN
    since: dict[str, float] = {}
    while house.shopping is not None:
        _, found = await settled(house, house.shopping.history, house.shopping.event_id, LOOK_SECONDS)
        now = time.monotonic()
        since = {sentence: since.get(sentence, now) for sentence in found if sentence.startswith(bug.found_by)}
        staying = [sentence for sentence, first in since.items() if now - first >= STAYS_SECONDS]
        if staying or now > deadline:
            return (staying[0] if staying else ""), found + stuck
    return "", stuck


async def spare(house: House, bug: Bug) -> Hunted:
    """The same scenario, and nothing is planted: whatever the checkers find is a false alarm. Where it gets stuck is kept, too."""
    began = time.monotonic()
    stuck: list[str] = []
    house.shopping = None
    await house.laboratory.mend()
    async with planted(house, bug, sound=True):
        try:
            await bug.scenario(house, bug.seeds[0])
        except (TimeoutError, AssertionError) as error:
            if house.shopping is None:
                raise
            stuck = [f"stuck: {error!r}"[:TOLD_MAX]]
        assert house.shopping is not None
        history = house.shopping.history
        final, found = await settled(house, history, house.shopping.event_id)
        found = stuck + found
    said = f"{found[0]} (and {len(found) - 1} more; {keep(house, history, final, found)})" if found else ""
    return Hunted(bug, bug.seeds[0], said, time.monotonic() - began, planted=False)
