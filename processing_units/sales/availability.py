"""The seats of an event as they stand: the unit's copy, brought up to date by the next batch whenever somebody asks.

All who ask before that batch leaves share one read in it, so that "current at the moment of the request" costs one call
for a thousand readers; the answer is encoded once per version and compressed once per version.
"""

import asyncio
import logging
import zlib
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import orjson

from grid_config.answers import SeatsAnswer, SeatsForm, decode_seats
from grid_config.commands import read_seats
from grid_config.limits import RING_CHANGES_MAX
from grid_config.outcomes import Outcome, SeatState
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.free import Counts
from processing_units.edge.replies import Reply
from processing_units.sales.batcher import Answer, Batchers, Unavailable
from processing_units.sales.left import LeftGrid, last_version

COPIES_MAX = 2_000  # events whose states a unit keeps: 60 MB with 30,000 seats each; the one asked longest ago goes first
READERS_MAX = 20_000  # waiting for one event
_STATES = b'"states":"'
_BODY = b'{"version":%d,"counts":{"free":%d,"held":%d,"sold":%d,"closed":%d},%b' + _STATES + b'%b"}'
_FREE = b"."
_GZIP = 16 + zlib.MAX_WBITS

logger = logging.getLogger(__name__)

Changes = tuple[tuple[int, int], ...]  # (seat, state character), in the order of versions, each seat once


class Later(NamedTuple):
    """What changed up to `version`, and the areas' free places at it.

    `base` is what the copy had when it began to ask, at this version or an earlier one.
    """

    version: int
    changes: Changes
    areas_free: tuple[int, ...]
    base: "Seats"


class Seats:
    """The seats at one version. `replies`: how they are told, by form, for as long as this is the latest version."""

    __slots__ = ("_gzipped", "body", "counts", "etag", "incarnation", "replies", "version")

    def __init__(self, incarnation: int, version: int, counts: Counts, states: bytes | bytearray) -> None:
        self.incarnation = incarnation
        self.version = version
        self.counts = counts
        areas = told_areas(counts.areas_free) + b"," if counts.areas_free else b""
        self.body = _BODY % (version, counts.free, counts.held, counts.sold, counts.closed, areas, states)
        self.etag = b'W/"%x-%x"' % (incarnation, version)
        self._gzipped: bytes | None = None
        self.replies: dict[str, Reply] = {}

    def free_between(self, first: int, end: int) -> int:
        """How many of the seats `first` to `end` - 1 are free."""
        begin = self.body.index(_STATES) + len(_STATES)
        return self.body.count(_FREE, begin + first, begin + end)

    def gzipped(self) -> bytes:
        """The body for clients that take gzip: states shrink to a tenth or less even at the fastest level."""
        if self._gzipped is None:
            compressor = zlib.compressobj(1, wbits=_GZIP)
            self._gzipped = compressor.compress(self.body) + compressor.flush()
        return self._gzipped


# Told once: the seats, or why there are none (Unavailable).
TellSeats = Callable[[Seats | Unavailable], None]


