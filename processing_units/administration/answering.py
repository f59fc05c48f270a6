"""What all calls of administrators have in common: who may, what went wrong, and the line in the audit log."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from grid_config.identifiers import number_of
from processing_units.administration.versions import Versioned
from processing_units.archive.archive import ArchiveAway
from processing_units.catalogue.away import needs
from processing_units.edge.identity import address_of, require_role
from processing_units.edge.problems import not_found
from processing_units.parts import parts_of

JSON = "application/json"
ROLE = "admin"
ROLES = (ROLE, "scanner")  # who has any business below /admin
MAKING = ("forbidden", "malformed", "invalid")  # what a call that makes something may refuse
CHANGING = (*MAKING, "not_found", "stale")
IF_MATCH = {"If-Match": "required: the version that was read"}

Endpoint = Callable[[Request], Awaitable[Response]]


def administrative(endpoint: Endpoint) -> Endpoint:
    """An endpoint for administrators: who may is asked before anything else is looked at."""
    served = needs(ArchiveAway)(endpoint)

    @functools.wraps(endpoint)
    async def wrapped(request: Request) -> Response:
        require_role(request, ROLE)
        return await served(request)

    return wrapped


async def audit(request: Request, action: str, event: int = 0) -> None:
    """Leave a line `admin:<action>` in the audit log, with who did it and from where."""
    session = require_role(request, ROLE)
    await parts_of(request).attempts.record(f"admin:{action}", address_of(request), session.account, event, 0)


def number_in(request: Request, name: str) -> int:
    """The number in the path; Problem `not_found` when it is none."""
    number = number_of(request.path_params[name])
    if number is None:
        raise not_found()
    return number


def document(found: Versioned | None, status: int = 200) -> Response:
    """The document with its version; Problem `not_found` when there is none."""
    if found is None:
        raise not_found()
    return json(found.told(), status)


def json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type=JSON)
