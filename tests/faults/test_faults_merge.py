"""After a cut has healed, the entries that lived through it are compared with PostgreSQL and the provider, whoever was there to see it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from grid_config.client import CONNECT_SECONDS, Grid
from grid_config.connection import Connection
from tests.faults.merge_scenarios import parted_at_once, parted_one_after_the_other
from tests.faults.merge_steps import compared, merged, merges
from tests.faults.scenario_steps import owner_and_wires, rush
from tests.faults.shoppers import House, Rush, opened
from tests.faults.verdict import judge

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with opened() as house:
        yield house


@pytest.mark.parametrize("pump_sees_it", [True, False])
async def test_an_event_that_sold_through_a_cut_is_compared_after_the_merge_while_it_sells(house: House, pump_sees_it: bool):
    laboratory = house.laboratory
    before = merges(house)
    async with rush(house, seed=31) as shopping:
        _, owner, _ = await owner_and_wires(house, shopping.event_id)
        laboratory.proxies.cut(owner, members=laboratory.members)
        await shopping.told(8)
        if not pump_sees_it:
            laboratory.kill("pump")
        laboratory.proxies.heal()
        await merged(house, before)
        if not pump_sees_it:
            laboratory.start_pump()
        assert await compared(house, shopping.event_id) == "equal"
        await shopping.told(8)
    await judge(house, shopping.history, shopping.event_id)


@pytest.mark.parametrize("scenario", [parted_one_after_the_other, parted_at_once])
async def test_three_members_that_were_alone_keep_what_was_acknowledged(house: House, scenario: Callable[[House, int], Awaitable[Rush]]):
    shopping = await scenario(house, 33)
    await judge(house, shopping.history, shopping.event_id)


async def test_whoever_hears_of_one_member_only_turns_to_those_who_sell(house: House):
    laboratory = house.laboratory
    before = merges(house)
    async with told_by(house, 0) as grid:
        laboratory.proxies.cut(0, members=laboratory.members)
        await until_seen(lambda: not grid.is_ready)
        await until_seen(lambda: grid.is_ready)
        await until_seen(lambda: grid.members() == laboratory.members - 1)  # those whom it turns to may miss the other a moment later
        await grid.sweep_hints()  # all partitions answer
        async with told_by(house, 0) as newcomer:
            await until_seen(lambda: newcomer.is_ready)
            assert newcomer.identities() == grid.identities()
        laboratory.proxies.heal()
        await merged(house, before)
        await until_seen(lambda: grid.members() == laboratory.members)


@contextlib.asynccontextmanager
async def told_by(house: House, member: int) -> AsyncIterator[Grid]:
    """A grid as a process sees it that comes to this member first, which tells it who the others are."""
    settings = house.laboratory.as_settings()
    addresses = deque(settings.grid_members)
    addresses.rotate(-member)
    grid = Grid(settings, await Connection.made(settings, addresses, CONNECT_SECONDS), addresses)
    try:
        yield grid
    finally:
        await grid.close()


async def until_seen(good: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not good():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.02)
