"""An order's page: basket, payment and waiting room in one. It tells where the order stands, whenever it is asked.

Paying ends at the provider, on another site. Chromium holds `form-action` against every redirect behind a form, and the acquirer
may redirect on to a bank that we cannot name: so the answer to the form is a small page of ours that goes on by itself, or by a
click, which is an ordinary navigation. A reload of it, or the back button, finds the same payment: an order has one open attempt.
"""

from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grid_config.identifiers import number_text, order_of
from infra.payment.port import PaymentProvider
from processing_units.catalogue.events import PublishedEvent
from processing_units.edge.identity import session_of
from processing_units.edge.problems import Problem, not_found
from processing_units.parts import Parts, parts_of
from processing_units.payments import routes as payments
from processing_units.sales import routes as sales
from web.calls import call, json_of
from web.endpoints import page, refused
from web.forms import read_form
from web.order_views import WAITING, places_of, refund_of, standing_of, tickets_of
from web.page import Visit, shown
from web.problems import sentence
from web.words import Speech

WAIT_SECONDS = 10.0  # of a page without scripts that waits for the payment: it asks anew as soon as it was answered
PAYABLE = frozenset({"held", "paying"})


class Method(NamedTuple):
    """A way of paying, as a button: what the form sends, what people read."""

    provider: str
    method: str
    label: str


@page
async def show_order(request: Request) -> Response:
    """Where the order stands. Only its owner sees it; others are asked to sign in, or told that there is none."""
    return await _order_page(request)


@page
async def start_payment(request: Request) -> Response:
    """Begin to pay and lead on to the provider's page; when that cannot be, the order's page says why."""
    form = await read_form(request)
    wanted = {"provider": form.get("provider", ""), "method": form.get("method", ""), "return_url": _address(request)}
    return await _sent_to_provider(request, wanted)


@page
async def resume_payment(request: Request) -> Response:
    """Back to the provider's page of the payment that is open; with none open, to the order."""
    order = await _order(request)
    payment = order["payment"] if order and order["status"] == "paying" else None
    if not payment or not payment["open"] or payment["method"] is None:
        return RedirectResponse(_address(request), 303)
    wanted = {"provider": payment["provider"], "method": payment["method"], "return_url": _address(request)}
    return await _sent_to_provider(request, wanted)


@page
async def release_order(request: Request) -> Response:
    """Let the places go; the page then says so."""
    try:
        await call(sales.release_order, request)
    except Problem as problem:
        if problem.code not in {"order_not_releasable", "not_signed_in"}:
            raise
    return RedirectResponse(_address(request), 303)


async def _sent_to_provider(request: Request, wanted: dict[str, str]) -> Response:
    visit = Visit.of(request, _address(request))
    try:
        started = json_of(await call(payments.start_payment, request, wanted))
    except Problem as problem:
        if problem.code in {"not_signed_in", "order_not_payable"}:  # the order's page asks to sign in, or says how it ended
            return RedirectResponse(_address(request), 303)
        return await _order_page(request, problem)
    return shown(request, "leave.html", visit, provider_page=started["redirect_url"], order_page=_address(request))


async def _order_page(request: Request, problem: Problem | None = None) -> Response:
    """The order as it stands; above it what was refused just now."""
    visit = Visit.of(request, _address(request))
    order = await _order(request)
    if order is None:
        return shown(request, "sign_in_first.html", visit, 401)
    parts, say = parts_of(request), visit.say
    event = await _event(parts, order["order_id"])
    told: dict[str, Any] = {
        "order": order,
        "standing": standing_of(order, say),
        "refund": refund_of(order, say),
        "places": places_of(order, event.layout, say),
        "tickets": tickets_of(order, event.layout, say),
        "total": say.money(int(order["total"]["amount"].replace(".", ""))),
        "event": {"id": number_text(event.event), "title": event.title, "starts": say.moment(event.starts_at)},
        "methods": _methods(parts, say) if order["status"] in PAYABLE else [],
        "waits": order["status"] in WAITING,
        "notice": sentence(problem, say) if problem else "",
    }
    return refused(request, "order.html", visit, problem, **told) if problem else shown(request, "order.html", visit, **told)


async def _order(request: Request) -> dict[str, Any] | None:
    """The order as it stands, with `wait` as it stands when something happens; None without a session. Problem `not_found`."""
    session = session_of(request)
    if session is None:
        return None
    orders = parts_of(request).orders
    wait = ("confirmed", WAIT_SECONDS) if "wait" in request.query_params else (None, 0.0)
    order: dict[str, Any] = orjson.loads(await orders.told(request.path_params["order_id"], session.account, *wait))
    return order


async def _event(parts: Parts, order_id: str) -> PublishedEvent:
    event, _ = order_of(order_id) or (0, 0)
    found = parts.catalogue.event(event)
    if found is None:
        raise not_found()
    return found


def _methods(parts: Parts, say: Speech) -> list[Method]:
    """The ways of paying; the provider is named where there are several."""
    providers = list(parts.payments.providers)
    names = {"card": say.gettext("Pay by card"), "sbp": say.gettext("Pay by SBP, from your bank's app")}
    return [
        Method(provider.name, method, _labelled(names[method], provider, len(providers)))
        for provider in providers
        for method in provider.methods
    ]


def _labelled(name: str, provider: PaymentProvider, providers: int) -> str:
    return name if providers == 1 else f"{name} ({provider.title})"


def _address(request: Request) -> str:
    return f"/orders/{request.path_params['order_id']}"
