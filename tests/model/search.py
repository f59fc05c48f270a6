"""Breadth-first search through all states of a setup: the first counterexample is a shortest one."""

from array import array
from collections.abc import Callable
from typing import NamedTuple

from tests.model.invariants import brief
from tests.model.protocol import Protocol
from tests.model.scenarios import Setup
from tests.model.state import State, Violation

STATES_MAX = 3_000_000
SHOWN_EVERY = 50_000  # states
Shown = Callable[[int, int], None]  # states so far, depth


class Found(NamedTuple):
    """What a search came to. `problem`: the invariant that breaks, and how; None: none does, as far as was searched."""

    states: int
    depth: int
    problem: str | None
    trace: tuple[str, ...]  # the steps that lead to the problem
    complete: bool  # all reachable states were visited, or a problem ended the search


class Search:
    """One search, with every state that it has met."""

    def __init__(self, setup: Setup) -> None:
        self._protocol = Protocol(setup)
        first = self._protocol.initial()
        self._index: dict[State, int] = {first: 0}
        self._states = [first]
        self._parents = array("i", [-1])
        self._labels = ["start"]
        self._sources, self._targets = array("i"), array("i")  # steps that are no faults

    def run(self, limit: int = STATES_MAX, shown: Shown | None = None) -> Found:
        """Visit every reachable state, at most `limit`; then look for one from which no path without faults leads on."""
        depth, level_end, at = 0, 1, 0
        states = self._states
        while at < len(states):
            if at == level_end:
                depth, level_end = depth + 1, len(states)
            problem = self._expand(at)
            if problem is not None:
                label, text = problem
                return Found(len(states), depth + 1, text, self._trace(at, label), True)
            at += 1
            if at >= limit:
                return Found(len(states), depth, None, (), False)
            if shown is not None and at % SHOWN_EVERY == 0:
                shown(len(states), depth)
        stuck = self._stuck()
        if stuck is None:
            return Found(len(states), depth, None, (), True)
        text = f"stuck: without faults no path leads on to the goal; here {brief(states[stuck])}"
        return Found(len(states), depth, text, self._trace(stuck), True)

    def _expand(self, at: int) -> tuple[str, str] | None:
        """All steps from a state; (step, invariant) of the first that breaks one, None when none does."""
        state, label = self._states[at], "?"
        try:
            for label, fault, after in self._protocol.steps(state):
                then = after() if callable(after) else after
                if then is not None and then != state:
                    self._take(at, label, then, fault=fault)
        except Violation as violation:
            return label, str(violation)
        return None

    def _take(self, at: int, label: str, then: State, *, fault: bool) -> None:
        index = self._index.get(then)
        if index is None:
            index = self._index[then] = len(self._states)
            self._states.append(then)
            self._parents.append(at)
            self._labels.append(label)
            self._protocol.invariants.check(then)
        if not fault:
            self._sources.append(at)
            self._targets.append(index)

    def _trace(self, at: int, last: str | None = None) -> tuple[str, ...]:
        lines = [last] if last else []
        while at > 0:
            lines.append(self._labels[at])
            at = self._parents[at]
        return tuple(reversed(lines))

    def _stuck(self) -> int | None:
        """The first state from which no fault-free path reaches the goal; None when there is none."""
        starts, sources = self._steps_backwards()
        good = bytearray(len(self._states))
        todo = [at for at, state in enumerate(self._states) if self._protocol.invariants.goal(state)]
        for at in todo:
            good[at] = 1
        while todo:
            at = todo.pop()
            for index in range(starts[at], starts[at + 1]):
                before = sources[index]
                if not good[before]:
                    good[before] = 1
                    todo.append(before)
        bad = good.find(0)
        return None if bad < 0 else bad

    def _steps_backwards(self) -> tuple["array[int]", "array[int]"]:
        """Where the sources of each state's incoming steps begin in the second array."""
        count = len(self._states)
        starts = array("i", bytes(4 * (count + 1)))
        for target in self._targets:
            starts[target + 1] += 1
        for at in range(count):
            starts[at + 1] += starts[at]
        fill, backwards = array("i", starts), array("i", bytes(4 * len(self._targets)))
        for source, target in zip(self._sources, self._targets, strict=True):
            backwards[fill[target]] = source
            fill[target] += 1
        return starts, backwards
