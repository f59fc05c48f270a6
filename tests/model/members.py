"""The grid itself: who owns and backs up the entry, who may act, what the backup takes (decisions 5, 12 and 33)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.model.answers import Answers
from tests.model.scenarios import Setup
from tests.model.state import (
    EVERYBODY,
    NO_TENURE,
    SURE,
    Entry,
    Message,
    Reply,
    State,
    Tenure,
    acknowledge,
    apply,
    base,
    entries,
    first_tenure,
    put,
)
from tests.model.steps import Step


class Members:
    """What members do by themselves, and how an owner reaches its backup."""

    def __init__(self, setup: Setup, answers: Answers) -> None:
        self._setup = setup
        self._answers = answers

    @property
    def follows_tenures(self) -> bool:
        """Only where copies are compared, or asked for: elsewhere they would double the states and change nothing else."""
        return self._setup.scenario.tenures and "tenure" in self._setup.rules

    # ---- who can do what ------------------------------------------------------------------------------------------
    def linked(self, state: State, one: int, other: int) -> bool:
        return state.mem[one].up and state.mem[other].up and state.cut not in {one, other, EVERYBODY}

    def change_member(self, state: State, number: int, **changed: Any) -> State:
        return state._replace(mem=put(state.mem, number, state.mem[number]._replace(**changed)))

    def change_table(self, state: State, number: int) -> State:
        """One version more."""
        return self.change_member(state, number, table=state.mem[number].table + self.follows_tenures)

    def pair(self, state: State) -> tuple[int, int] | None:
        """The owner and backup that agree on each other; None while there are none."""
        for number, member in enumerate(state.mem):
            if member.up and member.owner == number and member.backup >= 0 and member.backup in member.view:
                backup = state.mem[member.backup]
                agreed = number in backup.view and backup.owner == number and backup.backup == member.backup
                if agreed and self.linked(state, number, member.backup):
                    return number, member.backup
        return None

    def may_act(self, state: State, number: int) -> bool:
        """Decision 12, the fence: every backup replica exists and is a live member in the owner's own view. 33: nobody acts in doubt."""
        member = state.mem[number]
        if member.doubt != SURE and "doubt" in self._setup.rules:
            return False
        backed = member.backup >= 0 and member.backup in member.view
        return member.up and member.owner == number and (self._setup.mutant == "no-fence" or backed)

    # ---- what an owner does ---------------------------------------------------------------------------------------
    def send(self, state: State, owner: int, entry: Entry | None, body: tuple[Any, ...], reply: Reply | None) -> State | None:
        """The owner keeps `entry`, the backup gets what was done; `reply` is told when it has confirmed. None: the channel is full.

        `body`: a word and its parts; the base and the tenure are put in between.
        """
        member, before = state.mem[owner], state.mem[owner].copy
        tenure = self._tenure(state, owner, entry)
        entry = entry._replace(tenure=tenure) if entry else None
        state = self.change_member(state, owner, copy=entry)
        if member.backup < 0 or member.backup not in member.view:  # only without the fence: Hazelcast then waits for nobody
            return self._answers.tell(state, reply)
        if not self.linked(state, owner, member.backup):
            return state  # lost; the caller gets 'unknown'
        if len(state.chan) >= self._setup.scenario.channel:
            return None
        sent = (body[0], entry) if before is None else (body[0], base(before), tenure, *body[1:])
        return state._replace(chan=(*state.chan, Message(owner, member.backup, sent, reply)))

    def _tenure(self, state: State, owner: int, after: Entry | None) -> Tenure:
        """Decision 33: larger than all before for a new entry, and where its owner acts under a table under which it has not acted on it.

        What counts is the table's version: whoever still acts under a former table gives none that is larger, however late.
        """
        member, before = state.mem[owner], state.mem[owner].copy
        if before is None:
            by = (member.table, owner) if self.follows_tenures else NO_TENURE[1:]
            return first_tenure(after.inc, *by) if after else NO_TENURE
        era, table, leader = before.tenure
        if not self.follows_tenures or (member.table, owner) == (table, leader):
            return before.tenure
        if self._setup.mutant == "tenure-by-clock":
            return 1 + max(entry.tenure[0] for entry in entries(state)), member.table, owner
        return era + (member.table <= table), member.table, owner

    def change(self, state: State, owner: int, change_ids: tuple[str, ...], reply: Reply | None) -> State | None:
        """Changes at the owner and their message; None: the channel is full."""
        entry = state.mem[owner].copy
        assert entry is not None, "only where there is one can it be changed"
        for change_id in change_ids:
            entry = apply(entry, change_id, self._setup.wants)
        return self.send(state, owner, entry, ("changes", change_ids), reply)

    def answer(self, state: State, reply: Reply | None) -> State:
        """Tell at once, with no backup's word."""
        return self._answers.tell(state, reply)

    def barrier(self, state: State, owner: int, reply: Reply) -> State | None:
        """A message without changes; None: the channel is full."""
        return self.change(state, owner, (), reply)

    # ---- what happens by itself -----------------------------------------------------------------------------------
    def steps(self, state: State) -> Iterator[Step]:
        yield from self._deliveries(state)
        yield from self._copies(state)

    def _deliveries(self, state: State) -> Iterator[Step]:
        seen: set[tuple[int, int]] = set()
        in_any_order = not self._setup.scenario.ordered or self._setup.mutant == "late-snapshot"
        for at, message in enumerate(state.chan):  # else first in, first out for each pair
            if in_any_order or (message.src, message.dst) not in seen:
                seen.add((message.src, message.dst))
                yield self._deliver(state._replace(chan=state.chan[:at] + state.chan[at + 1 :]), message)

    def _copies(self, state: State) -> Iterator[Step]:
        both = self.pair(state)
        if both and state.mem[both[0]].copy != state.mem[both[1]].copy:
            owner, backup = both
            copy = state.mem[owner].copy
            if not self._setup.scenario.slow_sync:
                yield f"M{owner} resynchronises M{backup}", False, self.change_member(state, backup, copy=copy)
            elif len(state.chan) < self._setup.scenario.channel:
                snapshot = Message(owner, backup, ("snapshot", copy), None)
                yield f"M{owner} sends M{backup} a snapshot", False, state._replace(chan=(*state.chan, snapshot))
        for owner, member in enumerate(state.mem):  # a new backup gets its copy
            if member.up and member.owner == owner and member.backup == -1:
                for heir in sorted(member.view - {owner}):
                    other = state.mem[heir]
                    if self.linked(state, owner, heir) and other.view == member.view and other.owner == owner:
                        yield f"M{owner} copies the entry to M{heir}, its new backup", False, self._backed_by(state, owner, heir)

    def _backed_by(self, state: State, owner: int, heir: int) -> State:
        copy = state.mem[owner].copy
        for number in state.mem[owner].view:
            there = state.mem[number]
            state = self.change_member(state, number, backup=heir, copy=copy if number == heir else there.copy)
            state = self.change_table(state, number)
        return state

    def _deliver(self, state: State, message: Message) -> Step:
        """Decision 5: onto the same incarnation and seq, otherwise nothing happens and nothing is acknowledged."""
        backup, body = state.mem[message.dst], message.body
        name = _told(message)
        if message.src not in backup.view or backup.backup != message.dst:
            return f"{name} from a non-member: refused", False, state
        if not self._fits(backup.copy, body):
            return f"{name}: wrong base, not acknowledged", False, state
        state = self.change_member(state, message.dst, copy=self._done_to(backup.copy, body))
        reply = message.reply
        told = f"{name}: confirmed" + (f", answer: {reply[0]} {reply[1]}" if reply else "")
        return told, False, partial(self._answers.tell, state, reply)

    def _fits(self, copy: Entry | None, body: tuple[Any, ...]) -> bool:
        if body[0] == "snapshot":
            return True
        if body[0] == "new":
            return copy is None or copy == body[1]
        if copy is None:
            return False
        there = base(copy)
        if "ack-base" not in self._setup.rules:
            there = (*there[:2], body[1][2], there[3])
        return self._setup.mutant == "no-base-check" or there == body[1]

    def _done_to(self, copy: Entry | None, body: tuple[Any, ...]) -> Entry | None:
        kind = body[0]
        if kind in {"new", "snapshot"}:
            restored: Entry | None = body[1]
            return restored
        assert copy is not None, "it fitted"
        copy = copy._replace(tenure=body[2])
        if kind == "changes":
            for change_id in body[3]:
                copy = apply(copy, change_id, self._setup.wants)
            return copy
        if kind == "ack":
            return acknowledge(copy, body[3], body[4], self._setup.wants)
        return copy._replace(open=True) if kind == "open" else None


def _told(message: Message) -> str:
    kind, body = message.body[0], message.body
    if kind != "changes":
        return f"M{message.dst} gets {kind}"
    return f"M{message.dst} gets changes {' '.join(body[3])}" if body[3] else f"M{message.dst} gets a barrier"
