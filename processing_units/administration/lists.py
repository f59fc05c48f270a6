"""Lists of what administrators made, from the unit's catalogue: at most 200 ms behind."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field

from processing_units.catalogue.catalogue import Catalogue
from processing_units.catalogue.cursors import decode, encode
from processing_units.catalogue.events import ArtistEntry, EventEntry
from processing_units.catalogue.times import milliseconds_of
from processing_units.edge.validation import PageQuery

Entry = TypeVar("Entry")
Key = TypeVar("Key", bound=tuple[int, ...])


class SearchQuery(PageQuery):
    """What lists of administrators take: `q` is looked for in the name or title."""

    q: Annotated[str, Field(max_length=200)] | None = None


def artists(catalogue: Catalogue, query: SearchQuery) -> dict[str, Any]:
    """A page of artists, in the order of their ids."""
    text = (query.q or "").casefold()
    found = {(number,): entry for number, entry in catalogue.artists.items() if text in entry.name.casefold()}
    page, cursor = _cut(found, "a", query)
    return {"items": [told(entry) for entry in page], "next_cursor": cursor}


def events(catalogue: Catalogue, query: SearchQuery) -> dict[str, Any]:
    """A page of events, drafts too, in the order of their start."""
    text = (query.q or "").casefold()
    entries = (entry for entry in catalogue.events.values() if text in str(entry.body["title"]).casefold())
    page, cursor = _cut({(milliseconds_of(entry.starts_at), entry.event): entry for entry in entries}, "v", query)
    return {"items": [told(entry) for entry in page], "next_cursor": cursor}


def halls(catalogue: Catalogue, query: PageQuery) -> tuple[list[tuple[int, int]], str | None]:
    """A page of halls as (number, version), in the order of their ids, and the cursor."""
    return _cut({(number,): (number, version) for number, version in catalogue.halls.items()}, "h", query)


def told(entry: ArtistEntry | EventEntry) -> dict[str, Any]:
    return {**entry.body, "version": entry.version}


def _cut(found: Mapping[Key, Entry], letter: str, query: PageQuery) -> tuple[list[Entry], str | None]:
    """The page after the query's cursor, by key, and the cursor of the next one."""
    keys = sorted(found)
    if query.cursor is not None:
        length = 2 if letter == "v" else 1
        after = decode(letter, length, query.cursor)
        keys = [key for key in keys if key > after]
    page = keys[: query.limit]
    return [found[key] for key in page], encode(letter, page[-1]) if len(keys) > query.limit else None
