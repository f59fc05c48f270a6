"""HTTP/1.1 to a client: uvicorn's protocol, patient for a bounded time, with a short way for hot reads and whole answers."""

import asyncio
import secrets
from functools import partial
from time import perf_counter

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from processing_units.edge.front_door import WHOLE_ANSWER, FrontDoor, Hot
from processing_units.edge.problems import malformed
from processing_units.edge.replies import Reply, lines_of

CONNECTIONS_MAX = 25_000  # 20,000 shoppers at once (requirement 6.1) on one unit, were it alone, and their streams
KEEP_ALIVE_SECONDS = 30  # longer than the balancer keeps its own connections idle
HEAD_BYTES_MAX = 32 * 1024  # of a request's line and headers
LONG_HEAD = "The request's headers are too long."
HEAD_SECONDS_MAX = 10.0  # from a connection, or a request's first byte, to its last header
BODY_SECONDS_MAX = 30.0  # from a request's first byte to its last: 16 MiB at 5 Mbit/s
UNREAD_SECONDS_MAX = 30.0  # how long a client may leave an answer unread
# Headers of a request that uvicorn has to see: it brings a body, or wants to be asked for it, or to speak something else.
NOT_PLAIN = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})
NOBODY_WAITS = asyncio.Event()  # for what is asked without a task; whoever sets it wakes nobody


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with notes of how long a client has kept it waiting; a sweep reads them once a second.

    No timer per request: a note costs an attribute.
    """

    head_bytes = 0
    head_done = False
    waits_since: float | None = None  # for the rest of a request
    idle_since: float | None = None  # between two requests
    unread_since: float | None = None  # an answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waits_since = self.loop.time()
        if len(self.connections) > CONNECTIONS_MAX:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if len(data) > HEAD_BYTES_MAX and not (self.head_done and self.waits_since is not None):
            end = data.find(b"\r\n\r\n")  # a head that comes whole, in one piece, would be taken before it is measured
            if not 0 <= end <= HEAD_BYTES_MAX:
                self.send_400_response(LONG_HEAD)
                return
        super().data_received(data)
        if not self.head_done and self.waits_since is not None:
            self.head_bytes += len(data)
            if self.head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response(LONG_HEAD)

    def on_message_begin(self) -> None:
        self.head_bytes = 0
        self.head_done = False
        self.waits_since = self.loop.time()
        self.idle_since = None
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.head_done = True
        if not self._read():
            super().on_headers_complete()
            self.scope[WHOLE_ANSWER] = partial(answer_whole, self.cycle)  # type: ignore[literal-required]

    def _read(self) -> bool:
        """Whether the request is a hot read that is now being answered, without a task and without a scope."""
        door: FrontDoor = self.app
        hot = door.read(self.url)
        former = self.cycle
        if hot is None or self.parser.get_method() != b"GET" or self.flow.write_paused or not (former is None or former.response_complete):
            return False
        headers = dict(self.headers)
        if not NOT_PLAIN.isdisjoint(headers):
            return False
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        reading = self.cycle = Reading(self, door, hot, keep_alive=keep_alive)  # type: ignore[assignment]
        if hot.read(hot.event, headers, reading.tell):
            return True
        self.cycle = former
        return False

    def on_message_complete(self) -> None:
        self.waits_since = None
        if not isinstance(self.cycle, Reading):
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, but the time between two requests is the sweep's business: no timer for each."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.idle_since = self.loop.time()

    def pause_writing(self) -> None:
        self.unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.unread_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as HTTP is told in a problem document too."""
        body = malformed(msg).document()
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n"
            b"x-request-id: %b\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head % (len(body), secrets.token_hex(8).encode()) + body)
        self.transport.close()

    def cut_off_if_slow(self, now: float) -> None:
        """End the connection of a client that has kept us waiting too long."""
        if self.unread_since is not None and now - self.unread_since > UNREAD_SECONDS_MAX:
            self.transport.abort()
        elif self.idle_since is not None and now - self.idle_since > KEEP_ALIVE_SECONDS:
            self.transport.close()
        elif self.waits_since is not None and now - self.waits_since > (BODY_SECONDS_MAX if self.head_done else HEAD_SECONDS_MAX):
            if self.cycle is None or self.cycle.response_complete or self.cycle.response_started or self.transport.is_closing():
                self.transport.abort()
            else:
                self.send_400_response("The request took too long to come.")


class Reading:
    """A hot read under way: stands where uvicorn keeps the cycle of a request that has a task."""

    __slots__ = ("_began", "_door", "_hot", "_protocol", "disconnected", "keep_alive", "response_complete")
    response_started = False  # it is never half written
    message_event = NOBODY_WAITS

    def __init__(self, protocol: PatientProtocol, door: FrontDoor, hot: Hot, *, keep_alive: bool) -> None:
        self._began = perf_counter()
        self._protocol = protocol
        self._door = door
        self._hot = hot
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False

    def tell(self, told: Reply | Exception) -> None:
        """Write the answer."""
        reply, request_id = self._door.answered(self._hot, told, self._began)
        self.response_complete = True
        if self.disconnected:
            return
        protocol = self._protocol
        ending = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        lines = standing_lines(protocol.server_state.default_headers)
        protocol.transport.write(
            b"%b%b%bx-request-id: %b\r\n%b%b" % (STATUS_LINE[reply.status], lines, reply.head, request_id, ending, reply.body)
        )
        if not self.keep_alive:
            protocol.transport.close()
        protocol.on_response_complete()


def answer_whole(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    """Write an answer in one piece; False when it must go the usual way (the client reads slowly, or is gone).

    The usual way takes two system calls and looks at every header twice; `head` comes from us, rendered and ended by CRLF.
    """
    if cycle.disconnected or cycle.response_started or cycle.flow.write_paused:
        return False
    ending = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"%b%b%b%b%b" % (STATUS_LINE[status], standing_lines(cycle.default_headers), head, ending, body))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


class _StandingLines:
    """The headers that every answer has (the date): uvicorn makes a new list of them once a second."""

    def __init__(self) -> None:
        self._headers: list[tuple[bytes, bytes]] = []
        self._lines = b""

    def __call__(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        if headers is not self._headers:
            self._headers, self._lines = headers, lines_of(headers)
        return self._lines


standing_lines = _StandingLines()
