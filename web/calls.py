"""Pages as clients of the API, in process: a form becomes the JSON that the API's own endpoint reads.

So its rules, limits, audit lines and problem documents are written once; nothing goes over a socket.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

Endpoint = Callable[[Request], Awaitable[Response]]
_REPLACED = {b"content-type", b"content-length", b"idempotency-key"}


async def call(endpoint: Endpoint, request: Request, body: Mapping[str, Any] | None = None, key: str | None = None) -> Response:
    """The answer of an endpoint of the API to this caller, at the same path parameters; refusals are raised as Problem."""
    sent = b"" if body is None else orjson.dumps(body)
    headers = [header for header in request.scope["headers"] if header[0] not in _REPLACED]
    headers.append((b"content-type", b"application/json"))
    if key is not None:
        headers.append((b"idempotency-key", key.encode()))

    async def receive() -> Message:
        return {"type": "http.request", "body": sent, "more_body": False}

    return await endpoint(Request({**request.scope, "headers": headers}, receive))


def json_of(response: Response) -> dict[str, Any]:
    """The JSON of an answer."""
    document: dict[str, Any] = orjson.loads(response.body)
    return document
