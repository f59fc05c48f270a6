"""What is on sale, over HTTP: the list, one event, its hall. Describing an event is hot: the front door calls it without a router."""

from collections.abc import Mapping
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grid_config.identifiers import number_of
from processing_units.catalogue.answers import EventDescription, EventPage, HallPlan, described, item
from processing_units.catalogue.events import PublishedEvent
from processing_units.catalogue.free import Counted
from processing_units.catalogue.listing import EventsQuery, now_in_utc
from processing_units.edge.openapi import documented
from processing_units.edge.problems import Problem
from processing_units.edge.replies import HotReads, Tell
from processing_units.edge.validation import read_query
from processing_units.parts import Parts, parts_of

EVENT_PATH = "/api/v1/events/{event_id}"
_JSON = "application/json"
# The plan of a version never changes, but which version an event has may: ask again, and get 304.
_HALL_CACHING = {"cache-control": "public, no-cache", "vary": "accept-encoding"}


def hot_reads(parts: Parts) -> HotReads:
    """Path behind the event → (route's name, read): what the front door answers without a task."""

    def describe(event_text: str, headers: Mapping[bytes, bytes], tell: Tell) -> bool:  # noqa: ARG001 - the shape of a hot read
        event = parts.catalogue.event(number_of(event_text) or 0)
        if event is None:
            return False
        parts.availability.of(event.event).ask(partial(_tell_described, event, tell))
        return True

    return {b"": (f"GET {EVENT_PATH}", describe)}


def _tell_described(event: PublishedEvent, tell: Tell, seats: Counted | Problem) -> None:
    tell(seats if isinstance(seats, Problem) else described(event, seats.counts))


@documented(
    summary="Published events in the order of their start",
    query=EventsQuery,
    responses={200: EventPage},
    problems=["invalid"],
    signed_in=False,
    tag="events",
)
async def list_events(request: Request) -> Response:
    parts = parts_of(request)
    page = parts.catalogue.listing.page(read_query(request, EventsQuery), now_in_utc())
    free = await parts.catalogue.free.of([event.event for event in page.events], parts.availability)
    items = [item(event, seats_free) for event, seats_free in zip(page.events, free, strict=True)]
    return _json({"items": items, "next_cursor": page.next_cursor})


@documented(
    summary="One published event with its present availability",
    responses={200: EventDescription},
    problems=["not_found"],
    signed_in=False,
    tag="events",
)
async def describe_event(request: Request) -> Response:
    parts = parts_of(request)
    event = await event_named(parts, request.path_params["event_id"])
    seats = await parts.availability.of(event.event).current()
    return Response(described(event, seats.counts).body, media_type=_JSON)


@documented(
    summary="The seating plan of an event's hall, every field of it as it was imported",
    responses={200: HallPlan, 304: None},
    problems=["not_found"],
    headers={"If-None-Match": "the ETag of the plan that the client has"},
    signed_in=False,
    tag="events",
)
async def describe_hall(request: Request) -> Response:
    plan = (await event_named(parts_of(request), request.path_params["event_id"])).plan
    headers = {"etag": plan.etag, **_HALL_CACHING}
    if has_version(request.headers.get("if-none-match", ""), plan.etag):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(plan.gzipped, headers=headers | {"content-encoding": "gzip"}, media_type=_JSON)
    return Response(plan.json, headers=headers, media_type=_JSON)


async def event_named(parts: Parts, event_text: str) -> PublishedEvent:
    """The published event that a path names; Problem `not_found` or `unavailable`."""
    number = number_of(event_text) or 0
    return parts.catalogue.event(number) or await parts.catalogue.awaited(number)


def has_version(if_none_match: str, etag: str) -> bool:
    """Whether the client has this version; a weak tag is as good, the comparison is the weak one."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or if_none_match.strip() == "*"


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type=_JSON)


routes = [
    Route("/api/v1/events", list_events, methods=["GET"]),
    Route(EVENT_PATH, describe_event, methods=["GET"]),
    Route("/api/v1/events/{event_id}/hall", describe_hall, methods=["GET"]),
]
