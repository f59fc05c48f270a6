"""Events: making, editing and publishing them.

What a rule decides by (window, limit, prices) lives in the inventory; the document says the same to people. A change of it
goes to the inventory first: repeated after a failure in between, the same call finds the document as it was and goes on.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from grid_config.client import GridUnavailable, Stale
from grid_config.commands import change_terms, read_seats
from grid_config.documents import Documents, Kind, encode_body
from grid_config.identifiers import new_number, number_of, number_text
from grid_config.outcomes import Outcome
from processing_units.administration.bodies import Event, EventChange
from processing_units.administration.shelf import Shelf
from processing_units.administration.terms import terms_of
from processing_units.administration.versions import Versioned, checked
from processing_units.catalogue.catalogue import Catalogue
from processing_units.catalogue.events import DRAFT, PUBLISHED, EventEntry
from processing_units.catalogue.halls import Halls
from processing_units.catalogue.keys import key_of
from processing_units.edge.problems import Problem, invalid, unavailable
from processing_units.edge.validation import parse
from processing_units.sales.batcher import Batchers, Unavailable

PUBLISH_SECONDS_MAX = 10.0  # until the entry is open: written, restored, opened by pump and reader
PUBLISH_PAUSE_SECONDS = 0.1
STALE_TRIES = 3


class Events:
    """The calls about events. All raise GridUnavailable; changes raise Stale and Problem `invalid`."""

    def __init__(self, documents: Documents, shelf: Shelf, catalogue: Catalogue, batchers: Batchers, hold_seconds: float) -> None:
        self._documents = documents
        self._shelf = shelf
        self._catalogue = catalogue
        self._halls = Halls(documents)
        self._batchers = batchers
        self._hold_ms = round(hold_seconds * 1000)

    async def create(self, event: Event) -> Versioned:
        """A new draft."""
        number = new_number()
        hall = await self._fitting_hall(event, None)
        fields = {"event_id": number_text(number), "status": DRAFT, **event.model_dump(mode="json"), "hall_version": hall}
        return await self._put(number, 0, fields)

    async def get(self, event: int) -> Versioned | None:
        """None when there is no such event."""
        document = await self._documents.get(key_of(Kind.EVENT, event))
        return None if document is None else Versioned(event, document.version, document.fields)

    async def change(self, event: int, version: int, change: EventChange) -> Versioned | None:
        """The event after the change; None when there is none. Stale when it is not at `version`."""
        found = await self.get(event)
        if found is None:
            return None
        checked(found, version)
        given = change.model_dump(mode="json", exclude_unset=True)
        if given.get("orphan_rule", False) is None:
            given["orphan_rule"] = False
        if found.fields["status"] != DRAFT and given.get("hall_id", found.fields["hall_id"]) != found.fields["hall_id"]:
            raise invalid([("hall_id", "cannot be changed once the event is published")])
        wanted = parse(Event, orjson.dumps({name: found.fields[name] for name in Event.model_fields} | given))
        hall = await self._fitting_hall(wanted, found.fields)
        fields = {**found.fields, **wanted.model_dump(mode="json"), "hall_version": hall}
        if fields["status"] == PUBLISHED:
            await self._sell_under(event, fields)
        try:
            return await self._put(event, version, fields)
        except Stale:
            if fields["status"] == PUBLISHED:
                await self._sell_as_documented(event)
            raise

    async def publish(self, event: int) -> Versioned | None:
        """Put the event on sale and wait until it is; None when there is none.

        Problem `unavailable` when that takes longer than it should; the same call then goes on waiting.
        """
        found = await self._published(event)
        if found is None:
            return None
        await self._documents.touch(Kind.EVENT, event, found.version)  # a repeat must not find units that never heard of it
        clock = asyncio.get_running_loop().time
        until = clock() + PUBLISH_SECONDS_MAX
        while not await self._is_open(event):
            if clock() > until:
                raise unavailable("The event is published, but not on sale yet; repeat the request.")
            await asyncio.sleep(PUBLISH_PAUSE_SECONDS)
        if self._catalogue.event(event) is None:
            # This unit lists what it has published; the others find it when they are asked for it, and list it at their next look.
            with contextlib.suppress(Problem):  # a plan that takes long: the event is on sale all the same
                await self._catalogue.awaited(event)
        return found

    async def _published(self, event: int) -> Versioned | None:
        """The event's document with the status `published`."""
        for _ in range(STALE_TRIES):
            found = await self.get(event)
            if found is None or found.fields["status"] == PUBLISHED:
                return found
            if found.fields["status"] != DRAFT:
                raise invalid([("status", "only a draft can be published")])
            try:
                return await self._put(event, found.version, {**found.fields, "status": PUBLISHED})
            except Stale:
                continue  # edited in this moment: publish what it is now
        raise GridUnavailable("the event is being edited")

    async def _is_open(self, event: int) -> bool:
        try:
            answer = await self._batchers.ask(event, read_seats(), last=True)
        except Unavailable:
            return False
        return answer.outcome == Outcome.ACCEPTED

    async def _sell_under(self, event: int, fields: Mapping[str, Any]) -> None:
        """Give the inventory the terms of these fields."""
        entry = EventEntry.of(event, 0, fields)
        plan = await self._halls.plan(*entry.plan_key)
        terms = terms_of(entry, _categories(plan), self._hold_ms)
        answer = await self._batchers.ask(event, change_terms(terms))
        if answer.outcome not in {Outcome.ACCEPTED, Outcome.REPEATED}:
            raise Unavailable

    async def _sell_as_documented(self, event: int) -> None:
        """Somebody else edited the event meanwhile: his terms stand."""
        found = await self.get(event)
        if found is not None:
            await self._sell_under(event, found.fields)

    async def _fitting_hall(self, event: Event, before: Mapping[str, Any] | None) -> int:
        """The version of the event's hall: the present one of a hall that is new to it. Problem `invalid` names what is not known."""
        hall = number_of(event.hall_id) or 0
        keeps = before is not None and before["hall_id"] == event.hall_id
        if keeps and before is not None:
            plan, version = await self._halls.plan(hall, before["hall_version"]), int(before["hall_version"])
        else:
            entry = await self._halls.get(hall)
            if entry is None:
                raise invalid([("hall_id", "is not known")])
            plan, version = entry.plan, entry.version
        known = set(_categories(plan))
        errors = [(f"prices.{category}", "the hall has no such category") for category in event.prices if category not in known]
        if before is None or before["artist_ids"] != event.artist_ids:
            errors += await self._unknown_artists(event.artist_ids)
        if errors:
            raise invalid(errors)
        return version

    async def _unknown_artists(self, artist_ids: Sequence[str]) -> list[tuple[str, str]]:
        keys = [key_of(Kind.ARTIST, number_of(text) or 0) for text in artist_ids]
        found = await asyncio.gather(*(self._documents.get(key) for key in keys))
        return [(f"artist_ids.{index}", "is not known") for index, document in enumerate(found) if document is None]

    async def _put(self, event: int, expected: int, fields: dict[str, Any]) -> Versioned:
        document = await self._shelf.put(Kind.EVENT, event, encode_body(fields), expected)
        return Versioned(event, document.version, fields)


def _categories(plan: Mapping[str, Any]) -> list[str]:
    return [category["name"] for category in plan["categories"]]
