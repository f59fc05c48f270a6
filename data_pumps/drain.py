"""Getting changes out of entries and acknowledging what is durable: one call per event does both.

Positions are kept in memory and read again from PostgreSQL whenever an entry or the writer disagrees with them.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from data_writers.batch import Batch, Told
from data_writers.database import Link
from data_writers.effects import raise_alarms
from data_writers.inventories import Inventories
from data_writers.readings import Position, read_positions, read_verdicts
from grid_config.answers import BatchAnswer, decode_drained, decode_number, decode_status
from grid_config.commands import STATUS, acknowledge, drain
from grid_config.limits import DRAIN_CHANGES_MAX
from grid_config.outcomes import BatchStatus, Outcome

logger = logging.getLogger("data_pumps.drain")


class Diverged(NamedTuple):
    """An entry with another history than PostgreSQL's: what of its own it still has, and where the position stands."""

    batch: Batch
    position: Position


class Drained(NamedTuple):
    """What one look at an entry brought. `waiting`: changes in its outbox after this batch; `now`: the owner's clock, unix ms."""

    batch: Batch | None
    diverged: Diverged | None
    waiting: int
    now: int


class Drain:
    """Looks at entries. Every call may raise GridUnavailable or Away: the hint comes again."""

    def __init__(self, inventories: Inventories, main: Link) -> None:
        self._inventories = inventories
        self._main = main
        self._positions: dict[int, Position] = {}
        self._disagreed: dict[int, tuple[Position, int]] = {}  # what PostgreSQL insists on, and the entry refuses

    async def know(self, events: Iterable[int]) -> None:
        """Read the positions that are not in memory, all at once."""
        unknown = [event for event in events if event not in self._positions]
        if unknown:
            self._positions |= await read_positions(self._main, unknown)

    def forget(self, event: int) -> None:
        """Somebody else has written or restored this event."""
        self._positions.pop(event, None)

    def moved(self, batch: Batch) -> None:
        """This batch is durable."""
        self._positions[batch.event] = Position(batch.incarnation, batch.to_seq, batch.change_id)

    async def next(self, event: int, most: int) -> Drained | None:
        """The changes after the position; None when there is nothing to be done now."""
        position = self._positions.get(event)
        if position is None:
            return None  # no row: not published as far as PostgreSQL knows
        answer = await self._inventories.ask(event, drain(*position, most))
        return await self._understand(event, position, answer, most)

    async def acknowledge(self, batch: Batch, verdicts: Sequence[Told], most: int) -> Drained | None:
        """Tell the entry that a batch is durable and what became of its orders, and take what came meanwhile."""
        position = self._positions[batch.event]
        commands = (acknowledge(batch.incarnation, batch.to_seq, verdicts), drain(*position, most))
        answer = await self._inventories.ask(batch.event, *commands)
        return await self._understand(batch.event, position, answer, most)

    async def _understand(self, event: int, position: Position, answer: BatchAnswer, most: int) -> Drained | None:
        if answer.status != BatchStatus.ACCEPTED:
            self.forget(event)
            return None  # missing: the reader brings it back
        outcome, body = answer.outcomes[-1]
        if outcome == Outcome.BEHIND:
            answer = await self._say_again(event, position, decode_number(body), most)
            outcome, body = answer.outcomes[-1]
        if outcome == Outcome.ACCEPTED:
            return _drained(event, position, answer, body)
        self.forget(event)
        if outcome == Outcome.DIVERGED:
            return await self._rest_of(event, position, answer)
        await self._wonder(event, position, outcome)
        return None

    async def _say_again(self, event: int, position: Position, durable_seq: int, most: int) -> BatchAnswer:
        """An acknowledgement got lost with its pump: its verdicts stand in the rows."""
        verdicts = await read_verdicts(self._main, event, durable_seq)
        logger.info("verdicts_said_again", extra={"data": {"event": event, "from": durable_seq, "to": position.seq}})
        commands = (acknowledge(position.incarnation, position.seq, verdicts), drain(*position, most))
        return await self._inventories.ask(event, *commands)

    async def _rest_of(self, event: int, position: Position, answer: BatchAnswer) -> Drained | None:
        """What a diverged entry has that nobody wrote."""
        status = decode_status((await self._inventories.ask(event, STATUS)).outcomes[0][1])
        own = Position(answer.incarnation, status.durable_seq, status.durable_change_id)
        rest = await self._inventories.ask(event, drain(*own, min(status.outbox, DRAIN_CHANGES_MAX)))
        if rest.status != BatchStatus.ACCEPTED or rest.outcomes[0][0] != Outcome.ACCEPTED:
            return None
        told = decode_drained(rest.outcomes[0][1])
        batch = Batch(event, own.incarnation, told.from_seq, told.to_seq, told.change_id, told.changes)
        return Drained(None, Diverged(batch, position), 0, answer.now)

    async def _wonder(self, event: int, position: Position, outcome: int) -> None:
        """`other_incarnation` and `trimmed` pass when somebody else was faster; PostgreSQL insisting on the same position is an alarm."""
        if self._disagreed.get(event) == (position, outcome):
            return
        again = (await read_positions(self._main, [event])).get(event)
        if again == position:
            self._disagreed[event] = (position, outcome)
            name = Outcome(outcome).name.lower()
            logger.error("position_refused", extra={"data": {"event": event, "seq": position.seq, "outcome": name}})
            async with self._main.use() as main:
                await raise_alarms(main, [(name, event, 0, {"seq": position.seq, "incarnation": position.incarnation})])


def _drained(event: int, position: Position, answer: BatchAnswer, body: bytes) -> Drained:
    told = decode_drained(body)
    waiting = answer.seq - told.to_seq
    if not told.changes:
        return Drained(None, None, waiting, answer.now)
    batch = Batch(event, position.incarnation, told.from_seq, told.to_seq, told.change_id, told.changes)
    return Drained(batch, None, waiting, answer.now)
