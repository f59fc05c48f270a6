"""How members lose each other, join again, and what becomes of the copies of those that were alone (decisions 12 and 33)."""

from collections.abc import Iterator

from tests.model.members import Members
from tests.model.scenarios import Setup
from tests.model.state import ALL, COMPARED, DOUBTS, EVERYBODY, MAJORITY, NO_TENURE, SURE, Entry, State
from tests.model.steps import Step


class Partings:
    """One member in trouble and two that go on, or everybody alone."""

    def __init__(self, setup: Setup, members: Members) -> None:
        self._setup = setup
        self._members = members

    def steps(self, state: State) -> Iterator[Step]:
        if state.out == EVERYBODY:
            yield from self._all_part(state)
        elif state.out >= 0:
            yield from self._one_parts(state)

    # ---- one member in trouble ------------------------------------------------------------------------------------
    def _one_parts(self, state: State) -> Iterator[Step]:
        victim = state.out
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

    def _remove(self, state: State, number: int, gone: int) -> State:
        """M<number> drops M<gone> from its view and repairs its partition table: the backup is promoted."""
        member = state.mem[number]
        owner, backup, view = member.owner, member.backup, member.view - {gone}
        if gone == owner:
            owner, backup = (backup if backup >= 0 else min(view)), -1
        elif gone == backup:
            backup = -1
        doubt = DOUBTS if len(view) < MAJORITY else member.doubt
        state = self._members.change_member(state, number, view=view, owner=owner, backup=backup, doubt=doubt)
        if (owner, backup) != (member.owner, member.backup):
            state = self._members.change_table(state, number)
        between = {(number, gone), (gone, number)}
        return state._replace(chan=tuple(message for message in state.chan if (message.src, message.dst) not in between))

    def _join(self, state: State, victim: int, others: list[int]) -> State:
        """M<victim> takes the others' table. Its copy waits to be merged, unless its owner is sure already: then it is thrown away."""
        there, old = state.mem[others[0]], state.mem[victim]
        view = there.view | {victim}
        for number in others:
            state = self._members.change_member(state, number, view=view)
        waits = there.doubt != SURE
        state = self._members.change_member(
            state, victim, up=True, view=view, owner=there.owner, backup=there.backup, copy=None, table=there.table,
            doubt=DOUBTS if waits else SURE, old=(old.copy,) if waits else (),
        )  # fmt: skip
        chan = tuple(message for message in state.chan if victim not in {message.src, message.dst})
        return state._replace(out=-1 if view == ALL else state.out, chan=chan)

    # ---- everybody alone ------------------------------------------------------------------------------------------
    def _all_part(self, state: State) -> Iterator[Step]:
        for number, member in enumerate(state.mem):
            for other in sorted(member.view - {number}):
                if state.cut == EVERYBODY or self._has_lost(state, number, other):
                    yield f"M{number} removes M{other}", False, self._remove(state, number, other)
        if state.cut == EVERYBODY:
            whole = all(member.view == ALL for member in state.mem)
            yield "the cuts heal", False, state._replace(cut=-1, out=-1 if whole else EVERYBODY)
            return
        for joiner, member in enumerate(state.mem):
            for winner in sorted(ALL - {joiner} if member.view == {joiner} else ()):
                cluster = state.mem[winner].view
                agreed = all(state.mem[number].view == cluster for number in cluster)
                if winner == min(cluster) and joiner not in cluster and agreed:
                    yield f"M{joiner} joins M{winner}", False, self._join(state, joiner, sorted(cluster))

    @staticmethod
    def _has_lost(state: State, number: int, other: int) -> bool:
        """Whether a member has reason to remove another: that has removed it, or somebody whom both know has removed that."""
        if number not in state.mem[other].view:
            return True
        third = min(ALL - {number, other})
        knows = third in state.mem[number].view and number in state.mem[third].view
        return knows and other not in state.mem[third].view

    # ---- copies of those that were alone ----------------------------------------------------------------------------
    def merges(self, state: State) -> Iterator[Step]:
        """At whoever owns the entry then; the backup gets what the owner has by a resynchronisation."""
        for joiner, member in enumerate(state.mem):
            owner = member.owner
            if member.old and self._members.linked(state, joiner, owner):
                yield f"M{joiner}'s copy is merged at M{owner}", False, self._merge(state, joiner, owner, member.old[0])
        if any(member.doubt == COMPARED for member in state.mem):
            yield "the doubt ends", False, self._sure(state)

    def _merge(self, state: State, joiner: int, owner: int, old: Entry | None) -> State:
        state = self._members.change_member(state, joiner, old=())
        if state.mem[owner].doubt == SURE:
            return state
        if "latest-copy" in self._setup.rules and old is not None:
            state = self._members.change_member(state, owner, copy=self._latest(state.mem[owner].copy, old))
        for number in state.mem[owner].view:
            state = self._members.change_member(state, number, doubt=COMPARED)
        return state

    def _latest(self, own: Entry | None, old: Entry) -> Entry:
        """Its next act begins a tenure that is larger than both, whatever versions the two tables had."""
        latest = old if own is None or _age(old) > _age(own) else own
        era = max(entry.tenure[0] for entry in (own, old) if entry)
        grown = self._members.follows_tenures and self._setup.mutant != "merge-keeps-tenure"
        return latest._replace(tenure=(era + 1, *NO_TENURE[1:])) if grown else latest

    def _sure(self, state: State) -> State:
        for number, member in enumerate(state.mem):
            if member.doubt == COMPARED:
                state = self._members.change_member(state, number, doubt=SURE)
        return state


def _age(entry: Entry) -> tuple[int, int, int, int]:
    return *entry.tenure[:2], entry.seq, entry.durable
