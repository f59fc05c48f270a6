"""Getting changes out of entries and acknowledging what is durable: one call per event does both.

Positions are kept in memory and read again from PostgreSQL whenever an entry or the writer disagrees with them.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from data_writers.batch import Batch, State, Told
from data_writers.database import Link
from data_writers.inventories import Inventories
from data_writers.readings import Position, read_positions, read_verdicts
from grid_config.answers import BatchAnswer, decode_drained, decode_number, decode_status, decode_whole
from grid_config.commands import STATUS, WHOLE, acknowledge, drain
from grid_config.limits import DRAIN_CHANGES_MAX
from grid_config.outcomes import BatchStatus, EntryState, Outcome

logger = logging.getLogger("data_pumps.drain")


class Diverged(NamedTuple):
    """An entry with another history than PostgreSQL's: what of its own it still has, and where the position stands."""

    batch: Batch
    position: Position


class SetBack(NamedTuple):
    """An entry that is ahead of a PostgreSQL that was set back in time: its whole state, where the position stood, and what told so."""

    state: State
    position: Position
    why: str


class Drained(NamedTuple):
    """What one look at an entry brought. `waiting`: changes in its outbox after this batch; `now`: the owner's clock, unix ms."""

    batch: Batch | None
    waiting: int
    now: int
    apart: Diverged | SetBack | None = None


class TooLarge(Exception):  # noqa: N818 - named as what it says
    """An entry whose whole state does not fit one answer, and whose changes are no longer all there."""

    def __init__(self, event: int, position: Position) -> None:
        super().__init__(f"event {event} is too large to be written whole")
        self.event = event
        self.position = position


class Drain:
    """Looks at entries. Every call may raise GridUnavailable or Away (the hint comes again), or TooLarge."""

    def __init__(self, inventories: Inventories, main: Link) -> None:
        self._inventories = inventories
        self._main = main
        self._positions: dict[int, Position] = {}

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
        """Tell the entry that a batch is durable and what became of its orders, and take at most so many of what came meanwhile.

        None when there is nothing to take now: the entry is missing, or somebody else was faster.
        """
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
            if answer.status != BatchStatus.ACCEPTED:
                self.forget(event)
                return None  # gone meanwhile
            outcome, body = answer.outcomes[-1]
        if outcome == Outcome.ACCEPTED:
            return _drained(event, position, answer, body)
        self.forget(event)
        if outcome == Outcome.DIVERGED:
            return await self._rest_of(event, position, answer)
        return await self._whole_of(event, position, Outcome(outcome))

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
        return Drained(None, 0, answer.now, Diverged(batch, position))

    async def _whole_of(self, event: int, position: Position, told: Outcome) -> Drained | None:
        """`trimmed` and `other_incarnation` are no news when somebody else was faster, or when the entry is only being restored.

        But where PostgreSQL insists on this very position, it was set back in time. The position was read before the state is,
        and it is what the writer compares: whoever restores or writes the event meanwhile makes the state worthless, not wrong.
        """
        if (await read_positions(self._main, [event])).get(event) != position:
            return None
        answer = await self._inventories.ask(event, STATUS, WHOLE)
        if answer.status != BatchStatus.ACCEPTED:
            return None
        status = decode_status(answer.outcomes[0][1])
        if status.incarnation != position.incarnation and status.state != EntryState.OPEN and not status.outbox:
            return None
        outcome, body = answer.outcomes[1]
        if outcome != Outcome.ACCEPTED:
            raise TooLarge(event, position)
        whole = decode_whole(body)
        batch = Batch(event, answer.incarnation, whole.durable_seq, whole.seq, whole.change_id, whole.changes)
        return Drained(None, 0, answer.now, SetBack(State(batch, whole.orders, whole.sold), position, told.name.lower()))


def _drained(event: int, position: Position, answer: BatchAnswer, body: bytes) -> Drained:
    told = decode_drained(body)
    waiting = answer.seq - told.to_seq
    if not told.changes:
        return Drained(None, waiting, answer.now)
    batch = Batch(event, position.incarnation, told.from_seq, told.to_seq, told.change_id, told.changes)
    return Drained(batch, waiting, answer.now)
