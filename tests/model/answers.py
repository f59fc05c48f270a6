"""What callers are told once a backup has confirmed, and what that may never be (decisions 5 and 11)."""

from tests.model.scenarios import Setup
from tests.model.state import Reply, State, Violation, put

PAID_FOR = "CR"  # rows that have the payment


class Answers:
    """Tells shoppers, units, pumps, readers and leavers; whoever is told what breaks a promise ends the search."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def tell(self, state: State, reply: Reply | None) -> State:
        """The state after a caller has heard his answer; Violation when it may not be given."""
        if reply is None:
            return state
        kind, who = reply[0], reply[1]
        if kind == "held":
            return self._held(state, who)
        if kind == "recorded":
            inc, seq, durable = reply[2:]
            if self._setup.mutant == "provider-early" or durable >= seq:
                return self._answer_200(state, who)
            return state._replace(wait=put(state.wait, who, (inc, seq)))
        if kind == "durable":
            return self._durable(state, who, *reply[2:])
        if kind == "free":
            raise Violation(f'I6: a read that began after order {who} was told "held" shows its seat as free')
        if kind == "diverged":
            raise Violation(f"I7: {reply[2]}")
        if kind == "pump":
            return state._replace(pumps=put(state.pumps, who, reply[2]))
        if kind == "leaver":
            return state._replace(leavers=put(state.leavers, who, reply[2]))
        return state._replace(readers=put(state.readers, who, reply[2]))

    def _held(self, state: State, who: int) -> State:
        if state.told[who] == 2:
            return state
        wants = self._setup.wants
        for other in self._setup.orders:
            if other != who and state.told[other] == 1 and state.rows[other] != "R" and wants[other] == wants[who]:
                raise Violation(f'I1: order {who} is told "held", order {other} still is told so for the same seat')
        return state._replace(told=put(state.told, who, 1))

    def _durable(self, state: State, who: int, inc: int, durable: int) -> State:
        awaited = state.wait[who]
        if awaited is None:
            return state
        if "same-life" in self._setup.rules and inc != awaited[0]:
            return state._replace(wait=put(state.wait, who, None))  # 503, the provider repeats
        return self._answer_200(state, who) if durable >= awaited[1] else state

    @staticmethod
    def _answer_200(state: State, who: int) -> State:
        if state.rows[who] not in PAID_FOR:
            raise Violation(f"I4: the provider gets 200 for order {who}, PostgreSQL has no such payment")
        return state._replace(money=put(state.money, who, 2), wait=put(state.wait, who, None))
