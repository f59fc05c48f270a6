"""A round's history in the form of the checker of linearizability: whether one order of all calls explains every answer.

The shop of that checker knows holds, releases, payments, lapses and looks. What a provider makes of money shows in orders: an approval
is a payment of which nobody was told what became of it, and an attempt that ended with its order shows in the order's last status.
"""

import functools
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grid_config.identifiers import order_of
from tests.faults.history import Final, History, Told
from tests.faults.lasting import seats_in
from tests.fixtures.judge import Judge, Judgement
from tests.fixtures.results import CLOCK_SLACK_SECONDS, Result, result_of

DECIDED_WITHIN_SECONDS = 6.0
UNPAID = ("released", "expired", "declined")
NOT_LINEARIZABLE = "no order of the calls explains"
SEATS_MAX = 5  # that a sentence names
OPERATIONS = {"hold": "hold", "repeat": "hold", "release": "release", "pay": "start_payment", "read": "read_order", "look": "read"}
HOLDING = ("hold", "repeat")
DOING = (*HOLDING, "release", "pay")

Call = dict[str, Any]


@functools.cache
def _place() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="front-row-checker-")


@functools.cache
def _judge() -> Judge:
    """Built once for a process, and gone with it."""
    return Judge(Path(_place().name))


def judged(history: History, final: Final, drawing: Path | None = None) -> Judgement:
    """What the checker says of a round: of each seat by itself, and when nothing is wrong there, of seats that orders join.

    Halls are too large to decide all their seats together. The part that is found broken is drawn, if wanted.
    """
    calls = calls_of(history, final)
    by_seat = _judge().judge(calls, drawing=drawing, seconds=DECIDED_WITHIN_SECONDS, by="seat")
    if by_seat.verdict != "ok":
        return by_seat
    by_group = _judge().judge(calls, drawing=drawing, seconds=DECIDED_WITHIN_SECONDS, by="group")
    return by_seat if by_group.verdict == "unknown" else by_group


def not_linearizable(history: History, final: Final) -> list[str]:
    """The shortest part of the history that no order of its calls explains, as a sentence; none when all is explained."""
    told = judged(history, final)
    if told.verdict == "unknown":
        return [f"I6: of {sum(told.report['undecided'].values())} seats nobody knows whether their history is linearizable"]
    broken = told.report["broken"]
    return [f"I6: {broken['reason']}: seat {', seat '.join(broken['seats'][:SEATS_MAX])}"] if broken else []


def calls_of(history: History, final: Final) -> list[Call]:
    """The calls as the checker reads them, up to the moment when something was lost that may be lost."""
    return _Calls(history, final).made()


