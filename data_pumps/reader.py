"""Bringing entries back from PostgreSQL, fenced (architecture.md, 13); publishing an event is the same for the first time.

(a) rows and position in one snapshot; (b) `restore`, if there is no entry: shut, a new life (another one whenever it is asked
again), the position's seq; one that is there and shut is gone on with; (c) the position is moved to the entry's life, if it
still is where the snapshot said and at the entry's seq; otherwise the entry is dropped and all begins again; (d) open. Any
number of readers may do any step at any time, and die between two of them.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from uuid import UUID

from data_pumps.figures import Figures
from data_pumps.inbox import Inbox
from data_pumps.shares import Shares
from data_pumps.terms import Layouts, NoPlan, terms_of
from data_writers.database import Away, Link, array
from data_writers.inventories import Inventories
from data_writers.readings import SQL, Position, PublishedEvent, read_event, read_positions, read_published, read_sale
from grid_config.answers import BatchAnswer, decode_status
from grid_config.client import Grid, GridError, GridUnavailable
from grid_config.commands import STATUS, change_terms, drop_entry, open_entry, restore
from grid_config.identifiers import new_number
from grid_config.outcomes import BatchStatus, EntryState, Outcome

logger = logging.getLogger("data_pumps.reader")

EVENTS_AT_ONCE = 4
ROUNDS_MAX = 5  # of one event, before others have their turn
LOOK_SECONDS = 1.0  # for events without an entry
SWEEP_SECONDS = 30.0  # between two looks at all entries, for those that are shut
SWEEP_SHARE_MAX = 0.1  # of the time: with 10,000 events a look at all takes minutes, and nobody notices it
RETRY_SECONDS = 0.2


class Brought(Enum):
    """What became of an event."""

    OPEN = auto()  # it sells
    NOT_PUBLISHED = auto()
    NOT_NOW = auto()  # somebody else is at it, or the pump has to drain it first


class Compared(Enum):
    """A shut entry with its event's position."""

    FITS = auto()
    OVERTAKEN = auto()  # the position is not the entry's: away with it
    MOVED = auto()  # on, in this very life; if somebody has opened it since, a drop must not find it shut again: look anew


