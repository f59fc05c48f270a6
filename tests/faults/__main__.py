"""`infra/faults`: a system of its own, shoppers, and faults from a seed, for as long as one likes."""

import argparse
import asyncio
import secrets

from infra.progress import Progress
from infra.stop import Stop, run_command
from tests.faults.campaign import campaign
from tests.faults.faults import FAULTS
from tests.faults.shoppers import opened

HOLD_SECONDS = 12.0  # short enough for seats to come back by themselves within a round
OUTBOX_CHANGES_MAX = 600  # full after some ten seconds without a pump
ROUND_SECONDS = 15.0
MINUTES = 5.0
SEEDS = 1 << 31


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/faults", description="Breaks a system of its own under load and judges what it did.")
    parser.add_argument("--seed", type=int, default=None, metavar="S", help="of the first round, the next one has S+1 (by lot)")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, metavar="M", help=f"the last round begins before they are over ({MINUTES:g})"
    )
    parser.add_argument("--faults", metavar="NAMES", help=f"some of: {','.join(FAULTS)}")
    given = parser.parse_args()
    names = given.faults.split(",") if given.faults else list(FAULTS)
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        raise Stop(f"there is no fault {', '.join(unknown)}; known: {', '.join(FAULTS)}")
    seed = secrets.randbelow(SEEDS) if given.seed is None else given.seed
    return asyncio.run(_run(seed, names, given.minutes))


async def _run(seed: int, names: list[str], minutes: float) -> int:
    progress = Progress()
    progress.say(f"first seed {seed}, faults: {', '.join(names)}")
    async with opened(hold_seconds=HOLD_SECONDS, outbox_changes_max=OUTBOX_CHANGES_MAX) as house:
        progress.say("the system is up")
        rounds, pauses = await campaign(house, seed, names, seconds=ROUND_SECONDS, minutes=minutes, say=progress.say)
    print(pauses)
    wrong = [each.seed for each in rounds if each.found]
    calls = sum(len(each.history.calls) for each in rounds)
    print(
        f"{len(rounds)} rounds, {calls} calls, {sum(len(each.history.broken) for each in rounds)} faults; "
        + (f"WRONG: seed {wrong[0]}" if wrong else "all whole")
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    run_command("infra/faults", main)
