"""Seat changes as server-sent events: one reader per event and unit, however many listen.

A hub begins with its first listener and ends after its last. It reads what changed since its own version every quarter of
a second (every second when thousands listen), encodes it once and puts the same bytes before every listener; one who does
not take them in time is dropped and may come back with its Last-Event-ID.
"""

import asyncio
import contextlib
import logging
from collections import deque

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from processing_units.edge.problems import unavailable
from processing_units.metrics import Metrics
from processing_units.sales.availability import Availability, Changes, Seats, SeatsCopy, told_areas
from processing_units.sales.batcher import Unavailable

GATHER_SECONDS = 0.2  # and what the call itself takes: at most 250 ms
GATHER_SECONDS_CROWDED = 0.9
CROWD = 1_000  # listeners of one event from which on changes are gathered longer
LISTENERS_MAX = 20_000  # in one unit, of all events
UNREAD_MAX = 16  # events put before a listener who has not taken the first of them: four seconds
HEARTBEAT_SECONDS = 15.0  # proxies cut quiet connections after 30 to 60 s
RETRY_MS = 1_000  # how long a client waits before it comes back
HEARTBEAT = b": quiet\n\n"
HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]

logger = logging.getLogger(__name__)


def snapshot_event(seats: Seats) -> bytes:
    return b"event: snapshot\nid: %d\nretry: %d\ndata: %b\n\n" % (seats.version, RETRY_MS, seats.body)


def change_event(version: int, changes: Changes, areas_free: tuple[int, ...]) -> bytes:
    """Seats that changed, and what all areas have free: a listener may have joined between two looks at them."""
    told = orjson.dumps([[seat, chr(state)] for seat, state in changes])
    areas = b"," + told_areas(areas_free) if areas_free else b""
    return b'event: change\nid: %d\ndata: {"version":%d,"changes":%b%b}\n\n' % (version, version, told, areas)


class Listener:
    """What one client has not taken yet. It listens before its first event is known, so that it misses nothing between."""

    __slots__ = ("_came", "_unread", "ended")

    def __init__(self) -> None:
        self.ended = False
        self._unread: deque[tuple[int, bytes]] = deque()
        self._came = asyncio.Event()

    def begin(self, version: int, first: bytes) -> None:
        """Begin with the client's first event; what came meanwhile and is not newer is part of it."""
        later = [event for event in self._unread if event[0] > version]
        self._unread = deque([(version, first), *later])
        self._came.set()

    def put(self, version: int, event: bytes) -> bool:
        """Whether there was room; without it the listener ends."""
        if self.ended:
            return True
        if len(self._unread) >= UNREAD_MAX:
            self.end()
            return False
        self._unread.append((version, event))
        self._came.set()
        return True

    def end(self) -> None:
        self.ended = True
        self._came.set()

    async def take(self) -> bytes:
        """Everything that came since; empty at the end."""
        while not self._unread and not self.ended:
            self._came.clear()
            await self._came.wait()
        if self.ended:
            return b""
        taken = b"".join(event for _, event in self._unread)
        self._unread.clear()
        return taken


