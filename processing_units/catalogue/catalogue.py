"""The unit's copy of artists, halls and events: whole at the start, then what changed, asked for ten times a second.

An event is sold and shown when its document and its plan are here; a changed one replaces the former at once, its plan
being here already. Looking one up does not wait; who does not find it waits a moment, for it may have been published
through another unit just now.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from grid_config.documents import Documents, Kind
from processing_units.catalogue.events import ArtistEntry, EventEntry, PublishedEvent
from processing_units.catalogue.free import Free
from processing_units.catalogue.halls import Halls
from processing_units.catalogue.keys import key_of
from processing_units.catalogue.listing import Listing
from processing_units.catalogue.looks import Looks
from processing_units.catalogue.plans import Plan, PlanKey, Plans, PlansFull
from processing_units.edge.problems import not_found, unavailable
from processing_units.metrics import Metrics

LOOK_SECONDS_MAX = 1.0  # a request for an unknown event waits for a look at the grid; most take milliseconds, some 300 at full load
PLAN_SECONDS_MAX = 2.0  # how long one waits for a plan on its way; that of a stadium is laid out in one
WAITERS_MAX = 5_000  # requests that wait for an event; whoever comes on top is answered by what is here
RETRY_SECONDS = 0.5  # before a plan that could not be brought is asked for again
FULL_SECONDS = 10.0  # before a plan for which there was no room is tried again
FETCHES_MAX = 16  # documents being brought at a time
SOLD_UNTIL = timedelta(days=1)  # after its start an event's plan may go when there is no room

Name = tuple[Kind, int]
logger = logging.getLogger(__name__)


class Catalogue:
    """What there is. `start` begins to follow the grid, `stop` ends it."""

    def __init__(self, documents: Documents, metrics: Metrics) -> None:
        self._documents = documents
        self._plans = Plans(Halls(documents).plan)
        self.free = Free()
        self.ready = False  # the first whole copy is here
        self._artists: dict[int, ArtistEntry] = {}
        self._events: dict[int, EventEntry] = {}
        self._hall_versions: dict[int, int] = {}
        self._published: dict[int, PublishedEvent] = {}
        self._listing: Listing | None = None
        self._index_version = 0
        self._missed: set[Name] = set()  # documents that could not be brought yet
        self._coming: dict[int, asyncio.Event] = {}  # published events whose plan is on its way; set when it is here
        self._plans_untried: set[int] = set()  # those of them for which nothing was tried yet
        self._fetches = asyncio.Semaphore(FETCHES_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._looks = Looks(self._take_news, metrics)
        self._waiting = 0
        metrics.gauge("catalogue_events", "Published events this unit knows", lambda: len(self._published))
        metrics.gauge("catalogue_waiters", "Requests that wait for an event to arrive", lambda: self._waiting)
        metrics.gauge("catalogue_plan_seats", "Seats in the plans this unit keeps", lambda: self._plans.seats)

    async def start(self) -> None:
        self._spawn(self._looks.run())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def event(self, event: int) -> PublishedEvent | None:
        """A published event that is here. None: there is none, or not yet; `awaited` tells."""
        return self._published.get(event)

    async def awaited(self, event: int) -> PublishedEvent:
        """A published event that was not here a moment ago: waits for the next look at the grid, and for the event's plan.

        Problem `not_found` when there is none, `unavailable` while that cannot be told. 0 is no event's number.
        """
        if not event:
            raise not_found()
        looked = True  # when too many wait already, what is known has to do
        if self._waiting < WAITERS_MAX:
            self._waiting += 1
            try:
                looked = event in self._coming or await self._looks.next(LOOK_SECONDS_MAX)
                await self._plan_come(event)
            finally:
                self._waiting -= 1
        found = self._published.get(event)
        if found is None:
            raise not_found() if looked and self._is_settled(event) else unavailable()
        return found

    async def _plan_come(self, event: int) -> None:
        """Wait for the plan of an event, as long as requests do, if it is on its way."""
        coming = self._coming.get(event)
        if coming is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PLAN_SECONDS_MAX):
                    await coming.wait()

    def _is_settled(self, event: int) -> bool:
        """Whether what is known of an event is all that the grid told of it."""
        return self.ready and event not in self._coming and (Kind.EVENT, event) not in self._missed

    @property
    def listing(self) -> Listing:
        """The published events as a list. Problem `unavailable` before the first whole copy."""
        if not self.ready:
            raise unavailable()
        if self._listing is None:
            self._listing = Listing(self._published.values())
        return self._listing

    @property
    def artists(self) -> dict[int, ArtistEntry]:
        """All artists by number; not to be changed."""
        return self._artists

    @property
    def events(self) -> dict[int, EventEntry]:
        """All events by number, drafts too; not to be changed."""
        return self._events

    @property
    def halls(self) -> dict[int, int]:
        """The present version of every hall by number; not to be changed."""
        return self._hall_versions

    async def _take_news(self) -> None:
        news = await self._documents.since(self._index_version)
        await self._bring({(kind, number) for kind, number, version in news.items if not self._has(kind, number, version)})
        self._index_version = news.version
        if not self.ready and not self._missed and not self._plans_untried:
            self.ready = True
            logger.info("catalogue_ready", extra={"data": {"events": len(self._events), "published": len(self._published)}})

    def _has(self, kind: Kind, number: int, version: int) -> bool:
        known: ArtistEntry | EventEntry | None
        match kind:
            case Kind.ARTIST:
                known = self._artists.get(number)
            case Kind.EVENT:
                known = self._events.get(number)
            case Kind.HALL:  # plans are brought when an event needs them
                self._hall_versions[number] = max(version, self._hall_versions.get(number, 0))
                return True
        return known is not None and known.version >= version

    async def _bring(self, names: set[Name]) -> None:
        """Bring these documents and those that could not be brought before: artists first, because events tell their names."""
        names |= self._missed
        for kind in (Kind.ARTIST, Kind.EVENT):
            await asyncio.gather(*(self._bring_one(kind, number) for of, number in names if of == kind))

    async def _bring_one(self, kind: Kind, number: int) -> None:
        key = key_of(kind, number)
        try:
            async with self._fetches:
                document = await self._documents.get(key)
            fields = None if document is None else document.fields
            version = 0 if document is None else document.version
            if kind is Kind.ARTIST:
                self._take_artist(number, version, fields)
            else:
                self._take_event(number, version, fields)
        except Exception as error:  # asked for again with the next news; what is known of it stays
            if (kind, number) not in self._missed:
                logger.warning("document_missed", extra={"data": {"document": key, "why": repr(error)[:200]}})
            self._missed.add((kind, number))
        else:
            self._missed.discard((kind, number))

    def _take_artist(self, artist: int, version: int, fields: Mapping[str, Any] | None) -> None:
        if fields is None:
            self._artists.pop(artist, None)
        else:
            self._artists[artist] = ArtistEntry(artist, version, fields)
        for published in list(self._published.values()):
            if artist in published.entry.artists:
                self._show(published.entry, published.plan)

    def _take_event(self, event: int, version: int, fields: Mapping[str, Any] | None) -> None:
        if fields is None:
            self._events.pop(event, None)
            self._hide(event)
            return
        entry = self._events[event] = EventEntry.of(event, version, fields)
        if not entry.is_published:
            self._hide(event)
            return
        plan = self._plans.get(*entry.plan_key)
        if plan is not None:
            self._show(entry, plan)
        elif event not in self._coming:
            self._coming[event] = asyncio.Event()
            self._plans_untried.add(event)
            self._spawn(self._bring_plan(event))

    def _show(self, entry: EventEntry, plan: Plan) -> None:
        names = tuple((artist, self._artists[artist].name) for artist in entry.artists if artist in self._artists)
        self._published[entry.event] = PublishedEvent(entry, plan, names)
        self._listing = None

    def _hide(self, event: int) -> None:
        if self._published.pop(event, None) is not None:
            self._listing = None

    async def _bring_plan(self, event: int) -> None:
        """Bring the plan of a published event, however long it takes, and show the event as it is by then."""
        while (entry := self._events.get(event)) is not None and entry.is_published:
            try:
                plan = await self._plans.load(*entry.plan_key, self._plans_needed())
            except PlansFull:
                logger.error("plans_full", extra={"data": {"event": event, "seats": self._plans.seats}})  # noqa: TRY400 - no trace to see
                pause = FULL_SECONDS
            except Exception as error:
                logger.warning("plan_missed", extra={"data": {"event": event, "why": repr(error)[:200]}})
                pause = RETRY_SECONDS
            else:
                if self._events.get(event) is not entry:  # it was edited meanwhile
                    continue
                self._show(entry, plan)
                break
            self._plans_untried.discard(event)
            await asyncio.sleep(pause)
        self._plans_untried.discard(event)
        self._coming.pop(event).set()

    def _plans_needed(self) -> set[PlanKey]:
        """The plans of published events that are not over."""
        since = datetime.now(UTC) - SOLD_UNTIL
        return {entry.plan_key for entry in self._events.values() if entry.is_published and entry.starts_at > since}

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
