"""A counterexample of the model, step by step on the real grid: what it cannot do there is noted, and nothing bad has come of it.

Each line of a trace (`tests/model/traces`) is one of `STEPS`.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable

from data_pumps.reader import Brought
from grid_config.client import GridUnavailable
from tests.faults.traces.leavers import Leavers
from tests.faults.traces.messages import DELIVERED, TRACES, confirmed
from tests.faults.traces.pumps import Pumps
from tests.faults.traces.readers import Readers
from tests.faults.traces.shoppers import Shoppers
from tests.faults.traces.world import Wanted, World
from tests.fixtures.behind import until

SHARED = re.compile(r"! (M0 dies|all members die and come back empty|M0 is cut off)")


class Replay(Shoppers, Pumps, Readers, Leavers):
    """`refused`: steps that the real grid did not do. `lost`: orders told "held" that a total loss may have cost."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(name, world)
        self.refused: list[str] = []
        self.lost: set[int] = set()

    async def play(self) -> None:
        """Until the next fault that strikes all replays, or the end."""
        while self.at < len(self.steps) and not SHARED.match(self.steps[self.at]):
            self.at += 1
            await self._do(self.steps[self.at - 1])

    async def _do(self, step: str) -> None:
        for pattern, act in STEPS:
            match = pattern.match(step)
            if match:
                if not await act(self, step, *(int(number) for number in match.groups())):
                    self.refused.append(step)
                return
        raise AssertionError(f"nobody knows how to do this for real: {step}")

    async def over(self) -> None:
        """Nobody plays by hand any more: the reader brings the entry back, shoppers and providers repeat, the pump writes all."""
        back = self.world.back
        await self.let_go()
        if self.has_left and self._money():
            await self._brought_for_money()

        async def brought() -> bool:
            with contextlib.suppress(GridUnavailable):
                return await back.parts.reader.bring(back.parts.reader_link, self.event) is Brought.OPEN
            return False

        await until(brought, 60)
        await self.pump_all()
        for number, wanted in enumerate(self.orders):
            if not wanted.held:  # whoever was told so does not ask again: that would mend what it must find
                assert await confirmed(lambda number=number: self._hold(back.inventories, number))  # type: ignore[misc]
            if wanted.notified is not None and wanted.notified.done() and not wanted.has_200:
                self._notify(wanted)
        await self.pump_all()
        for wanted in self.orders:
            if wanted.notified is not None:
                await until(lambda wanted=wanted: wanted.notified.done())  # type: ignore[misc]

    def _money(self) -> list[Wanted]:
        """The orders whose provider has taken some."""
        return [wanted for wanted in self.orders if wanted.attempt in self.world.back.bank.ledger]

    async def _brought_for_money(self) -> None:
        """The event is over: providers tell of their money, and whoever listens to the members has the entry brought back for it."""
        parts = self.world.back.parts
        work = [asyncio.create_task(each) for each in (parts.watch.listen(), parts.reader._serve(parts.reader_link))]

        async def told() -> bool:
            for wanted in self._money():
                if wanted.notified is None or wanted.notified.done():
                    self._notify(wanted)
            status = await self.status()
            return status.seq > status.durable_seq

        await until(told, 60)
        for each in work:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)


Act = Callable[..., Awaitable[bool]]
STEPS: list[tuple[re.Pattern[str], Act]] = [
    (re.compile(pattern), act)
    for pattern, act in (
        (r"hold (\d) (?:repeated )?at M\d, answered at once", Replay.hold_unconfirmed),
        (r"hold (\d) (?:repeated )?at M\d", Replay.hold),
        (r"release (\d) at M\d", Replay.release),
        (r"shopper (\d) pays", Replay.pay),
        (r"money for (\d) comes late", Replay.come_late),
        (r"notification (\d) at M\d", Replay.notify),
        (r"read of availability", Replay.look),
        (r"unit asks M\d whether (\d) is durable", Replay.hear),
        (r"pump (\d) drains M\d, answered at once", Replay.drain_unconfirmed),
        (r"pump (\d) drains M\d", Replay.drain),
        (r"pump (\d) COMMITs", Replay.commit),
        (r"pump (\d) acknowledges", Replay.acknowledge),
        (r"! pump (\d) dies", Replay.forget),
        (r"! message to M\d lost", Replay.lose),
        (r"reader (\d) \(a\)", Replay.read),
        (r"reader (\d) \(b\)", Replay.restore),
        (r"reader (\d) (?:\(c\)|skips \(c\))", Replay.fence),
        (r"reader (\d) \(d\)", Replay.open),
        (r"leaver (\d) reads position", Replay.look_at_over),
        (r"leaver (\d) lets it go", Replay.let_leave),
        (DELIVERED.pattern, Replay.deliver),
        (r"M(\d) removes M(\d)", Replay.removed),
        (r"M\d copies the entry to M\d", Replay.copied),
    )
]


def kept_traces() -> set[str]:
    """The names of all counterexamples that the model has."""
    return {path.stem for path in TRACES.glob("*.txt")}
