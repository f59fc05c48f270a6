"""When an unanswered notification is sent again."""

from dataclasses import dataclass

GIVEN_UP_AFTER_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Repeats:
    """The gaps between tries in seconds, the last one for all further tries, and the age at which a notification is given up."""

    gaps: tuple[float, ...]
    given_up_after: float = GIVEN_UP_AFTER_SECONDS

    def after(self, tries: int) -> float:
        """How long to wait after the `tries`-th vain try (1, 2, …)."""
        return self.gaps[min(tries, len(self.gaps)) - 1]
