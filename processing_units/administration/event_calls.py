"""Events over HTTP, as administrators see them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from processing_units.administration import lists
from processing_units.administration.answering import CHANGING, IF_MATCH, MAKING, administrative, audit, document, json, number_in
from processing_units.administration.answers import EventDocument, EventPage
from processing_units.administration.bodies import Event, EventChange
from processing_units.administration.versions import version_in
from processing_units.edge.openapi import documented
from processing_units.edge.validation import read_json, read_query
from processing_units.parts import parts_of

_PATH = "/api/v1/admin/events"


@documented(summary="Make a draft of an event", request=Event, responses={201: EventDocument}, problems=MAKING, tag="administration")
@administrative
async def create(request: Request) -> Response:
    made = await parts_of(request).administration.events.create(await read_json(request, Event))
    answer = document(made, 201)
    await audit(request, "event_created", made.number)
    return answer


@documented(
    summary="Events, drafts too",
    query=lists.SearchQuery,
    responses={200: EventPage},
    problems=["forbidden", "invalid"],
    tag="administration",
)
@administrative
async def read_all(request: Request) -> Response:
    return json(lists.events(parts_of(request).catalogue, read_query(request, lists.SearchQuery)))


@documented(summary="An event", responses={200: EventDocument}, problems=["forbidden", "not_found"], tag="administration")
@administrative
async def read_one(request: Request) -> Response:
    return document(await parts_of(request).administration.events.get(number_in(request, "event_id")))


@documented(
    summary="Edit an event",
    request=EventChange,
    responses={200: EventDocument},
    problems=CHANGING,
    headers=IF_MATCH,
    tag="administration",
)
@administrative
async def change(request: Request) -> Response:
    event = number_in(request, "event_id")
    wanted = await read_json(request, EventChange)
    changed = await parts_of(request).administration.events.change(event, version_in(request), wanted)
    answer = document(changed)
    await audit(request, "event_changed", event)
    return answer


@documented(
    summary="Put an event on sale; answered when it is",
    responses={200: EventDocument},
    problems=["forbidden", "not_found", "invalid"],
    tag="administration",
)
@administrative
async def publish(request: Request) -> Response:
    event = number_in(request, "event_id")
    published = await parts_of(request).administration.events.publish(event)
    answer = document(published)
    await audit(request, "event_published", event)
    return answer


routes = [
    Route(_PATH, create, methods=["POST"]),
    Route(_PATH, read_all, methods=["GET"]),
    Route(_PATH + "/{event_id}", read_one, methods=["GET"]),
    Route(_PATH + "/{event_id}", change, methods=["PATCH"]),
    Route(_PATH + "/{event_id}/publish", publish, methods=["POST"]),
]
