"""An inventory leaves the grid when its event is long over and PostgreSQL has all of it; whoever asks for it later has it brought back."""

from collections.abc import Iterator
from functools import partial

from tests.model.members import Members
from tests.model.scenarios import Setup
from tests.model.state import IDLE, Entry, Process, State, Violation, put
from tests.model.steps import Step

ENDED = "-CRX"  # an order in another state waits for its shopper, its provider or PostgreSQL


class Leaving:
    """Reads a position, later asks the owner to let the entry go; may stop for ever in between."""

    def __init__(self, setup: Setup, members: Members) -> None:
        self._setup = setup
        self._members = members

    def database_steps(self, state: State) -> Iterator[Step]:
        for number, leaver in enumerate(state.leavers):
            if leaver == IDLE and any(member.copy is not None for member in state.mem):
                yield f"leaver {number} reads position {state.pos}", False, _now(state, number, ("over", state.pos))

    def steps(self, state: State, owner: int, entry: Entry | None) -> Iterator[Step]:
        busy = {message.reply[:2] for message in state.chan if message.reply}
        for number, pump in enumerate(state.pumps if state.leavers and entry is None else ()):
            if pump[0] == "done" and ("pump", number) not in busy:
                missed = state._replace(pumps=put(state.pumps, number, IDLE))
                yield f"pump {number}: nothing to acknowledge at M{owner}, it has left", False, missed
        for number, leaver in enumerate(state.leavers):
            if leaver == IDLE or ("leaver", number) in busy:
                continue
            if entry is None:
                yield f"leaver {number} finds that it has left M{owner}", False, _now(state, number, IDLE)
            elif self._may_go(entry, leaver):
                yield f"leaver {number} lets it go at M{owner}", False, partial(self._go, state, owner, entry, number)
            else:
                yield f"leaver {number} hears at M{owner} that it is still needed", False, _now(state, number, IDLE)

    def _may_go(self, entry: Entry, leaver: Process) -> bool:
        rests = entry.open and all(order in ENDED for order in entry.orders)
        stands = not entry.outbox and leaver[1] == (entry.inc, entry.seq, entry.trimmed[1])
        return rests and (stands or self._setup.mutant == "leave-early")

    def _go(self, state: State, owner: int, entry: Entry, number: int) -> State | None:
        lost = [change for at, change in entry.outbox if at > state.pos[1]]
        if lost:
            raise Violation(f"I7: the entry leaves with changes {lost}, which PostgreSQL has not got")
        told = ("leaver", number, IDLE)
        return self._members.send(state, owner, None, ("drop",), told)


def _now(state: State, number: int, leaver: Process) -> State:
    return state._replace(leavers=put(state.leavers, number, leaver))
