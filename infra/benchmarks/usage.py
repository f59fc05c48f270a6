"""Where the processors' time went while a figure was taken: microseconds by role, and per counted operation.

Unlike a rate it hardly depends on what else the machine does, so it shows which process a missed figure is missing in.
"""

import os
import resource
from collections import Counter
from pathlib import Path
from typing import Any

from infra.benchmarks.stage import Stage
from infra.processes import role_of
from infra.supervision import Supervisor

TICKS = os.sysconf("SC_CLK_TCK")


class Usage:
    """Processor time since it was made."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._before = self._now()

    def micros(self) -> Counter[str]:
        """By role: the system's own, `load` for wrk and for this process, which is the shopper or the stage hand."""
        now = self._now()
        now.subtract(self._before)
        return now

    def per_operation(self, operations: int) -> dict[str, Any]:
        """Microseconds of processor time per operation, for a figure's details; the dearest role first."""
        spent = self.micros()
        told = ", ".join(f"{role} {spent[role] / max(1, operations):.0f}" for role, _ in spent.most_common() if spent[role] > 0)
        return {"processor time per operation, µs": told}

    def _now(self) -> Counter[str]:
        spent: Counter[str] = Counter()
        for state in Supervisor(self._stage.plan.places).states():
            if state.pid:
                spent[role_of(state.name)] += int(1e6 * seconds_of(state.pid))
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        spent["load"] = int(1e6 * sum(used.ru_utime + used.ru_stime for used in own))
        return spent


def seconds_of(pid: int) -> float:
    """Processor time of a process, of the children it has waited for, and of those that still run."""
    total = _ticks(pid, reaped=True)
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        total += sum(_ticks(int(child), reaped=False) for child in thread.read_text().split())
    return total / TICKS


def _ticks(pid: int, *, reaped: bool) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11 : 15 if reaped else 13])
