"""`infra/status`: processes, the grid's size and health, outbox depth and pump lag; `--json` for programs (api.md, Local helpers)."""

import argparse
import asyncio
import json
import re
import sys
from typing import Any

import httpx

from grid_config.client import Grid, GridError
from infra.options import Remembered, recall
from infra.places import Places
from infra.ports import Ports
from infra.processes import grid_name, role_of
from infra.settings import Settings, majority_of
from infra.stop import run_command
from infra.supervision import ProcessState, Supervisor

ASK_SECONDS = 3.0
GRID_SECONDS = 5.0
SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")


# The pump's own figures (data_pumps): changes it knows to wait in outboxes, and how far PostgreSQL is behind.
OUTBOX_CHANGES = "front_row_pump_outbox_changes"
LAG_SECONDS = "front_row_pump_lag_seconds"
TO_COMPARE = "front_row_comparisons_waiting"
DIFFER = 'result="differs"'  # of its comparisons


async def gather(places: Places, *, ask_members: bool = False) -> dict[str, Any]:
    """Everything `infra/status --json` prints. `ask_members`: also what every member says of itself, for a second more."""
    remembered = recall(places)
    supervisor = Supervisor(places)
    if remembered is None or not supervisor.runs():
        return {"running": False, "processes": [], "grid": None, "outbox": None}
    states = [state for state in supervisor.states() if state.pid or state.state != "stopped"]
    ports = Ports(remembered.port)
    units = [state.name for state in states if role_of(state.name) == "unit"]
    outbox, *ready = await asyncio.gather(pump_outbox(ports.pump_operations), *(_readiness(ports, name) for name in units))
    grid = _grid(remembered, states, dict(zip(units, ready, strict=True)))
    if ask_members:
        grid["self_tests"] = await _self_tests(remembered, ports)
    return {"running": True, "processes": [_process(state) for state in states], "grid": grid, "outbox": outbox}


def _process(state: ProcessState) -> dict[str, Any]:
    return {"role": role_of(state.name), "name": state.name, "pid": state.pid, "state": state.state, "seconds": state.seconds}


def _grid(remembered: Remembered, states: list[ProcessState], ready: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    """The grid as the units see it: healthy when every unit that runs calls itself ready."""
    members = [state for state in states if role_of(state.name) == "member"]
    return {
        "members": sum(state.state == "running" for state in members),
        "members_wanted": remembered.members,
        "members_max": remembered.members_max,
        "members_min": majority_of(remembered.members_max),
        "healthy": bool(ready) and all(told is not None and told["ready"] for told in ready.values()),
        "units": ready,
    }


async def _self_tests(remembered: Remembered, ports: Ports) -> list[dict[str, Any]]:
    """What each member says: its version, formats, clock and how many members it sees; empty when none answers."""
    addresses = tuple(f"127.0.0.1:{ports.member_clients(number)}" for number in range(1, remembered.members_max + 1))
    settings = Settings(name="status", grid_name=grid_name(ports), grid_members=addresses, members_max=remembered.members_max)
    try:
        grid = await Grid.connect(settings, GRID_SECONDS)
    except GridError:
        return []
    try:
        return [test._asdict() for test in await grid.self_test()]
    except GridError:
        return []
    finally:
        await grid.close()


async def _readiness(ports: Ports, unit: str) -> dict[str, Any] | None:
    """What a unit says of itself and of what it depends on; None when it does not answer."""
    answer = await _ask(ports.unit_operations(int(unit.partition("-")[2])), "/readyz")
    if answer is None:
        return None
    try:
        told = answer.json()
    except ValueError:
        told = answer.text.strip()
    return {"ready": answer.status_code == 200, "told": told}


async def pump_outbox(port: int) -> dict[str, float] | None:
    """{"changes": waiting in outboxes, "lag_seconds": of the oldest, "to_compare", "differ": entries}; None: the pump is silent."""
    answer = await _ask(port, "/metrics")
    if answer is None:
        return None
    sums: dict[str, float] = {}
    for line in answer.text.splitlines():
        found = SAMPLE.match(line)
        if found:
            for name in (found["name"], found["labels"]):
                sums[name] = sums.get(name, 0.0) + float(found["value"])
    wanted = {"changes": OUTBOX_CHANGES, "lag_seconds": LAG_SECONDS, "to_compare": TO_COMPARE, "differ": DIFFER}
    return {word: sums.get(name, 0.0) for word, name in wanted.items()}


async def _ask(port: int, path: str) -> httpx.Response | None:
    async with httpx.AsyncClient(timeout=ASK_SECONDS, trust_env=False) as client:
        try:
            return await client.get(f"http://127.0.0.1:{port}{path}")
        except httpx.HTTPError:
            return None


def summary(told: dict[str, Any]) -> str:
    """One line for people."""
    if not told["running"]:
        return "nothing runs"
    down = [process["name"] for process in told["processes"] if process["state"] not in {"running", "starting"}]
    grid, outbox = told["grid"], told["outbox"]
    short = sum(test["memory_short"] for test in grid.get("self_tests", ()))
    parts = [
        f"{len(told['processes']) - len(down)} processes",
        f"grid {'healthy' if grid['healthy'] else 'NOT READY'}, {grid['members']} of {grid['members_wanted']} members",
        *([f"{short} members SHORT OF MEMORY: more heap (infra/up --heap) or more members"] if short else []),
        f"outbox {outbox['changes']:.0f}, lag {outbox['lag_seconds']:.1f} s" if outbox else "pump silent",
        *([f"{outbox['to_compare']:.0f} entries to be compared"] if outbox and outbox["to_compare"] else []),
        *([f"{outbox['differ']:.0f} entries DIFFERED from PostgreSQL: see the alarms"] if outbox and outbox["differ"] else []),
    ]
    return "; ".join(parts + ([f"down: {', '.join(down)}"] if down else []))


def _table(told: dict[str, Any]) -> str:
    rows = [("name", "role", "state", "pid", "for")]
    rows += [(each["name"], each["role"], each["state"], str(each["pid"] or "-"), _age(each["seconds"])) for each in told["processes"]]
    return "\n".join(f"{name:<12}{role:<10}{state:<10}{pid:>8}{age:>10}" for name, role, state, pid, age in rows)


def _age(seconds: int) -> str:
    return f"{seconds} s" if seconds < 600 else f"{seconds // 60} min" if seconds < 36_000 else f"{seconds // 3600} h"


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/status", description="Shows what runs: processes, grid, outboxes, pump.")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--run-dir", metavar="D", help="where the state lives (RUN_DIR, else .run of the checkout)")
    given = parser.parse_args(sys.argv[1:])
    told = asyncio.run(gather(Places.of(given.run_dir), ask_members=True))
    if given.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        print((_table(told) + "\n" if told["running"] else "") + summary(told))
    return 0 if told["running"] else 3


if __name__ == "__main__":
    run_command("infra/status", main)
