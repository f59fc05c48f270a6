"""What listeners cost: thousands of streams of one event while its seats change, against the same changes with nobody listening.

The changes go straight to the grid, so that the unit has nothing else to do. How late a change comes is told by a few of the
listeners, who read what they get; the others count it.
"""

import asyncio
import json
import resource
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Self, cast
from urllib.parse import urlsplit

from grid_config.identifiers import new_number
from infra.benchmarks.figures import Figure
from infra.benchmarks.stage import Event, Stage, hold
from infra.benchmarks.usage import Usage
from infra.progress import Progress
from infra.stop import Stop

SEATS = 30_000
LISTENERS = 5_000
READERS = 25  # of the listeners
COMING_AT_ONCE = 100
CHANGES_A_SECOND = 200
SECONDS = 15.0
LAST_SECONDS = 3.0  # until the last change has come to everybody
COMING_SECONDS = 60.0


class Listening(asyncio.Protocol):
    """One open stream. A reader knows when each change of a seat came; the others count events and bytes."""

    def __init__(self, *, reads: bool) -> None:
        self._reads = reads
        self._unread = b""
        self._transport: asyncio.Transport | None = None
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.events = self.bytes = 0
        self.lost = False
        self.seen: dict[int, float] = {}  # monotonic time by seat

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        self.events += data.count(b"event: change")
        if self.bytes == len(data) and not data.startswith(b"HTTP/1.1 200"):
            self._fail(f"a stream was refused: {data[:200]!r}")
        elif not self.begun.done() and data.endswith(b"\n\n\r\n"):  # the end of an event, and of its chunk
            self.begun.set_result(None)
        if self._reads:
            self._read(data)

    def _read(self, data: bytes) -> None:
        now = time.monotonic()
        *events, self._unread = (self._unread + data).split(b"\n\n")
        for event in events:
            if b"event: change" in event:
                for seat, _ in json.loads(event[event.index(b"data: ") + 6 :])["changes"]:
                    self.seen.setdefault(seat, now)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - however it was lost
        self.lost = True
        self._fail("a stream ended before its first event")

    def _fail(self, why: str) -> None:
        if not self.begun.done():
            self.begun.set_exception(Stop(why))

    async def __aenter__(self) -> Self:
        await asyncio.wait_for(self.begun, COMING_SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.abort()


async def streams(stage: Stage, progress: Progress) -> list[Figure]:
    """Processor time that a listener costs the unit, and how late changes come to thousands."""
    _allow_open_files(LISTENERS + 500)
    alone = await _unit_micros(stage, await stage.event(SEATS), [])
    event = await stage.event(SEATS)
    async with AsyncExitStack() as stack:
        listeners: list[Listening] = []
        with progress.step(f"{LISTENERS} listeners"):
            for first in range(0, LISTENERS, COMING_AT_ONCE):
                coming = [_listen(stage, event, reads=number < READERS) for number in range(first, first + COMING_AT_ONCE)]
                listeners += [await stack.enter_async_context(each) for each in await asyncio.gather(*coming)]
        before = sum(each.events for each in listeners), sum(each.bytes for each in listeners)
        acknowledged: dict[int, float] = {}
        crowded = await _unit_micros(stage, event, listeners, acknowledged)
    events, sent = sum(each.events for each in listeners) - before[0], sum(each.bytes for each in listeners) - before[1]
    late = sorted(
        seen[seat] - at for seen in (each.seen for each in listeners[:READERS]) for seat, at in acknowledged.items() if seat in seen
    )
    lost = sum(each.lost for each in listeners) + READERS * len(acknowledged) - len(late)
    share = (crowded - alone) / (1e6 * SECONDS)
    details: dict[str, Any] = {
        "changes per second": CHANGES_A_SECOND, "events received per second": events / SECONDS, "MB/s": sent / SECONDS / 1e6,
        "unit, % of a core: alone / with all": f"{alone / 1e4 / SECONDS:.1f} / {crowded / 1e4 / SECONDS:.1f}",
        "late, seconds: p50 / p99": f"{late[len(late) // 2]:.2f} / {late[len(late) * 99 // 100]:.2f}" if late else "",
    }  # fmt: skip
    progress.say(f"streams: {LISTENERS} listeners cost {100 * share:.1f} % of a core, p50 late {details['late, seconds: p50 / p99']}")
    return [
        Figure(f"{LISTENERS:,} stream clients of one event", 100 * share, "% of a core of the unit", details=details),
        Figure(f"{LISTENERS:,} stream clients: changes or clients lost", lost, "", most=1),
    ]


async def _listen(stage: Stage, event: Event, *, reads: bool) -> Listening:
    unit = urlsplit(stage.unit)
    loop = asyncio.get_running_loop()
    transport, listening = await loop.create_connection(lambda: Listening(reads=reads), unit.hostname or "127.0.0.1", unit.port or 80)
    head = f"GET /api/v1/events/{event.text}/seats/stream HTTP/1.1\r\nHost: {unit.netloc}\r\nAccept: text/event-stream\r\n\r\n"
    transport.write(head.encode())
    return listening


async def _unit_micros(stage: Stage, event: Event, listeners: Sequence[Listening], acknowledged: dict[int, float] | None = None) -> int:
    """Processor time of the unit while seats change; with nobody there it takes the changes of one listener, who makes the hub work."""
    async with AsyncExitStack() as stack:
        if not listeners:
            await stack.enter_async_context(await _listen(stage, event, reads=False))
        usage = Usage(stage)
        began = time.monotonic()
        for place in range(int(CHANGES_A_SECOND * SECONDS)):
            await asyncio.sleep(max(0.0, began + place / CHANGES_A_SECOND - time.monotonic()))
            await stage.ask(event, [hold(new_number(), new_number(), [place])])
            if acknowledged is not None:
                acknowledged[place] = time.monotonic()
        await asyncio.sleep(LAST_SECONDS)
        return usage.micros()["unit"]


def _allow_open_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        if hard < count:
            raise Stop(f"this shell may open {hard} files, the listeners need {count}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
