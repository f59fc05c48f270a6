"""What the processes of a running system take, read again and again while it rests; whether any of it grows."""

import asyncio
import re
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import psycopg

from infra.machine import find_java
from tests.faults.laboratory import Laboratory

OUTBOX = re.compile(r"^front_row_pump_outbox_changes (\S+)$", re.MULTILINE)
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
READINGS_MIN = 6  # fewer say nothing about growth


class Usage(NamedTuple):
    """Of one process: resident memory in MiB, open files and sockets."""

    memory_mib: float
    files: int


@dataclass(frozen=True)
class Reading:
    """At rest after a round. `outbox` in changes, `log_bytes` of all processes' logs since the reading before, for `calls` calls."""

    usages: dict[str, Usage]
    connections: int
    outbox: int
    log_bytes: int
    calls: int


class Bound(NamedTuple):
    """How far the last third of readings may lie above the middle one: by this share, and by so much besides."""

    share: float
    beside: float


MEMORY, FILES, ROOM = Bound(0.15, 24.0), Bound(0.1, 12.0), Bound(0.1, 6.0)
WORDS = Bound(0.6, 100.0)  # what is logged follows the faults, which differ from round to round
COLLECTION_SECONDS_MAX = 30.0


@dataclass
class Meter:
    """Readings of one laboratory, the oldest first."""

    laboratory: Laboratory
    readings: list[Reading] = field(default_factory=list)
    _logged: int = 0

    async def read(self, calls: int) -> Reading:
        """After a round of so many calls. Everything that was acknowledged must be written by now."""
        living = {name: process.pid for name, process in self.laboratory.processes.items() if process.poll() is None}
        await asyncio.to_thread(collect, [pid for name, pid in living.items() if name.startswith("member")])
        usages = {name: _usage(pid) for name, pid in living.items()}
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            told = (
                (await client.get(f"http://{self.laboratory.address('pump')}:{self.laboratory.pump_operations()}/metrics"))
                .raise_for_status()
                .text
            )
        outbox = OUTBOX.search(told)
        assert outbox is not None, "the pump does not tell how long outboxes are"
        async with await psycopg.AsyncConnection.connect(self.laboratory.settings["database_url"]) as connection:
            row = await (await connection.execute(CONNECTIONS)).fetchone()
        assert row is not None
        logged = sum(log.stat().st_size for log in self.laboratory.directory.glob("*.log"))
        reading = Reading(usages, row[0], int(float(outbox[1])), logged - self._logged, calls)
        self._logged = logged
        self.readings.append(reading)
        return reading

    def grown(self) -> list[str]:
        """What is more in the last third of the readings than in the middle one, beyond its bound; the first third is for warming up."""
        if len(self.readings) < READINGS_MIN:
            return []
        names = sorted(set.intersection(*(set(reading.usages) for reading in self.readings)))
        looks: list[tuple[str, Bound, Callable[[Reading], float]]] = [
            *((f"memory of {name}, MiB", MEMORY, lambda reading, name=name: reading.usages[name].memory_mib) for name in names),
            *((f"open files of {name}", FILES, lambda reading, name=name: reading.usages[name].files) for name in names),
            ("connections of PostgreSQL", ROOM, lambda reading: reading.connections),
            ("changes in outboxes at rest", ROOM, lambda reading: reading.outbox),
            ("bytes of log a call", WORDS, lambda reading: reading.log_bytes / max(1, reading.calls)),
        ]
        return [sentence for name, bound, look in looks if (sentence := _grown(name, bound, [look(each) for each in self.readings]))]

    def __str__(self) -> str:
        """A line a process: memory and files after the first rounds, in the middle, at the end."""
        lines = [f"{'medians of the thirds':<22}{'memory, MiB':>24}{'open files':>24}"]
        for name in sorted(set.intersection(*(set(reading.usages) for reading in self.readings))):
            memory = _thirds([reading.usages[name].memory_mib for reading in self.readings])
            files = _thirds([reading.usages[name].files for reading in self.readings])
            lines.append(f"{name:<22}{_told(memory):>24}{_told(files):>24}")
        lines.append(f"{'PostgreSQL connections':<46}{_told(_thirds([reading.connections for reading in self.readings])):>24}")
        lines.append(f"{'outboxes at rest':<46}{_told(_thirds([reading.outbox for reading in self.readings])):>24}")
        per_call = [reading.log_bytes / max(1, reading.calls) for reading in self.readings]
        lines.append(f"{'bytes of log a call':<46}{_told(_thirds(per_call)):>24}")
        return "\n".join(lines)


def collect(members: Sequence[int]) -> None:
    """Without it a member's resident memory tells how long ago its heap was collected (up to its bound, after an hour and more), not
    what is alive in it."""
    java = find_java()
    assert java is not None, "members run on it"
    for pid in members:
        subprocess.run(
            [java.home / "bin" / "jcmd", str(pid), "GC.run"], stdout=subprocess.DEVNULL, check=True, timeout=COLLECTION_SECONDS_MAX
        )


def _usage(pid: int) -> Usage:
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.partition("VmRSS:")[2].split()[0])
    return Usage(resident / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())))


def _thirds(values: Sequence[float]) -> list[float]:
    """The medians of the first, the middle and the last third."""
    third = max(1, len(values) // 3)
    return [statistics.median(part) for part in (values[:third], values[third:-third] or values, values[-third:])]


def _grown(name: str, bound: Bound, values: Sequence[float]) -> str:
    _, middle, last = _thirds(values)
    allowed = middle * (1 + bound.share) + bound.beside
    return f"{name}: {last:.0f} in the last third, {middle:.0f} in the middle one" if last > allowed else ""


def _told(medians: Sequence[float]) -> str:
    return " ".join(f"{median:7.0f}" for median in medians)
