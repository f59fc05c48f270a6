"""The size of an entry after a million holds that nobody paid for: it must come back to what it was."""

import asyncio
import json
import subprocess
import time
from pathlib import Path

from grid_config import commands
from grid_config.layout import Layout
from grid_config.plan import SeatingPlan
from grid_config.terms import Terms
from infra.benchmarks.figures import Figure
from infra.benchmarks.plans import hall
from infra.machine import Java
from infra.progress import Progress
from infra.stop import Stop

PROGRAM = Path(__file__).with_name("LapsedHolds.java")
HOLDS = 1_000_000
SEATS = 30_000
INCARNATION = 7
HOLD_MS = 300_000
RUN_SECONDS = 300


async def entry_after_lapses(java: Java, member_home: Path, work: Path, progress: Progress) -> Figure:
    """Bytes of one copy's heap, as the entry itself estimates them, after a million lapsed holds of one seat."""
    opened = work / "lapses.batch"
    now = time.time_ns() // 1_000_000
    opened.write_bytes(_opening(now))
    libraries = f"{member_home}/target/front-row-member.jar:{member_home}/target/lib/*"
    command = [java.java, "-Xmx1g", "-cp", libraries, PROGRAM, opened, str(INCARNATION), str(SEATS), str(now), str(HOLDS)]
    done = await asyncio.to_thread(_run, [str(part) for part in command])
    if done.returncode:
        raise Stop(f"the lapsed holds could not be measured: {done.stderr.strip()[-300:]}")
    told = json.loads(done.stdout)
    progress.say(f"lapses: {told['lapsed']} holds, {told['after_estimate']} bytes afterwards, {told['fresh_estimate']} before")
    details = {
        "fresh, bytes of heap": told["fresh_estimate"], "at its largest (ended orders are kept 15 minutes)": told["largest_estimate"],
        "serialized: fresh / largest / after": f"{told['fresh']:,} / {told['largest']:,} / {told['after']:,}",
    }  # fmt: skip
    name = f"an entry of {SEATS:,} seats after {HOLDS:,} lapsed holds"
    return Figure(name, told["after_estimate"], "bytes of heap a copy", details=details)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=RUN_SECONDS)


def _opening(now: int) -> bytes:
    layout = Layout.from_plan(SeatingPlan.model_validate(hall(SEATS))).encode()
    day = 86_400_000
    terms = Terms(now - day, 0, now + 90 * day, 0, orphan_rule=False, on_sale=True, hold_ms=HOLD_MS, prices=(100_000,))
    return commands.batch(now, [commands.restore(INCARNATION, 0, 0, layout, terms, [], [])])
