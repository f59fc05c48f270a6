"""Runs wrk with load.lua: the same line for the system and for the no-op."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from infra.processes import niceness
from infra.stop import Stop

SCRIPT = Path(__file__).with_name("load.lua")
THREADS = 1
CONNECTIONS = 256  # a crowd: shoppers who press the button in the same moment
CONNECTIONS_MAX = 10_000
ENDING_SECONDS = 30.0


class Request(NamedTuple):
    """One line of a load file; empty text where there is none."""

    method: str
    path: str
    token: str = ""
    key: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often a figure is taken, and over how many connections."""

    count: int
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class Answers:
    """What one run counted. `seconds` from the first request to the last wanted answer, which came at `ended_at` (monotonic)."""

    wanted: int
    others: int
    unavailable: int
    broken: int
    seconds: float
    ended_at: float
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Wanted answers a second."""
        return self.wanted / self.seconds if self.seconds > 0 else 0.0


def write_load(path: Path, requests: Iterable[Request]) -> Path:
    with path.open("w") as file:
        file.writelines("\t".join(request) + "\n" for request in requests)
    return path


async def run(
    address: str, load: Path, wanted: int | tuple[int, ...], seconds: float, connections: int, *, once: bool = False, pace: float = 0.0
) -> Answers:
    """Send the load to the server at `address` for that many seconds, or until its lines are used up `once`.

    `wanted`: the statuses that are counted. `pace`: requests a second that are offered; 0: as many as are answered.
    """
    statuses = ",".join(map(str, (wanted,) if isinstance(wanted, int) else wanted))
    command = [
        "wrk", f"-t{THREADS}", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "8s", "-s", str(SCRIPT), address, "--",
        str(load), statuses, "once" if once else "again", str(THREADS), f"{pace:g}",
    ]  # fmt: skip
    # wrk and the servers stand in one queue for the processors, as infra/up arranges it for the units.
    program = await asyncio.create_subprocess_exec(
        "nice", "-n", str(niceness(0)), *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        output, trouble = await asyncio.wait_for(program.communicate(), seconds + ENDING_SECONDS)
    except TimeoutError:
        program.kill()
        raise Stop(f"wrk did not end within {seconds + ENDING_SECONDS:.0f} s") from None
    lines = [line for line in output.decode().splitlines() if line.startswith("{")]
    if program.returncode or not lines:
        raise Stop(f"wrk failed: {' '.join((trouble + output).decode(errors='replace').split())[-300:]}")
    return Answers(**json.loads(lines[-1]))