class SeatsCopy:
    """One event's states in this unit, and the latest changes by version."""

    def __init__(self, event: int, batchers: Batchers, left: LeftGrid) -> None:
        self._event = event
        self._batchers = batchers
        self._left = left
        self._closed: tuple[PublishedEvent, Seats] | None = None  # since the event has left the grid
        self._states = bytearray()
        self._now: Seats | None = None
        self._readers: list[TellSeats] = []  # of the read that has not left yet
        self._ring: deque[tuple[int, int, Changes]] = deque()  # (version before, version after, changes)
        self._ring_changes = 0

    async def current(self) -> Seats:
        """The seats at a version no older than this call. Unavailable when the grid does not answer."""
        reader: asyncio.Future[Seats] = asyncio.get_running_loop().create_future()
        self.ask(partial(_give, reader))
        return await reader

    def ask(self, tell: TellSeats) -> None:
        """As `current`, for a reader without a task: `tell` is called once, now or later."""
        left = self._left.event(self._event)
        if left is not None:
            tell(self._when_left(left))
            return
        readers = self._readers
        if len(readers) >= READERS_MAX:
            tell(Unavailable())
            return
        readers.append(tell)
        if len(readers) == 1:
            try:
                read = self._batchers.ask(self._event, lambda: self._leave(readers), last=True)
            except Unavailable as unavailable:
                readers.clear()
                tell(unavailable)
                return
            read.add_done_callback(lambda done: self._arrive(done, readers))

    def _when_left(self, event: PublishedEvent) -> Seats:
        """The seats of an event whose inventory has left: none is on sale, whoever had it."""
        if self._closed is None or self._closed[0] is not event:
            seats, areas = len(event.layout.seats), len(event.layout.areas)
            counts = Counts(0, 0, 0, seats, (0,) * areas)
            self._closed = event, Seats(0, last_version(event), counts, bytes((SeatState.CLOSED,)) * seats)
        return self._closed[1]

    def _leave(self, readers: list[TellSeats]) -> bytes:
        """The read as its batch leaves; who asks from now on is for the next one."""
        assert readers is self._readers
        self._readers = []
        now = self._now
        return read_seats(now.incarnation, now.version) if now else read_seats()

    def _arrive(self, done: asyncio.Future[Answer], readers: list[TellSeats]) -> None:
        if readers is self._readers:  # failed before it left
            self._readers = []
        told: Seats | Unavailable
        try:
            told = self._updated(done.result())
        except Unavailable as unavailable:
            told = unavailable
        except Exception:
            logger.exception("seats_not_understood", extra={"data": {"event": self._event}})
            told = Unavailable()
        for tell in readers:
            try:
                tell(told)
            except Exception:  # one reader's trouble is not the next one's
                logger.exception("seats_not_told", extra={"data": {"event": self._event}})

    def _updated(self, answer: Answer) -> Seats:
        """Take the answer to a read of what came after our version."""
        told = told_seats(answer)
        now = self._now
        if told.form == SeatsForm.UNCHANGED and now is not None:
            return now
        if told.form == SeatsForm.SNAPSHOT:
            self._states = bytearray(told.states)
            self._ring.clear()
            self._ring_changes = 0
        elif now is not None:
            self._apply(now.version, answer.version, told.changes)
        counts = Counts(told.free, told.held, told.sold, told.closed, told.areas_free)
        self._now = Seats(answer.incarnation, answer.version, counts, self._states)
        return self._now

    def _apply(self, before: int, after: int, changes: Changes) -> None:
        states = self._states
        seats = tuple(change for change in changes if change[0] < len(states))  # areas are told by their counts
        for seat, state in seats:
            states[seat] = state
        self._ring.append((before, after, seats))
        self._ring_changes += len(seats) + 1
        while self._ring_changes > RING_CHANGES_MAX:
            self._ring_changes -= len(self._ring.popleft()[2]) + 1

    def between(self, version: int) -> Changes | None:
        """What changed after a version that this copy has had, up to its present one; None when it has not, or forgot."""
        if self._now is None:
            return None
        if version == self._now.version:
            return ()
        latest: dict[int, int] = {}
        found = False
        for before, _, changes in self._ring:
            found = found or before == version
            if found:
                for seat, state in changes:
                    latest.pop(seat, None)
                    latest[seat] = state
        return tuple(latest.items()) if found else None

    async def since(self, version: int) -> Later | None:
        """The changes after `version`, asked of the entry when this copy never had that version.

        None when the entry has forgotten it too, or lives another life since.
        """
        now = await self.current()
        if self._closed is not None and now is self._closed[1]:  # it has left the grid: there is one version
            return Later(version, (), now.counts.areas_free, now) if version == now.version else None
        known = self.between(version)
        if known is not None:
            return Later(now.version, known, now.counts.areas_free, now)
        if version > now.version:
            return None
        answer = await self._batchers.ask(self._event, read_seats(now.incarnation, version), last=True)
        told = told_seats(answer)
        if told.form == SeatsForm.SNAPSHOT:
            return None
        seats = len(self._states)
        return Later(answer.version, tuple(change for change in told.changes if change[0] < seats), told.areas_free, now)


def _give(reader: asyncio.Future[Seats], seats: Seats | Unavailable) -> None:
    if reader.done():  # whoever waited has gone
        return
    if isinstance(seats, Seats):
        reader.set_result(seats)
    else:
        reader.set_exception(Unavailable())  # each its own: a traceback is written into it


def told_areas(areas_free: tuple[int, ...]) -> bytes:
    """The member of a JSON object that tells free places of areas, in the order of the plan."""
    return b'"areas_free":' + orjson.dumps(areas_free)


def told_seats(answer: Answer) -> SeatsAnswer:
    """The seats of an answer to read_seats; Unavailable for any other outcome."""
    if answer.outcome != Outcome.ACCEPTED:
        raise Unavailable
    return decode_seats(answer.body)


class Availability:
    """The copies of all events that somebody asks for."""

    def __init__(self, batchers: Batchers, left: LeftGrid) -> None:
        self._batchers = batchers
        self._left = left
        self._copies: OrderedDict[int, SeatsCopy] = OrderedDict()
        batchers.metrics.gauge("seats_copies", "Events whose seats this unit keeps", lambda: len(self._copies))

    def of(self, event: int) -> SeatsCopy:
        """The copy of an event that is known to be published."""
        copy = self._copies.get(event)
        if copy is None:
            copy = self._copies[event] = SeatsCopy(event, self._batchers, self._left)
            if len(self._copies) > COPIES_MAX:
                self._copies.popitem(last=False)
        else:
            self._copies.move_to_end(event)
        return copy
