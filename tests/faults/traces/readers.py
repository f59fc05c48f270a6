"""Readers that take the steps (a) to (d) of a restore when the trace says so."""

import asyncio

from data_pumps.reader import Brought
from data_writers.readings import PublishedEvent, read_event
from grid_config.client import GridUnavailable
from tests.faults.traces.messages import PAUSE_SECONDS, Messages
from tests.faults.traces.world import GatedReader, World
from tests.fixtures.behind import until

STEP_SECONDS = 30.0


class Readers(Messages):
    """Each step answers whether it was done."""

    def __init__(self, name: str, world: World) -> None:
        super().__init__(name, world)
        self._snapshots: dict[int, PublishedEvent] = {}
        self._readers: dict[int, tuple[GatedReader, asyncio.Task[Brought | None]]] = {}

    async def read(self, _: str, reader: int) -> bool:
        snapshot = await read_event(self.world.link, self.event)
        assert snapshot is not None
        self._snapshots[reader] = snapshot
        return True

    async def restore(self, _: str, reader: int) -> bool:
        """(b), asked again while the grid cannot say, as the reader's process does."""
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                gated = self.world.reader()
                task = asyncio.create_task(gated._restore(self.world.back.parts.reader_link, self.event, self._snapshots[reader]))
                self._readers[reader] = gated, task
                await until(lambda gated=gated, task=task: gated.before_fence.is_set() or task.done(), STEP_SECONDS)  # type: ignore[misc]
                if gated.before_fence.is_set() or not isinstance(task.exception(), GridUnavailable):
                    return gated.before_fence.is_set()
                await asyncio.sleep(PAUSE_SECONDS)

    async def fence(self, _: str, reader: int) -> bool:
        gated, _task = self._readers[reader]
        gated.may_fence.set()
        return await asyncio.wait_for(gated.fenced, STEP_SECONDS)

    async def open(self, _: str, reader: int) -> bool:
        gated, task = self._readers[reader]
        gated.inventories.may_open.set()
        return await task is Brought.OPEN and gated.fenced.result()

    async def let_go(self) -> None:
        """Nobody stops them any more."""
        for gated, _ in self._readers.values():
            gated.may_fence.set()
            gated.inventories.may_open.set()
        await asyncio.gather(*(task for _, task in self._readers.values()), return_exceptions=True)
