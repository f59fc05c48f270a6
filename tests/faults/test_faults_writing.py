"""The way to PostgreSQL is broken under load; every change arrives, once (I4, I7)."""

import pytest

from tests.faults import scenarios
from tests.faults.shoppers import House
from tests.faults.verdict import judge

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_postgres_dies_in_mid_commit_and_every_change_arrives_once(house: House):
    shopping = await scenarios.postgres_killed_in_mid_commit(house, seed=4)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_pump_that_wakes_late_writes_nothing_twice(house: House):
    shopping = await scenarios.pump_overtaken(house, seed=3)
    await judge(house, shopping.history, shopping.event_id)
