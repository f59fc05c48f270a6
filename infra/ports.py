"""Which process listens where: every port follows from one base port P, so that several systems stand side by side.

P        the site, shared by all units          P+1 .. P+8    a unit's own address       P+11 .. P+18  a unit's operations
P+21     sandbox provider                       P+23          pump's operations          P+24          job worker's operations
P+30     PostgreSQL                             P+41 .. P+49  between members            P+51 .. P+59  members for their clients
"""

from dataclasses import dataclass

UNIT_SLOTS = 8
MEMBER_SLOTS = 9
DEFAULT_BASE = 8000
SPAN = 60
HIGHEST_BASE = 65535 - SPAN


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports over one base. Units and members count from 1."""

    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= HIGHEST_BASE:
            raise ValueError(f"--port must lie between 1024 and {HIGHEST_BASE}, not {self.base}")

    @property
    def site(self) -> int:
        return self.base

    def unit(self, number: int) -> int:
        return self.base + _within(number, UNIT_SLOTS)

    def unit_operations(self, number: int) -> int:
        return self.base + 10 + _within(number, UNIT_SLOTS)

    @property
    def provider(self) -> int:
        return self.base + 21

    @property
    def pump_operations(self) -> int:
        return self.base + 23

    @property
    def worker_operations(self) -> int:
        return self.base + 24

    @property
    def postgres(self) -> int:
        return self.base + 30

    def member(self, number: int) -> int:
        return self.base + 40 + _within(number, MEMBER_SLOTS)

    def member_clients(self, number: int) -> int:
        return self.base + 50 + _within(number, MEMBER_SLOTS)


def _within(number: int, slots: int) -> int:
    if not 1 <= number <= slots:
        raise ValueError(f"there are slots 1 to {slots}, not {number}")
    return number
