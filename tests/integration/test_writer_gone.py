"""An entry that goes away between two steps of whoever works on it: the model's readers and pumps begin again, and so do the real ones."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
from hazelcast.errors import OperationTimeoutError

from data_pumps.drain import Drain
from data_pumps.reader import Brought, Compared, Reader
from data_writers.audit import Audit
from data_writers.database import Link
from data_writers.inventories import Inventories
from data_writers.readings import Position, read_event
from data_writers.writer import Writer
from grid_config.answers import BatchAnswer, decode_seats, decode_status
from grid_config.commands import STATUS, Command, drop_entry, read_seats
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

    async def _fence(self, link: Link, event: int, read: Position, entry: BatchAnswer, members: Iterable[UUID]) -> Compared:
        compared = await super()._fence(link, event, read, entry, members)
        dropped = await self._inventories.ask(event, drop_entry(entry.incarnation))
        assert dropped.outcomes[0][0] == Outcome.ACCEPTED
        return compared


async def test_a_reader_whose_entry_is_gone_before_it_is_opened_begins_again(still: Behind) -> None:
    event, link, reader = await _published(still), still.parts.reader_link, still.parts.reader
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


class Forgetful:
    """The grid's inventories: of the first call the answer is lost, and all of this happens before it is asked again."""

    def __init__(self, entries: Any, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._entries = entries
        self._meanwhile: Callable[[], Awaitable[None]] | None = meanwhile

    async def execute_on_key(self, event: int, asked: object) -> object:
        answer = await self._entries.execute_on_key(event, asked)
        if self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()
            raise OperationTimeoutError
        return answer


async def test_a_restore_that_is_asked_again_builds_no_life_that_has_been_lived(
    still: Behind, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, link, reader = await _published(still), still.parts.reader_link, still.parts.reader
    snapshot = await read_event(link, event)
    assert snapshot is not None
    entries = still.grid._connection.maps["inventory"]

    async def lived_and_lost() -> None:
        """Another reader goes on with the entry, a seat is sold and durable, and all members that had it die."""
        assert await reader.bring(link, event) is Brought.OPEN
        await still.hold(event, (1,))
        await _pump(still, databases, event)
        await entries.delete(event)

    monkeypatch.setitem(still.grid._connection.maps, "inventory", Forgetful(entries, lived_and_lost))
    first = await reader._restore(link, event, snapshot)
    second = await reader.bring(link, event)

    assert first is None
    assert second is Brought.OPEN
    ((_, seq),) = await still.rows("SELECT incarnation, seq FROM positions WHERE event = %s", event)
    status = decode_status((await still.inventories.ask(event, STATUS)).outcomes[0][1])
    assert status.seq == seq > 0
    assert decode_seats((await still.inventories.ask_open(event, read_seats()))[1]).states[:3] == b".h."


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


async def _published(still: Behind) -> int:
    """An event like the one that is there, which only PostgreSQL knows."""
    ((sold,),) = await still.rows("SELECT event FROM positions")
    event = new_number()
    await still.main.execute(
        "INSERT INTO events SELECT %s, version, status, hall, hall_version, starts_at, body FROM events WHERE event = %s", [event, sold]
    )
    return event


async def _pump(still: Behind, databases: Databases, event: int) -> None:
    """Everything that waits becomes durable."""
    link, writer = Link(databases.main, "pump"), Writer(Link(databases.main, "pump writer"), Audit(Link(databases.audit, "pump")))
    drain = Drain(still.inventories, link)
    await drain.know([event])
    drained = await drain.next(event, 100)
    assert drained is not None
    assert drained.batch is not None
    written = await writer.write([drained.batch])
    drain.moved(drained.batch)
    await drain.acknowledge(drained.batch, written.verdicts.get(event, ()), 1)
    await writer.close()
    await link.close()


async def test_a_shut_entry_behind_a_position_of_its_own_life_is_dropped_and_made_anew(
    behind_members: Cluster, databases: Databases
) -> None:
    settings = behind_members.settings(hold_seconds=120.0)
    async with behind(settings, databases) as running:
        sold = await running.publish()
    async with behind(settings, databases, run=False) as late:
        event = new_number()
        await late.main.execute(
            "INSERT INTO events SELECT %s, version, status, hall, hall_version, starts_at, body FROM events WHERE event = %s", [event, sold]
        )
        link, reader = late.parts.reader_link, late.parts.reader
        rows = await read_event(link, event)
        assert rows is not None
        copy = await late.inventories.ask_anew(event, await reader._command(rows))
        assert await reader._fence(link, event, rows.position, copy, ()) is Compared.FITS
        await late.main.execute("UPDATE positions SET seq = 7 WHERE event = %s", [event])  # what this copy has missed
        ahead = await read_event(link, event)
        assert ahead is not None

        moved = await reader._restore(link, event, rows)
        kept = decode_status((await late.inventories.ask(event, STATUS)).outcomes[0][1])
        first = await reader._restore(link, event, ahead)
        dropped = decode_status((await late.inventories.ask(event, STATUS)).outcomes[0][1])
        second = await reader.bring(link, event)

        assert moved is None
        assert kept.state == EntryState.SHUT
        assert ahead.position.incarnation == copy.incarnation
        assert first is None
        assert dropped.state == EntryState.ABSENT
        assert second is Brought.OPEN
        assert decode_status((await late.inventories.ask(event, STATUS)).outcomes[0][1]).durable_seq == 7
