"""Figures of the way to PostgreSQL and back: drain rate, restore of sold events, memory of what was restored."""

import asyncio
import os
import re
import signal
import subprocess
import time

import httpx

from grid_config import commands
from grid_config.identifiers import new_number
from grid_config.outcomes import Method, Outcome, PaymentResult
from infra.benchmarks.figures import Figure
from infra.benchmarks.stage import LOOPBACK, Event, Stage, hold
from infra.benchmarks.usage import Usage
from infra.processes import role_of
from infra.progress import Progress
from infra.readiness import listens
from infra.stop import Stop
from infra.supervision import Supervisor

DRAIN_EVENTS = 5
DRAIN_SEATS = 30_000
RESTORE_SEATS = 10_000
PLACES_AN_ORDER = 10
PRICE = 100_000  # kopecks, as stage.py sells
RESTORE_SECONDS = 180.0
LOOK_SECONDS = 0.05
CAPTURED = PaymentResult.CAPTURED
DONE = {Outcome.ACCEPTED, Outcome.REPEATED}  # repeated: the client had to ask a batch again


async def drain(stage: Stage, progress: Progress) -> Figure:
    """Changes a second from full outboxes into PostgreSQL: the pump is stopped while they fill, then let go on."""
    events = [await stage.event(DRAIN_SEATS) for _ in range(DRAIN_EVENTS)]
    await stage.durable(events)
    pump = pids(stage, "pump")[0]
    os.kill(pump, signal.SIGSTOP)
    try:
        for event in events:
            await stage.ask_all(event, [hold(new_number(), new_number(), [place]) for place in range(DRAIN_SEATS)])
        waiting = sum([stands.seq - stands.durable_seq for stands in [await stage.status(event) for event in events]])
    finally:
        usage = Usage(stage)
        began = time.monotonic()
        os.kill(pump, signal.SIGCONT)
    ended = await stage.durable(events)
    spent = usage.per_operation(waiting)
    progress.say(f"drain: {waiting} changes in {ended - began:.2f} s")
    return Figure(
        "changes drained into PostgreSQL", waiting / (ended - began), "per second", least=20_000,
        details={"changes": waiting, "seconds": ended - began} | spent,
    )  # fmt: skip


async def restore(stage: Stage, events_count: int, progress: Progress) -> list[Figure]:
    """Every member is killed when that many events of 10,000 seats are sold out; the time until all of them tell it again."""
    empty = await asyncio.to_thread(live_heap, stage)
    with progress.step(f"{events_count} events of {RESTORE_SEATS} seats made"):
        events = [await stage.event(RESTORE_SEATS) for _ in range(events_count)]
    free = await asyncio.to_thread(live_heap, stage)
    with progress.step("all of their seats sold, and in PostgreSQL"):
        for event in events:
            await _sell_out(stage, event)
        await stage.durable(events)
    seats = events_count * RESTORE_SEATS
    restored = await _restored(stage, events, f"restore of {seats:,} sold seats in {events_count} events")
    progress.say(f"restore: {seats} seats in {restored.value:.1f} s")
    estimate = sum([(await stage.status(event)).bytes_estimate for event in events]) / seats
    sold = await asyncio.to_thread(live_heap, stage)
    copies = seats * (stage.plan.members_max // 2 + 1)
    unit = "bytes per seat and copy, live heap of all members"
    heaps = {"live heap, MiB: empty / free / sold": " / ".join(f"{heap / (1 << 20):.0f}" for heap in (empty, free, sold))}
    guessed = {"the entries' own estimate": estimate}
    return [
        restored,
        Figure("grid memory of a free seat", (free - empty) / copies, unit, details=heaps),
        Figure("grid memory of a seat sold just now, ten an order", (sold - empty) / copies, unit, details=guessed),
    ]


async def _restored(stage: Stage, events: list[Event], name: str) -> Figure:
    """Kill -9 every member, and wait until the unit tells every event again as it was."""
    killed = pids(stage, "member")
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    usage = Usage(stage)
    members = await _members_back(stage, killed) - began
    ended = await _all_sold(stage, events)
    details = {"of this, members starting": members} | usage.per_operation(sum(event.seats for event in events))
    return Figure(name, ended - began, "seconds from kill -9 of all members", most=60, details=details)


async def _sell_out(stage: Stage, event: Event) -> None:
    """Sell every seat straight in the grid, ten an order, each with its hold, its payment and the provider's word."""
    starts = range(0, event.seats, PLACES_AN_ORDER)
    orders = [(new_number(), new_number(), new_number(), range(at, at + PLACES_AN_ORDER)) for at in starts]
    total = PLACES_AN_ORDER * PRICE
    steps = [
        [hold(order, account, places) for order, account, _, places in orders],
        [commands.start_payment(order, account, LOOPBACK, attempt, Method.SBP, "sandbox") for order, account, attempt, _ in orders],
        [commands.settle(order, attempt, CAPTURED, total, "sandbox", Method.SBP, LOOPBACK) for order, _, attempt, _ in orders],
    ]
    for step in steps:
        refused = [outcome for outcome, _ in await stage.ask_all(event, step) if outcome not in DONE]
        if refused:
            raise Stop(f"{len(refused)} sales were refused, the first with outcome {refused[0]}")


async def _members_back(stage: Stage, killed: list[int]) -> float:
    """The monotonic time at which members other than the killed ones take clients."""
    deadline = time.monotonic() + RESTORE_SECONDS
    while set(pids(stage, "member")) & set(killed) and time.monotonic() < deadline:  # noqa: ASYNC110  # other processes have no event
        await asyncio.sleep(LOOK_SECONDS)
    for number in range(1, stage.plan.members + 1):
        while not await listens(stage.plan.ports.member_clients(number)):
            if time.monotonic() > deadline:
                raise Stop(f"member {number} is not back after {RESTORE_SECONDS:.0f} s")
            await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic()


async def _all_sold(stage: Stage, events: list[Event]) -> float:
    """Ask the unit for every event until it tells all seats as sold; the monotonic time of the last one."""
    deadline = time.monotonic() + RESTORE_SECONDS
    async with httpx.AsyncClient(base_url=f"{stage.unit}/api/v1", trust_env=False, timeout=30) as shopper:
        for event in events:
            while not await _is_sold_out(shopper, event):
                if time.monotonic() > deadline:
                    raise Stop(f"event {event.text} is not restored after {RESTORE_SECONDS:.0f} s")
                await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic()


async def _is_sold_out(shopper: httpx.AsyncClient, event: Event) -> bool:
    try:
        answer = await shopper.get(f"/events/{event.text}/seats")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and answer.json()["counts"]["sold"] == event.seats


def live_heap(stage: Stage) -> int:
    """Bytes that live objects take in all members, after a full collection in each."""
    jcmd = stage.plan.java.home / "bin" / "jcmd"
    total = 0
    for pid in pids(stage, "member"):
        subprocess.run([jcmd, str(pid), "GC.run"], capture_output=True, check=True, timeout=60)
        told = subprocess.run([jcmd, str(pid), "GC.heap_info"], capture_output=True, text=True, check=True, timeout=60).stdout
        used = re.findall(r"generation +total \d+K, used (\d+)K", told)
        if not used:
            raise Stop(f"the heap of a member cannot be read: {told[:200]}")
        total += sum(map(int, used)) << 10
    return total


def pids(stage: Stage, role: str) -> list[int]:
    """The pids of a role's running processes."""
    return [state.pid for state in Supervisor(stage.plan.places).states() if role_of(state.name) == role and state.pid]
