"""The pump: changes go from outboxes to the writer, and what became of them goes back (architecture.md, 8-11).

Nothing is lost by stopping it anywhere: a batch that was not written is drained again, one that was written and not
acknowledged is found by its position.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from data_pumps.drain import Diverged, Drain, Drained, SetBack, TooLarge
from data_pumps.figures import Figures
from data_pumps.inbox import Inbox
from data_pumps.shares import Shares
from data_pumps.troubles import Troubles
from data_writers.batch import Batch, Written
from data_writers.database import Away, Unwritable
from data_writers.writer import Gap, Writer
from grid_config.client import GridError
from grid_config.limits import DRAIN_CHANGES_MAX

logger = logging.getLogger("data_pumps.pump")

EVENTS_MAX = 64  # in one transaction
CHANGES_MAX = 8_000  # in one transaction: about a quarter of a second of PostgreSQL
CHANGES_MIN = 64  # of one event, however many others there are
# From one look at the entries to the next: in a rush a transaction, its calls and their flush are shared by more changes.
# What is paid for is confirmed that much later at most.
PACE_SECONDS = 0.03
HURRY_CHANGES = 1_000  # of one event in one look: so many mean that more wait, and nobody pauses
BACK_OFF_SECONDS_MIN = 0.05
BACK_OFF_SECONDS_MAX = 2.0
Result = TypeVar("Result")


class Pump:
    """One loop over all events of this process's shares."""

    def __init__(  # noqa: PLR0917 - the parts it is made of
        self, dirty: Inbox[int], wanted: Inbox[int], drain: Drain, writer: Writer, shares: Shares, figures: Figures, troubles: Troubles
    ) -> None:
        self._dirty = dirty
        self._wanted = wanted
        self._drain = drain
        self._writer = writer
        self._shares = shares
        self._figures = figures
        self._troubles = troubles
        self._doubted: set[int] = set()

    def look_anew(self, event: int) -> None:
        """Somebody found an entry that does not agree with its position: drain it soon, from the position that PostgreSQL has."""
        self._doubted.add(event)
        self._dirty.put([event])

    async def run(self) -> None:
        """Drain, write, acknowledge, measure, wait; for ever."""
        at_hand: dict[int, Batch] = {}
        while True:
            events = self._dirty.take_now(EVENTS_MAX) if at_hand else await self._dirty.take(EVENTS_MAX)
            at_hand |= await self.drain(set(events) - at_hand.keys())
            if at_hand:
                began = time.monotonic()
                written = await self.write(at_hand)
                self._figures.wrote(at_hand, written, time.monotonic() - began)
                at_hand = await self.acknowledge(at_hand, written)
                if not at_hand:
                    await asyncio.sleep(began + PACE_SECONDS - time.monotonic())

    async def drain(self, events: Iterable[int]) -> dict[int, Batch]:
        """The next batch of each event that has one."""
        ours = [event for event in events if self._shares.has(event) and not self._troubles.rests(event)]
        for event in self._doubted.intersection(ours):
            self._doubted.discard(event)
            self._drain.forget(event)
        await self._patiently(lambda: self._drain.know(ours))
        most = _most(len(ours))
        return await self._gather({event: self._drain.next(event, most) for event in ours})

    async def write(self, batches: Mapping[int, Batch]) -> Written:
        """Write the batches; PostgreSQL being away is waited out with them in hand: they are as right later."""
        return await self._patiently(lambda: self._write(list(batches.values())))

    async def acknowledge(self, batches: Mapping[int, Batch], written: Written) -> dict[int, Batch]:
        """Tell the entries what is durable. Where much had come at once, what came meanwhile is the next batch."""
        most = _most(len(written.moved))
        calls = {}
        for event, batch in batches.items():
            if event in written.moved:
                self._drain.moved(batch)
                self._troubles.over(event)
                hurries = len(batch.records) >= min(HURRY_CHANGES, most)
                calls[event] = self._drain.acknowledge(batch, written.verdicts.get(event, ()), most if hurries else 0)
            else:
                self._drain.forget(event)
                self._again(event)  # somebody else was faster, or it was restored: look again from its position
        return await self._gather(calls)

    async def _write(self, batches: list[Batch]) -> Written:
        try:
            return await self._writer.write(batches)
        except Gap as gap:
            if len(batches) == 1:
                await self._troubles.note("changes_missing", batches[0].event, {"why": str(gap)})
                return Written()
        written = Written()
        for batch in batches:  # one entry's fault is not the others'
            written.take(await self._write([batch]))
        return written

    async def _gather(self, calls: Mapping[int, Awaitable[Drained | None]]) -> dict[int, Batch]:
        answers = await asyncio.gather(*calls.values(), return_exceptions=True)
        batches: dict[int, Batch] = {}
        for event, answer in zip(calls, answers, strict=True):
            if isinstance(answer, Drained):
                self._figures.drained(event, answer)
                if answer.batch is not None:
                    batches[event] = answer.batch
                elif answer.waiting:
                    self._dirty.put([event])
                elif answer.apart is not None:
                    await self._mend(answer.apart)
            elif isinstance(answer, TooLarge):
                await self._troubles.note("whole_too_large", event, {"position": answer.position.seq})
            elif isinstance(answer, GridError | Away):
                logger.warning("drain_failed", extra={"data": {"event": event, "why": str(answer)}})
            elif isinstance(answer, BaseException):
                raise answer
        return batches

    async def _mend(self, apart: Diverged | SetBack) -> None:
        """An entry and PostgreSQL that cannot go on from the position: by the changes that are there, or by the whole state."""
        batch = apart.batch if isinstance(apart, Diverged) else apart.state.batch
        try:
            written = await self._patiently(lambda: self._overrule(apart) if isinstance(apart, Diverged) else self._replace(apart))
        except (Gap, Unwritable) as error:
            self._drain.forget(batch.event)
            await self._troubles.note("changes_missing" if isinstance(error, Gap) else "whole_unwritable", batch.event, {"why": str(error)})
            return
        if written.moved:
            self._drain.moved(batch)
            self._troubles.over(batch.event)
            try:
                await self._drain.acknowledge(batch, written.verdicts.get(batch.event, ()), CHANGES_MIN)
            except (GridError, Away) as error:
                logger.warning("drain_failed", extra={"data": {"event": batch.event, "why": str(error)}})
        self._dirty.put([batch.event])
        if isinstance(apart, Diverged):
            self._wanted.put([batch.event])  # shut until the reader restores it; where nobody shops, nobody else would wake him

    async def _overrule(self, apart: Diverged) -> Written:
        data = {"event": apart.batch.event, "position": apart.position.seq, "entry": apart.batch.to_seq}
        logger.critical("diverged", extra={"data": data})
        return await self._writer.overrule(apart.batch, apart.position.seq)

    async def _replace(self, apart: SetBack) -> Written:
        batch = apart.state.batch
        data = {"event": batch.event, "position": apart.position.seq, "entry": batch.to_seq, "told": apart.why}
        logger.critical("set_back", extra={"data": data})
        return await self._writer.replace(apart.state, apart.position, apart.why)

    def _again(self, event: int) -> None:
        if not self._troubles.rests(event):
            self._dirty.put([event])

    async def _patiently(self, work: Callable[[], Awaitable[Result]]) -> Result:
        pause = BACK_OFF_SECONDS_MIN
        while True:
            try:
                return await work()
            except Away as away:
                self._figures.away()
                logger.warning("postgres_away", extra={"data": {"why": str(away), "pause": pause}})
            await asyncio.sleep(pause)
            pause = min(2 * pause, BACK_OFF_SECONDS_MAX)


def _most(events: int) -> int:
    """Changes to take of each, when so many share a transaction."""
    return max(CHANGES_MIN, min(DRAIN_CHANGES_MAX, CHANGES_MAX // max(events, 1)))
