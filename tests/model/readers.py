"""Readers bring an entry back from PostgreSQL in four fenced steps, (a) to (d) of decision 13."""

from collections.abc import Iterator
from functools import partial

from tests.model.members import Members
from tests.model.scenarios import Setup
from tests.model.state import IDLE, NO_TENURE, Entry, Process, State, Violation, put
from tests.model.steps import Step


class Readers:
    """Any number of readers, each of which may stop for ever between two steps, or die."""

    def __init__(self, setup: Setup, members: Members) -> None:
        self._setup = setup
        self._members = members

    # ---- at the entry ---------------------------------------------------------------------------------------------
    def steps(self, state: State, owner: int, entry: Entry | None) -> Iterator[Step]:
        """(b), (d) and the drop of (c)."""
        busy = {message.reply[:2] for message in state.chan if message.reply}
        for number, reader in enumerate(state.readers):
            if ("reader", number) in busy:
                continue
            if reader[0] == "read":
                yield from self._restores(state, owner, entry, number, reader)
            elif reader[0] == "open":
                yield self._opens(state, owner, entry, number, reader[1])
            elif reader[0] == "drop":
                yield self._drops(state, owner, entry, number, reader[1])

    def _restores(self, state: State, owner: int, entry: Entry | None, number: int, reader: Process) -> Iterator[Step]:
        old, seq, _ = reader[1]
        if entry is None:
            new = self._incarnation(state, reader)
            if new > self._setup.scenario.lives:
                return
            fresh = self._built(new, reader)
            told = ("reader", number, ("fence", old, seq, new))
            send = partial(self._members.send, state._replace(lives=max(state.lives, new)), owner, fresh, ("new",), told)
            yield f"reader {number} (b) restores at M{owner}: incarnation {fresh.inc}, seq {seq}", False, send
        elif not entry.open and old == entry.inc and seq > entry.seq:  # no entry that lives is behind what was read before
            behind = ("reader", number, ("drop", entry.inc))
            found = f"reader {number} (b) finds a shut entry behind its position at M{owner}"
            yield found, False, partial(self._members.barrier, state, owner, behind)
        elif not entry.open:
            at = entry.seq if "entry-seq" in self._setup.rules else seq
            told = ("reader", number, ("fence", old, at, entry.inc))
            found = f"reader {number} (b) finds a shut entry at M{owner}: incarnation {entry.inc}, seq {entry.seq}"
            yield found, False, partial(self._members.barrier, state, owner, told)
        else:
            yield f"reader {number} (b) finds an open entry at M{owner}", False, _now(state, number, IDLE)

    def _incarnation(self, state: State, reader: Process) -> int:
        """Of an entry that is built now; without its rule, the number that this reader has drawn when it read."""
        return state.lives + 1 if "fresh-life" in self._setup.rules else int(reader[4])

    def _built(self, new: int, reader: Process) -> Entry:
        (_, seq, change_id), rows, tickets = reader[1:4]
        wants, orders = self._setup.wants, self._setup.orders
        seats = tuple(next((o for o in orders if wants[o] == place and rows[o] in "HC"), -1) for place in range(len(tickets)))
        paid = tuple(seq if row in "CR" else 0 for row in rows)
        return Entry(new, seq, False, rows, seats, paid, (), seq, (seq, change_id), NO_TENURE)

    def _opens(self, state: State, owner: int, entry: Entry | None, number: int, inc: int) -> Step:
        if entry is None or entry.inc != inc:
            return f"reader {number} (d) finds another entry at M{owner}", False, _now(state, number, IDLE)
        send = partial(self._members.send, state, owner, entry._replace(open=True), ("open",), ("reader", number, IDLE))
        return f"reader {number} (d) opens incarnation {inc} at M{owner}", False, send

    def _drops(self, state: State, owner: int, entry: Entry | None, number: int, inc: int) -> Step:
        if entry is None or entry.inc != inc or entry.open:
            return f"reader {number} finds nothing to drop at M{owner}", False, _now(state, number, IDLE)
        return f"reader {number} drops the shut entry at M{owner}", False, partial(self._drop, state, owner, entry, number)

    def _drop(self, state: State, owner: int, entry: Entry, number: int) -> State | None:
        if entry.outbox:
            raise Violation(f"I7: a shut entry is dropped with undrained changes {entry.outbox}")
        return self._members.send(state, owner, None, ("drop",), ("reader", number, IDLE))

    # ---- at PostgreSQL --------------------------------------------------------------------------------------------
    def database_steps(self, state: State) -> Iterator[Step]:
        """(a) and (c)."""
        for number, reader in enumerate(state.readers):
            may_draw = "fresh-life" in self._setup.rules or state.lives < self._setup.scenario.lives
            if reader == IDLE and self._is_wanted(state) and may_draw:
                yield f"reader {number} (a) reads position {state.pos}", False, self._reads(state, number)
            if reader[0] == "fence":
                yield self._fences(state, number, reader)

    def _reads(self, state: State, number: int) -> State:
        read = ("read", state.pos, state.rows, state.tickets)
        if "fresh-life" in self._setup.rules:
            return _now(state, number, read)
        return _now(state._replace(lives=state.lives + 1), number, (*read, state.lives + 1))

    def _is_wanted(self, state: State) -> bool:
        return any(
            member.up and member.owner == number and self._members.may_act(state, number) and self._lacks(state, member.copy)
            for number, member in enumerate(state.mem)
        )

    def _lacks(self, state: State, entry: Entry | None) -> bool:
        """A shut entry is always seen to. One that is missing, too, unless its event is over: then somebody must ask for it."""
        if entry is not None:
            return not entry.open
        if not self._setup.scenario.leavers:
            return True
        return self._setup.mutant != "nobody-wakes" and (0 in state.told or 1 in state.money)

    def _fences(self, state: State, number: int, reader: Process) -> Step:
        _, old, seq, new = reader
        opens = _now(state, number, ("open", new))
        if self._setup.mutant == "restore-no-c":
            return f"reader {number} skips (c)", False, opens
        if state.pos[0] == new and state.pos[1] <= seq:
            return f"reader {number} (c) position already of incarnation {new}", False, opens
        if state.pos[0] == new:  # somebody may have opened it since: that a drop finds it shut would not prove that it is behind
            return f"reader {number} (c) position {state.pos[:2]} has moved on in this life", False, _now(state, number, IDLE)
        if state.pos[:2] == (old, seq):
            moved = opens._replace(pos=(new, *state.pos[1:]))
            return f"reader {number} (c) position {state.pos[:2]} -> incarnation {new}", False, moved
        text = f"reader {number} (c) no row: position is {state.pos[:2]}, not {(old, seq)}"
        return text, False, _now(state, number, ("drop", new))


def _now(state: State, number: int, reader: Process) -> State:
    return state._replace(readers=put(state.readers, number, reader))