class _Calls:
    def __init__(self, history: History, final: Final) -> None:
        self.history = history
        self.hold_ns = round((history.hold_seconds - CLOCK_SLACK_SECONDS) * 1e9)
        self.ended_as = {(row.event, row.order_no): row.status for row in final.orders}
        self.told_held = self._told_held()
        self.seats = self._seats_asked_for()
        self.until = self._until()
        self.unknown: set[tuple[str, str]] = set()
        self.done: dict[tuple[str, str], Told] = {}  # the first try that is known to have done what was asked for
        self.tried_since: dict[tuple[str, str], float] = {}
        self.key_of_order: dict[str, str] = {}
        self.order_of_key: dict[str, str] = {}
        self.order_of_payment: dict[str, str] = {}
        self.paying: set[str] = set()
        self.holding: set[str] = set()

    def made(self) -> list[Call]:
        calls = sorted((told for told in self.history.calls if told.began < self.until), key=lambda told: told.began)
        for told in calls:
            if told.what in HOLDING and told.status in (200, 201) and told.ended < self.until and _key(told) in self.seats:
                self.key_of_order.setdefault(str(told.body["order_id"]), _key(told))
                self.order_of_key.setdefault(_key(told), str(told.body["order_id"]))
            if told.what == "pay" and told.status in (200, 201):
                self.order_of_payment[told.body["redirect_url"]] = _order(told)
            if told.what in DOING:
                about = _about(told, OPERATIONS[told.what])
                self.tried_since.setdefault(about, told.began)
                if _did(told) and told.ended < self.until:
                    self.done.setdefault(about, told)
        return [call for told in calls for call in self._of(told)]

    def _told_held(self) -> dict[str, float]:
        """When orders were last said to be held. Of no other does it matter whether an attempt to pay came to nothing."""
        answers = [told for told in self.history.calls if told.body.get("status") == "held" and "order_id" in told.body]
        return {str(told.body["order_id"]): told.ended for told in answers}

    def _seats_asked_for(self) -> dict[str, list[str]]:
        """By key: the seats that were chosen, or that were given to who wanted the best; nothing for who was given none of them."""
        seats: dict[str, list[str]] = {}
        for told in self.history.calls:
            if told.what in HOLDING:
                if "seats" in told.request["json"]:
                    seats[_key(told)] = sorted(told.request["json"]["seats"])
                elif told.status in (200, 201):
                    seats.setdefault(_key(told), sorted(seats_in(told)))
        return {key: chosen for key, chosen in seats.items() if chosen}  # areas have no place in the checker's shop

    def _until(self) -> float:
        """Until a loss that is allowed. Nobody knows which seats the best were of who had no answer then: until he began to ask."""
        lost = min(self.history.total_losses, default=float("inf"))
        answered: dict[str, float] = defaultdict(lambda: float("inf"))
        began: dict[str, float] = {}
        for told in self.history.calls:
            if told.what in HOLDING and "best_available" in told.request["json"]:
                began[_key(told)] = min(told.began, began.get(_key(told), told.began))
                if 0 < told.status < 500:
                    answered[_key(told)] = min(told.ended, answered[_key(told)])
        return min([lost, *(at for key, at in began.items() if at < lost <= answered[key])])

    def _of(self, told: Told) -> Iterator[Call]:
        if told.what == "approve":
            order = self.order_of_payment.get(told.request["path"].removesuffix("/outcome"), "")
            if order in self.key_of_order and ("pay", order) not in self.unknown and self._end_of(order) not in UNPAID:
                self.unknown.add(("pay", order))
                yield _call(told, "pay", {"order": order}, None)
            return
        op = OPERATIONS.get(told.what)
        if op is None:
            return
        if op == "read":
            yield from self._look(told)
        elif op == "hold":
            yield from self._hold(told)
        else:
            yield from self._about_an_order(told, op)

    def _look(self, told: Told) -> Iterator[Call]:
        if told.status == 200 and told.ended < self.until:
            states = dict(zip(self.history.seat_order, told.body["states"], strict=True))
            yield _call(told, "read", {}, {"outcome": "ok", "states": states})

    def _hold(self, told: Told) -> Iterator[Call]:
        key = _key(told)
        if key not in self.seats:
            return  # refused, and nobody knows which seats were looked at
        asked = {"key": key, "seats": self.seats[key]}
        result = result_of("hold", told.status, told.body) if told.ended < self.until else None
        yield from self._once(told, "hold", asked, result)
        if key not in self.holding:
            self.holding.add(key)
            if self._end_of(self.order_of_key.get(key, "")) != "released":
                yield self._later(told, "lapse", key)

    def _about_an_order(self, told: Told, op: str) -> Iterator[Call]:
        order = _order(told)
        if order not in self.key_of_order:
            return  # given after the end of what is judged
        result = result_of(op, told.status, told.body, order) if told.ended < self.until else None
        yield from self._once(told, op, {"order": order}, result)
        if op == "start_payment":
            yield from self._attempt(told, order)

    def _attempt(self, told: Told, order: str) -> Iterator[Call]:
        """What may become of an attempt to pay, by whatever the provider says: nothing, the order's end, or its time is over."""
        if told.began < self.told_held.get(order, 0.0):
            yield _call(told, "give_up", {"order": order}, None)
        if order not in self.paying:
            self.paying.add(order)
            if self._end_of(order) != "released":
                yield self._later(told, "lapse_payment", self.key_of_order[order])
            if self._end_of(order) == "declined":
                yield _call(told, "decline", {"order": order}, None)

    def _once(self, told: Told, op: str, asked: dict[str, Any], result: Result) -> Iterator[Call]:
        """A call once with all its tries. Those of which nobody was told are part of the one that did what was asked for; where none
        did, the first of them may have happened at any time, and the others add nothing.
        """
        about = _about(told, op)
        done = self.done.get(about)
        if result is not None:
            yield _call(told._replace(began=self.tried_since[about]) if told is done else told, op, asked, result)
        elif about not in self.unknown and (done is None or (op == "start_payment" and done.began < told.began)):
            self.unknown.add(about)
            yield _call(told, op, asked, None)

    def _end_of(self, order: str) -> str:
        """The order's last status; empty if it is nowhere."""
        return self.ended_as.get(order_of(order) or (0, 0), "")

    def _later(self, told: Told, op: str, key: str) -> Call:
        call = _call(told, op, {"key": key}, None)
        return call | {"client": "clock", "call_ns": call["call_ns"] + self.hold_ns}


def _call(told: Told, op: str, asked: dict[str, Any], result: dict[str, Any] | None) -> Call:
    return {
        "client": told.account_id, "call_ns": round(told.began * 1e9), "return_ns": None if result is None else round(told.ended * 1e9),
        "op": op, "args": {"event": told.event_id} | asked, "result": result,
    }  # fmt: skip


def _about(told: Told, op: str) -> tuple[str, str]:
    """What all tries of a call have in common."""
    return op, _key(told) if op == "hold" else _order(told)


def _did(told: Told) -> bool:
    """Whether the answer says that what was asked for has happened, and nothing since."""
    return told.status in {200, 201, 204} and told.body.get("status", "held") == "held"


def _key(told: Told) -> str:
    return f"{told.account_id} {told.request['headers']['Idempotency-Key']}"


def _order(told: Told) -> str:
    return str(told.request["path"].split("?")[0].split("/")[2])
