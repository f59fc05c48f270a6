"""Members die and messages get lost under load; what was acknowledged is kept, and no seat is promised twice (I1, I3, I6, I8)."""

import pytest

from tests.faults import scenarios
from tests.faults.shoppers import House
from tests.faults.verdict import judge

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_all_members_die_and_what_was_durable_is_restored(house: House):
    before = house.laboratory.restarts.total()
    shopping = await scenarios.all_members_killed(house, seed=6)
    final = await judge(house, shopping.history, shopping.event_id)
    assert any(row.status == "held" for row in final.orders)
    assert any(ticket.status == "valid" for ticket in final.tickets)
    assert house.laboratory.restarts.total() == before, "nothing but members had to be started anew"


async def test_an_owner_that_dies_before_its_backup_knows_has_told_nobody(house: House):
    shopping = await scenarios.owner_killed_before_the_backup_knows(house, seed=1)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_copy_that_missed_a_message_confirms_no_later_one(house: House):
    shopping = await scenarios.backup_message_lost(house, seed=2)
    await judge(house, shopping.history, shopping.event_id)


async def test_two_of_three_members_die_and_the_third_sells_nothing(house: House):
    shopping = await scenarios.two_members_killed(house, seed=5)
    await judge(house, shopping.history, shopping.event_id)
