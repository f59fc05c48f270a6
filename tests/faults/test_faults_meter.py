"""The soak's meter: what grows is told, what is collected or levels off is not."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.meter import Meter, Reading, Usage, collect
from tests.fixtures.grid import members
from tests.fixtures.system import free_base

ROUNDS = 9


def reading(number: int, *, memory: float = 170.0, files: int = 26, connections: int = 17, outbox: int = 0, logged: int = 400) -> Reading:
    return Reading({"member-0": Usage(memory, files), "pump": Usage(90.0, 28 + number % 2)}, connections, outbox, logged, 100)


def told(readings: list[Reading]) -> list[str]:
    return Meter(None, readings).grown()  # type: ignore[arg-type]  # what was read is there


@pytest.mark.parametrize(
    ("what", "grows"),
    [
        ("memory of member-0, MiB", lambda number: {"memory": 170.0 + 30 * number}),
        ("open files of member-0", lambda number: {"files": 26 + 6 * number}),
        ("connections of PostgreSQL", lambda number: {"connections": 17 + 4 * number}),
        ("changes in outboxes at rest", lambda number: {"outbox": 4 * number}),
        ("bytes of log a call", lambda number: {"logged": 4_000 * 2**number}),
    ],
)
def test_what_grows_round_by_round_is_told(what: str, grows: Callable[[int], dict[str, Any]]) -> None:
    (sentence,) = told([reading(number, **grows(number)) for number in range(ROUNDS)])
    assert sentence.startswith(f"{what}: ")


def test_what_levels_off_is_not_told() -> None:
    warming = [140.0, 160.0, 168.0, 170.0, 171.0, 174.0, 176.0, 176.0, 181.0]
    assert told([reading(number, memory=memory) for number, memory in enumerate(warming)]) == []


def test_a_few_readings_say_nothing() -> None:
    assert told([reading(number, memory=100.0 * 2**number) for number in range(5)]) == []


def test_a_members_heap_is_collected_before_it_is_read(tmp_path: Path) -> None:
    with members(1, free_base(), tmp_path) as cluster:
        pid = cluster.processes[0].pid
        before = young(pid)
        collect([pid])
        assert young(pid) < before


def young(pid: int) -> int:
    """KiB of a heap that were not looked at by any collection yet."""
    told = subprocess.run(["jcmd", str(pid), "GC.heap_info"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"def new generation +total \d+K, used (\d+)K", told)
    assert found is not None, told
    return int(found[1])
