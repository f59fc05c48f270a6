"""How the rates stand when there is more of everything: seats of an event, events, live holds in an entry."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grid_config.identifiers import new_number
from infra.benchmarks import wrk
from infra.benchmarks.figures import Figure
from infra.benchmarks.shopping import chosen
from infra.benchmarks.stage import Event, Stage, hold
from infra.benchmarks.wrk import Request
from infra.progress import Progress

SEATS = (1_000, 3_000, 10_000, 30_000, 100_000)
EVENTS = (1, 10, 100, 1_000, 10_000)
HOLDS = (0, 10_000, 20_000, 40_000, 60_000)  # of the places of a large hall; orders take the others
SHOPPED_EVENTS_MAX = 100  # of the events that are on sale; the others stand beside them
SHOPPED_SEATS = 30_000  # of these together
STANDING_SEATS = 100  # of each of the others: ten thousand of them must fit into the grid
HELD_HALL = 100_000
MADE_AT_ONCE = 32
ACCOUNTS = 5_000
SECONDS = 3.0
LEAST_LEFT = 0.5  # of the first rate: below it something grows that should not


class Point(NamedTuple):
    """Rates at one size."""

    size: int
    orders: float  # accepted a second
    seats: float  # answers with the current seats a second


@dataclass(frozen=True, slots=True)
class Growth:
    """Rates over sizes of one kind."""

    name: str
    points: list[Point]
    first: int = 0  # the size that the last one is held against: its place among the points

    def figure(self) -> Figure:
        first, last = self.points[self.first], self.points[-1]
        told = "; ".join(f"{point.size:,}: {point.orders:,.0f} / {point.seats:,.0f}" for point in self.points)
        name = f"orders with {last.size:,} {self.name} / with {first.size:,}"
        return Figure(name, last.orders / first.orders, "", least=LEAST_LEFT, details={"orders/s / seats read/s": told})


async def growth(stage: Stage, connections: int, progress: Progress) -> list[Growth]:
    """The three of them; every point is a few seconds of orders, then of reads."""
    return [
        Growth("seats", await _over(SEATS, lambda size: _with_seats(stage, size, connections), "seats", progress)),
        Growth("live holds", await _over(HOLDS, lambda size: _with_holds(stage, size, connections), "live holds", progress)),
        Growth("events", await _with_events(stage, connections, progress), EVENTS.index(SHOPPED_EVENTS_MAX)),
    ]


async def _over(sizes: Sequence[int], take: Callable[[int], Awaitable[Point]], what: str, progress: Progress) -> list[Point]:
    points = []
    for size in sizes:
        points.append(await take(size))
        progress.say(f"{size:,} {what}: {points[-1].orders:,.0f} orders/s, {points[-1].seats:,.0f} seats read/s")
    return points


async def _with_seats(stage: Stage, size: int, connections: int) -> Point:
    """Orders until the time or the seats are over; small halls take several events, one after the other."""
    events = [await stage.event(size) for _ in range(max(1, 10_000 // size))]
    return await _rates(stage, size, events, connections, in_turn=False)


async def _with_holds(stage: Stage, size: int, connections: int) -> Point:
    event = await stage.event(HELD_HALL)
    await stage.ask_all(event, [hold(new_number(), new_number(), [place]) for place in range(HELD_HALL - size, HELD_HALL)])
    await stage.durable([event])
    return await _rates(stage, size, [Event(event.text, event.number, HELD_HALL - size)], connections, in_turn=False)


async def _with_events(stage: Stage, connections: int, progress: Progress) -> list[Point]:
    """So many events on sale; the newest of them, at most a hundred, are shopped in."""
    made = 0
    points = []
    for size in EVENTS:
        shopped = min(size - made, SHOPPED_EVENTS_MAX)
        with progress.step(f"{size:,} events"):
            await _several(stage, size - made - shopped, STANDING_SEATS)
            events = await _several(stage, shopped, SHOPPED_SEATS // shopped)
        made = size
        points.append(await _rates(stage, size, events, connections, in_turn=True))
        progress.say(f"{size:,} events: {points[-1].orders:,.0f} orders/s, {points[-1].seats:,.0f} seats read/s")
    return points


async def _several(stage: Stage, count: int, seats: int) -> list[Event]:
    gate = asyncio.Semaphore(MADE_AT_ONCE)

    async def made() -> Event:
        async with gate:
            return await stage.event(seats)

    return await asyncio.gather(*(made() for _ in range(count)))


async def _rates(stage: Stage, size: int, events: list[Event], connections: int, *, in_turn: bool) -> Point:
    tokens = stage.shoppers(ACCOUNTS)
    load = wrk.write_load(stage.work / "growth.load", chosen(events, tokens, in_turn=in_turn))
    orders = await wrk.run(stage.unit, load, 201, SECONDS, connections, once=True)
    lag = await stage.durable(events) - orders.ended_at
    reads = wrk.write_load(stage.work / "growth.load", [Request("GET", f"/api/v1/events/{event.text}/seats") for event in events])
    seats = await wrk.run(stage.unit, reads, 200, SECONDS, connections)
    return Point(size, orders.wanted / (orders.seconds + max(0.0, lag)), seats.rate)
