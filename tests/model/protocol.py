"""The protocol of architecture.md, decisions 5 to 13, for one inventory entry: its first state and its possible steps.

Every step is atomic; between steps anybody may be delayed for as long as it likes, so a paused pump or a late reader needs no
step of its own. Decision numbers are those of architecture.md.
"""

from collections.abc import Iterator

from tests.model.answers import Answers
from tests.model.faults import Faults
from tests.model.invariants import Invariants
from tests.model.leaving import Leaving
from tests.model.members import Members
from tests.model.partings import Partings
from tests.model.pumps import Pumps
from tests.model.readers import Readers
from tests.model.scenarios import FAULTS, Setup
from tests.model.shoppers import Shoppers
from tests.model.state import ALL, IDLE, Entry, Member, State, first_tenure
from tests.model.steps import Step


class Protocol:
    """All parts together, in the world of one setup."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        members = Members(setup, Answers(setup))
        self._members = members
        self._partings = Partings(setup, members)
        self._shoppers = Shoppers(setup, members)
        self._pumps = Pumps(setup, members)
        self._readers = Readers(setup, members)
        self._leaving = Leaving(setup, members)
        self._faults = Faults(setup.scenario, members)
        self.invariants = Invariants(setup, members)

    def initial(self) -> State:
        """An open, empty entry on two of three members; PostgreSQL knows its incarnation."""
        scenario, count = self.setup.scenario, len(self.setup.orders)
        places = (-1,) * (max(scenario.seats) + 1)
        entry = Entry(1, 0, True, "-" * count, places, (0,) * count, (), 0, (0, ""), first_tenure(1, 1, 0))
        members = tuple(Member(True, ALL, 0, 1, copy, 2 if scenario.tenures else 1) for copy in (entry, entry, None))
        return State(
            mem=members, cut=-1, out=-1, chan=(), told=(0,) * count, money=(0,) * count, wait=(None,) * count,
            pumps=(IDLE,) * scenario.pumps, readers=(IDLE,) * scenario.readers, leavers=(IDLE,) * scenario.leavers,
            pos=(1, 0, ""), rows="-" * count, tickets=places,
            lives=1, left=tuple(getattr(scenario, fault) for fault in FAULTS),
        )  # fmt: skip

    def steps(self, state: State) -> Iterator[Step]:
        """Every possible next step."""
        yield from self._members.steps(state)
        yield from self._partings.steps(state)
        yield from self._partings.merges(state)
        for owner, member in enumerate(state.mem):
            if self._members.may_act(state, owner):
                entry = member.copy
                if entry is not None:
                    yield from self._shoppers.steps(state, owner, entry)
                    yield from self._pumps.steps(state, owner, entry)
                yield from self._readers.steps(state, owner, entry)
                yield from self._leaving.steps(state, owner, entry)
        yield from self._shoppers.patience_ends(state)
        yield from self._shoppers.late_money(state)
        yield from self._pumps.database_steps(state)
        yield from self._readers.database_steps(state)
        yield from self._leaving.database_steps(state)
        yield from self._faults.steps(state)
