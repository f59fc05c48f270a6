"""One laboratory for all scenarios that leave it whole again."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.faults.laboratory import laboratory
from tests.faults.shoppers import House


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened_house() -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="front-row-faults-", dir="/var/tmp") as place:
        async with laboratory(Path(place)) as running:
            house = House(running)
            await house.gather_crowd()
            yield house
            await house.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(opened_house: House) -> House:
    """The laboratory's house, whole, whatever the test before has left."""
    await opened_house.laboratory.mend()
    return opened_house
