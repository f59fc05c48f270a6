"""Whole answers, as hot calls give them: the front door adds the request's id, the server writes them in one piece."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.types import Receive, Scope

from processing_units.edge.problems import CONTENT_TYPE, Problem

BODILESS = frozenset({204, 304})
JSON_HEADER = (b"content-type", b"application/json")
PROBLEM_HEADER = (b"content-type", CONTENT_TYPE.encode())

Header = tuple[bytes, bytes]


class Reply:
    """Status, headers besides Content-Length and X-Request-Id, body. Many requests may be told one Reply: its head is rendered once."""

    __slots__ = ("_head", "body", "headers", "status")

    def __init__(self, status: int, headers: list[Header], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self._head: bytes | None = None

    @property
    def head(self) -> bytes:
        """The header lines, Content-Length with them where the status has a body."""
        if self._head is None:
            length = b"" if self.status in BODILESS else b"content-length: %d\r\n" % len(self.body)
            self._head = lines_of(self.headers) + length
        return self._head


# What a hot call is: (event's text, scope, receive) → reply; refusals are raised as Problem.
HotCall = Callable[[str, Scope, Receive], Awaitable[Reply]]
# (method, the path behind the event's id) → (the route's name, the call).
HotCalls = Mapping[tuple[str, str], tuple[str, HotCall]]

# Told once, in the same turn of the loop or later: the reply, or why there is none.
Tell = Callable[[Reply | Exception], None]
# What a hot read is: (event's text, headers, tell) → whether it was taken on. False, and nothing told: the router's way.
HotRead = Callable[[str, Mapping[bytes, bytes], Tell], bool]
# The path behind the event's id → (the route's name, the read).
HotReads = Mapping[bytes, tuple[str, HotRead]]


def lines_of(headers: Iterable[Header]) -> bytes:
    """Headers as HTTP/1.1 writes them, each line ended."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def reply_of(problem: Problem) -> Reply:
    """The problem's document with the headers that belong to it."""
    headers = [PROBLEM_HEADER, *((name.encode("latin-1"), value.encode("latin-1")) for name, value in problem.headers.items())]
    return Reply(problem.status, headers, problem.document())
