"""What goes wrong, each fault as often as the scenario grants it."""

from collections.abc import Iterator

from tests.model.members import Members
from tests.model.scenarios import FAULTS, Scenario
from tests.model.state import ALL, EVERYBODY, IDLE, MEMBERS, SURE, Member, Process, State, put
from tests.model.steps import Step


def has(state: State, fault: str) -> bool:
    return state.left[FAULTS.index(fault)] > 0


def spend(state: State, fault: str) -> State:
    at = FAULTS.index(fault)
    return state._replace(left=put(state.left, at, state.left[at] - 1))


class Faults:
    """Messages get lost, members die, are cut off or all lose each other, all of them die, pumps, readers and leavers lose their memory."""

    def __init__(self, scenario: Scenario, members: Members) -> None:
        self._scenario = scenario
        self._members = members

    def steps(self, state: State) -> Iterator[Step]:
        if has(state, "lose"):
            for at, message in enumerate(state.chan):
                lost = state._replace(chan=state.chan[:at] + state.chan[at + 1 :])
                yield f"! message to M{message.dst} lost", True, spend(lost, "lose")
        if state.out == -1:
            yield from self._troubles(state)
        if has(state, "part") and state.cut != EVERYBODY and self._may_part(state):
            yield "! all members lose each other", True, spend(state._replace(cut=EVERYBODY, out=EVERYBODY, chan=()), "part")
        if has(state, "move"):
            yield from self._moves(state)
        if has(state, "wipe") and any(member.copy for member in state.mem):
            members = tuple(Member(up=True, view=ALL, owner=0, backup=1, copy=None) for _ in range(MEMBERS))
            empty = forgive(state)._replace(mem=members, cut=-1, out=-1, chan=())
            yield "! all members die and come back empty", True, spend(empty, "wipe")
        if has(state, "crash"):
            yield from _crashes(state)

    def _troubles(self, state: State) -> Iterator[Step]:
        owners = [number for number, member in enumerate(state.mem) if member.up and member.owner == number]
        for victim in self._members.pair(state) or owners:  # the third member has no part in this entry
            rest = tuple(message for message in state.chan if victim not in {message.src, message.dst})
            quiet = state._replace(out=victim, chan=rest)
            if has(state, "death"):
                dead = self._members.change_member(quiet, victim, up=False, copy=None)
                dead = dead if any(member.copy for member in dead.mem) else forgive(dead)
                yield f"! M{victim} dies", True, spend(dead, "death")
            if has(state, "cut") and not self._have_parted(state):
                yield f"! M{victim} is cut off", True, spend(quiet._replace(cut=victim), "cut")

    def _moves(self, state: State) -> Iterator[Step]:
        """Hazelcast gives a joiner its share: it becomes owner, the owner its backup. Searched where copies are not compared yet."""
        both = self._members.pair(state)
        views = {state.mem[number].view for number in state.mem[both[0]].view} if both else set()
        if both is not None and state.mem[both[0]].doubt != SURE and len(views) == 1:
            owner, heir = both
            moved = self._members.change_member(state, heir, copy=state.mem[owner].copy)
            for number in state.mem[owner].view:
                moved = self._members.change_table(self._members.change_member(moved, number, owner=heir, backup=owner), number)
            yield f"! M{owner} hands the entry over to M{heir}", True, spend(moved, "move")

    def _have_parted(self, state: State) -> bool:
        return state.left[FAULTS.index("part")] < self._scenario.part

    def _may_part(self, state: State) -> bool:
        """Whether all are alive and a majority has the entry, a second time also what was merged: else two failures have come before."""
        kept = sum(any((member.copy, *member.old)) for member in state.mem) != 1
        if not self._have_parted(state):
            return kept and all(member.up for member in state.mem)
        both = self._members.pair(state)
        sure = all(member.doubt == SURE and not member.old for member in state.mem)
        return sure and both is not None and state.mem[both[0]].copy == state.mem[both[1]].copy


def forgive(state: State) -> State:
    """A total loss may cost what was acknowledged but not durable."""
    told = tuple(2 if told == 1 and state.rows[order] == "-" else told for order, told in enumerate(state.told))
    return state._replace(told=told)


def _crashes(state: State) -> Iterator[Step]:
    for number in _at_work(state.pumps):
        yield f"! pump {number} dies", True, spend(state._replace(pumps=put(state.pumps, number, IDLE)), "crash")
    for number in _at_work(state.readers):
        yield f"! reader {number} dies", True, spend(state._replace(readers=put(state.readers, number, IDLE)), "crash")
    for number in _at_work(state.leavers):
        yield f"! leaver {number} dies", True, spend(state._replace(leavers=put(state.leavers, number, IDLE)), "crash")


def _at_work(processes: tuple[Process, ...]) -> list[int]:
    return [number for number, process in enumerate(processes) if process != IDLE]
