"""The protocol's model in the suite: every mutant and every rule left out breaks its promise in as many steps as ever, small worlds hold.

The rest is searched by `infra/model --all`.
"""

from typing import NamedTuple

import pytest

from tests.model import traces
from tests.model.scenarios import SCENARIOS, Setup
from tests.model.search import Search


class Broken(NamedTuple):
    """A shortest counterexample: where, which promise, how many steps."""

    scenario: str
    invariant: str
    steps: int


BROKEN = {
    "repeat-no-barrier": Broken("tiny-death", "I3", 6),
    "drain-no-barrier": Broken("tiny-death", "I7/I8", 7),
    "no-base-check": Broken("tiny-death", "I3", 8),
    "no-fence": Broken("tiny-cut", "I6", 5),
    "no-incarnation": Broken("readers", "I7/I8", 11),
    "ack-before-commit": Broken("pay-death", "I7/I8", 5),
    "restore-no-c": Broken("readers", "I7/I8", 11),
    "late-snapshot": Broken("slow-sync", "I3", 10),
    "leave-early": Broken("leave", "I7", 5),
    "nobody-wakes": Broken("leave", "stuck", 11),
    "provider-early": Broken("pay-death", "I4", 5),
    "tenure-by-clock": Broken("apart", "I3", 16),
    "merge-keeps-tenure": Broken("apart-twice", "I3", 24),
    # and the rules, left out
    "entry-seq": Broken("readers", "I7/I8", 14),
    "resend": Broken("pump-dies", "stuck", 9),
    "ack-base": Broken("refused", "I1", 17),
    "fresh-life": Broken("restore-again", "I7/I8", 20),
    "tenure": Broken("apart", "I3", 16),
    "doubt": Broken("apart-alone", "I3", 13),
    "latest-copy": Broken("apart-alone", "I3", 15),
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
    "leave": 19_478,
    "pay-tenures": 16_909,
    "apart-alone": 29_452,
}


@pytest.mark.parametrize("name", BROKEN)
def test_without_a_rule_or_with_a_broken_mechanism_a_promise_breaks(name: str) -> None:
    scenario, setup = traces.setups()[name]
    found = Search(setup).run()
    assert found.problem is not None, f"nothing breaks in {found.states} states"
    assert Broken(scenario, found.problem.split(":")[0], len(found.trace)) == BROKEN[name]
    kept = (traces.PLACE / f"{name}.txt").read_text()
    assert kept == traces.text_of(name, scenario, found), "another trace: `infra/model --write-traces`, and see that its replay still fits"


def test_every_mutant_and_every_rule_is_there() -> None:
    assert BROKEN.keys() == traces.setups().keys()


@pytest.mark.parametrize("scenario", STATES)
def test_in_a_small_world_every_promise_is_kept(scenario: str) -> None:
    found = Search(Setup(SCENARIOS[scenario])).run()
    assert (found.problem, found.complete, found.states) == (None, True, STATES[scenario])
