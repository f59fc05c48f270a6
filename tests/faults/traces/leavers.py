"""Leavers, and the day that goes by before they look at an event."""

from datetime import timedelta

from data_writers.readings import Position, read_over
from grid_config.limits import INVENTORY_STAY_MS, ORDER_RETENTION_MS
from tests.faults.traces.messages import Messages

BEGINS_IN = timedelta(minutes=10)  # an event whose end is awaited
A_DAY_LATER = BEGINS_IN + timedelta(milliseconds=INVENTORY_STAY_MS + ORDER_RETENTION_MS)


class Leavers(Messages):
    """Each step answers whether it was done."""

    has_left = False  # the entry; then nobody brings it back who is not asked
    _position: Position

    async def look_at_over(self, *_: object) -> bool:
        """A day after the event nothing is under way. Nobody moves PostgreSQL's clock: there the event is a day older instead."""
        while self._pending:
            await self.deliver("the last word of an owner")
        self.world.cluster.let_all_pass()
        await self.world.hands.move_to(self.world.hands.now() + A_DAY_LATER)
        moved = "UPDATE events SET starts_at = now() - %s WHERE event = %s"
        await self.world.back.main.execute(moved, [A_DAY_LATER, self.event])
        self._position = (await read_over(self.world.link, [self.event]))[self.event]
        return True

    async def let_leave(self, *_: object) -> bool:
        """The product's own word to the entry; whether it went."""
        self.has_left = await self.world.back.parts.leaving._let_go(self.event, self._position)
        return self.has_left
