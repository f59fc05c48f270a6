"""What the catalogue answers, as models for the OpenAPI document and functions that make the JSON."""

from typing import Any

import orjson
from pydantic import BaseModel, RootModel

from grid_config.identifiers import number_text
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.free import Counts
from processing_units.catalogue.money import Money, money
from processing_units.catalogue.times import text_of
from processing_units.edge.replies import JSON_HEADER, Reply


class ArtistName(BaseModel):
    artist_id: str
    name: str


class EventItem(BaseModel):
    """An event in a list. `seats_free` counts seats and places in areas; null while the grid does not tell."""

    event_id: str
    title: str
    artists: list[ArtistName]
    description: str
    city: str
    address: str
    starts_at: str
    sale_opens_at: str
    sale_closes_at: str | None
    status: str
    price_from: Money
    seats_free: int | None


class EventPage(BaseModel):
    items: list[EventItem]
    next_cursor: str | None


class AreaItem(BaseModel):
    area: str
    category: str
    capacity: int
    free: int


class EventDescription(EventItem):
    """One event; free places are current."""

    hall_id: str
    hall_version: int
    prices: dict[str, Money]
    per_customer_limit: int | None
    areas: list[AreaItem]


class HallPlan(RootModel[dict[str, Any]]):
    """A seating plan as it was imported."""


def item(event: PublishedEvent, seats_free: int | None) -> dict[str, Any]:
    """The JSON of an `EventItem`."""
    entry, body = event.entry, event.entry.body
    return {
        "event_id": number_text(event.event),
        "title": event.title,
        "artists": [{"artist_id": number_text(artist), "name": name} for artist, name in event.artist_names],
        "description": body["description"],
        "city": body["city"],
        "address": body["address"],
        "starts_at": text_of(entry.starts_at),
        "sale_opens_at": text_of(entry.sale_opens_at),
        "sale_closes_at": text_of(entry.sale_closes_at) if entry.sale_closes_at else None,
        "status": entry.status,
        "price_from": money(min(entry.prices.values())),
        "seats_free": seats_free,
    }


def description(event: PublishedEvent, counts: Counts) -> dict[str, Any]:
    """The JSON of an `EventDescription`. All of it that does not change with the sale is made once: a rush asks for it all the time."""
    if not event.standing:
        event.standing.update(_standing(event))
    return event.standing | {
        "seats_free": counts.free + sum(counts.areas_free),
        "areas": [
            {"area": area.name, "category": event.categories[area.category_index], "capacity": area.capacity, "free": free}
            for area, free in zip(event.layout.areas, counts.areas_free, strict=False)
        ],
    }


def described(event: PublishedEvent, counts: Counts) -> Reply:
    """The answer that describes the event, encoded once for the counts of a version."""
    reply = event.descriptions.get(counts)
    if reply is None:
        reply = Reply(200, [JSON_HEADER], orjson.dumps(description(event, counts)))
        event.descriptions.clear()
        event.descriptions[counts] = reply
    return reply


def _standing(event: PublishedEvent) -> dict[str, Any]:
    entry = event.entry
    return item(event, None) | {
        "hall_id": number_text(entry.hall),
        "hall_version": entry.hall_version,
        "prices": {category: money(kopecks) for category, kopecks in entry.prices.items()},
        "per_customer_limit": entry.body["per_customer_limit"],
    }
