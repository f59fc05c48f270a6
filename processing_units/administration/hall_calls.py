"""Halls over HTTP: bodies of up to 16 MiB, read and written in threads."""

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grid_config.identifiers import number_text
from processing_units.administration import lists
from processing_units.administration.answering import CHANGING, JSON, MAKING, administrative, audit, json, number_in
from processing_units.administration.answers import HallDocument, HallPage
from processing_units.administration.bodies import Hall
from processing_units.administration.versions import version_in
from processing_units.catalogue.halls import HallEntry
from processing_units.edge.openapi import documented
from processing_units.edge.problems import malformed, not_found
from processing_units.edge.validation import HALL_BODY_BYTES_MAX, PageQuery, is_json, read_bytes, read_query
from processing_units.parts import parts_of

_PATH = "/api/v1/admin/halls"


@documented(summary="Import a hall", request=Hall, responses={201: HallDocument}, problems=MAKING, tag="administration")
@administrative
async def create(request: Request) -> Response:
    made = await parts_of(request).administration.halls.create(await _body(request))
    answer = await _told(made, 201)
    await audit(request, "hall_created")
    return answer


@documented(summary="Halls", query=PageQuery, responses={200: HallPage}, problems=["forbidden", "invalid"], tag="administration")
@administrative
async def read_all(request: Request) -> Response:
    parts = parts_of(request)
    halls, cursor = lists.halls(parts.catalogue, read_query(request, PageQuery))
    summaries = await parts.administration.halls.summaries(halls)
    return json({"items": [summary._asdict() for summary in summaries], "next_cursor": cursor})


@documented(summary="A hall", responses={200: HallDocument}, problems=["forbidden", "not_found"], tag="administration")
@administrative
async def read_one(request: Request) -> Response:
    return await _told(await parts_of(request).administration.halls.get(number_in(request, "hall_id")))


@documented(
    summary="A new version of a hall; events keep the plan they were made with",
    request=Hall,
    responses={200: HallDocument},
    problems=CHANGING,
    headers={"If-Match": "the version that was read, if it must still be the present one"},
    tag="administration",
)
@administrative
async def replace(request: Request) -> Response:
    hall = number_in(request, "hall_id")
    version = version_in(request) if "if-match" in request.headers else None
    replaced = await parts_of(request).administration.halls.replace(hall, await _body(request), version)
    answer = await _told(replaced)
    await audit(request, "hall_changed")
    return answer


async def _body(request: Request) -> bytes:
    if not is_json(request.headers.get("content-type", "").encode("latin-1")):
        raise malformed("The content type must be application/json.")
    return await read_bytes(request.receive, HALL_BODY_BYTES_MAX)


async def _told(hall: HallEntry | None, status: int = 200) -> Response:
    if hall is None:
        raise not_found()
    told = {"hall_id": number_text(hall.hall), "version": hall.version, "name": hall.plan["name"], "plan": hall.plan}
    return Response(await asyncio.to_thread(orjson.dumps, told), status, media_type=JSON)


routes = [
    Route(_PATH, create, methods=["POST"]),
    Route(_PATH, read_all, methods=["GET"]),
    Route(_PATH + "/{hall_id}", read_one, methods=["GET"]),
    Route(_PATH + "/{hall_id}", replace, methods=["PUT"]),
]
