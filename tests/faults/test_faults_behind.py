"""What stands behind the grid stands still or misbehaves: the outbox fills, the provider lies; what was promised is kept (I1 to I9)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults import outbox_scenarios
from tests.faults.campaign import one_round
from tests.faults.shoppers import House, opened
from tests.faults.verdict import judge, keep

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUTBOX_CHANGES_MAX = 200
HOLD_SECONDS = 12.0
SECONDS = 12.0
SEED = 105
LIES = ("break-provider", "repeat-notices", "reorder-notices", "lie-in-notices", "lie-in-queries")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened_house() -> AsyncIterator[House]:
    async with opened(hold_seconds=HOLD_SECONDS, outbox_changes_max=OUTBOX_CHANGES_MAX) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def house(opened_house: House) -> House:
    """The house whole again, whatever the test before has left."""
    await opened_house.laboratory.mend()
    return opened_house


async def test_a_full_outbox_begins_nothing_new_and_empties_when_a_pump_is_there_again(house: House):
    filled = await outbox_scenarios.outbox_filled(house, seed=21)
    assert OUTBOX_CHANGES_MAX <= filled.outbox < 2 * OUTBOX_CHANGES_MAX
    refused, released = filled.told
    assert (refused.status, refused.body["code"]) == (503, "unavailable")
    assert released.status == 204, "what there is goes on: it makes room"
    await judge(house, filled.shopping.history, filled.shopping.event_id)


async def test_a_lying_provider_gets_no_ticket_sold_for_less_and_keeps_nothing(house: House):
    done = await one_round(house, SEED, LIES, SECONDS)
    assert not done.found, f"{done}\n{keep(house, done.history, done.final, done.found)}\n" + "\n".join(done.found[:20])
    assert {broken.fault for broken in done.history.broken} >= {"lie-in-notices", "lie-in-queries"}
