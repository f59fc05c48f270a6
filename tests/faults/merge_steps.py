"""Waiting for what follows a cut that has healed: a merge, and the comparison of the entries that lived through it."""

import asyncio
import time

import psycopg

from grid_config.client import Grid
from grid_config.identifiers import number_of
from tests.faults.shoppers import House

MERGES_SECONDS = 60.0  # who is alone gives others up after five silent seconds, one after the other


def merges(house: House) -> dict[str, int]:
    """How often each member has merged in its life."""
    members = [name for name in house.laboratory.processes if name.startswith("member-")]
    return {name: house.laboratory.log(name).count("is MERGED") for name in members}


async def merged(house: House, before: dict[str, int]) -> None:
    """Until a member has come back out of a cut."""
    deadline = time.monotonic() + MERGES_SECONDS
    while merges(house) == before:
        assert time.monotonic() < deadline, "nobody has merged"
        await asyncio.sleep(0.1)


async def compared(house: House, event_id: str) -> str:
    """What the event's comparison came to among those who are members now; `made`: it was made from rows since."""
    settings = house.laboratory.as_settings()
    deadline = time.monotonic() + MERGES_SECONDS
    grid = await Grid.connect(settings)
    try:
        async with await psycopg.AsyncConnection.connect(settings.database_url, autocommit=True) as main:
            while True:
                found = await main.execute("SELECT result, members FROM comparisons WHERE event = %s", [number_of(event_id)])
                row = await found.fetchone()
                if row is not None and len(row[1]) == house.laboratory.members and grid.identities() == set(row[1]):
                    return str(row[0])
                assert time.monotonic() < deadline, (row, grid.identities())
                await asyncio.sleep(0.1)
    finally:
        await grid.close()


async def compared_again(house: House, event_id: str) -> str:
    """The same, asked for now."""
    async with await psycopg.AsyncConnection.connect(house.laboratory.settings["database_url"], autocommit=True) as main:
        await main.execute("DELETE FROM comparisons WHERE event = %s", [number_of(event_id)])
    return await compared(house, event_id)
