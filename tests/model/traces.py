"""Shortest counterexamples as texts in `traces/`, for the real grid to replay (`tests/faults/test_faults_traces.py`).

First line: the mutant or the rule left out, its scenario, the seats that its orders want. Then a step a line; last what breaks.
"""

from pathlib import Path

from tests.model.scenarios import MUTANTS, RULES, SCENARIOS, Setup
from tests.model.search import Found, Search

PLACE = Path(__file__).parent / "traces"
# Where a rule's absence shows, in the fewest states.
SHOWS = {
    "entry-seq": "readers",
    "resend": "pump-dies",
    "ack-base": "refused",
    "fresh-life": "restore-again",
    "tenure": "apart",
    "doubt": "apart-alone",
    "latest-copy": "apart-alone",
    "same-life": "restore-pay",
}


def setups() -> dict[str, tuple[str, Setup]]:
    """By the name of a mutant or a rule: the scenario that shows it, and its search."""
    broken = {name: (mutant.scenario, Setup(SCENARIOS[mutant.scenario], mutant=name)) for name, mutant in MUTANTS.items()}
    without = {rule: (SHOWS[rule], Setup(SCENARIOS[SHOWS[rule]], frozenset(RULES) - {rule})) for rule in RULES}
    return broken | without


def text_of(name: str, scenario: str, found: Found) -> str:
    """A counterexample's file."""
    seats = " ".join(map(str, SCENARIOS[scenario].seats))
    return "\n".join((f"{name} in {scenario}, seats {seats}", *found.trace, f"=> {found.problem}")) + "\n"


def write_all() -> None:
    """Search them all again and write their files."""
    PLACE.mkdir(exist_ok=True)
    for name, (scenario, setup) in setups().items():
        (PLACE / f"{name}.txt").write_text(text_of(name, scenario, Search(setup).run()))
