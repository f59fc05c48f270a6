"""Where the processor time of an accepted order goes: unit, members, pump and database, each by a profiler of its own.

A run that nobody looks at gives each role's microseconds; a second one is looked at and gives what they went to.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Iterable
from pathlib import Path

from infra.benchmarks import wrk
from infra.benchmarks.figures import Figure
from infra.benchmarks.shopping import ACCOUNTS, ROUND_SEATS, chosen
from infra.benchmarks.stacks import java_stacks, java_threads, python_stacks
from infra.benchmarks.stage import Stage
from infra.benchmarks.usage import Usage, seconds_of
from infra.processes import role_of
from infra.progress import Progress
from infra.supervision import Supervisor

SECONDS = 7.0  # what the seats of a round last for
PARTS_MAX = 14  # told of one role; the others are told together
Parts = dict[str, Counter[str]]  # by what was counted


async def profile(stage: Stage, connections: int, progress: Progress) -> list[Figure]:
    """Microseconds per accepted order of two chosen seats on one hot event, by role, with what they went to."""
    usage = Usage(stage)
    orders = await _ordered(stage, connections)
    spent = usage.micros()
    place = stage.work / "profiles"
    place.mkdir(exist_ok=True)
    pids = _pids(stage)
    _, unit, members, pump, database = await asyncio.gather(
        _ordered(stage, connections), _python(pids["unit"], place / "unit"), _members(stage, pids["member"], place),
        _python(pids["pump"], place / "pump"), _database(stage, pids["postgres"]),
    )  # fmt: skip
    figures = []
    for role, parts in {"unit": unit, "member": members, "pump": pump, "postgres": database}.items():
        micros = spent[role] / max(1, orders)
        details = {what: told(counted, micros) for what, counted in parts.items()}
        figures.append(Figure(f"an accepted order: {role}", micros, "µs", details=details))
        progress.say(f"{role}: {micros:.0f} µs an order; {next(iter(details.values()))}")
    return figures


def told(counted: Counter[str], micros: float) -> str:
    """`micros` in proportion to what was counted, the dearest first."""
    total = sum(each for each in counted.values() if each > 0)
    parts = [(name, micros * each / total) for name, each in counted.most_common() if each > 0]
    few = [f"{name} {each:.1f}" for name, each in parts[:PARTS_MAX]]
    return ", ".join([*few, f"others {sum(each for _, each in parts[PARTS_MAX:]):.1f}"] if len(parts) > PARTS_MAX else few)


async def _ordered(stage: Stage, connections: int) -> int:
    event = await stage.event(ROUND_SEATS)
    load = wrk.write_load(stage.work / "orders.load", chosen([event], stage.shoppers(ACCOUNTS)))
    answers = await wrk.run(stage.unit, load, 201, SECONDS, connections, once=True)
    await stage.durable([event])
    return answers.wanted


def _pids(stage: Stage) -> dict[str, list[int]]:
    pids: dict[str, list[int]] = {}
    for state in Supervisor(stage.plan.places).states():
        if state.pid:
            pids.setdefault(role_of(state.name), []).append(state.pid)
    return pids


async def _python(pids: list[int], file: Path) -> Parts:
    return {"by room or library": await python_stacks(pids[0], SECONDS, file)}


async def _members(stage: Stage, pids: list[int], place: Path) -> Parts:
    home = stage.plan.java.home
    before = await _sum(java_threads(home, pid) for pid in pids)
    stacks = await _sum(java_stacks(home, pid, SECONDS, place / f"{pid}.jfr") for pid in pids)
    threads = await _sum(java_threads(home, pid) for pid in pids)
    threads.subtract(before)
    return {"by kind of thread": threads, "as if all were what its Java was sampled in": stacks}


async def _sum(several: Iterable[Awaitable[Counter[str]]]) -> Counter[str]:
    return sum(await asyncio.gather(*several), Counter[str]())


async def _database(stage: Stage, pids: list[int]) -> Parts:
    """Backends by the name of their connection, PostgreSQL's own processes by theirs."""
    before = await _backends(stage, pids[0])
    await asyncio.sleep(SECONDS)
    spent = await _backends(stage, pids[0])
    spent.subtract(before)
    return {"by connection": spent}


async def _backends(stage: Stage, postmaster: int) -> Counter[str]:
    return _spent(postmaster, dict(await stage.rows("SELECT pid, application_name FROM pg_stat_activity")))


def _spent(postmaster: int, names: dict[int, str]) -> Counter[str]:
    spent: Counter[str] = Counter()
    for pid in map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()):
        with contextlib.suppress(OSError):  # a connection that has ended since
            title = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode().removeprefix("postgres: ").strip()
            spent[names.get(pid) or title] += int(1e6 * seconds_of(pid))
    return spent
