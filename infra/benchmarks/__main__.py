"""`infra/bench`: brings up a system with one unit of its own, takes the figures, prints them as a table and as JSON."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop

from infra.benchmarks import figures, growth, persistence, plots, profile, purchases, rush, shopping, streams
from infra.benchmarks.figures import Figure
from infra.benchmarks.lapses import entry_after_lapses
from infra.benchmarks.stage import Stage, staged
from infra.benchmarks.wrk import CONNECTIONS, CONNECTIONS_MAX, Rounds
from infra.machine import check_ports
from infra.options import Options
from infra.places import CHECKOUT, Places
from infra.ports import Ports
from infra.progress import Progress
from infra.stop import Stop, run_command

DEFAULT_BASE = 8100
NOOP_OFFSET = 27
NAMES = (
    "restore", "orders", "spread", "refusals", "availability", "writing", "purchases", "rush", "streams", "profile", "drain", "lapses",
    "growth",
)  # fmt: skip


COLD = {"restore", "lapses"}  # the memory of seats is measured in a grid that holds nothing else


@dataclass(frozen=True, slots=True)
class Extent:
    """How long and how often is measured."""

    rounds: Rounds
    purchase_seconds: float
    rush_seconds: float
    restore_events: int
    plots: Path | None = None  # where those of the growth go


WHOLE = Extent(rounds=Rounds(5), purchase_seconds=60.0, rush_seconds=60.0, restore_events=100)
QUICK = Extent(rounds=Rounds(2), purchase_seconds=10.0, rush_seconds=10.0, restore_events=10)
Takes = dict[str, Callable[[], Awaitable[list[Figure]]]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/bench", description="Measures this checkout on this machine against a no-op server.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, for a first look")
    parser.add_argument("--only", metavar="NAMES", help=f"some of: {','.join(NAMES)}")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, metavar="C", help=f"of wrk ({CONNECTIONS})")
    parser.add_argument("--port", type=int, default=DEFAULT_BASE, metavar="P", help=f"P to P+60 are used ({DEFAULT_BASE})")
    parser.add_argument("--run-dir", default=str(CHECKOUT / ".run" / "bench"), metavar="D", help="where its state lives")
    parser.add_argument("--plots", metavar="FOLDER", help="draw what grows there, as SVG")
    parser.add_argument("--json", metavar="FILE", help="write the JSON there instead of printing it")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else list(NAMES)
    unknown = set(names) - set(NAMES)
    if unknown:
        raise Stop(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if not 1 <= given.connections <= CONNECTIONS_MAX:
        raise Stop(f"--connections must lie between 1 and {CONNECTIONS_MAX}")
    extent = QUICK if given.quick else WHOLE
    extent = replace(extent, rounds=replace(extent.rounds, connections=given.connections), plots=given.plots and Path(given.plots))
    options = Options(Places.of(given.run_dir), Ports(given.port), units=1, detach=True, fresh=True, demonstration=False)
    where = figures.machine()
    print(", ".join(f"{name} {told}" for name, told in where.items()), flush=True)
    taken, failed = uvloop.run(measure(options, names, extent))
    print(figures.table(taken), flush=True)
    _tell(figures.document(taken, where), given.json)
    for name, reason in failed.items():
        print(f"infra/bench: {name} was not measured: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _tell(document: str, path: str | None) -> None:
    if path:
        Path(path).write_text(document + "\n")
    else:
        print(document)


async def measure(options: Options, names: list[str], extent: Extent) -> tuple[list[Figure], dict[str, str]]:
    """The figures of these names, in the order of NAMES; and why some could not be taken, by name.

    Each has a system of its own: what one leaves in the grid must not weigh on the next.
    """
    progress = Progress()
    noop_port = options.ports.base + NOOP_OFFSET
    check_ports([(noop_port, "the no-op")])
    taken: list[Figure] = []
    failed: dict[str, str] = {}
    for name in (each for each in NAMES if each in names):
        progress.say(f"{name}:")
        async with staged(options, progress) as stage, shopping.noop_server(noop_port, options.places.logs / "noop.log") as noop:
            try:
                if name not in COLD:
                    await shopping.warm_up(stage, extent.rounds.connections)
                taken += await _takes(stage, noop, extent, progress)[name]()
            except Stop as reason:
                failed[name] = str(reason)
                progress.say(f"{name}: {reason}")
    return taken, failed


def _takes(stage: Stage, noop: str, extent: Extent, progress: Progress) -> Takes:
    async def one(taking: Awaitable[Figure]) -> list[Figure]:
        return [await taking]

    async def grown() -> list[Figure]:
        taken = await growth.growth(stage, extent.rounds.connections, progress)
        for path in plots.write(extent.plots, taken) if extent.plots else ():
            progress.say(f"drawn: {path}")
        return [each.figure() for each in taken]

    return {
        "orders": lambda: one(shopping.orders(stage, noop, extent.rounds, progress)),
        "spread": lambda: one(shopping.orders(stage, noop, extent.rounds, progress, shopping.SPREAD_EVENTS)),
        "refusals": lambda: one(shopping.refusals(stage, noop, extent.rounds, progress)),
        "availability": lambda: one(shopping.availability(stage, noop, extent.rounds, progress)),
        "writing": lambda: one(shopping.reads_under_writing(stage, extent.rounds, progress)),
        "purchases": lambda: one(purchases.purchases(stage, extent.purchase_seconds, progress)),
        "rush": lambda: rush.rush(stage, extent.rush_seconds, progress),
        "streams": lambda: streams.streams(stage, progress),
        "profile": lambda: profile.profile(stage, extent.rounds.connections, progress),
        "drain": lambda: one(persistence.drain(stage, progress)),
        "restore": lambda: persistence.restore(stage, extent.restore_events, progress),
        "lapses": lambda: one(entry_after_lapses(stage.plan.java, stage.plan.member_home, stage.work, progress)),
        "growth": grown,
    }


if __name__ == "__main__":
    run_command("infra/bench", main)
