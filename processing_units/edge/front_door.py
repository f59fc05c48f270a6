"""The outermost layer of a unit: request ids, figures, problem documents, and short ways to the hot calls.

Plain ASGI. A hot call is found by its path's fixed shape in one dictionary and answers a `Reply`; everything else takes
Starlette's router. A hot read has no task at all: `FrontDoor.read` takes it from our server and answers when it is told to, so
that a thousand readers of one version cost one loop. Nothing is logged about a request that went well, or that was refused.
"""

import logging
import secrets
from collections.abc import Callable
from itertools import count
from time import perf_counter
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grid_config.client import GridUnavailable
from processing_units.edge.problems import Problem, malformed
from processing_units.edge.replies import BODILESS, HotCalls, HotRead, HotReads, Reply, lines_of, reply_of
from processing_units.metrics import Metrics

EVENTS = "/api/v1/events/"  # followed by an event's 13 characters and what is asked of the event
EVENTS_END = len(EVENTS)
EVENT_END = EVENTS_END + 13
EVENTS_BYTES = EVENTS.encode()
# Where our server puts a function that writes an answer in one piece: (status, head, body) → whether it did.
WHOLE_ANSWER = "front_row.whole_answer"

logger = logging.getLogger(__name__)

WholeAnswer = Callable[[int, bytes, bytes], bool]


class Hot(NamedTuple):
    """What the front door can do about a request without a task: `read` and the route's name, and the event's text."""

    route: str
    read: HotRead
    event: str


def problem_of(error: HTTPException) -> Problem:
    """What Starlette itself refuses: unknown addresses and methods; the rest is a request that cannot be read."""
    if error.status_code == 404:
        return Problem("not_found")
    if error.status_code == 405:
        return Problem("method_not_allowed", headers=dict(error.headers or {}))
    return malformed("") if error.status_code < 500 else Problem("internal")


class FrontDoor:
    """Stands before `app`; `hot` and `reads` are the hot calls and the hot reads, by the path behind the event's id."""

    def __init__(self, app: ASGIApp, metrics: Metrics, hot: HotCalls, reads: HotReads) -> None:
        self._app = app
        self._metrics = metrics
        self._hot = hot
        self._reads = reads
        self._ids = count(1)
        self._id_prefix = secrets.token_hex(5).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        path = scope["path"]
        hot = self._hot.get((scope["method"], path[EVENT_END:])) if path.startswith(EVENTS) else None
        if hot is None:
            await self._cold(scope, receive, send, began)
            return
        route, call = hot
        request_id = b"%b%x" % (self._id_prefix, next(self._ids))
        try:
            reply = await call(path[EVENTS_END:EVENT_END], scope, receive)
        except Exception as error:
            reply = self._reply_to(error, request_id, path)
        self._metrics.answered(route, reply.status, perf_counter() - began)
        await _send_reply(scope, send, request_id, reply)

    def read(self, target: bytes) -> Hot | None:
        """The hot read that GET of a request target asks for; None when it is none of them."""
        if not target.startswith(EVENTS_BYTES):
            return None
        hot = self._reads.get(target[EVENT_END:])
        return None if hot is None else Hot(*hot, target[EVENTS_END:EVENT_END].decode("latin-1"))

    def answered(self, hot: Hot, told: Reply | Exception, began: float) -> tuple[Reply, bytes]:
        """What to write for a hot read that came at `began` (perf_counter's time): the reply, and the request's id."""
        request_id = b"%b%x" % (self._id_prefix, next(self._ids))
        reply = told if type(told) is Reply else self._reply_to(told, request_id, hot.event)  # type: ignore[arg-type]
        self._metrics.answered(hot.route, reply.status, perf_counter() - began)
        return reply, request_id

    async def _cold(self, scope: Scope, receive: Receive, send: Send, began: float) -> None:
        """A call through the router: its answer gets a request id and is counted; what it raises becomes a problem."""
        request_id = b"%b%x" % (self._id_prefix, next(self._ids))
        answer = _ColdAnswer(scope, send, request_id)
        status = 0
        try:
            await self._app(scope, receive, answer.send)
            status = answer.status
        except Exception as error:
            status = answer.status
            if answer.begun:  # too late to say it in a document: the connection is cut by the server
                raise
            reply = self._reply_to(error, request_id, scope["path"])
            status = reply.status
            await _send_reply(scope, send, request_id, reply)
        finally:
            route = getattr(scope.get("route"), "path_format", None)
            if route is not None:
                self._metrics.answered(f"{scope['method']} {route}", status, perf_counter() - began)
            else:
                self._metrics.answered("ANY (no such route)", status, perf_counter() - began)

    def _reply_to(self, error: Exception, request_id: bytes, path: str) -> Reply:
        if isinstance(error, Problem):
            return reply_of(error)
        if isinstance(error, HTTPException):
            return reply_of(problem_of(error))
        if isinstance(error, GridUnavailable):
            return reply_of(Problem("unavailable"))
        return self._fault(error, request_id, path)

    def _fault(self, error: Exception, request_id: bytes, path: str) -> Reply:
        """A fault of ours: the log gets the story, the client a number to ask about."""
        logger.error("request_failed", exc_info=error, extra={"data": {"request": request_id.decode(), "path": path[:200]}})
        return reply_of(Problem("internal"))


class _ColdAnswer:
    """An answer on its way from the router: it gets the request id, and leaves in one piece when it has one."""

    __slots__ = ("_held", "_request_id", "_scope", "_send", "begun", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._held: Message | None = None  # the start of an answer whose length is known, until its body comes
        self.status = 0
        self.begun = False  # the client may have heard the start

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self._request_id)]
            if self._scope["method"] != "HEAD" and any(name == b"content-length" for name, _ in message["headers"]):
                self._held = message
                return
        start, self._held = self._held, None
        self.begun = True
        if start is not None:
            body = message.get("body", b"")
            if not message.get("more_body") and _sent_whole(self._scope, self.status, lines_of(start["headers"]), body):
                return
            await self._send(start)
        await self._send(message)


def _sent_whole(scope: Scope, status: int, head: bytes, body: bytes) -> bool:
    """Whether the server took the answer in one piece."""
    # Taken out: scope and the server's cycle would hold each other.
    whole: WholeAnswer | None = scope.pop(WHOLE_ANSWER, None)
    return whole is not None and status not in BODILESS and whole(status, head, body)


async def _send_reply(scope: Scope, send: Send, request_id: bytes, reply: Reply) -> None:
    if _sent_whole(scope, reply.status, b"%bx-request-id: %b\r\n" % (reply.head, request_id), reply.body):
        return
    start = [*reply.headers, (b"x-request-id", request_id)]
    if reply.status not in BODILESS:
        start.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": start})
    await send({"type": "http.response.body", "body": reply.body})
