"""The real parts that counterexamples of the model are replayed with: members, PostgreSQL, and whatever asks them, played by hand.

Everything but the hand is the product's own: a pump is its `Drain` and `Writer`, a reader its `Reader`, a unit its `Notices`.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from data_pumps.reader import Compared, Reader
from data_writers.audit import Audit
from data_writers.batch import Batch, Told
from data_writers.database import Link
from data_writers.inventories import Inventories
from data_writers.writer import Writer
from grid_config.answers import BatchAnswer
from grid_config.client import Grid, GridUnavailable
from grid_config.commands import STATUS, Command, hold_seats
from grid_config.identifiers import new_number, number_text
from grid_config.processors import InventoryProcessor
from infra.clock import Clock, clock_of
from processing_units.metrics import Metrics
from processing_units.payments.durability import Durability
from processing_units.payments.notices import Notices
from processing_units.payments.settlement import Settlement
from processing_units.sales.batcher import Batchers
from processing_units.sales.waiters import Waiters
from tests.faults.traces.members import WiredCluster
from tests.fixtures.behind import Behind, a_plan, an_event, behind
from tests.fixtures.clock import Hands
from tests.fixtures.database import Databases
from tests.fixtures.outbox import ADDRESS

HALL_VERSION = 1
WAIT_SECONDS = 60.0  # of a notification: through a total loss and what follows


class OneAttempt:
    """A grid that is asked once: no answer is no answer."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    async def inventory(self, event: int, request: bytes) -> bytes:
        try:
            return bytes(await self._grid._connection.maps["inventory"].execute_on_key(event, InventoryProcessor(request)))
        except Exception as error:
            raise GridUnavailable(f"not confirmed: {type(error).__name__}") from None


class GatedInventories(Inventories):
    """A reader's: it opens no entry before it may."""

    def __init__(self, grid: Grid, clock: Clock) -> None:
        super().__init__(grid, clock)
        self.may_open = asyncio.Event()

    async def ask(self, event: int, *commands: bytes) -> BatchAnswer:
        if commands[0][0] == Command.OPEN:
            await self.may_open.wait()
        return await super().ask(event, *commands)


class GatedReader(Reader):
    """A reader that stops before (c) and before (d) until it is told to go on."""

    inventories: GatedInventories

    @classmethod
    def beside(cls, reader: Reader, inventories: GatedInventories) -> "GatedReader":
        gated = cls(
            reader._grid, inventories, reader._links, reader._wanted, reader._shares, reader._figures, reader._restored, reader._hold_ms
        )
        gated.inventories = inventories
        gated.before_fence, gated.may_fence = asyncio.Event(), asyncio.Event()
        gated.fenced = asyncio.get_running_loop().create_future()
        return gated

    before_fence: asyncio.Event
    may_fence: asyncio.Event
    fenced: "asyncio.Future[bool]"  # whether the entry came through (c)

    async def _fence(self, *given: Any) -> Compared:
        self.before_fence.set()
        await self.may_fence.wait()
        compared = await super()._fence(*given)
        if not self.fenced.done():
            self.fenced.set_result(compared is Compared.FITS)
        return compared


@dataclass
class Hand:
    """What a pump has in hand."""

    batch: Batch | None = None
    verdicts: tuple[Told, ...] = ()
    written: bool = False


@dataclass
class Wanted:
    """One order of a trace, as its shopper knows it."""

    places: tuple[int, ...]
    number: int = field(default_factory=new_number)
    account: int = field(default_factory=new_number)
    command_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    attempt: int = field(default_factory=new_number)
    held: bool = False  # the shopper was told so
    released: bool = False  # the shopper let it go
    notified: asyncio.Task[None] | None = None  # a notification on its way; done without an error: 200

    def hold(self) -> bytes:
        return hold_seats(self.command_id, 1, self.number, self.account, ADDRESS, self.places)

    @property
    def has_200(self) -> bool:
        task = self.notified
        return task is not None and task.done() and task.exception() is None


