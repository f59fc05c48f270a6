"""Seats of an event that leaves the grid while a unit has a copy of them, and comes back."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from grid_config.commands import Command
from grid_config.limits import INVENTORY_STAY_MS
from grid_config.outcomes import SeatState
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.times import milliseconds_of
from processing_units.metrics import Metrics
from processing_units.sales.availability import SeatsCopy
from processing_units.sales.batcher import Batchers
from processing_units.sales.left import LeftGrid, last_version, refused
from tests.fixtures.sales_unit import plan, published_event
from tests.fixtures.scripted_entry import ScriptedEntry

EVENT = 7
BEGINS = datetime(2026, 10, 1, 19, 0, tzinfo=UTC)


class Programme:
    """One published event, and the time."""

    def __init__(self) -> None:
        self.published: PublishedEvent | None = published_event(EVENT, plan(rows=1, seats=6, area=9), BEGINS)
        self.now = BEGINS
        self.left = LeftGrid(lambda event: self.published if event == EVENT else None, self.time)

    def time(self) -> float:
        return self.now.timestamp()

    def pass_on(self) -> None:
        """To the moment from which on the inventory need not be there."""
        self.now = BEGINS + timedelta(milliseconds=INVENTORY_STAY_MS)


@pytest.fixture
def programme() -> Programme:
    return Programme()


@pytest.fixture
async def entry() -> ScriptedEntry:
    return ScriptedEntry(seats=6)


@pytest.fixture
async def copy(entry: ScriptedEntry, programme: Programme) -> SeatsCopy:
    return SeatsCopy(EVENT, Batchers(entry.send, Metrics()), programme.left)


def test_an_event_has_left_from_a_day_after_its_beginning(programme: Programme):
    programme.pass_on()
    assert programme.left.event(EVENT) is programme.published
    programme.now -= timedelta(milliseconds=1)
    assert programme.left.event(EVENT) is None


def test_what_is_not_published_has_not_left(programme: Programme):
    programme.pass_on()
    assert programme.left.event(EVENT + 1) is None


@pytest.mark.parametrize(
    ("closes", "told"), [(None, BEGINS), (-timedelta(hours=1), BEGINS - timedelta(hours=1)), (timedelta(hours=1), BEGINS)]
)
def test_its_sale_was_closed_when_it_began_or_earlier(closes: timedelta | None, told: datetime):
    published = published_event(EVENT, plan(), BEGINS, sale_closes_at=None if closes is None else BEGINS + closes)
    assert refused(published).extra == {"closed_at": told.isoformat().replace("+00:00", "Z")}


async def test_its_seats_are_closed_from_then_on_and_the_entry_is_not_asked(entry: ScriptedEntry, copy: SeatsCopy, programme: Programme):
    entry.change(1, SeatState.SOLD)
    before = await copy.current()
    programme.pass_on()
    calls = len(entry.requests)

    seats = await copy.current()

    assert json.loads(seats.body)["states"] == "xxxxxx"
    assert (seats.counts.closed, seats.counts.areas_free) == (6, (0,))
    assert seats.version > before.version
    assert seats.etag != before.etag
    assert await copy.current() is seats
    assert len(entry.requests) == calls


async def test_who_comes_back_with_its_last_version_has_missed_nothing(entry: ScriptedEntry, copy: SeatsCopy, programme: Programme):
    before = await copy.current()
    programme.pass_on()
    calls = len(entry.requests)
    assert programme.published is not None
    version = last_version(programme.published)

    later = await copy.since(version)

    assert later is not None
    assert (later.version, later.changes) == (version, ())
    assert await copy.since(before.version) is None
    assert len(entry.requests) == calls


async def test_an_event_that_is_put_off_sells_its_seats_again(entry: ScriptedEntry, copy: SeatsCopy, programme: Programme):
    programme.pass_on()
    await copy.current()
    programme.published = published_event(EVENT, plan(rows=1, seats=6), BEGINS + timedelta(days=30))
    entry.change(1, SeatState.SOLD)

    assert json.loads((await copy.current()).body)["states"] == ".s...."
    assert entry.batches[-1][0][0] == Command.READ_SEATS


def test_its_version_is_above_those_of_its_sale(programme: Programme):
    assert programme.published is not None
    assert last_version(programme.published) > milliseconds_of(BEGINS) * 1_000
