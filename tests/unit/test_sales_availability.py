"""The unit's copy of the seats: current, shared, exact about what changed since when."""

import asyncio
import gzip
import json

import pytest

from grid_config.commands import Command
from grid_config.outcomes import SeatState
from processing_units.metrics import Metrics
from processing_units.sales.availability import Availability, SeatsCopy
from processing_units.sales.batcher import Batchers, Unavailable
from processing_units.sales.left import LeftGrid
from tests.fixtures.scripted_entry import ScriptedEntry

EVENT = 7
NOTHING_LEFT = LeftGrid(lambda _: None)


@pytest.fixture
async def entry():
    return ScriptedEntry(seats=6)


@pytest.fixture
async def batchers(entry):
    return Batchers(entry.send, Metrics())


@pytest.fixture
async def copy(batchers):
    return SeatsCopy(EVENT, batchers, NOTHING_LEFT)


def reads(entry) -> int:
    return sum(kind == Command.READ_SEATS for batch in entry.batches for kind, _ in batch)


async def test_the_body_is_the_contract_s(entry, copy):
    entry.change(1, SeatState.HELD)
    seats = await copy.current()

    expected = {"version": 1001, "counts": {"free": 5, "held": 1, "sold": 0, "closed": 0}, "states": ".h...."}
    assert json.loads(seats.body) == expected
    assert json.loads(gzip.decompress(seats.gzipped())) == expected
    assert seats.gzipped() is seats.gzipped()


async def test_the_body_tells_free_places_of_areas_where_there_are_areas():
    entry = ScriptedEntry(seats=3, areas_free=(40, 7))
    copy = SeatsCopy(EVENT, Batchers(entry.send, Metrics()), NOTHING_LEFT)
    entry.take_places(0, 2)
    told = json.loads((await copy.current()).body)

    assert told == {"version": 1002, "counts": {"free": 3, "held": 0, "sold": 0, "closed": 0}, "areas_free": [38, 7], "states": "..."}


async def test_changes_reach_the_copy_without_another_snapshot(entry, copy):
    await copy.current()
    entry.change(0, SeatState.HELD)
    entry.change(5, SeatState.SOLD)
    entry.change(0, SeatState.FREE)

    assert json.loads((await copy.current()).body)["states"] == ".....s"
    assert copy.between(1000) == ((0, SeatState.FREE), (5, SeatState.SOLD))


async def test_the_same_version_is_encoded_once(copy):
    assert await copy.current() is await copy.current()


async def test_all_who_ask_before_the_batch_leaves_share_one_read(entry, copy):
    entry.gate.clear()
    first = asyncio.ensure_future(copy.current())
    await asyncio.sleep(0.01)  # its batch has left
    entry.change(2, SeatState.HELD)
    others = [asyncio.ensure_future(copy.current()) for _ in range(100)]
    await asyncio.sleep(0.01)
    entry.gate.set()
    bodies = await asyncio.gather(first, *others)

    assert reads(entry) == 2
    assert all(json.loads(seats.body)["states"] == "..h..." for seats in bodies[1:])


async def test_a_reader_never_shares_a_read_that_left_before_he_asked(entry, copy):
    await copy.current()
    entry.gate.clear()
    early = asyncio.ensure_future(copy.current())
    await asyncio.sleep(0.01)
    late = asyncio.ensure_future(copy.current())
    await asyncio.sleep(0.01)
    assert len(entry.requests) == 2  # the late one has not joined the early one's batch
    entry.gate.set()
    await asyncio.gather(early, late)
    assert len(entry.requests) == 3


async def test_a_reader_who_goes_away_takes_nobody_with_him(entry, copy):
    entry.gate.clear()
    readers = [asyncio.ensure_future(copy.current()) for _ in range(3)]
    await asyncio.sleep(0.01)
    readers[0].cancel()
    entry.gate.set()

    assert (await readers[1]).version == (await readers[2]).version == 1000


async def test_a_grid_that_is_away_is_unavailable_and_the_copy_goes_on_after_it(entry, copy):
    await copy.current()
    entry.fault = ConnectionError("gone")
    with pytest.raises(Unavailable):
        await copy.current()
    entry.fault = None
    entry.change(3, SeatState.SOLD)

    assert json.loads((await copy.current()).body)["states"] == "...s.."


async def test_another_life_of_the_entry_is_a_new_snapshot(entry, copy):
    await copy.current()
    entry.incarnation, entry.version, entry.ring_first = 78, 2_000_000, 2_000_000
    entry.states[0] = SeatState.SOLD
    entry.ring.clear()

    told = json.loads((await copy.current()).body)
    assert (told["version"], told["counts"]["sold"], told["states"]) == (2_000_000, 1, "s.....")
    assert copy.between(1000) is None


async def test_what_changed_since_a_version_this_copy_never_had_is_asked_of_the_entry(entry, copy):
    entry.change(1, SeatState.HELD)  # 1001, told by another unit
    entry.change(2, SeatState.HELD)
    later = await copy.since(1001)

    assert later is not None
    assert (later.version, later.changes) == (1002, ((2, SeatState.HELD),))


@pytest.mark.parametrize("version", [0, 999, 10**17])
async def test_a_version_that_nobody_remembers_is_told_as_none(copy, version):
    assert await copy.since(version) is None


async def test_the_ring_is_bounded(entry, copy, monkeypatch):
    monkeypatch.setattr("processing_units.sales.availability.RING_CHANGES_MAX", 8)
    await copy.current()
    for _ in range(20):
        entry.change(0, SeatState.HELD)
        await copy.current()

    assert len(copy._ring) <= 4
    assert copy.between(1000) is None
    assert copy.between(1018) == ((0, SeatState.HELD),)


async def test_the_copies_are_bounded(batchers, monkeypatch):
    monkeypatch.setattr("processing_units.sales.availability.COPIES_MAX", 3)
    availability = Availability(batchers, NOTHING_LEFT)
    first = availability.of(1)
    for event in (2, 3, 4):
        availability.of(event)

    assert availability.of(1) is not first
