"""Server-sent seat changes: one reader however many listen, nothing missed at the seam, slow clients dropped."""

import asyncio
import contextlib
import json

import pytest

from grid_config.commands import Command
from grid_config.outcomes import SeatState
from processing_units.edge.problems import Problem
from processing_units.metrics import Metrics
from processing_units.sales import streams as room
from processing_units.sales.availability import Availability
from processing_units.sales.batcher import Batchers, Unavailable
from processing_units.sales.left import LeftGrid
from processing_units.sales.streams import Streams
from tests.fixtures.scripted_entry import ScriptedEntry

EVENT = 7


class Client:
    """A listener: what it was sent, parsed; it may stop taking, or go away."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.started = False
        self.taking = asyncio.Event()
        self.taking.set()
        self.gone = asyncio.Event()
        self.ended = False
        self._text = ""

    async def send(self, message):
        await self.taking.wait()
        if message["type"] == "http.response.start":
            self.started = True
            return
        self._text += message.get("body", b"").decode()
        self.ended = not message.get("more_body")
        while "\n\n" in self._text:
            event, self._text = self._text.split("\n\n", 1)
            self.messages.append(dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":")))

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    def told(self, kind):
        return [json.loads(message["data"]) for message in self.messages if message.get("event") == kind]

    async def until(self, count):
        async with asyncio.timeout(5):
            while len([message for message in self.messages if message]) < count:  # noqa: ASYNC110 - a test's wait
                await asyncio.sleep(0.005)


@pytest.fixture
async def entry():
    return ScriptedEntry(seats=6)


@pytest.fixture
async def streams(entry, monkeypatch):
    monkeypatch.setattr(room, "GATHER_SECONDS", 0.02)
    batchers = Batchers(entry.send, Metrics())
    return Streams(Availability(batchers, LeftGrid(lambda _: None)), batchers.metrics)


@contextlib.asynccontextmanager
async def listening(streams, client, last=None):
    stream = await streams.open(EVENT, last)
    task = asyncio.create_task(stream({"type": "http"}, client.receive, client.send))
    try:
        yield task
    finally:
        client.gone.set()
        client.taking.set()
        await asyncio.wait_for(task, 5)


def reads(entry):
    return sum(kind == Command.READ_SEATS for batch in entry.batches for kind, _ in batch)


async def test_a_snapshot_comes_first_and_then_changes(entry, streams):
    client = Client()
    async with listening(streams, client):
        await client.until(1)
        entry.change(2, SeatState.HELD)
        entry.change(2, SeatState.SOLD)
        entry.change(4, SeatState.HELD)
        await client.until(2)

    assert client.told("snapshot")[0]["states"] == "......"
    assert client.told("change") == [{"version": 1003, "changes": [[2, "s"], [4, "h"]]}]
    assert [message["id"] for message in client.messages] == ["1000", "1003"]


async def test_places_of_areas_are_told_by_their_number(entry, streams):
    entry.areas_free = (40, 7)
    client, late = Client(), Client()
    async with listening(streams, client):
        await client.until(1)
        entry.take_places(1, 3)
        await client.until(2)
        entry.change(2, SeatState.HELD)
        await client.until(3)
        async with listening(streams, late, last=1000):
            await late.until(1)

    assert client.told("snapshot")[0]["areas_free"] == [40, 7]
    assert client.told("change") == [
        {"version": 1003, "changes": [], "areas_free": [40, 4]},
        {"version": 1004, "changes": [[2, "h"]], "areas_free": [40, 4]},
    ]
    assert late.told("change") == [{"version": 1004, "changes": [[2, "h"]], "areas_free": [40, 4]}]


async def test_who_missed_only_places_of_areas_is_told_their_number(entry, streams):
    entry.areas_free = (40,)
    entry.take_places(0, 1)
    client = Client()
    async with listening(streams, client, last=1000):
        await client.until(1)
    assert client.told("change") == [{"version": 1001, "changes": [], "areas_free": [39]}]


async def test_one_reader_serves_all_who_listen(entry, streams):
    clients = [Client() for _ in range(50)]
    async with contextlib.AsyncExitStack() as stack:
        for client in clients:
            await stack.enter_async_context(listening(streams, client))
        before = reads(entry)
        await asyncio.sleep(0.2)
        assert reads(entry) - before <= 11
        entry.change(0, SeatState.HELD)
        await asyncio.gather(*[client.until(2) for client in clients])
    assert all(client.told("change")[0]["changes"] == [[0, "h"]] for client in clients)


async def test_the_reader_ends_after_the_last_listener(entry, streams):
    async with listening(streams, Client()):
        await asyncio.sleep(0.05)
    before = reads(entry)
    await asyncio.sleep(0.1)

    assert reads(entry) == before
    assert streams._hubs == {}
    assert "front_row_stream_clients 0.0" in streams._metrics.text().decode()


async def test_a_listener_who_joins_between_two_looks_misses_nothing(entry, streams):
    first, second = Client(), Client()
    async with listening(streams, first):
        await first.until(1)
        entry.change(1, SeatState.HELD)
        async with listening(streams, second):
            entry.change(2, SeatState.HELD)
            await second.until(2)
            await asyncio.sleep(0.1)
    state = list(second.told("snapshot")[0]["states"])
    for change in second.told("change"):
        for seat, now in change["changes"]:
            state[seat] = now
    assert "".join(state) == ".hh..."
    versions = [int(message["id"]) for message in second.messages]
    assert versions == sorted(versions)


async def test_changes_while_the_first_event_is_on_its_way_are_not_lost(entry, streams):
    early, late = Client(), Client()
    async with listening(streams, early):
        await early.until(1)
        for seat in range(6):  # the hub looks while the other one's first event is being made, again and again
            entry.change(seat, SeatState.HELD)
            async with listening(streams, late := Client(), last=1000):
                await late.until(1)
            seen = {tuple(change) for told in late.told("change") for change in told["changes"]}
            assert {(number, "h") for number in range(seat + 1)} <= seen


async def test_last_event_id_resumes_after_it(entry, streams):
    entry.change(2, SeatState.HELD)
    seen = entry.version
    entry.change(3, SeatState.HELD)
    client = Client()
    async with listening(streams, client, last=seen):
        await client.until(1)
        entry.change(4, SeatState.HELD)
        await client.until(2)

    assert [told["changes"] for told in client.told("change")] == [[[3, "h"]], [[4, "h"]]]
    assert client.told("snapshot") == []


@pytest.mark.parametrize("last", [1, 10**17])
async def test_a_version_that_is_too_old_or_made_up_gets_a_snapshot(entry, streams, last):
    client = Client()
    async with listening(streams, client, last=last):
        await client.until(1)
    assert client.told("snapshot")[0]["version"] == 1000


async def test_another_life_of_the_entry_is_told_as_a_snapshot(entry, streams):
    client = Client()
    async with listening(streams, client):
        await client.until(1)
        entry.incarnation, entry.version, entry.ring_first = 78, 2_000_000, 2_000_000
        await client.until(2)
    assert [told["version"] for told in client.told("snapshot")] == [1000, 2_000_000]


async def test_a_slow_client_is_dropped_and_the_others_go_on(entry, streams):
    slow, quick = Client(), Client()
    async with listening(streams, slow) as slow_task, listening(streams, quick):
        await quick.until(1)
        await slow.until(1)
        slow.taking.clear()
        for number in range(room.UNREAD_MAX + 3):
            entry.change(number % 6, SeatState.SOLD if number % 2 else SeatState.HELD)
            await quick.until(2 + number)
        slow.taking.set()
        await asyncio.wait_for(slow_task, 5)
        assert slow.ended
        assert not quick.ended
    assert "front_row_stream_clients_dropped_total 1.0" in streams._metrics.text().decode()


async def test_a_quiet_stream_beats(entry, streams, monkeypatch):
    monkeypatch.setattr(room, "HEARTBEAT_SECONDS", 0.05)
    client = Client()
    async with listening(streams, client):
        await asyncio.sleep(0.3)
    assert {} in client.messages  # a comment


async def test_a_grid_that_is_away_ends_no_stream(entry, streams):
    client = Client()
    async with listening(streams, client):
        await client.until(1)
        entry.fault = ConnectionError("gone")
        await asyncio.sleep(0.1)
        entry.fault = None
        entry.change(5, SeatState.SOLD)
        await client.until(2)
    assert client.told("change")[0]["changes"] == [[5, "s"]]


async def test_a_stream_that_cannot_begin_is_unavailable_and_leaves_nothing_behind(entry, streams):
    entry.fault = ConnectionError("gone")
    with pytest.raises(Unavailable):
        await streams.open(EVENT, None)
    assert streams._hubs == {}


async def test_listeners_are_bounded_and_end_when_the_unit_stops(entry, streams, monkeypatch):
    monkeypatch.setattr(room, "LISTENERS_MAX", 1)
    client = Client()
    async with listening(streams, client) as task:
        with pytest.raises(Problem, match="unavailable"):
            await streams.open(EVENT, None)
        streams.stop()
        await asyncio.wait_for(task, 5)
        assert client.ended
