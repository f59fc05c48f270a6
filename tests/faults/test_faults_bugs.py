"""The list of bugs that must be found is whole: every patch fits the tree, has its row, and no promise is without one."""

import re
import subprocess

import pytest

from infra.places import CHECKOUT
from tests.faults.buggy_copy import PATCHES
from tests.faults.bugs import BUGS

INVARIANTS = {f"I{number}" for number in range(1, 10)}
HEAD = re.compile(r"\A[A-Z][^\n]+ \((I\d(?:, I\d)*)\)\.\n\ndiff --git ")


def broken_by(name: str) -> set[str]:
    """The promises that the head of the patch says it breaks."""
    head = HEAD.match((PATCHES / f"{name}.patch").read_text())
    assert head, f"{name}.patch begins with one sentence that says what is wrong and which promise it breaks: (I1, I3)."
    return set(head[1].split(", "))


@pytest.mark.parametrize("name", sorted(patch.stem for patch in PATCHES.glob("*.patch")))
def test_a_patch_fits_the_tree_and_has_its_row(name: str):
    done = subprocess.run(
        ["git", "apply", "--check", str(PATCHES / f"{name}.patch")], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"make the patch anew:\n{done.stderr}"
    assert name in BUGS
    assert broken_by(name) & {sentence[:2] for sentence in BUGS[name].found_by} or "alarm" in BUGS[name].found_by


def test_every_bug_has_its_patch():
    assert BUGS.keys() == {patch.stem for patch in PATCHES.glob("*.patch")}


def test_every_promise_has_a_bug_that_breaks_it():
    assert set.union(*(broken_by(name) for name in BUGS)) == INVARIANTS
