"""Notes of refused attempts: gathered, sent within a tenth of a second, never dropped, bounded."""

import asyncio
import time

import pytest

from processing_units.edge.problems import Problem
from processing_units.metrics import Metrics
from processing_units.sales import attempts as room
from processing_units.sales.attempts import Attempts


class Log:
    """An outbox that may be full, or away."""

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self.calls: list[int] = []
        self.full = False
        self.fault: Exception | None = None
        self.came_at = 0.0

    async def append(self, records):
        self.calls.append(len(records))
        if self.fault:
            raise self.fault
        if self.full:
            return False
        self.records += records
        self.came_at = time.monotonic()
        return True


def encode(*note):
    return " ".join(map(str, note[1:])).encode()


@pytest.fixture
async def log():
    return Log()


@pytest.fixture
async def attempts(log, monkeypatch):
    monkeypatch.setattr(room, "RETRY_SECONDS", 0.02)
    return Attempts(log.append, encode, Metrics())


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a test's wait
            await asyncio.sleep(0.005)


async def test_refusals_gather_and_leave_within_a_tenth_of_a_second(log, attempts):
    began = time.monotonic()
    for number in range(50):
        await attempts.record("seat_taken", "::1", number, 7, 0)
    assert time.monotonic() - began < 0.05
    await until(lambda: len(log.records) == 50)

    assert log.calls == [50]
    assert log.came_at - began < 0.3  # on a machine that does much else
    assert log.records[3] == b"::1 3 7 0 seat_taken"


async def test_a_call_has_a_bound(log, attempts, monkeypatch):
    monkeypatch.setattr(room, "APPEND_RECORDS_MAX", 20)
    for number in range(50):
        await attempts.record("seat_taken", "::1", number, 7, 0)
    await until(lambda: len(log.records) == 50)

    assert log.calls == [20, 20, 10]


@pytest.mark.parametrize("trouble", [{"full": True}, {"fault": ConnectionError("gone")}])
async def test_nothing_is_dropped_while_the_outbox_takes_nothing(log, attempts, trouble):
    vars(log).update(trouble)
    for number in range(5):
        await attempts.record("seat_taken", "::1", number, 7, 0)
    await until(lambda: len(log.calls) >= 3)
    log.full, log.fault = False, None
    await until(lambda: len(log.records) == 5)

    assert [record.split()[1] for record in log.records] == [b"0", b"1", b"2", b"3", b"4"]


async def test_at_the_bound_refusals_wait_and_go_on_when_there_is_room(log, attempts, monkeypatch):
    monkeypatch.setattr(room, "NOTES_MAX", 3)
    log.full = True
    for number in range(3):
        await attempts.record("seat_taken", "::1", number, 7, 0)
    waiting = asyncio.create_task(attempts.record("seat_taken", "::1", 3, 7, 0))
    await asyncio.sleep(0.15)
    assert not waiting.done()
    log.full = False
    await asyncio.wait_for(waiting, 5)
    await until(lambda: len(log.records) == 4)


async def test_at_the_bound_refusals_become_unavailable_in_the_end(log, attempts, monkeypatch):
    monkeypatch.setattr(room, "NOTES_MAX", 1)
    monkeypatch.setattr(room, "ROOM_SECONDS", 0.1)
    log.full = True
    await attempts.record("seat_taken", "::1", 1, 7, 0)
    with pytest.raises(Problem, match="unavailable"):
        await attempts.record("seat_taken", "::1", 2, 7, 0)
    log.full = False
    await until(lambda: log.records)
    assert len(log.records) == 1


async def test_stopping_sends_the_last_notes(log, attempts):
    await attempts.record("seat_taken", "::1", 1, 7, 0)
    await attempts.stop()

    assert len(log.records) == 1
