"""Artists over HTTP."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from processing_units.administration import lists
from processing_units.administration.answering import CHANGING, IF_MATCH, MAKING, administrative, audit, document, json, number_in
from processing_units.administration.answers import ArtistDocument, ArtistPage
from processing_units.administration.bodies import Artist, ArtistChange
from processing_units.administration.versions import version_in
from processing_units.edge.openapi import documented
from processing_units.edge.validation import read_json, read_query
from processing_units.parts import parts_of

_PATH = "/api/v1/admin/artists"


@documented(summary="Make an artist", request=Artist, responses={201: ArtistDocument}, problems=MAKING, tag="administration")
@administrative
async def create(request: Request) -> Response:
    made = await parts_of(request).administration.artists.create(await read_json(request, Artist))
    answer = document(made, 201)
    await audit(request, "artist_created")
    return answer


@documented(
    summary="Artists", query=lists.SearchQuery, responses={200: ArtistPage}, problems=["forbidden", "invalid"], tag="administration"
)
@administrative
async def read_all(request: Request) -> Response:
    return json(lists.artists(parts_of(request).catalogue, read_query(request, lists.SearchQuery)))


@documented(summary="An artist", responses={200: ArtistDocument}, problems=["forbidden", "not_found"], tag="administration")
@administrative
async def read_one(request: Request) -> Response:
    return document(await parts_of(request).administration.artists.get(number_in(request, "artist_id")))


@documented(
    summary="Edit an artist",
    request=ArtistChange,
    responses={200: ArtistDocument},
    problems=CHANGING,
    headers=IF_MATCH,
    tag="administration",
)
@administrative
async def change(request: Request) -> Response:
    artist = number_in(request, "artist_id")
    wanted = await read_json(request, ArtistChange)
    changed = await parts_of(request).administration.artists.change(artist, version_in(request), wanted)
    answer = document(changed)
    await audit(request, "artist_changed")
    return answer


routes = [
    Route(_PATH, create, methods=["POST"]),
    Route(_PATH, read_all, methods=["GET"]),
    Route(_PATH + "/{artist_id}", read_one, methods=["GET"]),
    Route(_PATH + "/{artist_id}", change, methods=["PATCH"]),
]
