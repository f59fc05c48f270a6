"""What the pages tell of events: the part that changes with the event, and the part that changes with every hold."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from grid_config.identifiers import number_text
from processing_units.catalogue.events import ArtistEntry, PublishedEvent
from processing_units.catalogue.plans import Plan, PlanKey
from processing_units.catalogue.times import text_of
from processing_units.sales.availability import Seats
from web.palette import DARK, LIGHT, ranks
from web.words import Speech

PLANS_MAX = 1_000  # whose stretches of seats are kept
_stretches: OrderedDict[PlanKey, list[list[tuple[int, int]]]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A price category: `free` counts its seats and its areas' places, None when the grid does not tell."""

    name: str
    color: str
    dark_color: str
    price: str
    free: int | None
    has_seats: bool


@dataclass(frozen=True, slots=True)
class AreaView:
    name: str
    price: str
    free: int | None


def event_view(event: PublishedEvent, artists: Mapping[int, ArtistEntry], say: Speech) -> dict[str, Any]:
    """What is told of an event as long as nobody edits it."""
    entry, body = event.entry, event.entry.body
    return {
        "id": number_text(event.event),
        "title": event.title,
        "artists": [name for _, name in event.artist_names],
        "told_artists": [_artist(artists[artist].body) for artist in entry.artists if artist in artists],
        "city": body["city"],
        "address": body["address"],
        "description": body["description"],
        "starts_at": text_of(entry.starts_at),
        "starts": say.moment(entry.starts_at),
        "opens_at": text_of(entry.sale_opens_at),
        "closes_at": text_of(entry.sale_closes_at) if entry.sale_closes_at else "",
        "limit": body["per_customer_limit"],
        "price_from": say.money(min(entry.prices.values())),
    }


def category_views(event: PublishedEvent, seats: Seats | None, say: Speech) -> list[CategoryView]:
    """The categories that are sold, dearest first."""
    stretches = _stretches_of(event.plan)
    free = _free_by_category(event, seats, stretches) if seats else [None] * len(event.categories)
    colors = ranks(event.categories, event.prices)
    told = []
    for index, name in enumerate(event.categories):
        price, color = event.prices.get(name), colors[index]
        if price is not None:
            view = CategoryView(name, LIGHT[color], DARK[color], say.money(price), free[index], has_seats=bool(stretches[index]))
            told.append((price, view))
    return [view for _, view in sorted(told, key=lambda each: -each[0])]


def area_views(event: PublishedEvent, seats: Seats | None, say: Speech) -> list[AreaView]:
    """The areas that are sold by count, in the plan's order."""
    told = []
    for index, area in enumerate(event.layout.areas):
        price = event.prices.get(event.categories[area.category_index])
        if price is not None:
            told.append(AreaView(area.name, say.money(price), seats.counts.areas_free[index] if seats else None))
    return told


def _artist(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body.get(name) for name in ("name", "occupation", "genre", "biography")} | {"works": body.get("works") or []}


def _free_by_category(event: PublishedEvent, seats: Seats, stretches: list[list[tuple[int, int]]]) -> list[int | None]:
    """Free seats and places by category index."""
    free: list[int | None] = []
    for index, parts in enumerate(stretches):
        places = sum(seats.free_between(begin, end) for begin, end in parts)
        areas = zip(event.layout.areas, seats.counts.areas_free, strict=False)
        free.append(places + sum(count for area, count in areas if area.category_index == index))
    return free


def _stretches_of(plan: Plan) -> list[list[tuple[int, int]]]:
    """By category index: where its seats stand in plan order, as stretches (first place, place behind the last)."""
    found = _stretches.get(plan.key)
    if found is None:
        found = _stretches[plan.key] = [[] for _ in plan.layout.categories]
        place = 0
        for index, seats in groupby(plan.layout.seats, key=lambda seat: seat.category_index):
            begin, place = place, place + sum(1 for _ in seats)
            found[index].append((begin, place))
        if len(_stretches) > PLANS_MAX:
            _stretches.popitem(last=False)
    return found
