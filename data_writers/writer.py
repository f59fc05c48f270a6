"""Changes of several events become rows, in one transaction with their positions (architecture.md, 9-11).

1. The position of each event is compared and set. An event whose position is elsewhere was written by somebody else, or
   restored: nothing of its batch is written.
2. Its lines go to the audit database while its rows go to the main one. The audit commits first (`audit`): lines may
   stand for changes whose rows are still to come, never the other way round.
3. COMMIT of the main database, flushed. Only then does the caller get the verdicts that it may acknowledge.

An error of the data is narrowed down by halving, with savepoints, to its change; that change and the later ones of its
order are set aside in the same transaction, with an alarm, and the position moves on: one bad change does not stop a sale.
Every other error is Away: nothing was written that counts, the same batch can come again. An unknown end of a COMMIT is
no different: if it was done, the position refuses the repetition.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime

import psycopg

from data_writers.audit import Audit, AuditTransaction, lines_of, lines_of_losers, lines_of_verdicts
from data_writers.batch import Batch, State, Taken, Told, Written
from data_writers.database import Connection, Link, Unwritable, array, columns, reason_of
from data_writers.effects import SQL, raise_alarms, write_run
from data_writers.folding import Key, Placed, segments
from data_writers.narrowing import Decoded, Narrowing, Unreadable
from data_writers.readings import Position
from data_writers.whole import SQL as WHOLE
from data_writers.whole import write_whole
from grid_config.changes import decode_change
from grid_config.wire import Malformed

logger = logging.getLogger("data_writers.writer")
Verdicts = list[tuple[int, Told]]  # by event
WHOLE_SECONDS_MAX = 300.0  # of one transaction: some hundred thousand orders
_POSITION = ("events", "incarnations", "from_seqs", "to_seqs", "change_ids")


class Gap(Exception):  # noqa: N818 - named as what it says
    """A batch's changes do not follow one another from its position: a fault of the protocol, nothing is written."""


class Writer:
    """One writer: one connection to each database, one transaction at a time."""

    def __init__(self, main: Link, audit: Audit) -> None:
        self._main = main
        self._audit = audit

    async def close(self) -> None:
        await self._main.close()
        await self._audit.close()

    async def write(self, batches: Sequence[Batch]) -> Written:
        """Write what can be written of these batches (one per event); `moved` says which are durable now. Away, Gap."""
        decoded = [decode(batch) for batch in batches]
        if not any(batch.unreadable for batch in decoded):
            try:
                return await self._attempt(decoded, careful=False)
            except (psycopg.Error, Unwritable) as error:
                logger.warning("batch_narrowed", extra={"data": {"events": len(batches), "error": reason_of(error)}})
        return await self._attempt(decoded, careful=True)

    async def overrule(self, batch: Batch, stood_at: int) -> Written:
        """Write the changes of an entry whose history is not PostgreSQL's (`diverged`), and move the position to where they end.

        `stood_at` is the seq of the position, which need not be the batch's own. The constraints decide what of it can stand; the rest
        is set aside, and an administrator is told in any case.
        """
        return await self._attempt([decode(batch)], careful=True, stood_at=stood_at)

    async def replace(self, state: State, stood: Position, why: str) -> Written:
        """Write the whole state of an entry and move the position from where it `stood`, its life too. Away, Gap.

        `why` becomes an alarm if it is written. Errors of the data leave as Unwritable: nobody can say which order is at fault.
        """
        written, decoded = Written(), decode(state.batch)
        try:
            async with self._main.use(WHOLE_SECONDS_MAX) as main, main.transaction():
                aside = await _take_position(main, state.batch, stood)
                if aside is None:
                    return written
                async with self._audit.transaction() as audit:
                    taken = await write_whole(main, state, decoded.changes, aside)
                    await audit.add(lines_of(decoded.changes))
                    await audit.add(lines_of_verdicts(decoded.changes, taken.verdicts))
                    await audit.add(lines_of_losers(state, decoded.changes, taken, datetime.now(UTC)))
                await raise_alarms(main, [(why, state.batch.event, 0, _told_of(state, stood, taken, decoded))])
        except psycopg.Error as error:
            raise Unwritable(reason_of(error)) from error
        written.moved.add(state.batch.event)
        for event, told in taken.verdicts:
            written.tell(event, told)
        return written

    async def _attempt(self, batches: Sequence[Decoded], *, careful: bool, stood_at: int | None = None) -> Written:
        written = Written()
        async with self._main.use() as main, main.transaction():
            written.moved, aside = await _move_positions(main, [batch.batch for batch in batches], stood_at)
            moved = [batch for batch in batches if batch.batch.event in written.moved]
            if not moved:
                return written
            run = [placed for batch in moved for placed in batch.changes]
            async with self._audit.transaction() as audit:
                narrowing = Narrowing(main, moved, aside)
                work = narrowing.write(run) if careful or aside else _write_all(main, run)
                verdicts = await _beside_lines(audit, run, work)
                await audit.add(lines_of_verdicts(run, verdicts))
            if stood_at is not None:
                batch = moved[0].batch
                detail = {"position": stood_at, "from": batch.from_seq, "to": batch.to_seq, "set_aside": narrowing.count}
                await raise_alarms(main, [("diverged", batch.event, 0, detail)])
        for event, told in verdicts:
            written.tell(event, told)
        written.set_aside = narrowing.count
        return written


