"""Records calls to the shop over HTTP as a history that the checker decides.

A call that was not answered (a time-out, a lost connection, a 5xx) is unknown: it may have happened at any moment after
its beginning, or never. Times are the monotonic clock's, which all processes of one machine share.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.fixtures.results import CLOCK_SLACK_SECONDS, Result, result_of

PAID = frozenset({"paid", "confirmed"})
ENDED = frozenset({"released", "expired", "declined"})

Answer = httpx.Response | None  # None: nobody knows


@dataclass
class History:
    """The calls of all clients to one event, in the checker's form. `hold_seconds` as the system was started with."""

    event_id: str
    hold_seconds: float
    calls: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, client: str, op: str, **args: Any) -> dict[str, Any]:
        """Note a call before it is made: whatever becomes of it, it is in the history."""
        call = {
            "client": client, "call_ns": time.monotonic_ns(), "return_ns": None,
            "op": op, "args": {"event": self.event_id} | args, "result": None,
        }  # fmt: skip
        self.calls.append(call)
        return call

    def may_lapse(self, op: str, key: str, since_ns: int) -> None:
        """From `hold_seconds` after a call began, its order may expire."""
        lapse = self.begin("clock", op, key=key)
        lapse["call_ns"] = since_ns + round((self.hold_seconds - CLOCK_SLACK_SECONDS) * 1e9)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.calls, ensure_ascii=False))


def end(call: dict[str, Any], result: Result) -> Result:
    """Note what a call was told; None leaves it unknown."""
    if result is not None:
        call["return_ns"], call["result"] = time.monotonic_ns(), result
    return result


class Witness:
    """One shopper whose calls are recorded; it makes one call at a time, each through the next of `units`.

    A unit's client speaks to its `/api/v1` with the shopper's token; `plan_order` gives the seats in plan order.
    """

    def __init__(self, name: str, units: Sequence[httpx.AsyncClient], history: History, plan_order: Sequence[str]) -> None:
        self.name = name
        self._units = itertools.cycle(units)
        self._history = history
        self._plan_order = plan_order
        self._key_of_order: dict[str, str] = {}

    async def hold(self, seats: Sequence[str], key: str | None = None, *, patience: float = 10.0) -> tuple[str, Result]:
        """Hold seats under a key, a new one unless given; the key, and what was told. The same key again is a replay."""
        fresh, key = key is None, key or secrets.token_hex(8)
        call = self._history.begin(self.name, "hold", key=key, seats=list(seats))
        if fresh:
            self._history.may_lapse("lapse", key, call["call_ns"])
        path = f"/events/{self._history.event_id}/orders"
        answer = await self._ask("POST", path, patience, json={"seats": list(seats)}, headers={"Idempotency-Key": key})
        result = _result("hold", answer)
        if result is not None and "order" in result:
            self._key_of_order[result["order"]] = key
        return key, end(call, result)

    async def release(self, order: str, *, patience: float = 10.0) -> Result:
        call = self._history.begin(self.name, "release", order=order)
        answer = await self._ask("DELETE", f"/orders/{order}", patience)
        return end(call, _result("release", answer, order))

    async def start_payment(self, order: str, *, patience: float = 10.0) -> tuple[Result, str]:
        """Start to pay by card; what was told, and where to pay ("" when that is not known)."""
        call = self._history.begin(self.name, "start_payment", order=order)
        self._history.may_lapse("lapse_payment", self._key_of_order[order], call["call_ns"])
        body = {"provider": "sandbox", "method": "card", "return_url": f"/orders/{order}"}
        answer = await self._ask("POST", f"/orders/{order}/payments", patience, json=body)
        result = end(call, _result("start_payment", answer, order))
        told_to_pay = answer is not None and result is not None and result["outcome"] == "ok"
        return result, answer.json()["redirect_url"] if answer is not None and told_to_pay else ""

    async def pay(self, order: str, redirect_url: str, *, patience: float = 20.0) -> Result:
        """Let the provider approve; the call lasts until the shop says what became of the order."""
        return await self._at_the_provider("pay", "approve", order, redirect_url, patience)

    async def decline(self, order: str, redirect_url: str, *, patience: float = 20.0) -> Result:
        """Let the provider decline."""
        return await self._at_the_provider("decline", "decline", order, redirect_url, patience)

    async def read(self, *, patience: float = 10.0) -> Result:
        """All seats of the event."""
        call = self._history.begin(self.name, "read")
        answer = await self._ask("GET", f"/events/{self._history.event_id}/seats", patience)
        if answer is None or answer.status_code != 200:
            return None
        states = dict(zip(self._plan_order, answer.json()["states"], strict=True))
        return end(call, {"outcome": "ok", "states": states})

    async def read_order(self, order: str, *, patience: float = 10.0) -> Result:
        call = self._history.begin(self.name, "read_order", order=order)
        answer = await self._ask("GET", f"/orders/{order}", patience)
        return end(call, _result("read_order", answer, order))

    async def _at_the_provider(self, op: str, outcome: str, order: str, redirect_url: str, patience: float) -> Result:
        call = self._history.begin(self.name, op, order=order)
        with contextlib.suppress(httpx.HTTPError):  # what the provider makes of it shows in the order
            await next(self._units).post(f"{redirect_url}/outcome", json={"outcome": outcome}, headers={"Authorization": ""})
        wanted = PAID if op == "pay" else {"declined"}
        until = time.monotonic() + patience
        while time.monotonic() < until:
            answer = await self._ask("GET", f"/orders/{order}?wait_for=confirmed&timeout=2", patience)
            status = answer.json()["status"] if answer is not None and answer.status_code == 200 else ""
            if status in wanted:
                return end(call, {"outcome": "ok", "order": order, "status": status})
            # Money for an expired order may still buy its seats, so that its end is not the end of the payment.
            if status in ENDED - {"expired"}:
                return end(call, {"outcome": "ended", "order": order, "status": status})
            await asyncio.sleep(0.05)
        return None

    async def _ask(self, method: str, path: str, patience: float, **options: Any) -> Answer:
        try:
            async with asyncio.timeout(patience):
                answer = await next(self._units).request(method, path, **options)
        except (httpx.HTTPError, TimeoutError):
            return None
        return None if answer.status_code >= 500 else answer


def _result(op: str, answer: Answer, order: str = "") -> Result:
    return None if answer is None else result_of(op, answer.status_code, answer.json() if answer.content else {}, order)
