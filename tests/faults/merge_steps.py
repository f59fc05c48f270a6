"""Waiting for what follows a cut that has healed: a merge, and the comparison of the entries that lived through it."""

import asyncio
import time

import psycopg

from grid_config.identifiers import number_of
from tests.faults.shoppers import House

COMPARED = "SELECT result, cardinality(members) FROM comparisons WHERE event = %s"
MERGES_SECONDS = 60.0  # Hazelcast looks for others every five seconds


async def merged(house: House, before: dict[str, int]) -> None:
    """Until a member has come back out of a cut."""
    deadline = time.monotonic() + MERGES_SECONDS
    while merges(house) == before:
        assert time.monotonic() < deadline, "nobody has merged"
        await asyncio.sleep(0.1)


def merges(house: House) -> dict[str, int]:
    members = [name for name in house.laboratory.processes if name.startswith("member-")]
    return {name: house.laboratory.log(name).count("is MERGED") for name in members}


async def compared(house: House, event_id: str) -> tuple[str, int]:
    """What the comparison of the event came to; until then its row says that the entry was made from the rows."""
    deadline = time.monotonic() + MERGES_SECONDS
    async with await psycopg.AsyncConnection.connect(house.laboratory.settings["database_url"], autocommit=True) as main:
        while True:
            row = await (await main.execute(COMPARED, [number_of(event_id)])).fetchone()
            if row is not None and row[0] != "made":
                return row[0], row[1]
            assert time.monotonic() < deadline, row
            await asyncio.sleep(0.1)
