"""An event's page, and the purchase on it that needs no script: the best seats of a category, or places of an area."""

import hashlib
import math
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from jinja2.utils import htmlsafe_json_dumps
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grid_config.identifiers import number_text
from grid_config.limits import ORDER_PLACES_MAX
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.routes import event_named
from processing_units.edge.identity import session_of
from processing_units.edge.problems import Problem
from processing_units.parts import Parts, parts_of
from processing_units.sales import routes as sales
from processing_units.sales.availability import Seats
from web.calls import call, json_of
from web.endpoints import page, with_retry
from web.event_views import area_views, category_views, event_view
from web.forms import read_form
from web.kept import Kept
from web.page import Ready, Visit, answer, html, kept_answer
from web.palette import DARK, LIGHT
from web.problems import sentence
from web.sale import sale_of
from web.words import LANGUAGES, Speech

UNAVAILABLE = 503
_STATIC = Path(__file__).parent / "static"
# What the map says: English texts, or pairs of singular and plural.
MAP_WORDS = _STATIC / "hall" / "words.json"
# The map's modules, also those that are imported by others: named in the page, a browser asks for all at once, not one after the other.
MAP_MODULES = [f"/static/{path.relative_to(_STATIC)}" for room in ("hall", "vendor") for path in sorted((_STATIC / room).glob("*.js"))]
_MAP_COLORS = htmlsafe_json_dumps({"light": LIGHT, "dark": DARK})
_pages: Kept[Ready] = Kept()


def _map_words(say: Speech) -> str:
    """The texts of the map as a JSON object that may stand in a page: a text or, for pairs, the plural forms in gettext's order."""
    spoken: dict[str, Any] = {}
    for word in orjson.loads(MAP_WORDS.read_bytes()):
        if isinstance(word, list):
            spoken[word[0]] = say.forms(*word)
        else:
            spoken[word] = say.gettext(word)
    return htmlsafe_json_dumps(spoken, ensure_ascii=False)


_map_words_by_language = {code: _map_words(say) for code, say in LANGUAGES.items()}


@page
async def show_event(request: Request) -> Response:
    """The event with its prices and what is free: the same page for all who are signed in, and for all who are not."""
    event = await _event(request)
    visit = _visit(request, event)

    async def make() -> Ready:
        return Ready.of(await _event_page(parts_of(request), event, visit))

    return kept_answer(request, visit, await _pages.of((event.event, visit.say.code, visit.signed_in), make))


@page
async def place_order(request: Request) -> Response:
    """Hold what the form asks for: on to the order, or the event's page again with the reason why not."""
    event = await _event(request)
    visit = _visit(request, event)
    form = await read_form(request)
    if session_of(request) is None:
        return RedirectResponse(f"/sign-in{visit.back_query}", 303)
    quantity = form.get("quantity", "").strip()
    if not (quantity.isascii() and quantity.isdecimal() and 1 <= int(quantity[:4]) <= ORDER_PLACES_MAX):
        count = visit.say.gettext("Write how many places you want: a number from 1 to %(most)s.") % {"most": ORDER_PLACES_MAX}
        return await _refused(request, event, form, 422, count)
    try:
        made = await call(sales.create_order, request, _wish(form, int(quantity)), _key(form))
    except Problem as problem:
        refusal = await _refused(request, event, form, problem.status, sentence(problem, visit.say))
        return with_retry(refusal, problem)
    return RedirectResponse(f"/orders/{json_of(made)['order_id']}", 303)


def _wish(form: Mapping[str, str], quantity: int) -> dict[str, Any]:
    if "area" in form:
        return {"areas": [{"area": form["area"], "quantity": quantity}]}
    return {"best_available": {"category": form.get("category", ""), "quantity": quantity}}


def _key(form: Mapping[str, str]) -> str:
    """The idempotency key of a form as it was filled in: a double click makes one order, going back and wanting more another."""
    wish = "\n".join(form.get(name, "") for name in ("key", "category", "area", "quantity"))
    return hashlib.blake2b(wish.encode(), digest_size=24).hexdigest()


async def _refused(request: Request, event: PublishedEvent, form: Mapping[str, str], status: int, why: str) -> Response:
    """The event's page with the reason why not and what was filled in."""
    visit = _visit(request, event)
    # Without an answer the order may have been made: the same form again finds it.
    key = form.get("key", "") if status == UNAVAILABLE else ""
    text = await _event_page(parts_of(request), event, visit, notice=why, chosen=form, key=key)
    return answer(request, visit, text, status)


def _visit(request: Request, event: PublishedEvent) -> Visit:
    return Visit.of(request, f"/events/{number_text(event.event)}")


async def _event(request: Request) -> PublishedEvent:
    return await event_named(parts_of(request), request.path_params["event_id"])


async def _event_page(
    parts: Parts, event: PublishedEvent, visit: Visit, *, notice: str = "", chosen: Mapping[str, str] | None = None, key: str = ""
) -> str:
    """The page's text. While the grid is away it tells everything but what is free."""
    seats: Seats | None = None
    try:
        seats = await parts.availability.of(event.event).current()
    except Problem as problem:
        if problem.code != "unavailable":
            raise
    categories = category_views(event, seats, visit.say)
    free = None if seats is None else sum(category.free or 0 for category in categories)
    values = {name: (chosen or {}).get(name, "") for name in ("category", "area", "quantity")}
    shown = {
        "event": event_view(event, parts.catalogue.artists, visit.say),
        "sale": sale_of(event.entry, free, datetime.now(UTC), visit.say),
        "categories": categories,
        "seated": [category for category in categories if category.has_seats],
        "areas": area_views(event, seats, visit.say),
        "chosen": values,
        "notice": notice,
        "key": key or secrets.token_hex(12),  # may be shared by many for half a second: each account has keys of its own
        "places_max": min(ORDER_PLACES_MAX, event.entry.body["per_customer_limit"] or ORDER_PLACES_MAX),
        "hold_minutes": math.ceil(parts.settings.hold_seconds / 60),
        "hall_modules": MAP_MODULES,
        "hall_colors": _MAP_COLORS,
        "hall_words": _map_words_by_language[visit.say.code],
    }
    return html("event.html", visit, shown)
