"""Rounds of shopping under faults from seeds: each round is judged, and the first one that is not right ends the campaign."""

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.faults.history import Broken, Final, History
from tests.faults.injector import inject, planned
from tests.faults.scenario_steps import rush
from tests.faults.shoppers import House, Rush
from tests.faults.verdict import keep, settled

AFTER_SECONDS = 3.0  # a pause that begins longer after a fault was mended is not its doing
ACKNOWLEDGED = ("hold", "repeat")
SENTENCE_MAX = 4_000


@dataclass
class Round:
    """One seed: what was broken, how much was asked, what was found wrong, and the longest time in which nobody was given a seat."""

    seed: int
    history: History
    final: Final
    found: list[str]
    seconds: float

    def __str__(self) -> str:
        held = len(self.history.held())
        broken = ", ".join(f"{each.fault} ({each.target})" for each in self.history.broken)
        end = "whole" if not self.found else f"{len(self.found)} things wrong"
        return f"seed {self.seed}: {len(self.history.calls)} calls, {held} orders held; {broken}: {end}, {self.seconds:.0f} s"


@dataclass
class Pauses:
    """Seconds without an acknowledged hold that began under a fault, by fault, and how many of them came after its end."""

    by_fault: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    after_it: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, history: History) -> None:
        ends = sorted(told.ended for told in history.calls if told.what in ACKNOWLEDGED and told.status in (200, 201))
        for broken in history.broken:
            before, after = _longest(ends, broken)
            self.by_fault[broken.fault].append(after - before)
            self.after_it[broken.fault].append(max(0.0, after - max(before, broken.ended)))

    def __str__(self) -> str:
        lines = [
            f"{fault:<18} {len(seconds):4} times, no hold for: {_spread(seconds)}; after its end: {_spread(self.after_it[fault])}"
            for fault, seconds in sorted(self.by_fault.items())
        ]
        return "\n".join(lines)


def _spread(seconds: list[float]) -> str:
    nine_of_ten = sorted(seconds)[max(0, -(-9 * len(seconds) // 10) - 1)]
    return f"median {statistics.median(seconds):5.2f} s, nine of ten up to {nine_of_ten:5.2f} s, longest {max(seconds):5.2f} s"


def _longest(ends: list[float], broken: Broken) -> tuple[float, float]:
    """Of the pauses that were not over when the fault began, and began before it was mended and a little after: from when to when."""
    pauses = [each for each in pairwise(ends) if broken.began < each[1] and each[0] < broken.ended + AFTER_SECONDS]
    return max(pauses, key=lambda each: each[1] - each[0], default=(broken.ended, broken.ended))


async def one_round(house: House, seed: int, names: Sequence[str], seconds: float) -> Round:
    """Shopping for at least so many seconds under the seed's faults; then all is mended, settled and judged."""
    began = time.monotonic()
    stuck: list[str] = []
    shopping: Rush | None = None
    try:
        async with rush(house, seed) as shopping:
            try:
                await asyncio.gather(inject(shopping, planned(seed, names, seconds)), asyncio.sleep(seconds))
                await house.laboratory.mend()
                await shopping.told(8)
            except (AssertionError, TimeoutError) as error:  # it does not come back: as bad as a broken promise
                stuck = [f"stuck: {error!r}"[:SENTENCE_MAX]]
                shopping.stopping = True
    except (AssertionError, TimeoutError) as error:  # or somebody is never answered
        if shopping is None:
            raise
        stuck += [f"unanswered: {error!r}"[:SENTENCE_MAX]]
    final, found = await settled(house, shopping.history, shopping.event_id)
    return Round(seed, shopping.history, final, stuck + found, time.monotonic() - began)


async def campaign(
    house: House, seed: int, names: Sequence[str], *, seconds: float, minutes: float, say: Callable[[str], None]
) -> tuple[list[Round], Pauses]:
    """Rounds with this seed and those after it until the time is up or one is wrong, whose history is then kept and told."""
    rounds: list[Round] = []
    pauses = Pauses()
    deadline = time.monotonic() + minutes * 60
    while True:
        done = await one_round(house, seed, names, seconds)
        rounds.append(done)
        pauses.add(done.history)
        say(str(done))
        if done.found:
            say("\n".join(done.found[:20]))
            say(f"the history, the logs and the seat's timeline are in {keep(house, done.history, done.final, done.found)}")
        if done.found or time.monotonic() > deadline:
            return rounds, pauses
        seed += 1
