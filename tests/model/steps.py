"""What a step is: its words in a trace, whether it is a fault, and the state after it or what computes that."""

from collections.abc import Callable

from tests.model.state import State

# Computed late where telling somebody may break an invariant, so that the search knows by which step. None: it cannot be taken now.
Next = State | None | Callable[[], State | None]
Step = tuple[str, bool, Next]
