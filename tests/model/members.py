"""The grid itself: who owns and backs up the entry, what the backup takes, how members leave and come back (decisions 5 and 12)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.model.answers import Answers
from tests.model.scenarios import Setup
from tests.model.state import ALL, Entry, Message, Reply, State, acknowledge, apply, put
from tests.model.steps import Step


class Members:
    """What members do by themselves, and how an owner reaches its backup."""

    def __init__(self, setup: Setup, answers: Answers) -> None:
        self._setup = setup
        self._answers = answers

    # ---- who can do what ------------------------------------------------------------------------------------------
    def linked(self, state: State, one: int, other: int) -> bool:
        return state.mem[one].up and state.mem[other].up and state.cut not in {one, other}

    def change_member(self, state: State, number: int, **changed: Any) -> State:
        return state._replace(mem=put(state.mem, number, state.mem[number]._replace(**changed)))

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
        """Decision 12, the fence: every backup replica exists and is a live member in the owner's own view."""
        member = state.mem[number]
        backed = member.backup >= 0 and member.backup in member.view
        return member.up and member.owner == number and (self._setup.mutant == "no-fence" or backed)

    # ---- what an owner does ---------------------------------------------------------------------------------------
    def send(self, state: State, owner: int, entry: Entry | None, body: tuple[Any, ...], reply: Reply | None) -> State | None:
        """The owner keeps `entry`, the backup gets `body`; `reply` is told when the backup has confirmed. None: the channel is full."""
        member = state.mem[owner]
        state = self.change_member(state, owner, copy=entry)
        if member.backup < 0 or member.backup not in member.view:  # only without the fence: Hazelcast then waits for nobody
            return self._answers.tell(state, reply)
        if not self.linked(state, owner, member.backup):
            return state  # lost; the caller gets 'unknown'
        if len(state.chan) >= self._setup.scenario.channel:
            return None
        return state._replace(chan=(*state.chan, Message(owner, member.backup, body, reply)))

    def change(self, state: State, owner: int, change_ids: tuple[str, ...], reply: Reply | None) -> State | None:
        """Changes at the owner and their message; None: the channel is full."""
        entry = state.mem[owner].copy
        assert entry is not None, "only where there is one can it be changed"
        body = ("changes", entry.inc, entry.seq, entry.durable, change_ids)
        for change_id in change_ids:
            entry = apply(entry, change_id, self._setup.wants)
        return self.send(state, owner, entry, body, reply)

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
        yield from self._changes_of_view(state)

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
            state = self.change_member(state, number, backup=heir, copy=copy if number == heir else state.mem[number].copy)
        return state

    def _changes_of_view(self, state: State) -> Iterator[Step]:
        victim = state.out
        if victim < 0:
            return
        others = [number for number in range(len(state.mem)) if number != victim]
        member = state.mem[victim]
        dropped = any(victim not in state.mem[number].view for number in others)
        for number in others:
            other = state.mem[number]
            if victim in other.view and (not member.up or state.cut == victim or member.view != ALL or dropped):
                yield f"M{number} removes M{victim}", False, self._remove(state, number, victim)
            if member.up and number in member.view and (state.cut == victim or victim not in other.view):
                yield f"M{victim} removes M{number}", False, self._remove(state, victim, number)
        if state.cut == victim:
            gone = member.view != ALL or dropped
            yield "the cut heals", False, state._replace(cut=-1, out=victim if gone else -1)
        elif all(victim not in state.mem[number].view for number in others):
            yield f"M{victim} joins again, its old state is discarded", False, self._join(state, victim, others)

    def _join(self, state: State, victim: int, others: list[int]) -> State:
        there = state.mem[others[0]]
        for number in others:
            state = self.change_member(state, number, view=ALL)
        state = self.change_member(state, victim, up=True, view=ALL, owner=there.owner, backup=there.backup, copy=None)
        return state._replace(out=-1, chan=tuple(message for message in state.chan if victim not in {message.src, message.dst}))

    def _remove(self, state: State, number: int, gone: int) -> State:
        """M<number> drops M<gone> from its view and repairs its partition table: the backup is promoted."""
        member = state.mem[number]
        owner, backup = member.owner, member.backup
        if gone == owner:
            owner, backup = (backup if backup >= 0 else min(member.view - {gone})), -1
        elif gone == backup:
            backup = -1
        state = self.change_member(state, number, view=member.view - {gone}, owner=owner, backup=backup)
        between = {(number, gone), (gone, number)}
        return state._replace(chan=tuple(message for message in state.chan if (message.src, message.dst) not in between))

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
        same_durable = "ack-base" not in self._setup.rules or copy.durable == body[3]
        return self._setup.mutant == "no-base-check" or ((copy.inc, copy.seq) == body[1:3] and same_durable)

    def _done_to(self, copy: Entry | None, body: tuple[Any, ...]) -> Entry | None:
        kind = body[0]
        if kind in {"new", "snapshot"}:
            restored: Entry | None = body[1]
            return restored
        assert copy is not None, "it fitted"
        if kind == "changes":
            for change_id in body[4]:
                copy = apply(copy, change_id, self._setup.wants)
            return copy
        if kind == "ack":
            return acknowledge(copy, body[4], body[5], self._setup.wants)
        return copy._replace(open=True) if kind == "open" else None


def _told(message: Message) -> str:
    kind, body = message.body[0], message.body
    if kind != "changes":
        return f"M{message.dst} gets {kind}"
    return f"M{message.dst} gets changes {' '.join(body[4])}" if body[4] else f"M{message.dst} gets a barrier"
