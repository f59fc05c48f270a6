"""What must hold in every state, and where every run must still be able to arrive (architecture.md, invariants)."""

from tests.model.members import Members
from tests.model.scenarios import Setup
from tests.model.state import IDLE, Entry, State, Violation, letter

# Those that carry no incarnation, or move no position to one, say nothing of lives.
WITHOUT_LIVES = ("no-incarnation", "restore-no-c")
AFTER = {"h": "H", "x": "X", "p": "P", "r": "R"}


class Invariants:
    """Looks at the entry of the owner and backup that agree on each other: only what they say is told."""

    def __init__(self, setup: Setup, members: Members) -> None:
        self._setup = setup
        self._members = members

    def check(self, state: State) -> None:
        """Violation when an open entry breaks a promise or is not what PostgreSQL and its outbox come to."""
        entry = self._entry(state)
        if entry is None and self._speaker(state) is not None:
            self._check_left(state)
        if entry is None or not entry.open:
            return
        for order in self._setup.orders:
            if state.told[order] == 1 and entry.orders[order] not in "HPCR":
                raise Violation(f'I3: order {order} was told "held", the entry has "{entry.orders[order]}"')
        self._check_position(state, entry)
        self._check_rows(state, entry)
        for order in self._setup.orders:
            taken, refused = entry.seats[self._setup.wants[order]], entry.orders[order] == "P" and state.rows[order] == "R"
            if entry.orders[order] in "HPC" and taken != order and not refused:
                raise Violation(f'I1: order {order} is "{entry.orders[order]}", its seat stands as {taken}')

    def _check_left(self, state: State) -> None:
        """Where an entry may leave, PostgreSQL has what it promised."""
        for order in self._setup.orders if self._setup.scenario.leavers else ():
            if state.told[order] == 1 and state.rows[order] == "-":
                raise Violation(f'I3: order {order} was told "held", the entry is gone and PostgreSQL does not know it')

    def _check_position(self, state: State, entry: Entry) -> None:
        inc, seq, _ = state.pos
        if entry.inc != inc and self._setup.mutant not in WITHOUT_LIVES:
            raise Violation(f"I8: the open entry is incarnation {entry.inc}, the position {inc}")
        if not (entry.durable <= seq or self._setup.mutant == "ack-before-commit") or not seq <= entry.seq:
            raise Violation(f"I7/I8: durable_seq {entry.durable} <= position {seq} <= seq {entry.seq} does not hold")

    def _check_rows(self, state: State, entry: Entry) -> None:
        """The rows and the changes after the position come to the entry."""
        position = state.pos[1]
        expected, seq = state.rows, position
        for at, change in entry.outbox:
            if at > position:
                seq += 1
                expected = letter(expected, int(change[1]), AFTER[change[0]])
        same = all(is_ == due or (is_ == "P" and due in "CR") for is_, due in zip(entry.orders, expected, strict=True))
        if seq != entry.seq or not same:
            raise Violation(
                f"I7/I8: PostgreSQL ({state.rows}, position {position}) and the outbox {entry.outbox} do not give the entry"
                f" ({entry.orders}, seq {entry.seq})"
            )

    def goal(self, state: State) -> bool:
        """Whether all is at rest: entry open (or gone for good), outbox empty, every payment settled and answered."""
        if self._setup.scenario.readers and state.lives == self._setup.scenario.lives:
            return True
        entry = self._entry(state)
        working = any(process != IDLE for process in (*state.pumps, *state.readers, *state.leavers))
        at_rest = not working and not state.chan and state.out == -1
        if entry is None and self._setup.scenario.leavers and self._speaker(state) is not None:
            return at_rest and 1 not in state.money
        if entry is None or not entry.open or not at_rest:
            return False
        if self._setup.scenario.pumps and (entry.outbox or entry.durable != entry.seq):
            return False
        settled = (entry.orders[order] == state.rows[order] and state.rows[order] in "CR" for order, paid in enumerate(state.money) if paid)
        return all(paid != 1 for paid in state.money) and all(settled)

    def _entry(self, state: State) -> Entry | None:
        owner = self._speaker(state)
        return None if owner is None else state.mem[owner].copy

    def _speaker(self, state: State) -> int | None:
        both = self._members.pair(state)
        return both[0] if both and self._members.may_act(state, both[0]) else None


def brief(state: State) -> str:
    """The entry and PostgreSQL, for people."""
    owned = (member.copy for number, member in enumerate(state.mem) if member.up and member.owner == number and member.copy)
    entry = next(owned, None)
    grid = "no entry"
    if entry is not None:
        outbox = [change for _, change in entry.outbox]
        grid = f"orders {entry.orders}, outbox {outbox}, durable_seq {entry.durable}, seq {entry.seq}"
    return f"the entry has {grid}; PostgreSQL has orders {state.rows}, position {state.pos[1]}"
