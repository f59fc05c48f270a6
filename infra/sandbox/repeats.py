"""When an unanswered notification is sent again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLE = "FRONT_ROW_SANDBOX_REPEATS"
# As acquirers do: eagerly at first, for the shop's short pauses, then ever more seldom, for a day. The last gap repeats.
GAPS_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
GIVEN_UP_AFTER_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Repeats:
    """The gaps between tries in seconds, the last one for all further tries, and the age at which a notification is given up."""

    gaps: tuple[float, ...] = GAPS_SECONDS
    given_up_after: float = GIVEN_UP_AFTER_SECONDS

    def after(self, tries: int) -> float:
        """How long to wait after the `tries`-th vain try (1, 2, …)."""
        return self.gaps[min(tries, len(self.gaps)) - 1]


def from_environment(environment: Mapping[str, str] = os.environ) -> Repeats:
    """The schedule of this process: gaps in seconds, separated by commas. ValueError names the variable."""
    text = environment.get(VARIABLE)
    if text is None:
        return Repeats()
    try:
        gaps = tuple(float(gap) for gap in text.split(","))
    except ValueError as error:
        raise ValueError(f"{VARIABLE}={text!r}: {error}") from error
    if min(gaps) <= 0:
        raise ValueError(f"{VARIABLE}={text!r}: gaps are longer than nothing")
    return Repeats(gaps)
