"""Things die, freeze and get lost under load, one after the other in one house; what was promised is kept (I1 to I9).

Then bugs are planted in copies of the tree, one at a time, and the checkers must find them (`bugs.py`).
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults import bug_scenarios, grid_scenarios, process_scenarios
from tests.faults.bug_hunt import hunt
from tests.faults.bugs import BUGS, Bug
from tests.faults.merge_steps import merges
from tests.faults.shoppers import House, opened
from tests.faults.verdict import judge

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened_house() -> AsyncIterator[House]:
    async with opened() as house:
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def house(opened_house: House) -> House:
    """The house whole again, whatever the test before has left."""
    await opened_house.laboratory.mend()
    return opened_house


async def test_all_members_die_and_what_was_durable_is_restored(house: House):
    before = house.laboratory.restarts.total()
    shopping = await grid_scenarios.all_members_killed(house, seed=6)
    final = await judge(house, shopping.history, shopping.event_id)
    assert any(ticket.status == "valid" for ticket in final.tickets)
    assert house.laboratory.restarts.total() == before, "nothing but members had to be started anew"


async def test_postgres_dies_in_mid_commit_and_every_change_arrives_once(house: House):
    shopping = await process_scenarios.postgres_killed_in_mid_commit(house, seed=4)
    await judge(house, shopping.history, shopping.event_id)


async def test_an_owner_that_dies_before_its_backup_knows_has_told_nobody(house: House):
    shopping = await grid_scenarios.owner_killed_before_the_backup_knows(house, seed=1)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_copy_that_missed_a_message_confirms_no_later_one(house: House):
    shopping = await grid_scenarios.backup_message_lost(house, seed=2)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_move_that_loses_a_packet_stops_its_event_for_seconds_only(house: House):
    shopping = await grid_scenarios.move_of_a_copy_stuck(house, seed=7)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_pump_that_wakes_late_writes_nothing_twice(house: House):
    shopping = await process_scenarios.pump_overtaken(house, seed=3)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_unit_that_dies_before_it_answers_leaves_one_order_for_its_key(house: House):
    shopping = await process_scenarios.unit_killed_before_it_answers(house, seed=8)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_notification_is_answered_with_200_only_when_it_is_durable(house: House):
    shopping, answers = await process_scenarios.notified_while_nothing_is_durable(house, seed=9)
    assert set(answers) == {503}, answers
    final = await judge(house, shopping.history, shopping.event_id)
    assert any(row.status == "confirmed" for row in final.orders)


async def test_two_of_three_members_die_and_the_third_sells_nothing(house: House):
    shopping = await grid_scenarios.two_members_killed(house, seed=5)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_member_whose_wall_clock_is_set_ahead_sells_on(house: House):
    before = merges(house)
    shopping = await grid_scenarios.clock_set_ahead(house, seed=10)
    assert merges(house) == before, "nobody has given anybody up"
    await judge(house, shopping.history, shopping.event_id)


async def test_whoever_pays_after_letting_go_gets_the_money_back(house: House):
    shopping = await bug_scenarios.paid_after_the_end(house, seed=1)
    final = await judge(house, shopping.history, shopping.event_id)
    assert "done" in {row.refund for row in final.orders}


async def test_nothing_is_written_while_its_audit_lines_cannot_be(house: House):
    shopping = await bug_scenarios.audit_database_away(house, seed=1)
    await judge(house, shopping.history, shopping.event_id)


async def test_a_quiet_sale_raises_no_alarm(house: House):
    shopping = await bug_scenarios.quiet_sale(house, seed=1)
    await judge(house, shopping.history, shopping.event_id)


# ---- the checkers are worth something ---------------------------------------------------------------------------------


@pytest.mark.parametrize("bug", [bug for bug in BUGS.values() if bug.quick], ids=lambda bug: bug.name)
async def test_a_planted_bug_is_found(house: House, bug: Bug):
    hunted = await hunt(house, bug)
    assert hunted.as_it_must_be, str(hunted)
