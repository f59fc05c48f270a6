"""What administration answers, as models for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel

from processing_units.administration.bodies import Work
from processing_units.catalogue.money import Money


class ArtistDocument(BaseModel):
    artist_id: str
    version: int
    name: str
    occupation: str
    genre: str | None
    biography: str | None
    works: list[Work] | None


class ArtistPage(BaseModel):
    items: list[ArtistDocument]
    next_cursor: str | None


class HallDocument(BaseModel):
    """A hall; the plan as it was imported."""

    hall_id: str
    version: int
    name: str
    plan: dict[str, Any]


class HallItem(BaseModel):
    """A hall in a list; `seats` and `areas` are how many there are."""

    hall_id: str
    version: int
    name: str
    seats: int
    areas: int


class HallPage(BaseModel):
    items: list[HallItem]
    next_cursor: str | None


class EventDocument(BaseModel):
    event_id: str
    version: int
    status: str
    title: str
    artist_ids: list[str]
    description: str
    city: str
    address: str
    starts_at: str
    sale_opens_at: str
    sale_closes_at: str | None
    hall_id: str
    hall_version: int
    prices: dict[str, Money]
    per_customer_limit: int | None
    orphan_rule: bool


class EventPage(BaseModel):
    items: list[EventDocument]
    next_cursor: str | None
