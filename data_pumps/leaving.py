"""Taking inventories out of the grid when their events are long over (architecture.md, 7): its memory is for what sells.

PostgreSQL names such events and the position of each. An entry goes only if it stands at this very position with nothing left to
do, and agrees that its event is over: the owner decides that in one step, and its backup lets go of its copy before anybody is
told. The position stays. Whatever comes for such an event later, late money or the word of a job, finds no entry and wakes the
reader, who brings it back; it leaves again when nothing has happened to it for as long as ended orders are remembered.
"""

import asyncio
import logging

from data_pumps.figures import Figures
from data_pumps.shares import Shares
from data_writers.database import Away, Link
from data_writers.inventories import Inventories
from data_writers.readings import Position, read_over
from grid_config.client import Grid, GridError
from grid_config.commands import leave
from grid_config.outcomes import BatchStatus, Outcome

logger = logging.getLogger("data_pumps.leaving")

LOOK_SECONDS = 60.0
EVENTS_AT_ONCE = 8


class Leaving:
    """Looks for entries that nobody needs."""

    def __init__(self, grid: Grid, inventories: Inventories, main: Link, shares: Shares, figures: Figures) -> None:
        self._grid = grid
        self._inventories = inventories
        self._main = main
        self._shares = shares
        self._figures = figures

    async def run(self) -> None:
        """Look once a minute, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (Away, GridError) as error:
                logger.warning("leaving_waits", extra={"data": {"why": str(error)[:300]}})

    async def look(self) -> int:
        """Let every entry of our shares go that may; how many went. Away; GridError while the grid does not name its entries."""
        ours = [event for event in await self._grid.inventories() if self._shares.has(event)] if len(self._shares) else []
        over = list((await read_over(self._main, ours)).items()) if ours else []
        gone = 0
        for first in range(0, len(over), EVENTS_AT_ONCE):
            went = await asyncio.gather(*(self._let_go(*each) for each in over[first : first + EVENTS_AT_ONCE]))
            gone += sum(went)
        return gone

    async def _let_go(self, event: int, position: Position) -> bool:
        """Whether the entry went. One that is still needed, or whose member does not answer, is looked at again a minute later."""
        try:
            answer = await self._inventories.ask(event, leave(*position))
        except GridError as error:
            logger.warning("leaving_waits", extra={"data": {"event": event, "why": str(error)[:300]}})
            return False
        if answer.status != BatchStatus.ACCEPTED or answer.outcomes[0][0] not in {Outcome.ACCEPTED, Outcome.REPEATED}:
            return False
        self._figures.left.inc()
        logger.info("inventory_left", extra={"data": {"event": event, "seq": position.seq}})
        return True
