"""The options of `infra/up`, checked; and what a run directory remembers of them for the other commands."""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from grid_config.member_configuration import HEAP_MIB
from infra.places import Places
from infra.ports import DEFAULT_BASE, MEMBER_SLOTS, UNIT_SLOTS, Ports
from infra.stop import Stop

LONGEST_HOLD_SECONDS = 86_400
LEAST_HEAP_MIB = 64  # a member with nothing in it takes 12, and its code as much again while it starts
LARGEST_HEAP_MIB = 32_768


@dataclass(frozen=True, slots=True)
class Options:
    """What `infra/up` was asked for."""

    places: Places
    ports: Ports
    members: int = 3
    members_max: int = 3
    units: int = 2
    hold_seconds: float = 300.0
    detach: bool = False
    fresh: bool = False
    demonstration: bool = True
    clock_file: Path | None = None
    heap_mib: int = HEAP_MIB  # of each member


@dataclass(frozen=True, slots=True)
class Remembered:
    """What stands in `state.json`: enough to find the running system again."""

    port: int
    members: int
    members_max: int
    units: int
    hold_seconds: float
    own_postgres: bool


def remember(places: Places, remembered: Remembered) -> None:
    places.state.write_text(json.dumps(asdict(remembered), indent=2) + "\n")


def recall(places: Places) -> Remembered | None:
    """What this run directory was last started as; None when it never was."""
    if not places.state.exists():
        return None
    try:
        return Remembered(**json.loads(places.state.read_text()))
    except (ValueError, TypeError) as error:
        raise Stop(f"{places.state} cannot be read ({error}); remove it and start again") from error


def parse(arguments: list[str]) -> Options:
    """Options from the command line; argparse ends the program for unknown ones, Stop for impossible ones."""
    parser = argparse.ArgumentParser(prog="infra/up", description="Brings Front Row up on this machine and shows its addresses.")
    parser.add_argument("--members", type=int, default=3, metavar="N", help="grid members to start (3)")
    parser.add_argument("--members-max", type=int, metavar="M", help="members the grid may ever grow to; fixes copies and quorum (3)")
    parser.add_argument("--units", type=int, default=2, metavar="N", help=f"processing units to start (2, at most {UNIT_SLOTS})")
    parser.add_argument("--heap", type=int, default=HEAP_MIB, metavar="MIB", help=f"each member's heap in MiB ({HEAP_MIB})")
    parser.add_argument("--port", type=int, default=DEFAULT_BASE, metavar="P", help=f"the site's port; P to P+60 are used ({DEFAULT_BASE})")
    parser.add_argument("--hold-seconds", type=float, default=300.0, metavar="S", help="seconds for every 'five minutes' of a hold (300)")
    parser.add_argument("--run-dir", metavar="D", help="where state lives (RUN_DIR, else .run of the checkout)")
    parser.add_argument("--detach", action="store_true", help="return when everything is ready, leave it running")
    parser.add_argument("--fresh", action="store_true", help="throw this run directory's data away first")
    parser.add_argument("--no-demo", action="store_true", help="load no demonstration data into an empty database")
    parser.add_argument(
        "--clock-file", type=Path, metavar="F", help="for tests: a file with the milliseconds by which every clock of the system is ahead"
    )
    given = parser.parse_args(arguments)
    members_max = given.members_max if given.members_max is not None else max(3, given.members)
    _check(given.members, members_max, given.units, given.hold_seconds)
    if not LEAST_HEAP_MIB <= given.heap <= LARGEST_HEAP_MIB:
        raise Stop(f"--heap must lie between {LEAST_HEAP_MIB} and {LARGEST_HEAP_MIB}, not {given.heap}")
    try:
        ports = Ports(given.port)
    except ValueError as error:
        raise Stop(str(error)) from error
    return Options(
        Places.of(given.run_dir), ports, given.members, members_max, given.units, given.hold_seconds,
        given.detach, given.fresh, not given.no_demo, given.clock_file and given.clock_file.absolute(), given.heap,
    )  # fmt: skip


def _check(members: int, members_max: int, units: int, hold_seconds: float) -> None:
    if not 1 <= members_max <= MEMBER_SLOTS:
        raise Stop(f"--members-max must lie between 1 and {MEMBER_SLOTS}, not {members_max}")
    least = members_max // 2 + 1  # fewer members than a majority of the maximum may not sell (architecture.md, 12)
    if not least <= members <= members_max:
        raise Stop(f"--members must lie between {least} and {members_max} for --members-max {members_max}, not {members}")
    if not 1 <= units <= UNIT_SLOTS:
        raise Stop(f"--units must lie between 1 and {UNIT_SLOTS}, not {units}")
    if not 0 < hold_seconds <= LONGEST_HOLD_SECONDS:
        raise Stop(f"--hold-seconds must lie between 0 and {LONGEST_HOLD_SECONDS}, not {hold_seconds:g}")
