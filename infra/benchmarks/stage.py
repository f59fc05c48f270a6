"""The system under measurement: brought up as infra/up does it, with one unit, and filled through the public API and the grid."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from grid_config import commands
from grid_config.answers import BatchAnswer, EntryStatus, decode_batch, decode_status
from grid_config.client import Grid
from grid_config.identifiers import new_number, number_of
from grid_config.limits import BATCH_COMMANDS_MAX
from grid_config.outcomes import BatchStatus
from infra.addresses import ensure_administrator, write_urls
from infra.benchmarks.plans import CATEGORY, hall
from infra.options import Options
from infra.processes import Blueprint, settings_of
from infra.progress import Progress
from infra.settings import PREFIX, from_environment
from infra.stop import Stop
from infra.system import System, clear, stop
from processing_units.edge.tokens import Tokens

LOOPBACK = bytes(10) + b"\xff\xff" + bytes((127, 0, 0, 1))
DURABLE_SECONDS = 300.0
BATCHES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Event:
    """A published event of the bench: its id in text and number, and how many seats it has."""

    text: str
    number: int
    seats: int


@dataclass(slots=True)
class Stage:
    """A running system and every way to it."""

    plan: Blueprint
    api: str
    unit: str
    admin: httpx.AsyncClient
    grid: Grid
    tokens: Tokens
    halls: dict[int, str]
    artist: str
    work: Path  # for load files
    importing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def event(self, seats: int) -> Event:
        """A new event on sale in a hall of that many seats; no limit per customer, no orphan rule."""
        async with self.importing:
            if seats not in self.halls:
                self.halls[seats] = (await post(self.admin, "/admin/halls", {"plan": hall(seats)}))["hall_id"]
        now = datetime.now(UTC)
        made = await post(self.admin, "/admin/events", {
            "title": f"Мера, {seats}", "artist_ids": [self.artist], "description": "Событие для измерений.", "city": "Москва",
            "address": "Концертная ул., 5", "starts_at": _text(now + timedelta(days=90)), "sale_opens_at": _text(now - timedelta(hours=1)),
            "hall_id": self.halls[seats], "prices": {CATEGORY: {"amount": "1000.00", "currency": "RUB"}}, "per_customer_limit": None,
        })  # fmt: skip
        await post(self.admin, f"/admin/events/{made['event_id']}/publish", None)
        number = number_of(made["event_id"])
        assert number is not None
        event = Event(made["event_id"], number, seats)
        await self._sells(event)
        return event

    async def _sells(self, event: Event) -> None:
        """Wait until the unit sells it, too: it follows the catalogue within a moment."""
        deadline = time.monotonic() + 30
        while (await self.admin.get(f"{self.unit}/api/v1/events/{event.text}/seats")).status_code != 200:
            if time.monotonic() > deadline:
                raise Stop(f"event {event.text} is not on sale after 30 s")
            await asyncio.sleep(0.1)

    def shoppers(self, count: int) -> list[str]:
        """Tokens of that many accounts, signed as a sign-in would sign them."""
        return [self.tokens.issue(new_number(), ())[0] for _ in range(count)]

    async def ask(self, event: Event, asked: Sequence[bytes]) -> BatchAnswer:
        """One batch of commands straight to the grid."""
        answer = decode_batch(await self.grid.inventory(event.number, commands.batch(time.time_ns() // 1_000_000, asked)))
        if answer.status != BatchStatus.ACCEPTED:
            raise Stop(f"the grid refused a batch: {BatchStatus(answer.status).name.lower()}")
        return answer

    async def ask_all(self, event: Event, asked: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Commands straight to the grid in full batches, several under way; their outcomes in order."""
        limit = asyncio.Semaphore(BATCHES_AT_ONCE)

        async def one(start: int) -> list[tuple[int, bytes]]:
            async with limit:
                return (await self.ask(event, asked[start : start + BATCH_COMMANDS_MAX])).outcomes

        parts = await asyncio.gather(*(one(start) for start in range(0, len(asked), BATCH_COMMANDS_MAX)))
        return [outcome for part in parts for outcome in part]

    async def status(self, event: Event) -> EntryStatus:
        return decode_status((await self.ask(event, [commands.STATUS])).outcomes[0][1])

    async def durable(self, events: Iterable[Event], seconds: float = DURABLE_SECONDS) -> float:
        """Wait until everything these events have is in PostgreSQL; the monotonic time at which it was."""
        deadline = time.monotonic() + seconds
        for event in events:
            while (stands := await self.status(event)).durable_seq < stands.seq:
                if time.monotonic() > deadline:
                    raise Stop(f"{stands.seq - stands.durable_seq} changes are not in PostgreSQL after {seconds:.0f} s")
                await asyncio.sleep(0.02)
        return time.monotonic()

    def all_stayed(self, members: frozenset[UUID]) -> None:
        """Stop where one of these members, none of which was harmed, is not the same any more: it was thrown out under load."""
        if gone := members - self.grid.identities():
            raise Stop(f"{len(gone)} members that lived were thrown out of the grid under load")

    async def rows(self, statement: str, *values: Any, audit: bool = False) -> list[tuple[Any, ...]]:
        """What a query of a database gives."""
        url = self.plan.databases.audit if audit else self.plan.databases.main
        async with await psycopg.AsyncConnection.connect(url) as connection:
            return await (await connection.execute(statement.encode(), values)).fetchall()


@asynccontextmanager
async def staged(options: Options, progress: Progress) -> AsyncIterator[Stage]:
    """A fresh system with these options, stopped at the end; what it left is cleared at the next start."""
    await stop(options.places)
    clear(options.places)
    system = System(options, progress)
    try:
        plan = await system.bring_up()
        told = write_urls(options.places, options.ports, options.units)
        login, password = ensure_administrator(options.places)
        async with httpx.AsyncClient(base_url=told["api"], timeout=120, trust_env=False) as admin:
            session = await post(admin, "/sessions", {"login": login, "password": password})
            admin.headers["authorization"] = f"Bearer {session['token']}"
            artist = await post(admin, "/admin/artists", {"name": "Оркестр измерений", "occupation": "оркестр"})
            grid = await Grid.connect(from_environment({PREFIX + name.upper(): text for name, text in settings_of(plan, "bench").items()}))
            try:
                tokens = Tokens((options.places.secrets / "session").read_bytes().strip())
                work = options.places.run_dir
                yield Stage(plan, told["api"], told["units"][0], admin, grid, tokens, {}, artist["artist_id"], work)
            finally:
                await grid.close()
    finally:
        await stop(options.places)


def hold(order: int, account: int, places: Sequence[int]) -> bytes:
    """A hold of chosen seats with an id of its own."""
    return commands.hold_seats(secrets.token_bytes(16), secrets.randbits(62), order, account, LOOPBACK, places)


async def post(client: httpx.AsyncClient, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    answer = await client.post(path, json=body) if body is not None else await client.post(path)
    if answer.is_error:
        raise Stop(f"POST {path} answered {answer.status_code} {answer.text[:300]}")
    told: dict[str, Any] = answer.json() if answer.content else {}
    return told


def _text(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
