"""An entry that goes away between two steps of whoever works on it: the model's readers and pumps begin again, and so do the real ones."""

from collections.abc import AsyncIterator, Iterable
from uuid import UUID

import pytest

from data_pumps.drain import Drain
from data_pumps.reader import Brought, Reader
from data_writers.audit import Audit
from data_writers.database import Link
from data_writers.inventories import Inventories
from data_writers.readings import Position, read_event
from data_writers.writer import Writer
from grid_config.answers import BatchAnswer, decode_status
from grid_config.commands import STATUS, Command, drop_entry
from grid_config.identifiers import new_number
from grid_config.outcomes import EntryState, Outcome
from tests.fixtures.behind import Behind, behind
from tests.fixtures.database import Databases
from tests.fixtures.grid import Cluster

pytest_plugins = ["tests.fixtures.behind"]


@pytest.fixture
async def still(behind_members: Cluster, databases: Databases) -> AsyncIterator[Behind]:
    """Everything behind the grid, and nothing of it at work. An event has been published before."""
    settings = behind_members.settings(hold_seconds=120.0)
    async with behind(settings, databases) as running:
        await running.publish()
    async with behind(settings, databases, run=False) as waiting:
        yield waiting


class Overtaken(Reader):
    """Somebody drops its entry after (c), as a reader may that was late; a total loss does the same."""

    async def _fence(self, link: Link, event: int, read: Position, entry: BatchAnswer, members: Iterable[UUID]) -> bool:
        moved = await super()._fence(link, event, read, entry, members)
        dropped = await self._inventories.ask(event, drop_entry(entry.incarnation))
        assert dropped.outcomes[0][0] == Outcome.ACCEPTED
        return moved


async def test_a_reader_whose_entry_is_gone_before_it_is_opened_begins_again(still: Behind) -> None:
    ((sold,),) = await still.rows("SELECT event FROM positions")
    event, link, reader = new_number(), still.parts.reader_link, still.parts.reader
    await still.main.execute(
        "INSERT INTO events SELECT %s, version, status, hall, hall_version, starts_at, body FROM events WHERE event = %s", [event, sold]
    )
    overtaken = Overtaken(
        still.grid, still.inventories, reader._links, reader._wanted, reader._shares, reader._figures, reader._restored, reader._hold_ms
    )
    snapshot = await read_event(link, event)
    assert snapshot is not None

    first = await overtaken._restore(link, event, snapshot)
    status = decode_status((await still.inventories.ask(event, STATUS)).outcomes[0][1])
    second = await reader.bring(link, event)

    assert first is None
    assert status.state == EntryState.ABSENT
    assert second is Brought.OPEN


class Losing(Inventories):
    """Its entry is gone when it comes to acknowledge: it hears what an event hears that never had one."""

    async def ask(self, event: int, *commands: bytes) -> BatchAnswer:
        return await super().ask(new_number() if commands[0][0] == Command.ACKNOWLEDGE else event, *commands)


async def test_a_pump_whose_entry_is_gone_before_it_says_verdicts_again_looks_later(still: Behind, databases: Databases) -> None:
    ((event,),) = await still.rows("SELECT event FROM positions")
    await still.hold(event, (1,))
    link, writer = Link(databases.main, "dying"), Writer(Link(databases.main, "dying writer"), Audit(Link(databases.audit, "dying")))
    dying = Drain(still.inventories, link)
    await dying.know([event])
    drained = await dying.next(event, 100)
    assert drained is not None
    assert drained.batch is not None
    await writer.write([drained.batch])  # and it dies before it acknowledges

    late = Drain(Losing(still.grid), link)
    await late.know([event])
    assert await late.next(event, 100) is None

    await late.know([event])
    again = Drain(still.inventories, link)
    await again.know([event])
    assert await again.next(event, 100) is not None
    status = decode_status((await still.inventories.ask(event, STATUS)).outcomes[0][1])
    assert status.durable_seq == status.seq > 0
    await writer.close()
    await link.close()
