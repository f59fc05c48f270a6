"""Pumps and writers: drain, COMMIT with compare-and-set, acknowledge (decisions 8 to 11)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.model.faults import has, spend
from tests.model.members import Members
from tests.model.scenarios import Setup
from tests.model.state import IDLE, Entry, Numbered, Process, Reply, State, Violation, acknowledge, letter, put
from tests.model.steps import Step

BEFORE = {"h": "-", "p": "H", "x": "H"}  # the row that a change is written onto


class Pumps:
    """Any number of pumps, each of which may stop for ever between two steps, or die."""

    def __init__(self, setup: Setup, members: Members) -> None:
        self._setup = setup
        self._members = members
        self._bare = setup.mutant == "no-incarnation"
        self._early = setup.mutant == "ack-before-commit"

    # ---- at the entry ---------------------------------------------------------------------------------------------
    def steps(self, state: State, owner: int, entry: Entry) -> Iterator[Step]:
        busy = {message.reply[:2] for message in state.chan if message.reply}
        for number, pump in enumerate(state.pumps):
            if ("pump", number) not in busy:
                yield from self._drains(state, owner, entry, number, pump)
                yield from self._acknowledgements(state, owner, entry, number, pump)

    def _drains(self, state: State, owner: int, entry: Entry, number: int, pump: Process) -> Iterator[Step]:
        position = pump[1] if pump[0] == "at" else state.pos
        ready = "at" if self._setup.scenario.stale else "idle"
        if pump[0] != ready or (entry.inc != position[0] and not self._bare):
            return
        reply = self._drained(state, entry, number, position)
        if reply is None:
            return
        if self._setup.mutant == "drain-no-barrier":
            yield f"pump {number} drains M{owner}, answered at once: {reply[2]}", False, partial(self._members.answer, state, reply)
        else:
            yield f"pump {number} drains M{owner}", False, partial(self._members.barrier, state, owner, reply)

    def _drained(self, state: State, entry: Entry, number: int, position: tuple[int, int, str]) -> Reply | None:
        _, seq, change_id = position
        remembered = dict((*entry.outbox, entry.trimmed))
        if seq < entry.trimmed[0]:
            return "pump", number, ("state", entry.inc, seq)  # `trimmed`: the whole state instead of changes
        if seq > entry.seq or (seq in remembered and remembered[seq] != change_id):
            there = remembered.get(seq, "nothing")
            return "diverged", number, f"PostgreSQL has {change_id} as {seq}, the entry has {there} (seq {entry.seq})"
        if "resend" in self._setup.rules and entry.durable < seq:
            orders = (int(change[1]) for at, change in entry.outbox if at <= seq and change[0] in "pr")
            return "pump", number, ("done", entry.inc, seq, tuple((order, state.rows[order]) for order in orders))
        after = tuple(change for change in entry.outbox if change[0] > seq)
        return ("pump", number, ("batch", entry.inc, seq, after)) if after else None

    def _acknowledgements(self, state: State, owner: int, entry: Entry, number: int, pump: Process) -> Iterator[Step]:
        if pump[0] != ("batch" if self._early else "done"):
            return
        members = self._members
        if self._early:
            to, verdicts = pump[3][-1][0], tuple((int(change[1]), "C") for _, change in pump[3] if change[0] == "p")
            then: Process = ("late", *pump[1:])
        else:
            to, verdicts, then = pump[2], pump[3], IDLE
        told = ("pump", number, then)
        if entry.inc != pump[1] and not self._bare:
            yield f"pump {number}: acknowledgement of another incarnation ignored", False, partial(members.answer, state, told)
        elif to > entry.durable:
            body = ("ack", to, verdicts)
            after = acknowledge(entry, to, verdicts, self._setup.wants)
            yield f"pump {number} acknowledges {to} {verdicts} at M{owner}", False, partial(members.send, state, owner, after, body, told)
        else:
            yield f"pump {number} acknowledges {to} again at M{owner}", False, partial(members.barrier, state, owner, told)

    # ---- at PostgreSQL --------------------------------------------------------------------------------------------
    def database_steps(self, state: State) -> Iterator[Step]:
        for number, pump in enumerate(state.pumps):
            if self._setup.scenario.stale and pump == IDLE:
                yield f"pump {number} reads position {state.pos}", False, _now(state, number, ("at", state.pos))
            if pump[0] == "at":
                yield f"pump {number} forgets its position", False, _now(state, number, IDLE)
            if pump[0] == "state":
                yield f"pump {number} writes the whole state", False, partial(_whole_state, state, number, pump)
            if (pump[0] == "batch" and not self._early) or pump[0] == "late":
                yield from self._commits(state, number, pump)

    def _commits(self, state: State, number: int, pump: Process) -> Iterator[Step]:
        _, inc, start, changes = pump
        if state.pos[1] != start or (state.pos[0] != inc and not self._bare):
            yield f"pump {number}: position has moved, batch dropped", False, _now(state, number, IDLE)
            return
        text = f"pump {number} COMMITs {' '.join(change for _, change in changes)}, position {(state.pos[0], *changes[-1])}"
        yield text, False, partial(self._write, state, number, pump, refuse=False)
        if has(state, "refuse") and any(change[0] == "p" for _, change in changes):
            yield f"{text} (tickets refused)", False, partial(self._write, state, number, pump, refuse=True)

    def _write(self, state: State, number: int, pump: Process, *, refuse: bool) -> State:
        """Decisions 9 and 10: rows, tickets and verdicts of one transaction."""
        changes: tuple[Numbered, ...] = pump[3]
        rows, tickets, verdicts = state.rows, state.tickets, ()
        for _, change in changes:
            rows, tickets, verdict = self._row(state, rows, tickets, change, refuse=refuse)
            verdicts += verdict
        if refuse:
            state = spend(state, "refuse")
        then = ("done", pump[1], changes[-1][0], verdicts) if pump[0] == "batch" else IDLE
        return _now(state._replace(rows=rows, tickets=tickets, pos=(state.pos[0], *changes[-1])), number, then)

    def _row(self, state: State, rows: str, tickets: tuple[int, ...], change: str, *, refuse: bool) -> tuple[str, tuple[int, ...], Any]:
        kind, order = change[0], int(change[1])
        if BEFORE.get(kind, rows[order]) != rows[order] or (kind == "r" and rows[order] in "CR"):
            raise Violation(f'I7: change {change} is written onto an order in state "{rows[order]}" (skipped or applied twice)')
        if kind == "r":
            return letter(rows, order, "R"), tickets, ((order, "R"),)
        if kind != "p":
            return letter(rows, order, "H" if kind == "h" else "X"), tickets, ()
        seat = self._setup.wants[order]
        if tickets[seat] != -1 and state.told[order] == 1:
            raise Violation(f'I1: order {order} was told "held", its seat has a ticket of order {tickets[seat]}')
        good = tickets[seat] == -1 and not refuse
        verdict = "C" if good else "R"
        return letter(rows, order, verdict), put(tickets, seat, order) if good else tickets, ((order, verdict),)


def _whole_state(state: State, number: int, pump: Process) -> State:
    if state.pos[:2] == pump[1:]:
        raise Violation("I7: the whole state replaces changes although PostgreSQL never went back")
    return _now(state, number, IDLE)


def _now(state: State, number: int, pump: Process) -> State:
    return state._replace(pumps=put(state.pumps, number, pump))
