"""One bad change among thousands: found by halving, set aside with the later ones of its order, the rest written."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import psycopg

from data_writers.batch import Batch, Told
from data_writers.database import Connection, Unwritable, is_data_error, reason_of
from data_writers.effects import SQL, raise_alarms, write_run
from data_writers.folding import Key, Placed, segments
from grid_config.outcomes import Verdict

logger = logging.getLogger("data_writers.narrowing")
Unreadable = tuple[int, str]  # seq, why


class Decoded(NamedTuple):
    """A batch and what could be read of it."""

    batch: Batch
    changes: list[Placed]
    unreadable: list[Unreadable]


class Narrowing:
    """Writes a run inside an open transaction with a savepoint around every part of it."""

    def __init__(self, main: Connection, batches: Sequence[Decoded], aside: set[Key]) -> None:
        self._main = main
        self._batches = {decoded.batch.event: decoded for decoded in batches}
        self._aside = aside  # orders whose changes are not written any more
        self._verdicts: list[tuple[int, Told]] = []
        self.count = 0  # changes set aside

    async def write(self, run: Sequence[Placed]) -> list[tuple[int, Told]]:
        """Write what can be written, set the rest aside; the verdicts of both by event."""
        for decoded in self._batches.values():
            for seq, reason in decoded.unreadable:
                await self._set_aside(decoded.batch.event, seq, 0, reason)
                await self._alarm(decoded.batch.event, seq, 0, reason)
        for segment in segments(run):
            await self._narrow(segment)
        return self._verdicts

    async def _narrow(self, run: Sequence[Placed]) -> None:
        run = await self._without_aside(run)
        if not run:
            return
        try:
            async with self._main.transaction():
                self._verdicts += await write_run(self._main, run)
        except (psycopg.Error, Unwritable) as error:
            if not is_data_error(error):
                raise
            if len(run) == 1:
                await self._give_up(run[0], reason_of(error))
            else:
                middle = len(run) // 2
                await self._narrow(run[:middle])
                await self._narrow(run[middle:])

    async def _without_aside(self, run: Sequence[Placed]) -> Sequence[Placed]:
        if not self._aside:
            return run
        kept = []
        for placed in run:
            event, _, change = placed
            if change.order and (event, change.order) in self._aside:
                await self._set_aside(event, change.seq, change.order, "an earlier change of its order was set aside")
            else:
                kept.append(placed)
        return kept

    async def _give_up(self, placed: Placed, reason: str) -> None:
        event, _, change = placed
        await self._set_aside(event, change.seq, change.order, reason)
        await self._alarm(event, change.seq, change.order, reason)
        if change.order:
            self._aside.add((event, change.order))

    async def _set_aside(self, event: int, seq: int, order: int, reason: str) -> None:
        batch = self._batches[event].batch
        record = batch.records[seq - batch.from_seq - 1]
        row = {"event": event, "incarnation": batch.incarnation, "seq": seq, "order_no": order, "record": record, "reason": reason}
        await self._main.execute(SQL["set_aside"], row)
        self.count += 1
        if order:
            self._verdicts.append((event, Told(order, Verdict.SET_ASIDE)))

    async def _alarm(self, event: int, seq: int, order: int, reason: str) -> None:
        logger.error("change_set_aside", extra={"data": {"event": event, "order": order, "seq": seq, "reason": reason}})
        await raise_alarms(self._main, [("change_set_aside", event, order, {"seq": seq, "reason": reason})])
