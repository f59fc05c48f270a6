"""The pages: what is on sale, and what became of an order. They ask the same parts as the API, in process.

No script is needed. Everything shown is escaped by the templates; nothing foreign is loaded or framed.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.listing import EventsQuery
from processing_units.catalogue.money import amount_of
from processing_units.edge.identity import session_of
from processing_units.edge.problems import Problem
from processing_units.parts import parts_of
from web.words import LANGUAGES, WORDS, language_of, rubles, when

HERE = Path(__file__).parent
EVENTS_MAX = 100  # on the first page; the API's cursor reaches the rest
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "vary": "accept-language, cookie",
}
_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True)


async def show_events(request: Request) -> Response:
    """What is on sale, soonest first."""
    language = _language(request)
    parts = parts_of(request)
    now = datetime.now(UTC)
    try:
        page = parts.catalogue.listing.page(EventsQuery.model_validate({"limit": EVENTS_MAX}), now)
        free = await parts.catalogue.free.of([event.event for event in page.events], parts.availability)
    except Problem as problem:
        return _page(request, "order.html", problem.status, notice=WORDS[language]["away"])
    shown = [_event(event, seats_free, now, language) for event, seats_free in zip(page.events, free, strict=True)]
    return _page(request, "events.html", events=shown)


async def show_order(request: Request) -> Response:
    """What became of an order: where payment providers send shoppers back to. Only its owner sees it."""
    language = _language(request)
    words = WORDS[language]
    session = session_of(request)
    if session is None:
        return _page(request, "order.html", 401, notice=words["sign_in"])
    try:
        told = await parts_of(request).orders.told(request.path_params["order_id"], session.account, None, 0)
    except Problem as problem:
        return _page(request, "order.html", problem.status, notice=words["absent" if problem.status == 404 else "away"])
    order: dict[str, Any] = orjson.loads(told)
    until = order["expires_at"]
    return _page(
        request,
        "order.html",
        order=order,
        state=words[order["status"]],
        until=when(datetime.fromisoformat(until), language) if until else None,
        refund=words.get(f"refund_{order['refund']}"),
        total=rubles(order["total"]["amount"], language),
    )


def _event(event: PublishedEvent, free: int | None, now: datetime, language: str) -> dict[str, Any]:
    entry, words = event.entry, WORDS[language]
    over = entry.sale_closes_at is not None and entry.sale_closes_at <= now
    sale = f"{words['opens']} {when(entry.sale_opens_at, language)}" if entry.sale_opens_at > now else words["over" if over else "open"]
    return {
        "title": event.title,
        "starts_at": entry.starts_at.isoformat(),
        "when": when(entry.starts_at, language),
        "city": entry.body["city"],
        "address": entry.body["address"],
        "description": entry.body["description"],
        "sale": sale,
        "price": rubles(amount_of(min(entry.prices.values())), language),
        "free": free,
    }


def _language(request: Request) -> str:
    return language_of(request.query_params.get("lang"), request.headers.get("accept-language", ""))


def _page(request: Request, template: str, status: int = 200, **told: Any) -> Response:
    language = _language(request)
    html = _templates.get_template(template).render(
        words=WORDS[language], language=language, languages=LANGUAGES, path=request.url.path, **told
    )
    return HTMLResponse(html, status, HEADERS | {"content-language": language})


routes: list[BaseRoute] = [
    Route("/", show_events, methods=["GET"]),
    Route("/orders/{order_id}", show_order, methods=["GET"]),
    Mount("/static", StaticFiles(directory=HERE / "static")),
]
