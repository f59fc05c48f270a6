"""A pump that stands still until its event's outbox is full: nothing new is begun, nothing is lost, and it sells on by itself."""

import asyncio
import time
from dataclasses import dataclass

from data_writers.inventories import Inventories
from grid_config.answers import decode_status
from grid_config.client import Grid, GridError
from grid_config.commands import STATUS
from grid_config.identifiers import number_of
from grid_config.outcomes import BatchStatus
from tests.faults.history import Told
from tests.faults.laboratory import Laboratory
from tests.faults.scenario_steps import AWAIT_SECONDS, hold_anywhere, rush
from tests.faults.shoppers import House, Rush

LOOK_SECONDS = 0.1
# A frozen pump keeps its shares for its lease, ten seconds, and what it held in mid-transaction as long again: 7 and 17 s were seen,
# and twice that where the successor took fifteen to start.
SELLS_SECONDS = 80.0


@dataclass
class Filled:
    """What became of it. `outbox`: changes in it when it was full; `told`: a hold and a release then; `seconds`: until there was a hold
    again, from the successor's start."""

    shopping: Rush
    outbox: int
    told: list[Told]
    seconds: float


async def outbox_filled(house: House, seed: int) -> Filled:
    """The pump freezes for longer than its lease with the outbox full; its successor empties it, then both work side by side."""
    laboratory = house.laboratory
    async with rush(house, seed) as shopping:
        mine = await hold_anywhere(shopping, 1, "hold", f"{seed}-before")
        laboratory.freeze("pump")
        outbox = await full(laboratory, shopping.event_id)
        refused = await hold_anywhere(shopping, 1, "hold", f"{seed}-refused")
        who = house.crowd[0]
        released = await shopping.history.call(
            house.anyone(2, who.token).http, "release", "DELETE", f"/orders/{mine.body['order_id']}",
            event_id=shopping.event_id, account_id=who.account_id,
        )  # fmt: skip
        began = time.monotonic()
        laboratory.start_pump("pump-2")
        await shopping.told(1, seconds=SELLS_SECONDS)
        seconds = time.monotonic() - began
        laboratory.thaw("pump")
        await shopping.told(12)
    return Filled(shopping, outbox, [refused, released], seconds)


async def full(laboratory: Laboratory, event_id: str, seconds: float = AWAIT_SECONDS) -> int:
    """The number of changes in the event's outbox, once that is as many as it may have, or when the time is up."""
    deadline = time.monotonic() + seconds
    grid = await Grid.connect(laboratory.as_settings())
    try:
        while True:
            outbox = await _outbox(Inventories(grid), number_of(event_id) or 0)
            if outbox >= laboratory.outbox_changes_max or time.monotonic() > deadline:
                return outbox
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await grid.close()


async def _outbox(inventories: Inventories, event: int) -> int:
    """0 while nobody can say."""
    try:
        answer = await inventories.ask(event, STATUS)
    except GridError:
        return 0
    return decode_status(answer.outcomes[0][1]).outbox if answer.status == BatchStatus.ACCEPTED else 0
