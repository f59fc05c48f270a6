"""Logs of refused attempts on real members."""

import time

import pytest

from grid_config.attempts import KEYS, Attempt, AttemptsLogs, encode_attempt
from grid_config.client import Grid, GridRefused
from grid_config.identifiers import new_number


def refusal(number: int = 0) -> Attempt:
    return Attempt(int(time.time() * 1000), "203.0.113.7", new_number(), new_number(), 0, "seat_taken", f"место {number}")


class OneLog(AttemptsLogs):
    """Appends to one log only, so that a test knows where to look."""

    def __init__(self, grid: Grid, key: str) -> None:
        super().__init__(grid)
        self._keys = iter(lambda: key, None)


async def emptied(logs: AttemptsLogs, key: str) -> None:
    while (drained := await logs.drain(key, 2_000)).records:
        await logs.acknowledge(key, drained.last_seq)


async def test_what_was_appended_is_drained_in_order_until_acknowledged(grid: Grid):
    key = KEYS[0]
    logs = OneLog(grid, key)
    await emptied(logs, key)
    attempts = [refusal(number) for number in range(5)]
    assert await logs.append([encode_attempt(attempt) for attempt in attempts[:3]])
    assert await logs.append([encode_attempt(attempt) for attempt in attempts[3:]])
    assert key in {each for hints in await grid.hints() for each in hints.dirty_attempts}

    first = await logs.drain(key, 4)
    assert list(first.records) == attempts[:4]
    await logs.acknowledge(key, first.last_seq)
    await logs.acknowledge(key, first.last_seq)

    rest = await logs.drain(key, 2_000)
    assert (rest.first_seq, rest.life, list(rest.records)) == (first.last_seq + 1, first.life, attempts[4:])
    await logs.acknowledge(key, rest.last_seq)
    assert (await logs.drain(key, 2_000)).records == ()
    assert key not in {each for hints in await grid.hints() for each in hints.dirty_attempts}


async def test_a_batch_sent_again_is_written_once(grid: Grid):
    key = KEYS[1]
    logs = OneLog(grid, key)
    moment = time.time()
    logs._clock = lambda: moment  # the same bytes, as after a lost answer
    await emptied(logs, key)
    batch = [encode_attempt(refusal())]
    assert await logs.append(batch)
    assert await logs.append(batch)

    assert len((await logs.drain(key, 10)).records) == 1


async def test_at_its_bound_a_log_takes_no_more_until_it_is_drained(grid: Grid):
    key = KEYS[2]
    logs = OneLog(grid, key)
    await emptied(logs, key)
    batch = [encode_attempt(refusal(number)) for number in range(10_000)]
    for _ in range(10):
        assert await logs.append(batch)

    assert not await logs.append(batch[:1])
    drained = await logs.drain(key, 2_000)
    assert len(drained.records) == 2_000
    await logs.acknowledge(key, drained.last_seq)
    assert await logs.append(batch[:1])
    await emptied(logs, key)


async def test_a_seq_of_a_former_life_trims_nothing(grid: Grid):
    key = KEYS[3]
    logs = OneLog(grid, key)
    assert await logs.append([encode_attempt(refusal())])
    await logs.acknowledge(key, 100)

    assert len((await logs.drain(key, 2_000)).records) >= 1


async def test_a_record_that_is_no_line_of_a_log_is_refused(grid: Grid):
    with pytest.raises(GridRefused):
        await AttemptsLogs(grid).append([b"x" * 4_097])


async def test_all_logs_are_used_in_turn(grid: Grid):
    logs = AttemptsLogs(grid)
    for key in KEYS:
        await emptied(logs, key)
    for _ in KEYS:
        await logs.append([encode_attempt(refusal())])

    assert [len((await logs.drain(key, 10)).records) for key in KEYS] == [1] * len(KEYS)
