"""Streams of seat changes over real HTTP and real members: what is told adds up to what availability says."""

import asyncio
import contextlib
import json
import random

import httpx

from processing_units.serving import UnitServer, configured, listening
from tests.fixtures.sales_orders import cluster, units

__all__ = ["cluster", "units"]  # fixtures


@contextlib.asynccontextmanager
async def served(unit):
    """The unit behind a real server; its address."""
    socket = listening("127.0.0.1", 0)
    port = socket.getsockname()[1]
    async with UnitServer(configured(unit.app)).running([socket]):
        yield f"http://127.0.0.1:{port}/api/v1"
        unit.streams.stop()


class Seen:
    """What a listener was told: the seats as he would draw them."""

    def __init__(self, states=""):
        self.states = list(states)
        self.versions = []
        self.kinds = []

    def take(self, kind, data):
        body = json.loads(data)
        self.kinds.append(kind)
        self.versions.append(body["version"])
        if kind == "snapshot":
            self.states = list(body["states"])
        else:
            for seat, state in body["changes"]:
                self.states[seat] = state


async def listen(base, event, seen, last=None):
    headers = {"Last-Event-ID": str(last)} if last else {}
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", f"{base}/events/{event}/seats/stream", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-request-id"]
        kind = ""
        async for line in answer.aiter_lines():
            if line.startswith("event:"):
                kind = line[6:].strip()
            elif line.startswith("data:"):
                seen.take(kind, line[5:])


@contextlib.asynccontextmanager
async def listener(base, event, seen, last=None):
    task = asyncio.create_task(listen(base, event, seen, last))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition, seconds=10):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a test's wait
            await asyncio.sleep(0.02)


async def seats_of(unit, event):
    async with unit.client(0) as anyone:
        return (await anyone.get(f"/events/{event}/seats")).json()


async def test_what_listeners_are_told_adds_up_to_the_seats(units):
    event = await units[0].publish(limit=0)
    shoppers = [units[number % 2].client() for number in range(8)]
    seen = [Seen() for _ in range(6)]

    async def shop(shopper, chance):
        for _ in range(25):
            seats = [f"{chance.randint(1, 4)}-{chance.randint(1, 10)}"]
            held = await shopper.post(f"/events/{event}/orders", json={"seats": seats})
            if held.status_code == 201 and chance.random() < 0.5:
                await shopper.delete(f"/orders/{held.json()['order_id']}")
            await asyncio.sleep(chance.random() / 50)

    async with served(units[0]) as first, served(units[1]) as second, contextlib.AsyncExitStack() as stack:
        for number, one in enumerate(seen):
            await stack.enter_async_context(listener([first, second][number % 2], event, one))
        await until(lambda: all(one.kinds for one in seen))
        await asyncio.gather(*[shop(shopper, random.Random(number)) for number, shopper in enumerate(shoppers)])
        final = await seats_of(units[0], event)
        await until(lambda: all(one.versions[-1] == final["version"] for one in seen))
    for one in seen:
        assert "".join(one.states) == final["states"]
        assert one.kinds[0] == "snapshot"
        assert "change" in one.kinds[1:]  # and now and then a snapshot, where more happened at once than the inventory remembers
        assert one.versions == sorted(set(one.versions))
    await asyncio.gather(*[shopper.aclose() for shopper in shoppers])


async def test_a_stream_resumes_at_a_unit_that_never_saw_the_event(units):
    event = await units[0].publish()
    async with units[0].client() as shopper:
        await shopper.post(f"/events/{event}/orders", json={"seats": ["1-3"]})
        known = await seats_of(units[0], event)
        await shopper.post(f"/events/{event}/orders", json={"seats": ["1-4"]})
        seen = Seen(known["states"])
        async with served(units[1]) as base, listener(base, event, seen, known["version"]):
            await until(lambda: seen.kinds)
            assert seen.kinds == ["change"]
            assert "".join(seen.states)[:5] == "..hh."
            await shopper.post(f"/events/{event}/orders", json={"seats": ["1-5"]})
            await until(lambda: seen.states[4] == "h")
    assert set(seen.kinds) == {"change"}


async def test_a_client_that_goes_away_ends_the_reader(units):
    event = await units[0].publish()
    seen = Seen()
    async with served(units[0]) as base:
        async with listener(base, event, seen):
            await until(lambda: seen.kinds)
            assert "front_row_stream_clients 1.0" in units[0].metrics.text().decode()
        await until(lambda: "front_row_stream_clients 0.0" in units[0].metrics.text().decode())


async def test_a_unit_that_stops_ends_its_streams_and_lets_orders_finish(units):
    event = await units[0].publish()
    seen = Seen()
    async with units[1].client() as other:
        async with served(units[0]) as base:
            task = asyncio.create_task(listen(base, event, seen))
            await until(lambda: seen.kinds)
        await asyncio.wait_for(task, 5)
        assert (await other.post(f"/events/{event}/orders", json={"seats": ["1-1"]})).status_code == 201
