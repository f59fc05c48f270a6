"""The minute of a big sale: 10,000 requests a second offered, of which 80 % read, 18 % want what is taken and 2 % hold and pay.

One hot event of 30,000 seats, a third of them taken. Reads and refusals come from wrk at their pace, purchases from shoppers of
our own, each of whom holds, pays at the sandbox provider and waits for the tickets. Nothing is slowed down by slow answers as long
as there are connections left: a request is sent when its time has come.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from itertools import islice

from grid_config.identifiers import new_number
from infra.benchmarks import wrk
from infra.benchmarks.figures import Figure
from infra.benchmarks.plans import guid
from infra.benchmarks.purchases import Shop, seats_of
from infra.benchmarks.stage import Event, Stage, hold
from infra.benchmarks.usage import Usage
from infra.benchmarks.wrk import Request
from infra.progress import Progress

SEATS = 30_000
OFFERED = 10_000  # requests a second, the purchases' first ones among them
BUYING, REFUSED = 0.02, 0.18
READS_OF_THE_EVENT = 0.2  # of the reads; the others read the seats
CONNECTIONS = 1_000
SHOPPERS = 128
ACCOUNTS = 5_000
LINES = 20_000
SEED = 7


async def rush(stage: Stage, seconds: float, progress: Progress) -> list[Figure]:
    """p95 of all answers while the mix is offered for so many seconds, and how many of them failed."""
    event = await stage.event(SEATS)
    taken = range(SEATS // 3)
    await stage.ask_all(event, [hold(new_number(), new_number(), taken[first : first + 10]) for first in range(0, len(taken), 10)])
    await stage.durable([event])
    tokens = stage.shoppers(ACCOUNTS)
    load = wrk.write_load(stage.work / "rush.load", islice(_lookers(event, len(taken), tokens), LINES))
    began = time.monotonic()
    buying = OFFERED * BUYING
    shop = Shop(stage, seats_of([event], len(taken)), tokens, began + seconds, pace=buying)
    usage, members = Usage(stage), stage.grid.identities()
    looking = asyncio.create_task(wrk.run(stage.unit, load, (200, 409), seconds, CONNECTIONS, pace=OFFERED - buying))
    await asyncio.gather(*(shop.shopper(number) for number in range(SHOPPERS)))
    answers = await looking
    answered = time.monotonic()
    lag = await stage.durable([event]) - answered
    stage.all_stayed(members)
    bought = shop.counts["confirmed"]
    shop.seconds.sort()
    details = {
        "offered per second": OFFERED, "answered per second": answers.rate + shop.counts.total() / (answered - began),
        "p50, ms": answers.p50_ms, "p99, ms": answers.p99_ms,
        "purchases per second": bought / (answered - began), "p95 of a whole purchase, seconds": _part(shop.seconds, 0.95),
        "lag, seconds": max(0.0, lag),
    } | usage.per_operation(answers.wanted + bought)  # fmt: skip
    failures = answers.others + answers.unavailable + answers.broken + shop.counts.total() - bought
    progress.say(f"rush: {answers.rate:,.0f}/s, p95 {answers.p95_ms:.0f} ms, {failures} failures, {bought} purchases")
    ends = {"unavailable": answers.unavailable, "broken": answers.broken, "purchases' ends": dict(shop.counts)}
    name = f"on-sale mix, {OFFERED:,} requests/s offered"
    return [
        Figure(f"{name}: p95", answers.p95_ms, "ms", most=100, details=details),
        Figure(f"{name}: failures", failures, "", most=1, details=ends),
    ]


def _lookers(event: Event, taken: int, tokens: list[str]) -> Iterator[Request]:
    """Those who read and those who come too late, well mixed."""
    chance = random.Random(SEED)  # noqa: S311  # the same mix in every run
    path = f"/api/v1/events/{event.text}"
    while True:
        lot = chance.random() * (1 - BUYING)
        if lot < REFUSED:
            seats = [guid(place) for place in chance.sample(range(taken), 2)]
            yield Request("POST", f"{path}/orders", chance.choice(tokens), "", json.dumps({"seats": seats}))
        else:
            yield Request("GET", path if chance.random() < READS_OF_THE_EVENT else f"{path}/seats")


def _part(ordered: list[float], part: float) -> float:
    return ordered[int(len(ordered) * part)] if ordered else 0.0
