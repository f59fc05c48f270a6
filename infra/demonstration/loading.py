"""Loads the demonstration into an empty system through the public API, as an administrator and shoppers would.

While it loads, a file in the run directory says so: a loading that was interrupted is gone on with at the next `infra/up`, and
what it had made by then stays.
"""

import asyncio
import hashlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from grid_config.identifiers import number_text
from infra.addresses import ensure_administrator
from infra.demonstration.artists import ARTISTS
from infra.demonstration.buyers import sell
from infra.demonstration.halls import HALLS
from infra.demonstration.programme import SHOWINGS, Showing
from infra.halls.drawing import Plan
from infra.places import Places
from infra.processes import Blueprint
from infra.progress import Progress
from infra.stop import Stop

ANSWER_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
UNFINISHED = "demonstration.unfinished"

# PostgreSQL is asked, not the API: right after a start the grid may not have got all its documents back yet.
ARTISTS_KNOWN = "SELECT body->>'name', artist FROM artists WHERE body IS NOT NULL"
HALLS_KNOWN = "SELECT body->'plan'->>'name', hall FROM halls WHERE body IS NOT NULL AND NOT body ? 'copy_of'"
EVENTS_KNOWN = "SELECT body->>'title', event FROM events WHERE body IS NOT NULL"


@dataclass(slots=True)
class Known:
    """What an interrupted loading has made: ids by name."""

    artists: dict[str, str] = field(default_factory=dict)
    halls: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)


async def load_if_empty(plan: Blueprint, api: str, places: Places, progress: Progress) -> bool:
    """Load the season when the database holds no event, or finish a loading that was interrupted; whether there was anything to do."""
    unfinished = Unfinished(places.run_dir / UNFINISHED, plan.databases.main)
    interrupted = unfinished.is_ours()
    known = await _known(plan.databases.main)
    if known.events and not interrupted:
        return False
    with progress.step("demonstration data"):
        unfinished.begin()
        login, password = ensure_administrator(places)
        async with httpx.AsyncClient(base_url=api, timeout=ANSWER_SECONDS, trust_env=False) as client:
            session = await _post(client, "/sessions", {"login": login, "password": password})
            client.headers["authorization"] = f"Bearer {session['token']}"
            await _load(client, api, known if interrupted else Known())
        unfinished.end()
    return True


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The file that is there while the season is loaded into a database."""

    file: Path
    database: str

    @property
    def _mark(self) -> str:
        return hashlib.sha256(self.database.encode()).hexdigest()  # the address holds a password

    def is_ours(self) -> bool:
        return self.file.exists() and self.file.read_text() == self._mark

    def begin(self) -> None:
        self.file.write_text(self._mark)

    def end(self) -> None:
        self.file.unlink(missing_ok=True)


async def _known(url: str) -> Known:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = [
            {name: number_text(number) for name, number in await (await connection.execute(statement)).fetchall()}
            for statement in (ARTISTS_KNOWN, HALLS_KNOWN, EVENTS_KNOWN)
        ]
    return Known(*found)


async def _load(client: httpx.AsyncClient, api: str, known: Known) -> None:
    plans = {key: HALLS[key].plan() for key in dict.fromkeys(showing.hall for showing in SHOWINGS)}
    for artist in ARTISTS:
        if artist["name"] not in known.artists:
            known.artists[artist["name"]] = (await _post(client, "/admin/artists", artist))["artist_id"]
    for plan in plans.values():
        if plan["name"] not in known.halls:
            known.halls[plan["name"]] = (await _post(client, "/admin/halls", {"plan": plan}))["hall_id"]
    for showing in SHOWINGS:
        if showing.title not in known.events:
            event = _event(showing, known, plans[showing.hall])
            known.events[showing.title] = (await _post(client, "/admin/events", event))["event_id"]
    await asyncio.gather(*(_on_sale(client, api, showing, known, plans[showing.hall]) for showing in SHOWINGS))


async def _on_sale(client: httpx.AsyncClient, api: str, showing: Showing, known: Known, plan: Plan) -> None:
    event = known.events[showing.title]
    await _post(client, f"/admin/events/{event}/publish", None)
    if showing.free is not None:
        await sell(api, event, plan, showing.free)


def _event(showing: Showing, known: Known, plan: Plan) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "title": showing.title, "artist_ids": [known.artists[name] for name in showing.artists], "description": showing.description,
        "city": showing.city, "address": showing.address, "hall_id": known.halls[plan["name"]],
        "starts_at": _text(now + showing.starts_in), "sale_opens_at": _text(now + showing.opens_in),
        "prices": {category: {"amount": f"{roubles}.00", "currency": "RUB"} for category, roubles in showing.prices.items()},
        "per_customer_limit": showing.limit, "orphan_rule": showing.orphan_rule,
    }  # fmt: skip


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
