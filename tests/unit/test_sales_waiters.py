"""Who waits for an order is woken by what this unit hears of it, and looks now and then all the same."""

import asyncio

import pytest

from grid_config.outcomes import OrderStatus
from processing_units.metrics import Metrics
from processing_units.sales import waiters
from processing_units.sales.waiters import Waiters

EVENT, ORDER, OTHER = 5, 77, 78
WISH = frozenset({OrderStatus.CONFIRMED, OrderStatus.RELEASED})
NEVER = 60.0


@pytest.fixture
def all_waiters() -> Waiters:
    return Waiters(Metrics())


@pytest.fixture
def slow(monkeypatch):
    """Nobody looks by himself."""
    monkeypatch.setattr(waiters, "PAUSE_SECONDS_FIRST", NEVER)
    monkeypatch.setattr(waiters, "PAUSE_SECONDS_LAST", NEVER)


async def rests(waiter, seconds: float = 0.1) -> bool:
    """Whether the waiter still rests after so many seconds."""
    resting = asyncio.ensure_future(waiter.rest())
    done, _ = await asyncio.wait([resting], timeout=seconds)
    resting.cancel()
    return not done


@pytest.mark.parametrize("status", [OrderStatus.CONFIRMED, OrderStatus.RELEASED, None])
async def test_a_status_that_is_waited_for_and_one_that_only_the_grid_knows_are_looked_at_at_once(all_waiters, slow, status):
    with all_waiters.joined(EVENT, ORDER, WISH, NEVER) as one, all_waiters.joined(EVENT, ORDER, WISH, NEVER) as another:
        resting = asyncio.gather(one.rest(), another.rest())
        await asyncio.sleep(0.01)
        all_waiters.tell(EVENT, ORDER, status)
        await asyncio.wait_for(resting, 1.0)
        assert await rests(one)


async def test_what_is_told_during_a_look_is_not_missed(all_waiters, slow):
    with all_waiters.joined(EVENT, ORDER, WISH, NEVER) as waiter:
        all_waiters.tell(EVENT, ORDER, OrderStatus.CONFIRMED)
        all_waiters.tell(EVENT, ORDER, OrderStatus.PAID)
        assert not await rests(waiter)


async def test_other_orders_wake_nobody(all_waiters, slow):
    with all_waiters.joined(EVENT, ORDER, WISH, NEVER) as waiter:
        all_waiters.tell(EVENT, OTHER)
        all_waiters.tell(EVENT + 1, ORDER)
        assert await rests(waiter)


async def test_a_status_on_the_way_spares_the_looks_until_the_longest_pause_however_often_it_is_told(all_waiters, monkeypatch):
    monkeypatch.setattr(waiters, "PAUSE_SECONDS_LAST", 0.2)
    with all_waiters.joined(EVENT, ORDER, WISH, NEVER) as waiter:
        began = asyncio.get_running_loop().time()
        resting = asyncio.create_task(waiter.rest())
        while not resting.done() and asyncio.get_running_loop().time() < began + 2.0:
            all_waiters.tell(EVENT, ORDER, OrderStatus.PAID)
            await asyncio.sleep(0.01)
        assert 0.19 < asyncio.get_running_loop().time() - began < 1.0
        await resting


async def test_without_a_word_looks_follow_at_growing_pauses(all_waiters):
    clock = asyncio.get_running_loop().time
    pauses = []
    with all_waiters.joined(EVENT, ORDER, WISH, 0.3) as waiter:
        while not waiter.is_over:
            began = clock()
            await waiter.rest()
            pauses.append(clock() - began)
    assert 3 <= len(pauses) <= 4  # 50, 100 and what is left of 300 ms
    assert pauses[0] < pauses[1]


async def test_beyond_the_bound_the_time_is_up_at_once_and_nobody_is_left_behind(all_waiters, monkeypatch):
    monkeypatch.setattr(waiters, "WAITERS_MAX", 1)
    with all_waiters.joined(EVENT, ORDER, WISH, NEVER) as first:
        with all_waiters.joined(EVENT, OTHER, WISH, NEVER) as second:
            assert (first.is_over, second.is_over) == (False, True)
        with pytest.raises(RuntimeError), all_waiters.joined(EVENT, ORDER, WISH, NEVER):
            raise RuntimeError
        all_waiters.tell(EVENT, ORDER)
        assert not await rests(first)
    assert not all_waiters._by_order
