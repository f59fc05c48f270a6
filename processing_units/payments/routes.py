"""The calls of api.md about paying; each reads, asks the room, and answers."""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grid_config.identifiers import order_of
from processing_units.catalogue.times import text_of
from processing_units.edge.identity import address_of, packed, require_session
from processing_units.edge.openapi import documented
from processing_units.edge.problems import Problem, invalid, not_found, order_not_payable
from processing_units.edge.rate import Rate
from processing_units.edge.validation import read_bytes, read_json
from processing_units.parts import Parts, parts_of
from processing_units.payments.bodies import PaymentRequest, ProviderViews, StartedPayment
from processing_units.payments.return_address import ForeignAddressError
from processing_units.payments.starting import Wanted
from processing_units.sales.attempts import audited

# A family pays for a handful of orders, and changes its mind; every start is a call at the acquirer.
PAYMENTS = Rate("payments", per_second=2, burst=30)


@documented(
    summary="Start to pay an order: where to send the shopper",
    request=PaymentRequest,
    responses={201: StartedPayment},
    problems=["malformed", "not_found", "order_not_payable", "invalid"],
    tag="Orders",
)
@audited
async def start_payment(request: Request) -> Response:
    session = require_session(request)
    parts = parts_of(request)
    asked = await read_json(request, PaymentRequest)
    order_id: str = request.path_params["order_id"]
    place = order_of(order_id)
    if place is None:
        raise not_found()
    if parts.catalogue.event(place[0]) is None:
        await parts.catalogue.awaited(place[0])
    address = address_of(request)
    parts.rates.take(PAYMENTS, address)
    wanted = _wanted(parts, asked, place, session.account, packed(address))
    try:
        if parts.orders.has_left(wanted.event):
            raise not_found()
        started = await parts.payments.starting.start(wanted)
    except Problem as problem:
        raise await _told_of_a_past_order(parts, problem, order_id, session.account) from None
    answer = StartedPayment(
        payment_id=started.payment_id, redirect_url=started.redirect_url, expires_at=text_of(started.expires_at)
    )  # fmt: skip
    return _json(answer.model_dump(), 201)


def _wanted(parts: Parts, asked: PaymentRequest, place: tuple[int, int], account: int, ip: bytes) -> Wanted:
    """The request with what its names stand for; `invalid` with every field that stands for nothing."""
    errors: list[tuple[str, str]] = []
    provider = parts.payments.providers.get(asked.provider)
    if provider is None:
        errors.append(("provider", "is not a provider of this shop"))
    elif asked.method not in provider.methods:
        errors.append(("method", "is not a method of this provider"))
    return_url = ""
    try:
        return_url = parts.payments.return_addresses.on_this_site(asked.return_url)
    except ForeignAddressError as error:
        errors.append(("return_url", str(error)))
    if provider is None or errors:
        raise invalid(errors)
    event, order = place
    return Wanted(event, order, account, ip, provider, asked.method, return_url)


async def _told_of_a_past_order(parts: Parts, problem: Problem, order_id: str, account: int) -> Problem:
    """What an order that has left the grid is refused with: the status in which it ended, where it is the shopper's own."""
    if problem.code != "not_found":
        return problem
    order = orjson.loads(await parts.orders.told(order_id, account, None, 0))
    return order_not_payable(order["status"])


@documented(
    summary="The payment providers and their methods", responses={200: ProviderViews}, signed_in=False, tag="Orders"
)  # fmt: skip
async def list_providers(request: Request) -> Response:
    providers = parts_of(request).payments.providers
    return _json([{"provider": one.name, "title": one.title, "methods": list(one.methods)} for one in providers])


@documented(
    summary="A provider tells what became of a payment; 200 when that is durable",
    responses={200: None},
    problems=["malformed", "not_found"],
    signed_in=False,
    tag="Payment notifications",
)
async def take_notification(request: Request) -> Response:
    payments = parts_of(request).payments
    provider = payments.providers.get(request.path_params["provider"])
    if provider is None:
        raise not_found()
    body = await read_bytes(request.receive)
    await payments.notices.take(provider, request.headers, body, packed(address_of(request)))
    return Response(status_code=200)


def _json(document: object, status_code: int = 200) -> Response:
    return Response(orjson.dumps(document), status_code, media_type="application/json")


routes = [
    Route("/api/v1/orders/{order_id}/payments", start_payment, methods=["POST"]),
    Route("/api/v1/payment-providers", list_providers, methods=["GET"]),
    Route("/api/v1/payments/{provider}/notifications", take_notification, methods=["POST"]),
]
