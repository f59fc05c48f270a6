"""The list of concerts: what is searched for, by people, as the catalogue's query; the page of what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from grid_config.identifiers import number_text
from processing_units.catalogue.catalogue import Catalogue
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.listing import EventsQuery, Listing
from processing_units.catalogue.times import text_of
from processing_units.edge.problems import Problem
from processing_units.parts import Parts, parts_of
from web.endpoints import page
from web.kept import Kept
from web.page import Ready, Visit, html, kept_answer
from web.sale import sale_of
from web.words import MOSCOW, Speech

EVENTS_PER_PAGE = 24
PAGES_MAX = 200  # anybody can make up searches; those that many share are few
TEXT_CHARACTERS_MAX = 200
CURSOR_CHARACTERS_MAX = 400
DAY = timedelta(days=1)
YEARS = range(2000, 2199)  # of the moments that the catalogue takes


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed into the search, as it was typed; `faults` are the fields whose dates are none."""

    q: str = ""
    city: str = ""
    since: str = ""
    until: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        q, city, since, until = (asked.get(name, "").strip()[:TEXT_CHARACTERS_MAX] for name in ("q", "city", "from", "to"))
        return cls(q, city, since, until, asked.get("cursor", "")[:CURSOR_CHARACTERS_MAX])

    @property
    def faults(self) -> frozenset[str]:
        dates = {"from": self.since, "to": self.until}
        return frozenset(name for name, text in dates.items() if text and _day(text) is None)

    @property
    def is_empty(self) -> bool:
        return not (self.q or self.city or self.since or self.until)

    def query(self) -> EventsQuery:
        """The catalogue's query; dates are days in Moscow, the last one included. A date that is none is left out."""
        since, until = _day(self.since), _day(self.until)
        wanted: dict[str, Any] = {"q": self.q or None, "city": self.city or None, "cursor": self.cursor or None, "limit": EVENTS_PER_PAGE}
        if since is not None:
            wanted["from"] = max(_begin(since), datetime.now(UTC))
        if until is not None:
            wanted["to"] = _begin(until + DAY) - timedelta(milliseconds=1)
        return EventsQuery.model_validate(wanted)

    def address(self, cursor: str | None = None) -> str:
        """The page of this search; `cursor` for another page of it."""
        asked = {"q": self.q, "city": self.city, "from": self.since, "to": self.until, "cursor": self.cursor if cursor is None else cursor}
        given = {name: text for name, text in asked.items() if text}
        return "/" + (f"?{urlencode(given)}" if given else "")


class Cities:
    """The cities of a listing: found once per change of the catalogue."""

    def __init__(self) -> None:
        self._of: Listing | None = None
        self._names: list[str] = []

    def of(self, catalogue: Catalogue) -> list[str]:
        listing = catalogue.listing
        if listing is not self._of:
            cities = [str(entry.body["city"]) for entry in catalogue.events.values() if entry.is_published]
            self._names = sorted({city.casefold(): city for city in cities}.values())
            self._of = listing
        return self._names


_cities = Cities()
_pages: Kept[Ready] = Kept(pages_max=PAGES_MAX)


@page
async def show_events(request: Request) -> Response:
    """What is on sale, soonest first."""
    search = Search.of(request.query_params)
    visit = Visit.of(request, search.address())
    return kept_answer(request, visit, await _pages.of(visit, lambda: _list_page(parts_of(request), search, visit)))


async def _list_page(parts: Parts, search: Search, visit: Visit) -> Ready:
    now = datetime.now(UTC)
    try:
        found = parts.catalogue.listing.page(search.query(), now)
    except Problem as problem:
        if problem.code != "invalid":
            raise
        found = parts.catalogue.listing.page(Search(search.q, search.city, search.since, search.until).query(), now)  # a made-up cursor
    free = await parts.catalogue.free.of([event.event for event in found.events], parts.availability)
    told: dict[str, Any] = {
        "events": [_row(event, places, now, visit.say) for event, places in zip(found.events, free, strict=True)],
        "search": search,
        "cities": _cities.of(parts.catalogue),
        "next_page": search.address(found.next_cursor) if found.next_cursor else None,
        "first_page": search.address("") if search.cursor else None,
    }
    return Ready.of(html("events.html", visit, told))


def _row(event: PublishedEvent, free: int | None, now: datetime, say: Speech) -> dict[str, Any]:
    entry = event.entry
    return {
        "id": number_text(event.event),
        "title": event.title,
        "artists": [name for _, name in event.artist_names],
        "city": entry.body["city"],
        "address": entry.body["address"],
        "starts_at": text_of(entry.starts_at),
        "starts": say.moment(entry.starts_at, brief=True),
        "sale": sale_of(entry, free, now, say),
        "price_from": say.money(min(entry.prices.values())),
        "free": free,
    }


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), MOSCOW)
