"""`infra/model`: searches scenarios, all of them or the named ones, under the rules or with one of them left out or broken."""

import argparse
import sys
import time

from tests.model import traces
from tests.model.scenarios import LARGE, MUTANTS, RULES, SCENARIOS, Setup
from tests.model.search import STATES_MAX, Found, Search

CLEAR_LINE = "\r\033[K"


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/model", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--all", action="store_true", help=f"every scenario but {', '.join(sorted(LARGE))}: about twelve minutes")
    parser.add_argument("--mutant", choices=MUTANTS, metavar="NAME", help="with this mechanism broken, in the scenario that shows it")
    parser.add_argument("--all-mutants", action="store_true", help="each of them; 1 when one is not caught")
    parser.add_argument("--without", action="append", default=[], choices=RULES, metavar="RULE", help="with this rule left out")
    parser.add_argument("--limit", type=int, default=STATES_MAX, metavar="N", help=f"states of one search ({STATES_MAX:,})")
    parser.add_argument("--list", action="store_true", help="names of scenarios, rules and mutants")
    parser.add_argument("--write-traces", action="store_true", help="every counterexample into tests/model/traces, for the real grid")
    given = parser.parse_args()
    if given.list or given.write_traces:
        _list() if given.list else traces.write_all()
        return 0
    if given.all_mutants or given.mutant:
        return _search_mutants([given.mutant] if given.mutant else list(MUTANTS), given.scenario, given.limit)
    if not given.scenario and not given.all:
        parser.error("name a --scenario or a --mutant, or ask for --all")
    rules = frozenset(RULES) - set(given.without)
    found = [_search(name, Setup(SCENARIOS[name], rules), given.limit) for name in given.scenario or _small()]
    return 1 if any(one.problem for one in found) else 0


def _small() -> list[str]:
    return [name for name in SCENARIOS if name not in LARGE]


def _search_mutants(names: list[str], scenarios: list[str] | None, limit: int) -> int:
    missed = 0
    for name in names:
        mutant = MUTANTS[name]
        print(f"mutant {name}: {mutant.broken}", flush=True)
        caught = any(
            _search(each, Setup(SCENARIOS[each], mutant=name), limit).problem is not None for each in scenarios or [mutant.scenario]
        )
        missed += not caught
    return 1 if missed else 0


def _search(name: str, setup: Setup, limit: int) -> Found:
    began = time.monotonic()

    def shown(states: int, depth: int) -> None:
        print(f"{CLEAR_LINE}{_line(name, states, depth, began)}", end="", flush=True)

    found = Search(setup).run(limit, shown if sys.stdout.isatty() else None)
    verdict = "COUNTEREXAMPLE" if found.problem else "OK" if found.complete else f"nothing found, search ended at {limit:,} states"
    steps = f" of {len(found.trace)} steps" if found.problem else ""
    start = CLEAR_LINE if sys.stdout.isatty() else ""
    print(f"{start}{_line(name, found.states, found.depth, began)}  {verdict}{steps}", flush=True)
    if found.problem:
        for number, step in enumerate(found.trace, 1):
            print(f"    {number:2}. {step}")
        print(f"    => {found.problem}", flush=True)
    return found


def _line(name: str, states: int, depth: int, began: float) -> str:
    return f"{name:16} {states:9,} states, depth {depth:3}, {time.monotonic() - began:6.1f} s"


def _list() -> None:
    print("scenarios (orders' seats, what takes part, faults)")
    for name, scenario in SCENARIOS.items():
        print(f"  {name:18} {scenario.told()}")
    print("rules")
    for name, rule in RULES.items():
        print(f"  {name:18} {rule}")
    print("mutants")
    for name, mutant in MUTANTS.items():
        print(f"  {name:18} {mutant.scenario:14} {mutant.broken}")


if __name__ == "__main__":
    sys.exit(main())
