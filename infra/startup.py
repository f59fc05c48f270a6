"""`infra/up`: see `--help`. In the foreground it shows a line of status and stops everything on Ctrl-C; with --detach it returns
when everything is ready.
"""

import asyncio
import signal
import sys
import time
from typing import Any

from infra.addresses import write_urls
from infra.demonstration.loading import load_if_empty
from infra.options import Options, parse
from infra.places import Places
from infra.progress import Progress
from infra.status import gather, summary
from infra.stop import run_command
from infra.supervision import Supervisor
from infra.system import System, clear, stop

STATUS_SECONDS = 2.0


def main() -> int:
    options = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, _as_interrupt)
    return asyncio.run(_run(options))


async def _run(options: Options) -> int:
    progress = Progress()
    print(f"Front Row, {options.places.run_dir}", flush=True)
    if options.fresh:
        with progress.step("former system stopped, its data removed"):
            await stop(options.places)
            clear(options.places)
    told = await _brought_up(options, progress)
    _show(told, options.places, progress)
    return 0 if options.detach else await _stay(options.places)


async def _brought_up(options: Options, progress: Progress) -> dict[str, Any]:
    """The addresses of the system, ready and with its demonstration; a system that could not be made ready is stopped again."""
    system = System(options, progress)
    try:
        plan = await system.bring_up()
        told = write_urls(options.places, options.ports, options.units)
        if options.demonstration:
            await load_if_empty(plan, told["api"], options.places, progress)
    except BaseException:
        if system.was_started:
            await stop(options.places)
        raise
    return told


def _show(told: dict[str, Any], places: Places, progress: Progress) -> None:
    print(f"Ready after {progress.seconds:.1f} s", flush=True)
    for name, address in (("site", told["site"]), ("API", told["api"]), ("sandbox provider", told["provider"])):
        print(f"  {name:<18}{address}")
    print(f"  {'administrator':<18}{places.administrator}")
    print(f"  {'addresses':<18}{places.urls}", flush=True)


async def _stay(places: Places) -> int:
    """Show a line of status until Ctrl-C, then stop everything; also ends when somebody else stopped it."""
    print("Ctrl-C stops everything.", flush=True)
    supervisor = Supervisor(places)
    shown = ""
    try:
        while supervisor.runs():
            line = summary(await gather(places))
            if line != shown or sys.stdout.isatty():
                shown = line
                _show_line(line)
            await asyncio.sleep(STATUS_SECONDS)
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("\nStopping ...", flush=True)
        await asyncio.shield(stop(places))
        return 0
    print("\nStopped by somebody else.", flush=True)
    return 0


def _show_line(line: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[2K{time.strftime('%H:%M:%S')}  {line}", end="", flush=True)
    else:
        print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def _as_interrupt(*_: object) -> None:
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    run_command("infra/up", main)
