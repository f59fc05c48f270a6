"""What the edge tells of the grid's errors: 503, the same request may be repeated; 409 when a document has moved on."""

import functools
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from starlette.requests import Request

from grid_config.client import GridError, Stale
from processing_units.edge.problems import stale, unavailable

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


def needs(
    *causes: type[Exception],
) -> Callable[[Callable[[Request], Awaitable[Answer]]], Callable[[Request], Awaitable[Answer]]]:
    """Tell the grid's errors, and `causes`, as Problem `unavailable`, a Stale document as `stale`."""
    away: tuple[type[Exception], ...] = (GridError, *causes)

    def around(endpoint: Callable[[Request], Awaitable[Answer]]) -> Callable[[Request], Awaitable[Answer]]:
        @functools.wraps(endpoint)
        async def wrapped(request: Request) -> Answer:
            try:
                return await endpoint(request)
            except Stale as error:
                raise stale(error.version) from None
            except away as error:
                logger.warning("call_unavailable", extra={"data": _data(request, error)})
                raise unavailable() from error

        return wrapped

    return around


def _data(request: Request, error: Exception) -> Mapping[str, str]:
    return {"route": getattr(request.scope.get("route"), "path_format", ""), "why": repr(error)[:200]}
