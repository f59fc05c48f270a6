"""Loads the demonstration into an empty system through the public API, as an administrator would."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg

from infra.addresses import ensure_administrator
from infra.demonstration.programme import ARTISTS, SHOWINGS, Showing
from infra.places import Places
from infra.processes import Blueprint
from infra.progress import Progress
from infra.stop import Stop

ANSWER_SECONDS = 30.0
PATIENCE_SECONDS = 60.0


async def load_if_empty(plan: Blueprint, api: str, places: Places, progress: Progress) -> bool:
    """Load artists, halls and events when the database holds no event; whether it was loaded. Takes seconds."""
    # PostgreSQL is asked, not the API: right after a start the grid may not have got all its documents back yet.
    if not await _is_empty(plan.databases.main):
        return False
    with progress.step("demonstration data"):
        login, password = ensure_administrator(places)
        async with httpx.AsyncClient(base_url=api, timeout=ANSWER_SECONDS, trust_env=False) as client:
            session = await _post(client, "/sessions", {"login": login, "password": password})
            client.headers["authorization"] = f"Bearer {session['token']}"
            await _load(client)
    return True


async def _is_empty(url: str) -> bool:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute("SELECT NOT EXISTS (SELECT FROM events)")
        row = await found.fetchone()
    return bool(row and row[0])


async def _load(client: httpx.AsyncClient) -> None:
    artists = {artist["name"]: (await _post(client, "/admin/artists", artist))["artist_id"] for artist in ARTISTS}
    halls: dict[str, str] = {}
    for showing in SHOWINGS:
        plan = showing.hall()
        if plan["name"] not in halls:
            halls[plan["name"]] = (await _post(client, "/admin/halls", {"plan": plan}))["hall_id"]
        made = await _post(client, "/admin/events", _event(showing, artists, halls[plan["name"]]))
        await _post(client, f"/admin/events/{made['event_id']}/publish", None)


def _event(showing: Showing, artists: dict[str, str], hall: str) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "title": showing.title, "artist_ids": [artists[name] for name in showing.artists], "description": showing.description,
        "city": showing.city, "address": showing.address, "hall_id": hall,
        "starts_at": _text(now + showing.starts_in), "sale_opens_at": _text(now + showing.opens_in),
        "prices": {category: {"amount": f"{roubles}.00", "currency": "RUB"} for category, roubles in showing.prices.items()},
        "per_customer_limit": showing.limit,
    } | showing.more  # fmt: skip


def _text(moment: datetime) -> str:
    evening = moment.replace(hour=16, minute=0, second=0) if moment - datetime.now(UTC) > timedelta(days=1) else moment
    return evening.isoformat().replace("+00:00", "Z")


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    """The answer's document. 503 is asked again for a while: a grid that has just started may still be finding itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = await client.post(path, json=body) if body is not None else await client.post(path)
        except httpx.HTTPError as error:
            raise Stop(f"the demonstration could not be loaded: POST {path}: {error!r}") from error
        if answer.status_code != 503 or time.monotonic() > deadline:
            break
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
    if answer.is_error:
        raise Stop(f"the demonstration could not be loaded: POST {path} answered {answer.status_code} {answer.text[:300]}")
    told: dict[str, Any] = answer.json() if answer.content else {}
    return told