class Reader:
    """Brings entries back. `restored` is told the snapshot of each that was."""

    def __init__(  # noqa: PLR0917 - the parts it is made of
        self,
        grid: Grid,
        inventories: Inventories,
        links: list[Link],
        wanted: Inbox[int],
        shares: Shares,
        figures: Figures,
        restored: Callable[[int, PublishedEvent], None],
        hold_ms: int,
    ) -> None:
        self._grid = grid
        self._inventories = inventories
        self._links = links
        self._layouts = Layouts(links[0])
        self._wanted = wanted
        self._shares = shares
        self._figures = figures
        self._restored = restored
        self._hold_ms = hold_ms
        self._at_work: set[int] = set()

    async def run(self) -> None:
        """Bring back what is wanted, several at a time."""
        async with asyncio.TaskGroup() as group:
            for number in range(EVENTS_AT_ONCE):
                group.create_task(self._serve(self._links[number % len(self._links)]))
            group.create_task(self._look())
            group.create_task(self._sweep())

    async def _serve(self, link: Link) -> None:
        while True:
            (event,) = await self._wanted.take(1)
            await self._see_to(link, event)

    async def _see_to(self, link: Link, event: int) -> None:
        if self._shares.has(event) and event not in self._at_work:
            self._at_work.add(event)
            try:
                await self._bring(link, event)
            finally:
                self._at_work.discard(event)

    async def _bring(self, link: Link, event: int) -> None:
        try:
            brought = await self.bring(link, event)
        except (Away, GridError, NoPlan) as error:
            logger.warning("restore_waits", extra={"data": {"event": event, "why": repr(error)[:300]}})
        except (KeyError, ValueError):
            logger.exception("event_senseless", extra={"data": {"event": event}})  # its document; looked at again by the sweep
            return
        else:
            if brought is not Brought.NOT_NOW:
                return
        await asyncio.sleep(RETRY_SECONDS)
        self._wanted.put([event])

    async def _look(self) -> None:
        """Published events without an entry are wanted, whoever asks for them."""
        while True:
            if self._grid.is_ready and len(self._shares):
                try:
                    published = await read_published(self._links[0])
                    self._wanted.put_behind(sorted(published - await self._grid.inventories()))
                except (Away, GridError) as error:
                    logger.warning("look_failed", extra={"data": {"why": repr(error)[:300]}})
            await asyncio.sleep(LOOK_SECONDS)

    async def _sweep(self) -> None:
        """All published events, one after the other: a shut entry or a changed document whose hint was lost."""
        while True:
            if self._grid.is_ready and len(self._shares):
                try:
                    for event in sorted(await read_published(self._links[-1])):
                        began = time.monotonic()
                        await self._see_to(self._links[-1], event)
                        await asyncio.sleep((time.monotonic() - began) * (1 / SWEEP_SHARE_MAX - 1))
                except Away as error:
                    logger.warning("sweep_failed", extra={"data": {"why": repr(error)[:300]}})
                await asyncio.sleep(SWEEP_SECONDS)
            else:
                await asyncio.sleep(LOOK_SECONDS)

    async def bring(self, link: Link, event: int) -> Brought:
        """See to it that a published event sells, under the terms of its document."""
        for _ in range(ROUNDS_MAX):
            status = decode_status((await self._inventories.ask(event, STATUS)).outcomes[0][1])
            if status.state == EntryState.OPEN:
                return await self._keep_terms(link, event)
            snapshot = await read_event(link, event)
            if snapshot is None:
                return Brought.NOT_PUBLISHED
            brought = await self._restore(link, event, snapshot)
            if brought is not None:
                return brought
        return Brought.NOT_NOW

    async def _restore(self, link: Link, event: int, snapshot: PublishedEvent) -> Brought | None:
        """Steps (b) to (d) from a snapshot; None: begin again."""
        members = self._grid.identities()
        answer = await self._inventories.ask_anew(event, await self._command(snapshot))
        outcome = answer.outcomes[0][0]
        if outcome == Outcome.OTHER_INCARNATION:
            return Brought.OPEN  # somebody was faster
        if outcome == Outcome.DIVERGED:
            return await self._drop(event, answer)
        if outcome not in {Outcome.ACCEPTED, Outcome.REPEATED}:
            raise GridUnavailable(f"restoring event {event}: {Outcome(outcome).name}")
        # What another reader restored is as old as that: it may have seen members come that are not in his rows.
        fresh = members if outcome == Outcome.ACCEPTED else frozenset[UUID]()
        compared = await self._fence(link, event, snapshot.position, answer, fresh)
        if compared is Compared.MOVED:
            return None
        if compared is Compared.OVERTAKEN:
            logger.info("restore_overtaken", extra={"data": {"event": event, "seq": answer.seq}})
            return await self._drop(event, answer)
        opened = await self._inventories.ask(event, open_entry(answer.incarnation))
        if opened.status != BatchStatus.ACCEPTED or opened.outcomes[0][0] not in {Outcome.ACCEPTED, Outcome.REPEATED}:
            return None  # gone since (c), or another life of it is there
        if outcome == Outcome.ACCEPTED:
            self._figures.restored.inc()
            data = {"event": event, "seq": answer.seq, "orders": len(snapshot.orders), "sold": len(snapshot.sold)}
            logger.info("restored", extra={"data": data})
        self._restored(event, snapshot)
        return Brought.OPEN

    async def _command(self, snapshot: PublishedEvent) -> Callable[[], bytes]:
        """What makes `restore` for one attempt: one that comes late must not build a life again that has been lived and lost."""
        layout = await self._layouts.of(snapshot.sale.hall, snapshot.sale.hall_version)
        terms = terms_of(snapshot.sale, layout.categories, self._hold_ms)
        orders = [order.encode() for order in snapshot.orders]
        _, seq, change_id = snapshot.position
        return lambda: restore(new_number(), seq, change_id, layout.encoded, terms, orders, snapshot.sold)

    async def _fence(self, link: Link, event: int, read: Position, entry: BatchAnswer, members: Iterable[UUID]) -> Compared:
        """(c): whether the position is of the entry's life now. The entry's seq counts, which another reader may have given it.

        A position that is already of this life must not be ahead of the entry: a copy that missed what is durable must not sell on. One
        that was read before the entry proves that; one that is read now may only have moved on with it.
        `members`: among whom it was made from the rows, for the comparisons.
        """
        async with link.use() as main:
            parameters = {"event": event, "new": entry.incarnation, "old": read.incarnation, "seq": entry.seq}
            moved = await main.execute(SQL["move_to_incarnation"], parameters | {"members": array(members)})
        if moved.rowcount:
            return Compared.FITS
        standing = (await read_positions(link, [event])).get(event)
        if standing is None or standing.incarnation != entry.incarnation:
            return Compared.OVERTAKEN
        if standing.seq <= entry.seq:
            return Compared.FITS
        return Compared.OVERTAKEN if read.incarnation == entry.incarnation and read.seq > entry.seq else Compared.MOVED

    async def _drop(self, event: int, entry: BatchAnswer) -> Brought | None:
        """Away with a shut entry, but never with changes that nobody has: those are the pump's first."""
        if entry.seq != entry.durable_seq:
            return Brought.NOT_NOW
        await self._inventories.ask(event, drop_entry(entry.incarnation))
        return None

    async def _keep_terms(self, link: Link, event: int) -> Brought:
        """The document may have been edited since: the entry sells by what it says."""
        sale = await read_sale(link, event)
        if sale is None:
            return Brought.NOT_PUBLISHED
        layout = await self._layouts.of(sale.hall, sale.hall_version)
        await self._inventories.ask_open(event, change_terms(terms_of(sale, layout.categories, self._hold_ms)))
        return Brought.OPEN
