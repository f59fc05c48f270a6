"""After a cut has healed, the entries that lived through it are compared with PostgreSQL and the provider, whoever was there to see it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.merge_steps import compared, merged, merges
from tests.faults.scenario_steps import owner_and_wires, rush
from tests.faults.shoppers import House, opened
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
