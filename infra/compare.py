"""`infra/compare`: has every entry of the grid compared with PostgreSQL and the providers now, as after a merge, and tells what came of it.

The pump does it, one event after the other in a tenth of its time, while all of them sell on. What differs is mended as the
README tells (decision 28); what cannot be is an alarm.
"""

import argparse
import asyncio
import os
import sys
from collections import Counter

import psycopg

from grid_config.identifiers import number_of, number_text
from infra.options import recall
from infra.places import Places
from infra.ports import Ports
from infra.postgres import MAIN, Cluster
from infra.stop import Stop, run_command
from infra.supervision import Supervisor

LOOK_SECONDS = 0.5
CONNECT_SECONDS = 5
# No grid has no members: whatever is there now, the entry is to be compared.
ASK = "UPDATE comparisons SET members = '{}' WHERE %(event)s::bigint IS NULL OR event = %(event)s RETURNING event"
DONE = "SELECT event, result FROM comparisons WHERE event = ANY(%(events)s) AND members <> '{}'"


def _database(places: Places) -> str:
    """Where the main database of a running system is. Stop when nothing runs."""
    remembered = recall(places)
    if remembered is None or not Supervisor(places).runs():
        raise Stop("nothing runs here: infra/up first")
    given = os.environ.get("DATABASE_URL")
    return given or Cluster.at(places.postgres, places.secrets, Ports(remembered.port).postgres).url(MAIN)


async def _compared(url: str, event: int | None, seconds: float) -> tuple[dict[int, str], set[int]]:
    """What each comparison came to by event, and the events that are still waited for when the time is up."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS) as main:
        asked = {number for (number,) in await (await main.execute(ASK, {"event": event})).fetchall()}
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            results: dict[int, str] = dict(await (await main.execute(DONE, {"events": list(asked)})).fetchall())
            if len(results) == len(asked) or asyncio.get_running_loop().time() > deadline:
                return results, asked - results.keys()
            await asyncio.sleep(LOOK_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/compare", description="Compares the grid's entries with PostgreSQL and the providers.")
    parser.add_argument("--event", metavar="ID", help="only this one")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long to wait (600)")
    parser.add_argument("--run-dir", metavar="D", help="where the state lives (RUN_DIR, else .run of the checkout)")
    given = parser.parse_args(sys.argv[1:])
    event = number_of(given.event) if given.event else None
    if given.event and event is None:
        raise Stop(f"{given.event} is no event's id")
    try:
        results, waiting = asyncio.run(_compared(_database(Places.of(given.run_dir)), event, given.seconds))
    except psycopg.Error as error:
        raise Stop(f"PostgreSQL does not answer: {error}") from error
    counts = Counter(results.values())
    print(", ".join(f"{count} {result}" for result, count in sorted(counts.items())) or "no entry was compared before")
    for number in sorted(number for number, result in results.items() if result != "equal"):
        print(f"{number_text(number)}: {results[number]}")
    for number in sorted(waiting):
        print(f"{number_text(number)}: not compared within {given.seconds:g} s")
    return 1 if waiting or counts["differs"] else 0


if __name__ == "__main__":
    run_command("infra/compare", main)
