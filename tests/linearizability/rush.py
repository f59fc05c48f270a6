"""A rush on a few seats over HTTP, from a seed: impatient shoppers who hold, repeat, release, pay and look, through all units."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.fixtures.results import Result
from tests.fixtures.shop import person, plan, unique
from tests.linearizability.history import History, Witness

ROWS, SEATS = 2, 8
IMPATIENT_SHARE = 0.15  # of the holds, releases and starts of payment: given up after a moment, what became of them unknown
IMPATIENCE_SECONDS_MAX = 0.02
THINGS_MIN = 20  # that a shopper does even on a machine that is busy with something else
PURCHASES_MAX = 4  # what is sold stays sold, and a hall that is sold out is no rush


@dataclass
class Hall:
    """A published event with a small hall, and the way to it."""

    units: Sequence[str]  # base addresses with /api/v1
    event_id: str
    seats: list[str]  # in plan order


async def open_hall(units: Sequence[str], administrator: dict[str, str]) -> Hall:
    """Publish an event without a limit per customer."""
    async with signed_in(units, administrator["login"], administrator["password"]) as admins:
        admin = admins[0]
        document = plan(ROWS, SEATS)
        hall = await _made(admin, "/admin/halls", {"plan": document})
        artist = await _made(admin, "/admin/artists", {"name": unique("Группа "), "occupation": "рок-группа"})
        now = datetime.now(UTC).replace(microsecond=0)
        event = await _made(
            admin,
            "/admin/events",
            {
                "title": unique("Концерт "),
                "artist_ids": [artist["artist_id"]],
                "description": "Большой концерт",
                "city": "Москва",
                "address": "ул. Примерная, 1",
                "starts_at": (now + timedelta(days=90)).isoformat(),
                "sale_opens_at": (now - timedelta(minutes=1)).isoformat(),
                "hall_id": hall["hall_id"],
                "prices": {name: {"amount": "100.00", "currency": "RUB"} for name in ("Партер", "Балкон")},
            },
        )
        await _made(admin, f"/admin/events/{event['event_id']}/publish", None)
    seats = [seat["seat_guid"] for zone in document["zones"] for row in zone["rows"] for seat in row["seats"]]
    opened = Hall(units, event["event_id"], seats)
    await _known_everywhere(opened)
    return opened


@contextlib.asynccontextmanager
async def signed_in(units: Sequence[str], login: str, password: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of every unit, with one session's token."""
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(httpx.AsyncClient(base_url=unit, timeout=30)) for unit in units]
        session = await _made(clients[0], "/sessions", {"login": login, "password": password})
        for client in clients:
            client.headers["Authorization"] = f"Bearer {session['token']}"
            client.cookies.clear()
        yield clients


async def rush(hall: Hall, history: History, *, shoppers: int, seconds: float, seed: int) -> None:
    """Let so many shoppers loose for so long; what they did is in the history."""
    async with contextlib.AsyncExitStack() as stack:
        crowd = []
        for number in range(shoppers):
            registering = person()
            async with httpx.AsyncClient(base_url=hall.units[number % len(hall.units)], timeout=30) as http:
                await _made(http, "/accounts", registering)
            units = await stack.enter_async_context(signed_in(hall.units, registering["login"], registering["password"]))
            turned = units[number % len(units) :] + units[: number % len(units)]
            witness = Witness(f"shopper {number}", turned, history, hall.seats)
            crowd.append(Shopper(witness, hall.seats, random.Random(f"{seed} {number}"), purchases=1 if number < PURCHASES_MAX else 0))
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for shopper in crowd:
                group.create_task(shopper.shop(until))


@dataclass
class Shopper:
    """Does one thing after the other, as the dice say."""

    witness: Witness
    seats: list[str]
    random: random.Random
    purchases: int
    unknown: dict[str, list[str]] = field(default_factory=dict)  # key → seats of holds without an answer
    mine: dict[str, list[str]] = field(default_factory=dict)  # key → seats of holds with one
    orders: list[str] = field(default_factory=list)

    async def shop(self, until: float) -> None:
        done = 0
        while done < THINGS_MIN or time.monotonic() < until:
            await self._one_thing()
            done += 1
        for key, seats in self.unknown.items():  # a shopper who wants to know asks again with the same key
            await self.witness.hold(seats, key)
        await self.witness.read()

    async def _one_thing(self) -> None:
        dice = self.random.random()
        if self.unknown and dice < 0.5:
            key, seats = self.unknown.popitem()
            _, result = await self.witness.hold(seats, key)
            self._told(key, seats, result)
        elif dice < 0.45 or not self.orders:
            await self._hold()
        elif dice < 0.5:
            key = self.random.choice(list(self.mine))
            await self.witness.hold(self.mine[key], key)
        elif dice < 0.7:
            await self.witness.release(self.random.choice(self.orders[-3:]), patience=self._patience())
        elif dice < 0.75 or self.purchases > 0:
            await self._pay()
        elif dice < 0.85:
            await self.witness.read_order(self.random.choice(self.orders))
        else:
            await self.witness.read()

    async def _hold(self) -> None:
        first = self.random.randrange(len(self.seats))
        wanted = self.seats[first : first + self.random.randint(1, 3)]
        key, result = await self.witness.hold(wanted, patience=self._patience())
        self._told(key, wanted, result)

    def _told(self, key: str, seats: list[str], result: Result) -> None:
        if result is None:
            self.unknown[key] = seats
        elif result["outcome"] == "ok":
            self.mine[key] = seats
            self.orders.append(result["order"])

    async def _pay(self) -> None:
        order = self.orders[-1]
        result, redirect_url = await self.witness.start_payment(order, patience=self._patience())
        if not redirect_url or result is None:
            return
        if self.purchases > 0 and self.random.random() < 0.8:
            self.purchases -= 1
            await self.witness.pay(order, redirect_url)
        else:
            await self.witness.decline(order, redirect_url)

    def _patience(self) -> float:
        hurry = self.random.random() < IMPATIENT_SHARE
        return self.random.uniform(0, IMPATIENCE_SECONDS_MAX) if hurry else 10.0


async def _made(client: httpx.AsyncClient, path: str, body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text[:500]}"
    made: dict[str, Any] = answer.json()
    return made


async def _known_everywhere(hall: Hall) -> None:
    """Units learn of a new event within 200 ms; a slow machine is given longer."""
    until = time.monotonic() + 20
    for unit in hall.units:
        async with httpx.AsyncClient(base_url=unit, timeout=30) as http:
            while (answer := await http.get(f"/events/{hall.event_id}/seats")).status_code != 200:
                assert time.monotonic() < until, answer.text
                await asyncio.sleep(0.05)