class Hub:
    """One event's listeners and the task that reads for them."""

    def __init__(self, event: int, copy: SeatsCopy, metrics: Metrics) -> None:
        self.copy = copy
        self.listeners: set[Listener] = set()
        self._event = event
        self._metrics = metrics
        self._version = 0  # the last one put before everybody
        self._incarnation = 0
        self._quiet = 0.0  # seconds since the last event
        self._task: asyncio.Task[None] | None = None

    def begin(self, seats: Seats) -> None:
        """Read on from here, unless it is doing so already."""
        if self._task is None:
            self._version, self._incarnation = seats.version, seats.incarnation
            self._task = asyncio.create_task(self._run())

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        if not self.listeners and self._task is not None:
            self._task.cancel()

    def end(self) -> None:
        """End all listeners; each leaves by itself."""
        for listener in self.listeners:
            listener.end()

    async def _run(self) -> None:
        while True:
            pause = GATHER_SECONDS if len(self.listeners) < CROWD else GATHER_SECONDS_CROWDED
            await asyncio.sleep(pause)
            self._quiet += pause
            try:
                seats = await self.copy.current()
            except Unavailable:
                self._beat()
                continue
            except Exception:
                logger.exception("stream_read_failed", extra={"data": {"event": self._event}})
                self._beat()
                continue
            self._tell(seats)

    def _tell(self, seats: Seats) -> None:
        if (seats.incarnation, seats.version) == (self._incarnation, self._version):
            self._beat()
            return
        changes = self.copy.between(self._version) if seats.incarnation == self._incarnation else None
        self._version, self._incarnation = seats.version, seats.incarnation
        event = snapshot_event(seats) if changes is None else change_event(seats.version, changes, seats.counts.areas_free)
        self._quiet = 0.0
        self._put(event, seats.version)

    def _beat(self) -> None:
        if self._quiet >= HEARTBEAT_SECONDS:
            self._quiet = 0.0
            self._put(HEARTBEAT, self._version)

    def _put(self, event: bytes, version: int) -> None:
        for listener in self.listeners:
            if not listener.put(version, event):
                self._metrics.count("stream_clients_dropped")


class Streams:
    """The hubs of all events that somebody listens to."""

    def __init__(self, availability: Availability, metrics: Metrics) -> None:
        self._availability = availability
        self._metrics = metrics
        self._hubs: dict[int, Hub] = {}
        self._count = 0
        self._closed = False
        metrics.gauge("stream_clients", "Listeners to seat changes", lambda: self._count)
        metrics.gauge("stream_hubs", "Events that somebody listens to", lambda: len(self._hubs))

    async def open(self, event: int, last_version: int | None) -> "Stream":
        """A stream that begins with what changed after `last_version`, or with a snapshot. Problem `unavailable`."""
        if self._closed or self._count >= LISTENERS_MAX:
            raise unavailable("Too many listen; ask for the seats instead.", retry_seconds=5)
        hub = self._hubs.get(event)
        if hub is None:
            hub = self._hubs[event] = Hub(event, self._availability.of(event), self._metrics)
        listener = Listener()
        hub.listeners.add(listener)
        self._count += 1
        try:
            await self._first(hub, listener, last_version)
        except BaseException:
            self.leave(event, listener)
            raise
        return Stream(self, event, listener)

    @staticmethod
    async def _first(hub: Hub, listener: Listener, last_version: int | None) -> None:
        resumed = await hub.copy.since(last_version) if last_version is not None else None
        if resumed is None:
            seats = await hub.copy.current()
            listener.begin(seats.version, snapshot_event(seats))
            hub.begin(seats)
        else:
            missed = resumed.version != last_version
            event = change_event(resumed.version, resumed.changes, resumed.areas_free) if missed else HEARTBEAT
            listener.begin(resumed.version, event)
            hub.begin(resumed.base)

    def leave(self, event: int, listener: Listener) -> None:
        hub = self._hubs[event]
        hub.leave(listener)
        self._count -= 1
        if not hub.listeners:
            del self._hubs[event]

    def stop(self) -> None:
        """End all streams; clients come back to another unit."""
        self._closed = True
        for hub in self._hubs.values():
            hub.end()


class Stream(Response):
    """The answer to a listener: it lasts until the client goes, is too slow, or the unit stops."""

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, event: int, listener: Listener) -> None:
        super().__init__()
        self._streams = streams
        self._event = event
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - an ASGI application
        gone = asyncio.create_task(self._watch(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            while events := await self._listener.take():
                await send({"type": "http.response.body", "body": events, "more_body": True})
            with contextlib.suppress(OSError):
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._streams.leave(self._event, self._listener)

    async def _watch(self, receive: Receive) -> None:
        """A client that goes away says nothing more than this."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._listener.end()
