"""Whole purchases: order, payment at the sandbox provider, its approval, confirmation with tickets. Counted in PostgreSQL."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from infra.benchmarks.connection import Connection
from infra.benchmarks.figures import Figure
from infra.benchmarks.plans import guid
from infra.benchmarks.stage import Event, Stage
from infra.benchmarks.usage import Usage
from infra.progress import Progress
from infra.stop import Stop

EVENTS = 4
SEATS = 30_000
SHOPPERS = 96
ACCOUNTS = 2_000
WAIT_SECONDS = 20


class Shop:
    """Shoppers who buy one seat after the other until the time is up, at most `pace` of them a second when it is given."""

    def __init__(self, stage: Stage, seats: Iterator[tuple[Event, str]], tokens: list[str], deadline: float, pace: float = 0.0) -> None:
        unit, provider = urlsplit(stage.unit), f"127.0.0.1:{stage.plan.ports.provider}".split(":")
        self._unit = (unit.hostname or "127.0.0.1", unit.port or 80)
        self._provider = (provider[0], int(provider[1]))
        self._seats = seats
        self._tokens = tokens
        self._deadline = deadline
        self._interval = 1 / pace if pace else 0.0
        self._due = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.seconds: list[float] = []

    async def shopper(self, number: int) -> None:
        """Buy until the deadline; what failed is counted by where it did."""
        async with Connection(*self._unit) as unit, Connection(*self._provider) as provider:
            for turn in itertools.count():
                await self._turn()
                began = time.monotonic()
                if began > self._deadline:
                    return
                token = self._tokens[(number + turn * SHOPPERS) % len(self._tokens)]
                try:
                    outcome = await self._buy(unit, provider, token)
                except ConnectionError:
                    outcome = "broken"
                self.counts[outcome] += 1
                if outcome == "confirmed":
                    self.seconds.append(time.monotonic() - began)

    async def _turn(self) -> None:
        """Wait for one's turn, when there is a pace to keep."""
        if self._interval:
            self._due += self._interval
            await asyncio.sleep(max(0.0, self._due - time.monotonic()))

    async def _buy(self, unit: Connection, provider: Connection, token: str) -> str:
        event, seat = next(self._seats)
        status, body = await unit.request("POST", f"/api/v1/events/{event.text}/orders", json.dumps({"seats": [seat]}).encode(), token)
        if status != 201:
            return f"order {status}"
        order = json.loads(body)["order_id"]
        wanted = {"provider": "sandbox", "method": "sbp", "return_url": f"/orders/{order}"}
        status, body = await unit.request("POST", f"/api/v1/orders/{order}/payments", json.dumps(wanted).encode(), token)
        if status != 201:
            return f"payment {status}"
        page = urlsplit(json.loads(body)["redirect_url"]).path
        status, _ = await provider.request("POST", f"{page}/outcome", b'{"outcome":"approve"}')
        if status != 200:
            return f"approval {status}"
        status, body = await unit.request("GET", f"/api/v1/orders/{order}?wait_for=confirmed&timeout={WAIT_SECONDS}", token=token)
        return json.loads(body)["status"] if status == 200 else f"wait {status}"


def seats_of(events: list[Event], first: int = 0) -> Iterator[tuple[Event, str]]:
    """The seats of these events from that place on, one of each in turn."""
    for place in range(first, events[0].seats):
        for event in events:
            yield event, guid(place)
    raise Stop("all seats of the bench are sold: make its halls larger")


async def purchases(stage: Stage, seconds: float, progress: Progress) -> Figure:
    """Purchases a second that are durable with their tickets, over that many seconds of steady shopping."""
    events = [await stage.event(SEATS) for _ in range(EVENTS)]
    began = time.monotonic()
    shop = Shop(stage, seats_of(events), stage.shoppers(ACCOUNTS), began + seconds)
    usage = Usage(stage)
    await asyncio.gather(*(shop.shopper(number) for number in range(SHOPPERS)))
    answered = time.monotonic()
    ended = await stage.durable(events)
    numbers = [event.number for event in events]
    sold = (await stage.rows("SELECT count(*) FROM orders WHERE event = ANY(%s) AND status = 'confirmed'", numbers))[0][0]
    tickets = (await stage.rows("SELECT count(*) FROM tickets WHERE event = ANY(%s) AND status = 'valid'", numbers))[0][0]
    if sold < shop.counts["confirmed"] or tickets != sold:
        raise Stop(f"{shop.counts['confirmed']} purchases were told, {sold} orders and {tickets} tickets are in PostgreSQL")
    shop.seconds.sort()
    details = {
        "seconds": ended - began, "lag, seconds": max(0.0, ended - answered), "purchases": sold,
        "p50, seconds": shop.seconds[len(shop.seconds) // 2] if shop.seconds else 0.0,
        "p99, seconds": shop.seconds[len(shop.seconds) * 99 // 100] if shop.seconds else 0.0,
        "other ends": dict(shop.counts - Counter(confirmed=shop.counts["confirmed"])),
    } | usage.per_operation(sold)  # fmt: skip
    progress.say(f"purchases: {sold} in {ended - began:.1f} s, lag {ended - answered:.2f} s")
    return Figure("whole purchases, durable with tickets", sold / (ended - began), "per second", least=500, details=details)