def decode(batch: Batch) -> Decoded:
    """The changes of a batch; what cannot be read stands apart. Gap when one is missing."""
    if len(batch.records) != batch.to_seq - batch.from_seq:
        raise Gap(f"event {batch.event}: {len(batch.records)} changes from {batch.from_seq} to {batch.to_seq}")
    event, incarnation, seq = batch.event, batch.incarnation, batch.from_seq
    changes: list[Placed] = []
    unreadable: list[Unreadable] = []
    for record in batch.records:
        seq += 1
        try:
            change = decode_change(record)
        except Malformed as error:
            unreadable.append((seq, str(error)))
            continue
        if change.seq != seq:
            raise Gap(f"event {event}: change {change.seq} stands where {seq} should")
        changes.append((event, incarnation, change))
    return Decoded(batch, changes, unreadable)


async def _move_positions(main: Connection, batches: Sequence[Batch], stood_at: int | None) -> tuple[set[int], set[Key]]:
    events = array(batch.event for batch in batches)
    async with main.pipeline():
        await main.execute(SQL["lock_positions"], {"events": events})
        if stood_at is None:
            moved = await main.execute(SQL["move_positions"], columns(_POSITION, [batch[:5] for batch in batches]))
        else:
            moved = await main.execute(SQL["overrule_position"], batches[0]._asdict() | {"records": None, "stood_at": stood_at})
        aside = await main.execute(SQL["orders_set_aside"], {"events": events})
    return {row[0] for row in await moved.fetchall()}, {(event, order) for event, order in await aside.fetchall()}


async def _take_position(main: Connection, batch: Batch, stood: Position) -> set[Key] | None:
    """Move the position to the end of a whole state; the orders set aside, or None when the position was elsewhere."""
    old = {"old_incarnation": stood.incarnation, "old_seq": stood.seq, "old_change_id": stood.change_id}
    new = {"event": batch.event, "incarnation": batch.incarnation, "seq": batch.to_seq, "change_id": batch.change_id}
    if await (await main.execute(WHOLE["take_position"], old | new)).fetchone() is None:
        return None
    aside = await main.execute(SQL["orders_set_aside"], {"events": array([batch.event])})
    return {(event, order) for event, order in await aside.fetchall()}


def _told_of(state: State, stood: Position, taken: Taken, decoded: Decoded) -> dict[str, int]:
    return {
        "position": stood.seq, "durable": state.batch.from_seq, "to": state.batch.to_seq, "orders": taken.news,
        "displaced": len(taken.displaced), "refused": len(taken.refused), "unreadable": len(decoded.unreadable),
    }  # fmt: skip


async def _write_all(main: Connection, run: Sequence[Placed]) -> Verdicts:
    verdicts: Verdicts = []
    for segment in segments(run):
        verdicts += await write_run(main, segment)
    return verdicts


async def _beside_lines(audit: AuditTransaction, run: Sequence[Placed], work: Coroutine[None, None, Verdicts]) -> Verdicts:
    # Two servers' work at once; the lines' failure counts only after the rows' own.
    lines = asyncio.create_task(audit.add(lines_of(run)))
    try:
        verdicts = await work
    except BaseException:
        await asyncio.gather(lines, return_exceptions=True)
        raise
    await lines
    return verdicts
