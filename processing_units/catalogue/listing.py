"""The list of published events: sorted once per change, filtered and cut into pages per request."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from pydantic import Field

from grid_config.identifiers import number_text
from processing_units.catalogue.cursors import decode, encode
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.times import Moment, milliseconds_of
from processing_units.edge.validation import PageQuery

_CURSOR = "e"  # events
_SearchText = Annotated[str, Field(max_length=200)]


class EventsQuery(PageQuery):
    """What GET /events takes. Without `from`, events that have begun are left out."""

    q: _SearchText | None = None  # in the title, the description or an artist's name
    artist: _SearchText | None = None  # an artist's id, or name
    city: _SearchText | None = None
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None


class _Row(NamedTuple):
    """An event with its sorting key and what is searched in, without regard to case."""

    starts_at: int  # unix ms
    event: int
    published: PublishedEvent
    text: str
    city: str
    artists: frozenset[str]  # ids and names

    @property
    def key(self) -> tuple[int, int]:
        return self.starts_at, self.event


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order of their start, and the cursor of the next page, None on the last."""

    events: list[PublishedEvent]
    next_cursor: str | None


class Listing:
    """All published events in the order of their start, then of their number."""

    def __init__(self, events: Iterable[PublishedEvent]) -> None:
        self._rows = sorted((_row(event) for event in events), key=lambda row: row.key)
        self._keys = [row.key for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def page(self, query: EventsQuery, now: datetime) -> Page:
        """The page that a query asks for. Problem `invalid` for a cursor that is none."""
        begin = (milliseconds_of(query.from_ or now), 0)
        if query.cursor is not None:
            starts_at, event = decode(_CURSOR, 2, query.cursor)
            begin = max(begin, (starts_at, event + 1))
        end = milliseconds_of(query.to) if query.to else None
        wanted = _wanted(query)
        found: list[_Row] = []
        for index in range(bisect_left(self._keys, begin), len(self._rows)):
            row = self._rows[index]
            if end is not None and row.starts_at > end:
                break
            if _matches(row, *wanted):
                if len(found) == query.limit:  # there is one more: so there is a next page
                    return Page([row.published for row in found], encode(_CURSOR, found[-1].key))
                found.append(row)
        return Page([row.published for row in found], None)


def _row(event: PublishedEvent) -> _Row:
    body = event.entry.body
    names = [name.casefold() for _, name in event.artist_names]
    return _Row(
        starts_at=milliseconds_of(event.starts_at),
        event=event.event,
        published=event,
        text="\n".join([event.title.casefold(), str(body["description"]).casefold(), *names]),
        city=str(body["city"]).casefold(),
        artists=frozenset([*names, *(number_text(artist) for artist, _ in event.artist_names)]),
    )


def _wanted(query: EventsQuery) -> tuple[str, str, str]:
    return tuple((text or "").strip().casefold() for text in (query.q, query.artist, query.city))  # type: ignore[return-value]


def _matches(row: _Row, text: str, artist: str, city: str) -> bool:
    return (not text or text in row.text) and (not artist or artist in row.artists) and (not city or city == row.city)


def now_in_utc() -> datetime:
    return datetime.now(UTC)
