"""Requests gather while a call is under way; everything is bounded, and nobody takes another one down."""

import asyncio

import pytest

from grid_config.limits import BATCH_COMMANDS_MAX
from grid_config.outcomes import BatchStatus, Outcome
from processing_units.metrics import Metrics
from processing_units.sales import batcher
from processing_units.sales.batcher import Batchers, Unavailable
from tests.fixtures.scripted_entry import ScriptedEntry

EVENT = 7


def command(number: int) -> bytes:
    return b"\x07" + (8).to_bytes(4, "little") + number.to_bytes(8, "little")


def number_of(body: bytes) -> int:
    return int.from_bytes(body, "little")


@pytest.fixture
async def entry():
    return ScriptedEntry()


@pytest.fixture
async def batchers(entry):
    return Batchers(entry.send, Metrics())


async def test_the_first_request_leaves_at_once_and_the_rest_together(entry, batchers):
    entry.gate.clear()
    first = batchers.ask(EVENT, command(0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [batchers.ask(EVENT, command(number)) for number in range(1, 51)]
    entry.gate.set()
    answers = await asyncio.gather(first, *others)

    assert [len(batch) for batch in entry.batches] == [1, 50]
    assert [number_of(answer.body) for answer in answers] == list(range(51))
    assert entry.under_way_max == 1


async def test_one_alone_never_waits_for_others(batchers, monkeypatch):
    monkeypatch.setattr(batcher, "GATHER_SECONDS", 60.0)
    monkeypatch.setattr(batcher, "GATHER_SECONDS_MAX", 60.0)
    async with asyncio.timeout(5):
        for number in range(10):
            assert number_of((await batchers.ask(EVENT, command(number))).body) == number


async def test_a_crowd_that_was_told_comes_back_in_one_batch(entry, batchers, monkeypatch):
    monkeypatch.setattr(batcher, "GATHER_SECONDS", 0.5)  # so that a busy machine may be slow to start forty
    monkeypatch.setattr(batcher, "GATHER_SECONDS_MAX", 0.5)

    async def shopper(number):
        await batchers.ask(EVENT, command(number))
        await asyncio.sleep(0.0005 * (number % 4))  # not all answers arrive, and not all of them think, equally fast
        await batchers.ask(EVENT, command(number))

    await asyncio.gather(*(shopper(number) for number in range(40)))
    assert [len(batch) for batch in entry.batches] == [40, 40]


async def test_a_full_batch_does_not_gather(entry, batchers, monkeypatch):
    monkeypatch.setattr(batcher, "GATHER_SECONDS", 60.0)
    monkeypatch.setattr(batcher, "GATHER_SECONDS_MAX", 60.0)
    asked = [batchers.ask(EVENT, command(number)) for number in range(2 * BATCH_COMMANDS_MAX)]
    async with asyncio.timeout(5):
        await asyncio.gather(*asked)
    assert [len(batch) for batch in entry.batches] == [BATCH_COMMANDS_MAX, BATCH_COMMANDS_MAX]


async def test_batches_have_a_bound(entry, batchers):
    entry.gate.clear()
    asked = [batchers.ask(EVENT, command(number)) for number in range(1000)]
    entry.gate.set()
    answers = await asyncio.gather(*asked)

    assert [number_of(answer.body) for answer in answers] == list(range(1000))
    assert max(len(batch) for batch in entry.batches) == BATCH_COMMANDS_MAX
    assert len(entry.batches) == 4


async def test_events_do_not_wait_for_each_other(entry, batchers):
    entry.gate.clear()
    asked = [batchers.ask(event, command(event)) for event in range(5)]
    await asyncio.sleep(0.01)
    assert entry.under_way == 5
    entry.gate.set()
    await asyncio.gather(*asked)


async def test_a_full_queue_is_unavailable_and_nothing_of_it_is_lost(entry, batchers, monkeypatch):
    monkeypatch.setattr(batcher, "QUEUE_COMMANDS_MAX", 10)
    entry.gate.clear()
    under_way = batchers.ask(EVENT, command(99))
    await asyncio.sleep(0.01)
    asked = [batchers.ask(EVENT, command(number)) for number in range(10)]
    with pytest.raises(Unavailable) as caught:
        batchers.ask(EVENT, command(10))
    entry.gate.set()

    assert (caught.value.status, caught.value.headers["retry-after"]) == (503, "1")
    assert [number_of(answer.body) for answer in await asyncio.gather(under_way, *asked)] == [99, *range(10)]


async def test_one_who_goes_away_takes_nobody_with_him(entry, batchers):
    entry.gate.clear()
    asked = [asyncio.ensure_future(batchers.ask(EVENT, command(number))) for number in range(3)]
    await asyncio.sleep(0.01)
    asked[1].cancel()
    entry.gate.set()

    assert number_of((await asked[0]).body) == 0
    assert number_of((await asked[2]).body) == 2


@pytest.mark.parametrize("status", [BatchStatus.MISSING, BatchStatus.SHUT, BatchStatus.UNAVAILABLE, BatchStatus.LATE])
async def test_a_refused_batch_is_unavailable_to_all(entry, batchers, status):
    entry.status = status
    answers = await asyncio.gather(*[batchers.ask(EVENT, command(number)) for number in range(3)], return_exceptions=True)

    assert all(isinstance(answer, Unavailable) for answer in answers)
    entry.status = 0
    assert (await batchers.ask(EVENT, command(4))).outcome == Outcome.ACCEPTED


async def test_a_fault_of_the_grid_is_unavailable_and_the_next_call_is_a_new_one(entry, batchers):
    entry.fault = ConnectionError("gone")
    with pytest.raises(Unavailable):
        await batchers.ask(EVENT, command(1))
    entry.fault = None

    assert number_of((await batchers.ask(EVENT, command(2))).body) == 2


async def test_a_call_has_a_deadline(entry, batchers, monkeypatch):
    monkeypatch.setattr(batcher, "CALL_SECONDS", 0.05)
    entry.gate.clear()
    first = batchers.ask(EVENT, command(1))
    await asyncio.sleep(0.01)
    second = batchers.ask(EVENT, command(2))  # waits as long as half a deadline: it is not made to wait for another call
    with pytest.raises(Unavailable):
        await first
    with pytest.raises(Unavailable):
        await second
    assert batchers.waiting() == 0


async def test_a_command_can_be_made_when_its_batch_leaves(entry, batchers):
    entry.gate.clear()
    made = []
    first = batchers.ask(EVENT, command(1))
    await asyncio.sleep(0.01)
    late = batchers.ask(EVENT, lambda: made.append("made") or command(2))  # type: ignore[func-returns-value]
    await asyncio.sleep(0.01)
    assert made == []
    entry.gate.set()
    await first

    assert number_of((await late).body) == 2


async def test_reads_go_last_in_their_batch(entry, batchers):
    """An answer's version is the one after its batch: a read before a hold would miss what its version promises."""
    entry.gate.clear()
    first = batchers.ask(EVENT, command(0))
    await asyncio.sleep(0.01)
    asked = [batchers.ask(EVENT, command(number), last=number % 2 == 0) for number in range(1, 7)]
    entry.gate.set()
    answers = await asyncio.gather(first, *asked)

    assert [number_of(body) for _, body in entry.batches[1]] == [1, 3, 5, 2, 4, 6]
    assert [number_of(answer.body) for answer in answers] == list(range(7))


async def test_many_reads_leave_room_for_others(entry, batchers):
    entry.gate.clear()
    asked = [batchers.ask(EVENT, command(number), last=number < 500) for number in range(1000)]
    entry.gate.set()
    await asyncio.gather(*asked)

    assert max(len(batch) for batch in entry.batches) == BATCH_COMMANDS_MAX
    assert {number_of(body) >= 500 for _, body in entry.batches[0]} == {True, False}


async def test_figures_tell_outcomes_and_batches(entry, batchers):
    entry.answer = lambda _, body: (Outcome.SEAT_TAKEN if number_of(body) else Outcome.ACCEPTED, body)
    await asyncio.gather(*[batchers.ask(EVENT, command(number)) for number in range(3)])

    text = batchers.metrics.text().decode()
    assert 'front_row_outcomes_total{outcome="seat_taken"} 2.0' in text
    assert "front_row_batch_commands_count 1.0" in text
    assert "front_row_grid_seconds_count 1.0" in text
    assert "front_row_queue_commands 0.0" in text
