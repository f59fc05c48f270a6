"""What administrators send: the rules of api.md, "Administration", as models.

A field without a default is required; a change (`PATCH`) takes any of them, and `null` only where the field is optional.
A changed event has to satisfy `Event` as a whole.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from grid_config.identifiers import ALPHABET, number_of
from grid_config.imported import ImportedPlan
from grid_config.limits import PLAN_CATEGORIES_MAX
from processing_units.catalogue.money import Price
from processing_units.catalogue.times import Moment
from processing_units.edge.validation import ONE_LINE, StrictModel

SALE_DAYS_MIN = 60  # requirement 4.3: sale opens at least 60 days before the event
CUSTOMER_LIMIT_MAX = 1000
ARTISTS_PER_EVENT_MAX = 50
WORKS_MAX = 300  # a body has 64 KiB


def _text(text: str) -> str:
    if any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        raise ValueError("must not contain control characters other than tabs and line ends")
    return text


def _identifier(text: str) -> str:
    if number_of(text) is None:
        raise ValueError("is not known")
    return text


def _different(texts: list[str]) -> list[str]:
    if len(set(texts)) != len(texts):
        raise ValueError("must be different")
    return texts


# The constraints stand next to `str`: behind a validator they would count the spaces that are taken away.
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), ONE_LINE]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_text)]
Identifier = Annotated[str, AfterValidator(_identifier), Field(json_schema_extra={"pattern": f"^[0-7][{ALPHABET}]{{12}}$"})]
Artists = Annotated[list[Identifier], Field(min_length=1, max_length=ARTISTS_PER_EVENT_MAX), AfterValidator(_different)]
Prices = Annotated[dict[Short, Price], Field(min_length=1, max_length=PLAN_CATEGORIES_MAX)]
CustomerLimit = Annotated[int, Field(ge=1, le=CUSTOMER_LIMIT_MAX)]
_NO_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


def _without_defaults(schema: dict[str, Any]) -> None:
    """In a change a field that is not given has no value at all: the defaults below are never looked at."""
    for shape in schema.get("properties", {}).values():
        shape.pop("default", None)


class ChangeModel(StrictModel):
    """The base of what PATCH takes; only the fields that were given count."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class Work(StrictModel):
    """One of an artist's works."""

    title: Title
    year: Annotated[int, Field(ge=1, le=2200)] | None = None
    kind: Short | None = None


Works = Annotated[list[Work], Field(max_length=WORKS_MAX)]


class Artist(StrictModel):
    """The body of POST /admin/artists."""

    name: Short
    occupation: Short
    genre: Short | None = None
    biography: Text | None = None
    works: Works | None = None


class ArtistChange(ChangeModel):
    """The body of PATCH /admin/artists/{id}."""

    name: Short = ""
    occupation: Short = ""
    genre: Short | None = None
    biography: Text | None = None
    works: Works | None = None


class Hall(StrictModel):
    """The body of POST and PUT of halls; what the plan has besides what is checked is kept."""

    plan: ImportedPlan


class Event(StrictModel):
    """The body of POST /admin/events."""

    title: Title
    artist_ids: Artists
    description: Text
    city: Short
    address: Title
    starts_at: Moment
    sale_opens_at: Moment
    sale_closes_at: Moment | None = None
    hall_id: Identifier
    prices: Prices
    per_customer_limit: CustomerLimit | None = None
    orphan_rule: bool = False

    @field_validator("sale_opens_at")
    @classmethod
    def _sixty_days_before(cls, opens_at: datetime, info: ValidationInfo) -> datetime:
        starts_at = info.data.get("starts_at")
        if starts_at is not None and starts_at - opens_at < timedelta(days=SALE_DAYS_MIN):
            raise ValueError(f"must be at least {SALE_DAYS_MIN} days before starts_at")
        return opens_at

    @field_validator("sale_closes_at")
    @classmethod
    def _after_it_opens(cls, closes_at: datetime | None, info: ValidationInfo) -> datetime | None:
        opens_at = info.data.get("sale_opens_at")
        if closes_at is not None and opens_at is not None and closes_at <= opens_at:
            raise ValueError("must be later than sale_opens_at")
        return closes_at


class EventChange(ChangeModel):
    """The body of PATCH /admin/events/{id}."""

    title: Title = ""
    artist_ids: Artists = Field(default_factory=list)
    description: Text = ""
    city: Short = ""
    address: Title = ""
    starts_at: Moment = _NO_MOMENT
    sale_opens_at: Moment = _NO_MOMENT
    sale_closes_at: Moment | None = None
    hall_id: Identifier = ""
    prices: Prices = Field(default_factory=dict)
    per_customer_limit: CustomerLimit | None = None
    orphan_rule: bool | None = None
