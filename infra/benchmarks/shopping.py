"""Figures of one unit under wrk, each against the no-op: chosen-seat orders, refusals, availability.

A round is the no-op and then the system, under the same line of wrk with the same requests; the ratio is the median over the
rounds. A round of orders or refusals ends when the last of its changes, or of its audit lines, is in PostgreSQL.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from grid_config.identifiers import new_number
from infra.benchmarks import wrk
from infra.benchmarks.figures import Figure, median
from infra.benchmarks.plans import guid
from infra.benchmarks.stage import Event, Stage, hold
from infra.benchmarks.usage import Usage
from infra.benchmarks.wrk import Answers, Request, Rounds
from infra.processes import niceness
from infra.progress import Progress
from infra.stop import Stop

ROUND_SEATS = 100_000
SPREAD_EVENTS = 100
WRITING = 1_000  # orders a second beside reads
WRITING_CONNECTIONS = 64
HALL_SEATS = 30_000
SEATS_AN_ORDER = 2
ACCOUNTS = 5_000
ROUND_SECONDS = 5.0
WARM_UP_SECONDS = 10.0
AUDIT_SECONDS = 120.0
SEED = 20


async def orders(stage: Stage, noop: str, rounds: Rounds, progress: Progress, events: int = 1) -> Figure:
    """Orders of chosen seats on one hot event, or on so many in turn; every round has new ones, 100,000 seats in all."""
    taken, spent = list[dict[str, Any]](), dict[str, Any]()
    for number in range(rounds.count):
        ours, plain, lag, spent = await _ordered(stage, noop, rounds, [await stage.event(ROUND_SEATS // events) for _ in range(events)])
        taken.append(_round(plain, ours, lag))
        progress.say(f"orders of {events}, round {number + 1}: {_line(taken[-1])}")
    where = "one hot event" if events == 1 else f"{events} events"
    return _against_noop(f"chosen-seat orders on {where} / no-op", taken, 0.5 if events == 1 else None, spent)


async def _ordered(stage: Stage, noop: str, rounds: Rounds, events: list[Event]) -> tuple[Answers, Answers, float, dict[str, Any]]:
    """(ours, the no-op's, seconds until the last order was durable, processor time) of a round."""
    load = wrk.write_load(stage.work / "orders.load", chosen(events, stage.shoppers(ACCOUNTS), in_turn=True))
    plain = await wrk.run(noop, load, 201, ROUND_SECONDS, rounds.connections, once=True)
    usage, members = Usage(stage), stage.grid.identities()
    ours = await wrk.run(stage.unit, load, 201, ROUND_SECONDS, rounds.connections, once=True)
    lag = await stage.durable(events) - ours.ended_at
    spent = usage.per_operation(ours.wanted)
    stage.all_stayed(members)
    numbers = [event.number for event in events]
    rows = (await stage.rows("SELECT count(*) FROM orders WHERE event = ANY(%s)", numbers))[0][0]
    if not ours.wanted <= rows <= ours.wanted + rounds.connections:
        raise Stop(f"{ours.wanted} orders were acknowledged, {rows} are in PostgreSQL")
    return ours, plain, lag, spent


async def warm_up(stage: Stage, connections: int) -> None:
    """Orders that nobody counts: the members' compilers have seen them when the first round begins."""
    event = await stage.event(HALL_SEATS)
    load = wrk.write_load(stage.work / "orders.load", chosen([event], stage.shoppers(ACCOUNTS)))
    await wrk.run(stage.unit, load, 201, WARM_UP_SECONDS, connections, once=True)
    await stage.durable([event])


async def refusals(stage: Stage, noop: str, rounds: Rounds, progress: Progress) -> Figure:
    """Orders of seats that are all taken: 409 seat_taken, each with its line in the audit database."""
    event = await stage.event(HALL_SEATS)
    await stage.ask_all(event, [hold(new_number(), new_number(), range(first, first + 10)) for first in range(0, HALL_SEATS, 10)])
    await stage.durable([event])
    load = wrk.write_load(stage.work / "refusals.load", chosen([event], stage.shoppers(ACCOUNTS)))
    taken, spent = list[dict[str, Any]](), dict[str, Any]()
    for number in range(rounds.count):
        before = await _refused(stage, event)
        plain = await wrk.run(noop, load, 201, ROUND_SECONDS, rounds.connections)
        usage = Usage(stage)
        ours = await wrk.run(stage.unit, load, 409, ROUND_SECONDS, rounds.connections)
        lag = await _audited(stage, event, before + ours.wanted) - ours.ended_at
        spent = usage.per_operation(ours.wanted)
        taken.append(_round(plain, ours, lag))
        progress.say(f"refusals, round {number + 1}: {_line(taken[-1])}")
    return _against_noop("refused orders (seat taken) / no-op", taken, 0.6, spent)


async def availability(stage: Stage, noop: str, rounds: Rounds, progress: Progress) -> Figure:
    """The current seats of a hall of 30,000, a third of them taken, compressed as for a browser."""
    event = await stage.event(HALL_SEATS)
    here_and_there = random.Random(SEED)  # noqa: S311  # as shoppers choose: runs of equal letters would compress too well
    third = here_and_there.sample(range(HALL_SEATS), HALL_SEATS // 3)
    await stage.ask_all(event, [hold(new_number(), new_number(), [place]) for place in third])
    path = f"/api/v1/events/{event.text}/seats"
    async with httpx.AsyncClient(trust_env=False, headers={"accept-encoding": "gzip"}) as client:
        answer = await client.get(stage.unit + path)
    if answer.headers.get("content-encoding") != "gzip" or len(answer.json()["states"]) != HALL_SEATS:
        raise Stop("the seats are not what a browser would get")
    load = wrk.write_load(stage.work / "seats.load", [Request("GET", path)])
    plain_load = wrk.write_load(stage.work / "noop.load", [Request("GET", path)])
    taken, spent = list[dict[str, Any]](), dict[str, Any]()
    for number in range(rounds.count):
        plain = await wrk.run(noop, plain_load, 201, ROUND_SECONDS, rounds.connections)
        usage = Usage(stage)
        ours = await wrk.run(stage.unit, load, 200, ROUND_SECONDS, rounds.connections)
        spent = usage.per_operation(ours.wanted)
        taken.append(_round(plain, ours, 0.0))
        progress.say(f"availability, round {number + 1}: {_line(taken[-1])}")
    figure = _against_noop("current seats of a hall of 30,000 / no-op", taken, 0.5, spent)
    figure.details["bytes of the body, compressed"] = answer.headers.get("content-length", "unknown")
    return figure


async def reads_under_writing(stage: Stage, rounds: Rounds, progress: Progress) -> Figure:
    """The current seats of a hall of 30,000 while 1,000 orders a second change them, against the same reads of a quiet hall."""
    event, quiet = await stage.event(HALL_SEATS), await stage.event(HALL_SEATS)
    ratios, told = list[float](), list[Answers]()
    tokens = stage.shoppers(ACCOUNTS)
    lines = list(chosen([event], tokens))
    some = int(WRITING * ROUND_SECONDS)
    for number in range(min(rounds.count, len(lines) // some)):
        still = wrk.write_load(stage.work / "quiet.load", [Request("GET", f"/api/v1/events/{quiet.text}/seats")])
        alone = await wrk.run(stage.unit, still, 200, ROUND_SECONDS, rounds.connections)
        reads = wrk.write_load(stage.work / "seats.load", [Request("GET", f"/api/v1/events/{event.text}/seats")])
        writes = wrk.write_load(stage.work / "orders.load", lines[number * some : (number + 1) * some])
        busy, orders_done = await asyncio.gather(
            wrk.run(stage.unit, reads, 200, ROUND_SECONDS, rounds.connections),
            wrk.run(stage.unit, writes, 201, ROUND_SECONDS, WRITING_CONNECTIONS, once=True, pace=WRITING),
        )
        ratios.append(busy.rate / alone.rate)
        told.append(busy)
        progress.say(
            f"reads under writing: {busy.rate:,.0f}/s beside {orders_done.rate:,.0f} orders/s, {alone.rate:,.0f}/s of a quiet hall"
        )
    await stage.durable([event])
    details = {"reads per second": median([each.rate for each in told]), "p95, ms": median([each.p95_ms for each in told])}
    return Figure(f"current seats beside {WRITING:,} orders/s / of a quiet hall", median(ratios), "", details=details)


def chosen(events: Sequence[Event], tokens: Sequence[str], *, in_turn: bool = False) -> Iterator[Request]:
    """An order of the next two seats for every line, shoppers in turn; the events one after the other, or `in_turn`, too."""
    starts = [range(0, event.seats - SEATS_AN_ORDER + 1, SEATS_AN_ORDER) for event in events]
    one_by_one = ((event, first) for event, firsts in zip(events, starts, strict=True) for first in firsts)
    turns = ((event, first) for row in zip(*starts, strict=True) for event, first in zip(events, row, strict=True))
    for number, (event, first) in enumerate(turns if in_turn else one_by_one):
        seats = [guid(place) for place in range(first, first + SEATS_AN_ORDER)]
        path = f"/api/v1/events/{event.text}/orders"
        yield Request("POST", path, tokens[number % len(tokens)], f"bench-{number}", json.dumps({"seats": seats}))


def _round(plain: Answers, ours: Answers, lag: float) -> dict[str, Any]:
    if not ours.wanted or not plain.wanted:
        raise Stop(f"nothing was counted: the no-op gave {plain}, the system {ours}")
    lag = max(0.0, lag)
    rate = ours.wanted / (ours.seconds + lag)
    return {
        "ratio": rate / plain.rate, "noop": plain.rate, "ours": rate, "answered": ours.rate, "seconds": ours.seconds, "lag": lag,
        "wanted": ours.wanted, "others": ours.others, "unavailable": ours.unavailable, "broken": ours.broken,
        "p50_ms": ours.p50_ms, "p99_ms": ours.p99_ms,
    }  # fmt: skip


def _line(told: dict[str, Any]) -> str:
    return (
        f"{told['ratio']:.2f} ({told['ours']:,.0f}/s durable, {told['answered']:,.0f}/s answered, no-op {told['noop']:,.0f}/s; "
        f"{told['wanted']} in {told['seconds']:.1f} s, lag {told['lag']:.2f} s, others {told['others']}, 503 {told['unavailable']})"
    )


def _against_noop(name: str, taken: list[dict[str, Any]], least: float | None, spent: dict[str, Any]) -> Figure:
    details: dict[str, Any] = {
        label: median([told[key] for told in taken])
        for label, key in (
            ("per second, until durable", "ours"), ("per second, until answered", "answered"), ("no-op per second", "noop"),
            ("seconds of a round", "seconds"), ("lag, seconds", "lag"), ("p50, ms", "p50_ms"), ("p99, ms", "p99_ms"),
        )
    }  # fmt: skip
    details["other answers"] = sum(told["others"] + told["unavailable"] + told["broken"] for told in taken)
    details |= spent | {"rounds": ", ".join(f"{told['ratio']:.2f}" for told in taken)}
    return Figure(name, median([told["ratio"] for told in taken]), "", least=least, details=details)


async def _refused(stage: Stage, event: Event) -> int:
    counted = await stage.rows("SELECT count(*) FROM audit WHERE event = %s AND status = 'seat_taken'", event.number, audit=True)
    return int(counted[0][0])


async def _audited(stage: Stage, event: Event, wanted: int) -> float:
    """Wait until that many refusals have their line; the monotonic time at which they had."""
    deadline = time.monotonic() + AUDIT_SECONDS
    while (there := await _refused(stage, event)) < wanted:
        if time.monotonic() > deadline:
            raise Stop(f"{wanted} refusals were answered, {there} are in the audit database after {AUDIT_SECONDS:.0f} s")
        await asyncio.sleep(0.1)
    return time.monotonic()


@asynccontextmanager
async def noop_server(port: int, log: Path) -> AsyncIterator[str]:
    """The no-op: uvicorn, one worker, no access log, at the units' priority. Gives its address."""
    command = [sys.executable, "-m", "uvicorn", "infra.benchmarks.noop:app", "--port", str(port), "--workers", "1"]
    command += ["--no-access-log", "--log-level", "warning"]
    with log.open("wb") as output:
        server = await asyncio.create_subprocess_exec(
            "nice", "-n", str(niceness(0)), "setpriv", "--pdeathsig", "KILL", "--", *command, stdout=output, stderr=output
        )
    address = f"http://127.0.0.1:{port}"
    try:
        await _answers(address)
        yield address
    finally:
        server.terminate()
        await server.wait()


async def _answers(address: str) -> None:
    deadline = time.monotonic() + 20
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < deadline:
            try:
                if (await client.get(address)).status_code == 201:
                    return
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    raise Stop("the no-op server does not answer")
