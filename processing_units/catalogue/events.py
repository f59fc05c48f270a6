"""Events and artists as the unit keeps them: parsed once from their documents, ready to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grid_config.identifiers import number_of
from grid_config.layout import Layout
from processing_units.catalogue.free import Counts
from processing_units.catalogue.money import kopecks_of
from processing_units.catalogue.plans import Plan, PlanKey
from processing_units.catalogue.times import moment_of
from processing_units.edge.replies import Reply

DRAFT = "draft"
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class ArtistEntry:
    """An artist's document at a version."""

    artist: int
    version: int
    body: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return str(self.body["name"])


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event's document at a version; drafts too. Prices in kopecks by category name."""

    event: int
    version: int
    body: Mapping[str, Any] = field(repr=False)
    status: str
    starts_at: datetime
    sale_opens_at: datetime
    sale_closes_at: datetime | None
    hall: int
    hall_version: int
    artists: tuple[int, ...]
    prices: Mapping[str, int]

    @classmethod
    def of(cls, event: int, version: int, body: Mapping[str, Any]) -> "EventEntry":
        """The entry of a document; KeyError or ValueError when it is none."""
        closes_at = body["sale_closes_at"]
        return cls(
            event=event,
            version=version,
            body=body,
            status=body["status"],
            starts_at=moment_of(body["starts_at"]),
            sale_opens_at=moment_of(body["sale_opens_at"]),
            sale_closes_at=None if closes_at is None else moment_of(closes_at),
            hall=number_of(body["hall_id"]) or 0,
            hall_version=body["hall_version"],
            artists=tuple(number_of(text) or 0 for text in body["artist_ids"]),
            prices={category: kopecks_of(price["amount"]) for category, price in body["prices"].items()},
        )

    @property
    def plan_key(self) -> PlanKey:
        return self.hall, self.hall_version

    @property
    def is_published(self) -> bool:
        return self.status == PUBLISHED


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event that shoppers see: its entry, the plan it was published with and its artists' names, by number."""

    entry: EventEntry
    plan: Plan
    artist_names: tuple[tuple[int, str], ...]
    # What is told of it and stays as it is; a changed event is another one, which begins without.
    standing: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    # How it was described with the counts of the latest version that somebody asked for: one reply at most.
    descriptions: dict[Counts, Reply] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def event(self) -> int:
        return self.entry.event

    @property
    def title(self) -> str:
        return str(self.entry.body["title"])

    @property
    def starts_at(self) -> datetime:
        return self.entry.starts_at

    @property
    def layout(self) -> Layout:
        return self.plan.layout

    @property
    def categories(self) -> list[str]:
        """By category index."""
        return self.plan.layout.categories

    @property
    def prices(self) -> Mapping[str, int]:
        """Kopecks by category name; a category without a price is not sold."""
        return self.entry.prices
