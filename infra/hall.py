"""`infra/hall`: see `--help`. A plan goes to standard output; what is wrong with it, line by line, to standard error."""

import argparse
import sys
from pathlib import Path
from typing import Any

import orjson

from infra.demonstration.halls import HALLS
from infra.halls.arena import Arena, Standing
from infra.halls.checks import findings
from infra.halls.club import Club
from infra.halls.drawing import Plan
from infra.halls.shapes import ImpossibleHall
from infra.halls.theatre import theatre
from infra.stop import Stop, run_command

EPILOG = """examples:
  infra/hall arena --places 20000 --standing Фан-зона=1000 --standing Танцпол=3000 > plan.json
  infra/hall theatre --places 1200 --balconies 2 --boxes 2 --name "Новый театр" > plan.json
  infra/hall check plan.json

The plan is what the API imports: POST /api/v1/admin/halls with {"plan": ...}. Names and
numbers can be changed in the JSON; check it afterwards."""
FINDINGS_SHOWN = 50


def _run() -> int:
    given = _parser().parse_args()
    return int(given.command(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="infra/hall",
        description="Draws and checks seating plans.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    arena = _hall(commands, "arena", "sectors in tiers around a floor; up to 100,000 seats", _arena, "Арена")
    arena.add_argument("--standing", action="append", default=[], metavar="NAME=N", help="N places to stand, by count; repeatable")
    arena.add_argument("--floor-seats", type=int, default=0, metavar="N", help="seats in rows on the floor (0)")
    arena.add_argument("--tiers", type=int, default=2, metavar="N", help="tiers of the stands, 1 to 4 (2)")
    arena.add_argument("--behind-stage", action="store_true", help="sell the sectors behind the stage too")

    house = _hall(commands, "theatre", "curved rows, boxes, balconies", _theatre, "Театр")
    house.add_argument("--balconies", type=int, default=2, metavar="N", help="balconies behind the stalls (2)")
    house.add_argument("--boxes", type=int, default=1, metavar="N", help="tiers of boxes around the stalls, 0 to 4 (1)")

    club = _hall(commands, "club", "places to stand, tables, a gallery", _club, "Клуб")
    club.add_argument("--gallery", type=int, default=0, metavar="N", help="seats on the gallery (0)")
    club.add_argument("--tables", type=int, default=0, metavar="N", help="tables (0)")
    club.add_argument("--table-seats", type=int, default=4, metavar="N", help="seats at a table (4)")

    check = commands.add_parser("check", help="say what is wrong with a plan; exit code 1 when something is")
    check.add_argument("file", metavar="FILE", help="a plan in JSON, - for standard input")
    check.set_defaults(command=_check)

    listed = commands.add_parser("list", help="the demonstration's halls, with the sources of their numbers")
    listed.set_defaults(command=_list)

    shown = commands.add_parser("print", help="the plan of one of the demonstration's halls")
    shown.add_argument("hall", metavar="HALL", help="its first word in the list")
    shown.set_defaults(command=_print)
    return parser


def _hall(commands: Any, name: str, told: str, command: Any, called: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=f"print the plan of {name} halls: {told}", description=told)
    parser.add_argument("--places", type=int, required=True, metavar="N", help="places in all, whatever their kind")
    parser.add_argument("--name", default=called, metavar="NAME", help=f"the hall's name ({called})")
    parser.add_argument("--wheelchairs", type=int, metavar="N", help="of them for wheelchairs, each beside a companion's seat")
    parser.set_defaults(command=lambda given: _write(command(given)))
    return parser


def _arena(given: argparse.Namespace) -> Plan:
    standing = tuple(_standing(told) for told in given.standing)
    return Arena(given.name, given.places, standing, given.floor_seats, given.tiers, given.wheelchairs, given.behind_stage).plan()


def _standing(told: str) -> Standing:
    name, _, places = told.rpartition("=")
    if not name or not places.isdecimal():
        raise Stop(f"--standing wants NAME=N, for example Танцпол=3000, not {told!r}")
    return Standing(name, int(places))


def _theatre(given: argparse.Namespace) -> Plan:
    return theatre(given.name, given.places, given.balconies, given.boxes, given.wheelchairs).plan()


def _club(given: argparse.Namespace) -> Plan:
    wheelchairs = 2 if given.wheelchairs is None else given.wheelchairs
    return Club(
        given.name, given.places, gallery=given.gallery, tables=given.tables, table_seats=given.table_seats, wheelchairs=wheelchairs
    ).plan()


def _write(plan: Plan) -> int:
    """The plan, once it has passed every check that others' plans must."""
    found = findings(plan)
    if found:
        raise Stop(f"this hall cannot be drawn: {found[0]}")
    sys.stdout.buffer.write(orjson.dumps(plan) + b"\n")
    return 0


def _check(given: argparse.Namespace) -> int:
    found = findings(_read(given.file))
    for finding in found[:FINDINGS_SHOWN]:
        print(finding)
    if len(found) > FINDINGS_SHOWN:
        print(f"... and {len(found) - FINDINGS_SHOWN} more")
    if any(finding.refused for finding in found):
        raise Stop("the import would refuse this plan")
    return 1 if found else 0


def _read(file: str) -> Any:
    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        given = orjson.loads(body)
    except OSError as error:
        raise Stop(f"{file}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise Stop(f"{file} is not JSON: {error}") from None
    return given["plan"] if isinstance(given, dict) and set(given) == {"plan"} else given


def _list(_: argparse.Namespace) -> int:
    for key, hall in HALLS.items():
        print(f"{key:<12}{hall.places:>7,} places  {hall.title}")
        print(f"{'':<21}after {hall.model}")
        for figure in hall.figures:
            print(f"{'':<21}{figure}")
    return 0


def _print(given: argparse.Namespace) -> int:
    if given.hall not in HALLS:
        raise Stop(f"no hall of the demonstration is called {given.hall!r}; there are {', '.join(HALLS)}")
    return _write(HALLS[given.hall].plan())


def command() -> int:
    """The command's exit code; Stop when it cannot be done."""
    try:
        return _run()
    except ImpossibleHall as error:
        raise Stop(str(error)) from None


if __name__ == "__main__":
    run_command("infra/hall", command)
