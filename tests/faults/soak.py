"""`infra/soak`: shopping for hours, every other round under faults; promises are kept, and nothing that a process takes grows."""

import argparse
import asyncio
import secrets

from infra.progress import Progress
from infra.stop import run_command
from tests.faults.campaign import Pauses, one_round
from tests.faults.faults import possible
from tests.faults.meter import Meter
from tests.faults.network_building import obstacle
from tests.faults.shoppers import opened
from tests.faults.verdict import keep

HOLD_SECONDS = 12.0
OUTBOX_CHANGES_MAX = 600  # full after some ten seconds without a pump
ROUND_SECONDS = 20.0
MINUTES = 60.0
SEEDS = 1 << 31
FOUND_MAX = 20  # sentences that are printed


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/soak", description="Keeps a system of its own busy, and sees that nothing grows.")
    parser.add_argument("--seed", type=int, default=None, metavar="S", help="of the first round, the next one has S+1 (by lot)")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, metavar="M", help=f"the last round begins before they are over ({MINUTES:g})"
    )
    given = parser.parse_args()
    return asyncio.run(_run(secrets.randbelow(SEEDS) if given.seed is None else given.seed, given.minutes))


async def _run(seed: int, minutes: float) -> int:
    progress, pauses = Progress(), Pauses()
    calls = faults = rounds = 0
    refused = obstacle()
    progress.say(f"first seed {seed}, for {minutes:g} minutes, {f'as plain processes ({refused})' if refused else 'on four hosts'}")
    async with opened(hold_seconds=HOLD_SECONDS, outbox_changes_max=OUTBOX_CHANGES_MAX, hosts=not refused) as house:
        meter = Meter(house.laboratory)
        found: list[str] = []
        while not found and progress.seconds < minutes * 60:
            # Without faults in between nobody would live long enough to be seen growing.
            done = await one_round(house, seed + rounds, possible(on_hosts=not refused) if rounds % 2 else [], ROUND_SECONDS)
            rounds, calls, faults = rounds + 1, calls + len(done.history.calls), faults + len(done.history.broken)
            pauses.add(done.history)
            progress.say(f"{progress.seconds / 60:5.1f} min, {done}")
            found = done.found
            if found:
                progress.say(f"the history, the logs and the seat's timeline are in {keep(house, done.history, done.final, found)}")
            else:
                await meter.read(len(done.history.calls))
    found += meter.grown()
    print("\n".join(found[:FOUND_MAX]) or "all whole, nothing has grown")
    print(pauses)
    print(meter)
    print(f"first seed {seed}: {progress.seconds / 60:.0f} minutes, {rounds} rounds, {calls} calls, {faults} faults")
    return 1 if found else 0


if __name__ == "__main__":
    run_command("infra/soak", main)
