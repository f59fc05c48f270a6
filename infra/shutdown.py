"""`infra/down`: stops everything that `infra/up` started for a run directory. The data stays; `infra/up --fresh` removes it."""

import argparse
import asyncio
import sys
import time

from infra.places import Places
from infra.stop import run_command
from infra.system import stop


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/down", description="Stops what infra/up started; the data stays.")
    parser.add_argument("--run-dir", metavar="D", help="where the state lives (RUN_DIR, else .run of the checkout)")
    given = parser.parse_args(sys.argv[1:])
    places = Places.of(given.run_dir)
    started = time.monotonic()
    stopped = asyncio.run(stop(places))
    print(f"Stopped after {time.monotonic() - started:.1f} s" if stopped else f"Nothing runs for {places.run_dir}")
    return 0


if __name__ == "__main__":
    run_command("infra/down", main)
