"""Every input that was once too much, and some hundred new ones near the known ones, for every parser. `infra/fuzz` looks further."""

import random
import re
import resource
import time

import pytest

from tests.fuzz.catalogue import TARGETS
from tests.fuzz.mutation import mutated
from tests.fuzz.target import CORPUS, Target

SEED = 20_261_123
MUTATIONS_MAX = 400
CPU_SECONDS = 0.3  # for each target; on a slow machine it gets fewer inputs
GROWTH_BYTES_MAX = 64 * 1024 * 1024  # of the process's memory by all inputs of a target

every_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())


def memory() -> int:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@every_target
def test_what_is_known_is_read_or_refused(target: Target):
    for data in target.corpus():
        target.check(data)


@every_target
def test_what_is_near_to_it_too(target: Target):
    corpus, dice, before, began = target.corpus(), random.Random(SEED), memory(), time.thread_time()
    for _ in range(MUTATIONS_MAX):
        data = mutated(dice.choice(corpus), corpus, dice)[: target.length_max]
        try:
            target.check(data)
        except Exception as fault:
            raise AssertionError(f"{target.name} {data.hex()}") from fault
        if time.thread_time() - began > CPU_SECONDS:
            break
    assert memory() - before < GROWTH_BYTES_MAX


def test_every_input_kept_has_a_target_and_every_target_a_line_in_the_table():
    assert {folder.name for folder in CORPUS.iterdir()} <= TARGETS.keys()
    table = (CORPUS.parent / "README.md").read_text().splitlines()
    told = {name for line in table if line.startswith("| `") for name in re.findall(r"`([\w-]+)`", line.split("|")[1])}
    assert told == TARGETS.keys()
