"""`infra/faults`: a system of its own, shoppers, and faults from a seed, for as long as one likes."""

import argparse
import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection

from infra.progress import Progress
from infra.stop import Stop, run_command
from tests.faults.bug_hunt import Hunted, hunt, spare
from tests.faults.bugs import BUGS, Bug
from tests.faults.campaign import campaign
from tests.faults.faults import EVERYWHERE, FAULTS, ON_HOSTS, possible
from tests.faults.network_building import obstacle
from tests.faults.shoppers import House, opened

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
    parser.add_argument("--faults", metavar="NAMES", help=f"some of: {','.join(FAULTS)}; on hosts also {','.join(ON_HOSTS)}")
    parser.add_argument(
        "--plain", action="store_true", help="processes of this machine, also where hosts made of network namespaces can be had"
    )
    parser.add_argument("--bug", metavar="NAMES", help=f"plant a bug and look whether it is found; some of: {','.join(BUGS)}")
    parser.add_argument("--bugs", action="store_true", help="all of them, one after the other")
    parser.add_argument("--sound", action="store_true", help="with --bug or --bugs: the same without planting it, and nothing may be found")
    given = parser.parse_args()
    if given.bug or given.bugs:
        bugs = [BUGS[name] for name in _named("bug", given.bug, BUGS)]
        return asyncio.run(_hunt(bugs, search=spare if given.sound else hunt))
    refused = "--plain" if given.plain else obstacle()
    names = _named("fault", given.faults, EVERYWHERE) if given.faults else possible(on_hosts=not refused)
    for name, fault in EVERYWHERE.items():
        if reason := fault.why_not() or (refused if name in ON_HOSTS else ""):
            if name in names:
                raise Stop(f"{name} cannot be made here: {reason}")
            print(f"  without {name}: {reason}", flush=True)
    seed = secrets.randbelow(SEEDS) if given.seed is None else given.seed
    return asyncio.run(_run(seed, names, given.minutes, refused))


def _named(what: str, given: str | None, known: Collection[str]) -> list[str]:
    """The names in a list with commas; all that are known when none is given. Stop for one that is not known."""
    names = given.split(",") if given else list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Stop(f"there is no {what} {', '.join(unknown)}; known: {', '.join(known)}")
    return names


async def _run(seed: int, names: list[str], minutes: float, refused: str | None) -> int:
    progress = Progress()
    where = f"as plain processes ({refused})" if refused else "on four hosts"
    progress.say(f"first seed {seed}, {where}, faults: {', '.join(names)}")
    async with opened(hold_seconds=HOLD_SECONDS, outbox_changes_max=OUTBOX_CHANGES_MAX, hosts=refused is None) as house:
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


async def _hunt(bugs: list[Bug], search: Callable[[House, Bug], Awaitable[Hunted]]) -> int:
    """Plant each and have it found, or do the same without it; exit status 1 if one did not end as it must."""
    progress = Progress()
    wrong = []
    async with opened() as house:
        progress.say(f"the system is up; to be met: {len(bugs)}")
        for bug in bugs:
            hunted = await search(house, bug)
            progress.say(str(hunted))
            if not hunted.as_it_must_be:
                wrong.append(bug.name)
    print(f"{len(bugs)} in {progress.seconds:.0f} s; " + (f"WRONG: {', '.join(wrong)}" if wrong else "all as it must be"))
    return 1 if wrong else 0


if __name__ == "__main__":
    run_command("infra/faults", main)
