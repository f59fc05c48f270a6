"""What shoppers, their providers and the units between them may ask of an owner."""

from collections.abc import Iterator
from functools import partial

from tests.model.members import Members
from tests.model.scenarios import Setup
from tests.model.state import MEMBERS, Entry, State, put
from tests.model.steps import Step


class Shoppers:
    """Holds and their repeats, releases, notifications, questions about durability, reads; always with the same command ids."""

    def __init__(self, setup: Setup, members: Members) -> None:
        self._setup = setup
        self._members = members

    def steps(self, state: State, owner: int, entry: Entry) -> Iterator[Step]:
        if entry.open:
            for order in self._setup.orders:
                yield from self._holds(state, owner, entry, order)
                yield from self._notifications(state, owner, entry, order)
                yield from self._reads(state, owner, entry, order)
        for order in self._setup.scenario.pays:
            first = min(number for number in range(MEMBERS) if self._members.may_act(state, number))
            if state.told[order] == 1 and state.money[order] == 0 and owner == first:
                yield f"shopper {order} pays at the provider", False, state._replace(money=put(state.money, order, 1))

    def late_money(self, state: State) -> Iterator[Step]:
        for order in self._setup.scenario.late:
            if state.told[order] == 2 and state.money[order] == 0:
                yield f"money for {order} comes late", False, state._replace(money=put(state.money, order, 1))

    def _holds(self, state: State, owner: int, entry: Entry, order: int) -> Iterator[Step]:
        members, held = self._members, ("held", order)
        if state.told[order] == 0:
            if entry.orders[order] == "-" and entry.seats[self._setup.wants[order]] == -1:
                yield f"hold {order} at M{owner}", False, partial(members.change, state, owner, (f"h{order}",), held)
            elif entry.orders[order] in "HPC":
                if self._setup.mutant == "repeat-no-barrier":
                    yield f"hold {order} repeated at M{owner}, answered at once", False, partial(members.answer, state, held)
                else:
                    yield f"hold {order} repeated at M{owner}", False, partial(members.barrier, state, owner, held)
        let_go = order in self._setup.scenario.releases and state.told[order] in {1, 2} and state.money[order] == 0
        if let_go and entry.orders[order] == "H":
            released = state._replace(told=put(state.told, order, 2))
            yield f"release {order} at M{owner}", False, partial(members.change, released, owner, (f"x{order}",), None)

    def _notifications(self, state: State, owner: int, entry: Entry, order: int) -> Iterator[Step]:
        members = self._members
        if state.money[order] == 1 and state.wait[order] is None:
            if entry.orders[order] in "PCR":
                told = ("recorded", order, entry.inc, entry.paid[order], entry.durable)
                yield f"notification {order} repeated at M{owner}", False, partial(members.barrier, state, owner, told)
            else:
                kind = "p" if entry.orders[order] == "H" else "r"
                told = ("recorded", order, entry.inc, entry.seq + 1, entry.durable)
                yield f"notification {order} at M{owner}", False, partial(members.change, state, owner, (f"{kind}{order}",), told)
        if state.wait[order] is not None:
            heard = ("durable", order, entry.inc, entry.durable)
            yield f"unit asks M{owner} whether {order} is durable", False, partial(members.barrier, state, owner, heard)

    def _reads(self, state: State, owner: int, entry: Entry, order: int) -> Iterator[Step]:
        # One that would show the seat as free.
        if state.told[order] == 1 and state.rows[order] != "R" and entry.seats[self._setup.wants[order]] == -1:
            yield f"read of availability at M{owner}", False, partial(self._members.barrier, state, owner, ("free", order))

    def patience_ends(self, state: State) -> Iterator[Step]:
        for order in self._setup.orders:
            if state.wait[order] is not None:
                yield f"unit answers 503 for {order} after its bound", False, state._replace(wait=put(state.wait, order, None))