@dataclass
class World:
    """What all replays share."""

    cluster: WiredCluster
    back: Behind
    once: Inventories
    writer: Writer
    link: Link
    batchers: Batchers
    notices: Notices
    hands: Hands  # of all clocks but PostgreSQL's
    clock: Clock
    partitions: set[int] = field(default_factory=set)  # of events: each has its own, because messages are kept and lost by partition

    async def new_event(self, owner: int | None = None, begins_in: timedelta | None = None) -> int:
        """A published event (owned by this member, when one is named); the reader has brought it into the grid."""
        event = await self.published(owner, begins_in)
        await self.back.parts.reader.bring(self.back.parts.reader_link, event)
        return event

    async def published(self, owner: int | None = None, begins_in: timedelta | None = None) -> int:
        """One that only PostgreSQL knows."""
        event = new_number()
        while self._taken(event) or (owner is not None and await self.owner_of(event) != owner):
            event = new_number()
        self.partitions.add(self.back.grid.partition_of(event))
        hall = new_number()
        plan = {"hall_id": number_text(hall), "version": HALL_VERSION, "plan": a_plan(), "earlier": {}}
        body = an_event(hall)
        if begins_in is not None:
            body["starts_at"] = (self.hands.now() + begins_in).isoformat()
        await self.back.main.execute("INSERT INTO halls VALUES (%s, %s, %s)", [hall, HALL_VERSION, Jsonb(plan)])
        await self.back.main.execute(
            "INSERT INTO events (event, version, status, hall, hall_version, starts_at, body) VALUES (%s, 1, 'published', %s, %s, %s, %s)",
            [event, hall, HALL_VERSION, body["starts_at"], Jsonb(body)],
        )
        return event

    def _taken(self, event: int) -> bool:
        return self.back.grid.partition_of(event) in self.partitions

    async def owner_of(self, event: int) -> int:
        """The number of the member that owns an event now."""
        client = self.back.grid._connection.client
        partition = self.back.grid.partition_of(event)
        while True:
            await self.back.inventories.ask(event, STATUS)  # partitions are given to members when somebody asks for the first of them
            owner = client.partition_service.get_partition_owner(partition)
            for member in client.cluster_service.get_members():
                ports = {each.port for each in (member.address, *member.address_map.values())}
                for number, place in enumerate(self.cluster.places):
                    if member.uuid == owner and ports & {place.client_port, int(self.cluster.shape.members[number].rsplit(":")[-1])}:
                        return number
            await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def asked_at(self, member: int) -> AsyncIterator[Inventories]:
        """Inventories asked through this member, as it believes the grid to be."""
        grid = await Grid.connect(self.cluster.settings(grid_members=(self.cluster.addresses[member],)))
        try:
            yield Inventories(OneAttempt(grid), self.clock)  # type: ignore[arg-type]  # of a grid it needs no more
        finally:
            await grid.close()

    def reader(self) -> GatedReader:
        return GatedReader.beside(self.back.parts.reader, GatedInventories(self.back.grid, self.clock))


@contextlib.asynccontextmanager
async def world(cluster: WiredCluster, databases: Databases) -> AsyncIterator[World]:
    """Everything that a replay needs beside its members."""
    settings = cluster.settings(hold_seconds=600.0)
    async with behind(settings, databases, run=False) as back:
        back.parts.shares._held = set(range(8))
        link, audit_link = Link(databases.main, "trace"), Link(databases.audit, "trace")
        writer = Writer(Link(databases.main, "trace writer"), Audit(audit_link))
        metrics = Metrics()
        clock = clock_of(settings)
        batchers, waiters = Batchers(back.grid.inventory, metrics, clock), Waiters(metrics)
        notices = Notices(Settlement(batchers, waiters), Durability(batchers, metrics, WAIT_SECONDS), waiters, metrics)
        once = Inventories(OneAttempt(back.grid), clock)  # type: ignore[arg-type]  # of a grid it needs no more
        try:
            yield World(cluster, back, once, writer, link, batchers, notices, Hands(cluster.clock_file), clock)
        finally:
            await writer.close()
            await link.close()
