"""The demonstration's buyers: they order, pay and get their tickets as everybody does, through the API and the sandbox provider."""

import asyncio
import json
import random
import secrets
import ssl
import time
from collections.abc import Iterator
from typing import Any

from grid_config.layout import Layout
from grid_config.plan import SeatingPlan
from infra.halls.drawing import Plan
from infra.payment.connections import Connections, NoAnswer, Reply
from infra.stop import Stop

ACCOUNTS = 4
BUYERS = 16
BASKETS = (2, 2, 2, 3, 4, 4, 4, 5, 6, 8)
SEED = 1505  # the same seats are left at every loading
ANSWER_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1
CARD_EVERY = 4  # the others pay by SBP
GONE = {404, 409}  # taken, or lapsed under way: a basket less is no harm


async def sell(api: str, event: str, plan: Plan, free: float) -> None:
    """Buy the seats of an event through accounts of nobody until that share of them is left; ends when all is paid.

    What is taken already stays taken (also by the buyers of a loading that was interrupted). Raises Stop.
    """
    calls = Connections(BUYERS, ssl.create_default_context(), seconds=ANSWER_SECONDS, connect_seconds=ANSWER_SECONDS)
    try:
        shop = _Shop(calls, api, event)
        tokens = await asyncio.gather(*(shop.account() for _ in range(ACCOUNTS)))
        wanted = enumerate(await shop.untouched(baskets(plan, free), plan))
        await asyncio.gather(*(shop.buy_from(wanted, tokens[number % ACCOUNTS]) for number in range(BUYERS)))
        await shop.settled()
    finally:
        await calls.close()


def baskets(plan: Plan, free: float) -> list[list[int]]:
    """Places as people buy them: neighbours in a row, two to eight; that share of the baskets is left out."""
    choice = random.Random(SEED)  # noqa: S311  # which seats nobody took is no secret
    found = []
    for first, length in Layout.from_plan(SeatingPlan.model_validate(plan)).runs:
        at = first
        while at < first + length:
            size = min(choice.choice(BASKETS), first + length - at)
            if choice.random() >= free:
                found.append([*range(at, at + size)])
            at += size
    return found


class _Shop:
    """One event's shop as its buyers see it."""

    def __init__(self, calls: Connections, api: str, event: str) -> None:
        self._calls = calls
        self._api = api
        self._event = event
        self._guids: list[str] = []
        self._held_by_others: set[int] = set()

    async def account(self) -> str:
        """The session token of a new account that nobody can sign in to afterwards."""
        mark, password = secrets.token_hex(6), secrets.token_urlsafe(18)
        consent = _document(await self._call("GET", f"{self._api}/consent"))["consent_version"]
        person = {
            "surname": "Покупатель", "name": "Демонстрационный", "phone": f"+7000{int(mark, 16) % 10**10:010d}", "login": f"demo-{mark}",
            "email": f"demo-{mark}@example.org", "password": password, "consent": True, "consent_version": consent,
        }  # fmt: skip
        _document(await self._call("POST", f"{self._api}/accounts", person))
        session = _document(await self._call("POST", f"{self._api}/sessions", {"login": person["login"], "password": password}))
        return str(session["token"])

    async def untouched(self, wanted: list[list[int]], plan: Plan) -> list[list[int]]:
        """The baskets whose places are all free."""
        self._guids = [seat["seat_guid"] for zone in plan["zones"] for row in zone["rows"] for seat in row["seats"]]
        states = await self._states()
        self._held_by_others = {place for place, state in enumerate(states) if state == "h"}
        return [basket for basket in wanted if all(states[place] == "." for place in basket)]

    async def buy_from(self, wanted: Iterator[tuple[int, list[int]]], token: str) -> None:
        for number, basket in wanted:
            await self._buy(basket, token, "sbp" if number % CARD_EVERY else "card")

    async def _buy(self, basket: list[int], token: str, method: str) -> None:
        seats = [self._guids[place] for place in basket]
        order = await self._call("POST", f"{self._api}/events/{self._event}/orders", {"seats": seats}, token)
        if order.status in GONE:
            return
        order_id = _document(order)["order_id"]
        start = {"provider": "sandbox", "method": method, "return_url": f"/orders/{order_id}"}
        payment = await self._call("POST", f"{self._api}/orders/{order_id}/payments", start, token)
        if payment.status in GONE:
            return
        page = _document(payment)["redirect_url"]
        approved = await self._call("POST", f"{page}/outcome", {"outcome": "approve"})
        if approved.status not in GONE:
            _document(approved)

    async def settled(self) -> None:
        """Wait until none of our seats is only held any more: what was approved is sold."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(state == "h" and place not in self._held_by_others for place, state in enumerate(await self._states())):
            if time.monotonic() > deadline:
                raise Stop("the demonstration could not be loaded: its payments do not arrive")
            await asyncio.sleep(PAUSE_SECONDS)

    async def _states(self) -> str:
        return str(_document(await self._call("GET", f"{self._api}/events/{self._event}/seats"))["states"])

    async def _call(self, verb: str, address: str, body: dict[str, Any] | None = None, token: str = "") -> Reply:
        """The answer; 503 is asked again, under the same key."""
        headers = {"content-type": "application/json", "idempotency-key": secrets.token_hex(16)}
        if token:
            headers["authorization"] = f"Bearer {token}"
        content = json.dumps(body).encode() if body is not None else b""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                reply = await self._calls.call(verb, address, content, headers)
            except NoAnswer as error:
                raise Stop(f"the demonstration could not be loaded: {verb} {address}: {error}") from error
            if reply.status != 503 or time.monotonic() > deadline:
                return reply
            await asyncio.sleep(PAUSE_SECONDS)


def _document(reply: Reply) -> dict[str, Any]:
    if reply.status >= 400:
        raise Stop(f"the demonstration could not be loaded: an answer was {reply.status} {reply.body[:300].decode(errors='replace')}")
    told: dict[str, Any] = json.loads(reply.body) if reply.body else {}
    return told
