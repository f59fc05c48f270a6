"""The HTTP calls of the sales room. Creating orders and reading seats are hot: the front door calls them without a router."""

from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grid_config.identifiers import number_of
from processing_units.edge.identity import address_of, require_session
from processing_units.edge.openapi import documented
from processing_units.edge.replies import JSON_HEADER, Header, HotCalls, HotReads, Reply, Tell
from processing_units.edge.validation import read_query
from processing_units.parts import Parts, parts_of
from processing_units.sales.attempts import audited
from processing_units.sales.availability import Seats
from processing_units.sales.batcher import Unavailable
from processing_units.sales.requests import OrderDocument, OrderRequest, SeatsDocument, WaitQuery, known_number

ORDERS_PATH = "/api/v1/events/{event_id}/orders"
SEATS_PATH = "/api/v1/events/{event_id}/seats"
NO_STORE = {"cache-control": "no-store"}
_SEATS_HEADERS = [JSON_HEADER, (b"cache-control", b"no-cache"), (b"vary", b"accept-encoding")]
_GZIP = (b"content-encoding", b"gzip")


def hot_calls(parts: Parts) -> HotCalls:
    """(method, path behind the event) → (route's name, call): what the front door answers by itself."""
    return {("POST", "/orders"): (f"POST {ORDERS_PATH}", parts.orders.place)}


def hot_reads(parts: Parts) -> HotReads:
    """Path behind the event → (route's name, read): what it answers without a task."""

    def read_seats(event_text: str, headers: Mapping[bytes, bytes], tell: Tell) -> bool:
        event = known_number(event_text)
        if event is None or parts.catalogue.event(event) is None:
            return False
        parts.availability.of(event).ask(partial(_tell_seats, headers, tell))
        return True

    return {b"/seats": (f"GET {SEATS_PATH}", read_seats)}


def _tell_seats(headers: Mapping[bytes, bytes], tell: Tell, seats: Seats | Unavailable) -> None:
    tell(_seats_reply(seats, headers) if isinstance(seats, Seats) else seats)


def _seats_reply(seats: Seats, headers: Mapping[bytes, bytes]) -> Reply:
    """The seats as this client wants them, made once a version; 304 when it has the version."""
    form = "gzip" if b"gzip" in headers.get(b"accept-encoding", b"") else "plain"
    if headers.get(b"if-none-match") == seats.etag:
        form = "same"
    reply = seats.replies.get(form)
    if reply is None:
        reply = seats.replies[form] = _FORMS[form](seats, [*_SEATS_HEADERS, (b"etag", seats.etag)])
    return reply


_FORMS: Mapping[str, Callable[[Seats, list[Header]], Reply]] = {
    "same": lambda _, headers: Reply(304, headers, b""),
    "gzip": lambda seats, headers: Reply(200, [*headers, _GZIP], seats.gzipped()),
    "plain": lambda seats, headers: Reply(200, headers, seats.body),
}


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status)
    response.raw_headers.extend(reply.headers)
    return response


@documented(
    summary="Hold places: a new order",
    request=OrderRequest,
    responses={201: OrderDocument, 200: OrderDocument},
    problems=[
        "malformed", "sale_not_open", "sale_closed", "limit_exceeded", "not_found", "seat_taken", "not_enough_seats", "orphan_seats",
        "idempotency_key_reused", "invalid",
    ],
    headers={"Idempotency-Key": "1-64 printable ASCII characters: a repeat gives the same order back"},
    tag="orders",
)  # fmt: skip
async def create_order(request: Request) -> Response:
    reply = await parts_of(request).orders.place(request.path_params["event_id"], request.scope, request.receive)
    return _response(reply)


@documented(
    summary="An order, at once or when it has come to a status",
    query=WaitQuery,
    responses={200: OrderDocument},
    problems=["not_found", "invalid"],
    tag="orders",
)
async def read_order(request: Request) -> Response:
    session = require_session(request)
    query = read_query(request, WaitQuery)
    orders = parts_of(request).orders
    body = await orders.told(request.path_params["order_id"], session.account, query.wait_for, query.timeout)
    return Response(body, media_type="application/json", headers=NO_STORE)


@documented(summary="Let an order's places go", responses={204: None}, problems=["not_found", "order_not_releasable"], tag="orders")
@audited
async def release_order(request: Request) -> Response:
    session = require_session(request)
    await parts_of(request).orders.release(request.path_params["order_id"], session.account, address_of(request))
    return Response(status_code=204)


@documented(
    summary="The seats as they stand",
    responses={200: SeatsDocument, 304: None},
    problems=["not_found"],
    signed_in=False,
    tag="events",
)
async def read_seats(request: Request) -> Response:
    parts = parts_of(request)
    event = number_of(request.path_params["event_id"]) or 0
    if parts.catalogue.event(event) is None:
        await parts.catalogue.awaited(event)
    return _response(_seats_reply(await parts.availability.of(event).current(), dict(request.scope["headers"])))


@documented(
    summary="The seats, then their changes as they come",
    responses={200: "text/event-stream"},
    problems=["not_found"],
    headers={"Last-Event-ID": "the version seen last: only what changed after it is told"},
    signed_in=False,
    tag="events",
)
async def stream_seats(request: Request) -> Response:
    parts = parts_of(request)
    event = number_of(request.path_params["event_id"]) or 0
    if parts.catalogue.event(event) is None:
        await parts.catalogue.awaited(event)
    return await parts.streams.open(event, version_seen(request.headers.get("last-event-id", "")))


def version_seen(last_event_id: str) -> int | None:
    """The version in a Last-Event-ID; None for what no event of ours has as its id."""
    return int(last_event_id) if last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < 19 else None


routes = [
    Route(ORDERS_PATH, create_order, methods=["POST"]),
    Route(SEATS_PATH, read_seats, methods=["GET"]),
    Route(SEATS_PATH + "/stream", stream_seats, methods=["GET"]),
    Route("/api/v1/orders/{order_id}", read_order, methods=["GET"]),
    Route("/api/v1/orders/{order_id}", release_order, methods=["DELETE"]),
]
