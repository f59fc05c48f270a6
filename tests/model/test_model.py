"""The protocol's model in the suite: every mutant and every rule left out breaks its promise in as many steps as ever, small worlds hold.

The rest is searched by `infra/model --all`.
"""

from typing import NamedTuple

import pytest

from tests.model.scenarios import MUTANTS, RULES, SCENARIOS, Setup
from tests.model.search import Search


class Broken(NamedTuple):
    """A shortest counterexample: where, which promise, how many steps."""

    scenario: str
    invariant: str
    steps: int


CAUGHT = {
    "repeat-no-barrier": Broken("tiny-death", "I3", 6),
    "drain-no-barrier": Broken("tiny-death", "I7/I8", 7),
    "no-base-check": Broken("tiny-death", "I3", 8),
    "no-fence": Broken("tiny-cut", "I6", 5),
    "no-incarnation": Broken("readers", "I7/I8", 11),
    "ack-before-commit": Broken("pay-death", "I7/I8", 5),
    "restore-no-c": Broken("readers", "I7/I8", 11),
    "late-snapshot": Broken("slow-sync", "I3", 10),
    "provider-early": Broken("pay-death", "I4", 5),
}
NEEDED = {
    "entry-seq": Broken("readers", "I7/I8", 14),
    "resend": Broken("pump-dies", "stuck", 9),
    "ack-base": Broken("refused", "I1", 17),
    "same-life": Broken("restore-pay", "I4", 24),
}
# States of a whole search: another number is another model.
STATES = {
    "tiny-death": 2_217,
    "pay-death": 8_593,
    "release": 17_565,
    "refused": 22_288,
    "pump-dies": 15_918,
    "two-deaths": 3_699,
    "restore-release": 11_429,
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_mechanism_breaks_a_promise(name: str) -> None:
    mutant = MUTANTS[name]
    assert breaks(mutant.scenario, Setup(SCENARIOS[mutant.scenario], mutant=name)) == CAUGHT[name]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_needed(rule: str) -> None:
    scenario = NEEDED[rule].scenario
    assert breaks(scenario, Setup(SCENARIOS[scenario], frozenset(RULES) - {rule})) == NEEDED[rule]


@pytest.mark.parametrize("scenario", STATES)
def test_in_a_small_world_every_promise_is_kept(scenario: str) -> None:
    found = Search(Setup(SCENARIOS[scenario])).run()
    assert (found.problem, found.complete, found.states) == (None, True, STATES[scenario])


def breaks(scenario: str, setup: Setup) -> Broken:
    found = Search(setup).run()
    assert found.problem is not None, f"nothing breaks in {found.states} states"
    return Broken(scenario, found.problem.split(":")[0], len(found.trace))
