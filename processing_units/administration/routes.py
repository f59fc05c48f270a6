"""Everything that administrators can call."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match, Route

from processing_units.administration import artist_calls, event_calls, hall_calls
from processing_units.administration.answering import ROLES, administrative, json
from processing_units.administration.audit import AuditPage, AuditQuery, export, page
from processing_units.edge.identity import require_role
from processing_units.edge.openapi import documented
from processing_units.edge.problems import Problem, not_found
from processing_units.edge.validation import read_query
from processing_units.parts import parts_of

_CSV = "text/csv"


@documented(
    summary="The audit log, newest first; everything that matches as CSV when the client wants text/csv",
    query=AuditQuery,
    responses={200: (AuditPage, _CSV)},
    problems=["forbidden", "invalid"],
    headers={"Accept": "application/json or text/csv"},
    tag="administration",
)
@administrative
async def read_audit(request: Request) -> Response:
    archive, query = parts_of(request).archive, read_query(request, AuditQuery)
    if "text/csv" in request.headers.get("accept", ""):
        pieces: AsyncIterator[bytes] = await export(archive, query)
        return StreamingResponse(pieces, media_type=_CSV, headers={"content-disposition": 'attachment; filename="audit.csv"'})
    return json(await page(archive, query))


async def elsewhere(request: Request) -> Response:
    """Problem `not_found`, but strangers do not learn which calls administrators have: who may is asked for every address here."""
    require_role(request, *ROLES)
    if any(route.matches(request.scope)[0] is Match.PARTIAL for route in _CALLS):
        raise Problem("method_not_allowed")
    raise not_found()


_CALLS = [
    *artist_calls.routes,
    *hall_calls.routes,
    *event_calls.routes,
    Route("/api/v1/admin/audit", read_audit, methods=["GET"]),
]
routes = [*_CALLS, Route("/api/v1/admin/{rest:path}", elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]
