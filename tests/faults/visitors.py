"""Who else comes to the shop while it is broken: newcomers who register, look round, hold, and sign out; an administrator at work.

They ask until they know, as shoppers do, and all of it is in the history (`documents` says what must hold).
"""

import asyncio
import random

from tests.faults.history import Told
from tests.faults.shoppers import Rush, Shopper
from tests.fixtures.shop import PASSWORD, person, plan, unique

NOBODY = Shopper("", "")
REST_SECONDS = 0.5
SIGNED_OUT_SECONDS = 1.0  # after which an ended session is dead everywhere (api.md)


async def newcomers(shopping: Rush, chance: random.Random) -> None:
    """One after the other, until the rush ends."""
    while not shopping.stopping:
        await _newcomer(shopping, chance)
        await asyncio.sleep(REST_SECONDS)


async def _newcomer(shopping: Rush, chance: random.Random) -> None:
    registering = person()
    registered = await shopping.ask(NOBODY, "register", "POST", "/accounts", chance, json=registering)
    if registered.status != 201:
        return  # a try before it had no answer and has the login, for a while or for good
    wanted = {"login": registering["login"], "password": PASSWORD}
    session = await shopping.ask(NOBODY, "sign in", "POST", "/sessions", chance, json=wanted)
    if session.status != 201:
        return
    who = Shopper(session.body["account_id"], session.body["token"])
    try:
        await _look_round(shopping, who, chance)
        held = await shopping.hold(who, {"best_available": {"category": "Балкон", "quantity": 1}}, chance)
        if held.status in {200, 201} and chance.random() < 0.5:
            await shopping.ask(who, "release", "DELETE", f"/orders/{held.body['order_id']}", chance)
        await shopping.ask(who, "sign out", "DELETE", "/sessions/current", chance)
        await asyncio.sleep(SIGNED_OUT_SECONDS)
        await shopping.ask(who, "signed out", "GET", "/account", chance)
    finally:
        await shopping.house.forget(who.token)


async def _look_round(shopping: Rush, who: Shopper, chance: random.Random) -> None:
    event = f"/events/{shopping.event_id}"
    await shopping.ask(who, "account", "GET", "/account", chance)
    await shopping.ask(who, "list", "GET", "/events?limit=10", chance)
    await shopping.ask(who, "describe", "GET", event, chance)
    # The plan itself is some hundred kilobytes, which no history needs: it has not changed.
    await shopping.ask(who, "plan", "GET", f"{event}/hall", chance, headers={"If-None-Match": "*"})
    await shopping.ask(who, "providers", "GET", "/payment-providers", chance)


async def administrator(shopping: Rush, chance: random.Random) -> None:
    """Puts one more event on sale, and then gives it one title after another."""
    who = shopping.house.office
    artist = await _made(shopping, chance, "/admin/artists", {"name": unique("Группа "), "occupation": "рок-группа"})
    hall = await _made(shopping, chance, "/admin/halls", {"plan": plan()})
    wanted = shopping.house.event_of(artist.body.get("artist_id", ""), hall.body.get("hall_id", ""))
    event = (await _made(shopping, chance, "/admin/events", wanted)).body.get("event_id", "")
    published = await shopping.ask(who, "publish", "POST", f"/admin/events/{event}/publish", chance)
    version = published.body.get("version")
    while version and not shopping.stopping:
        named = await shopping.ask(
            who, "name", "PATCH", f"/admin/events/{event}", chance, json={"title": unique("Концерт ")}, headers={"If-Match": str(version)}
        )
        version = named.body.get("version")  # of who was too late, too; a total loss may have taken the event
        await asyncio.sleep(REST_SECONDS)


async def _made(shopping: Rush, chance: random.Random, path: str, document: dict[str, object]) -> Told:
    return await shopping.ask(shopping.house.office, "make", "POST", path, chance, json=document)
