"""RFC 9457 problem documents: one closed set of codes, each with its status and title.

Raise `Problem(code, detail, **extra)` or call the constructor named after the code; the edge turns it into the answer.
A detail is written for the client: it never carries a stack trace, SQL, an address or an internal name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from starlette.responses import Response

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 1  # what `Retry-After` says when nobody knows better


@dataclass(frozen=True, slots=True)
class Code:
    """A code's HTTP status, its title, and the extra fields that its documents carry."""

    status: int
    title: str
    fields: tuple[str, ...] = ()


CODES: Mapping[str, Code] = {
    "malformed": Code(400, "The request cannot be read"),
    "not_signed_in": Code(401, "Sign in first"),
    "forbidden": Code(403, "Not allowed"),
    "sale_not_open": Code(403, "The sale has not opened yet", ("opens_at",)),
    "sale_closed": Code(403, "The sale is closed", ("closed_at",)),
    "limit_exceeded": Code(403, "More places than one customer may have", ("limit", "held_or_bought")),
    "not_found": Code(404, "There is no such thing"),
    "method_not_allowed": Code(405, "Not a method of this address"),
    "seat_taken": Code(409, "Some of the seats are not free", ("seats",)),
    "not_enough_seats": Code(409, "Not enough free places"),
    "orphan_seats": Code(409, "Single seats would be left over", ("seats",)),
    "order_not_payable": Code(409, "The order cannot be paid", ("order_status",)),
    "order_not_releasable": Code(409, "The order cannot be released", ("order_status",)),
    "already_registered": Code(409, "Already registered", ("fields",)),
    "stale": Code(409, "The document has changed since it was read", ("version",)),
    "already_used": Code(409, "The ticket was used before", ("used_at",)),
    "idempotency_key_reused": Code(409, "The idempotency key belongs to another request"),
    "code_expired": Code(410, "The code is no longer valid"),
    "invalid": Code(422, "The request makes no sense", ("errors",)),
    "too_many_requests": Code(429, "Too many requests"),
    "internal": Code(500, "The request failed"),
    "unavailable": Code(503, "Not available at the moment"),
}


class Problem(Exception):  # noqa: N818 - named as the RFC names it
    """A refusal of the request, told to the client as a problem document of `code`; `extra` holds the code's own fields."""

    def __init__(self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(code)
        known = CODES[code]
        self.code = code
        self.status = known.status
        self.title = known.title
        self.detail = detail or known.title
        self.headers: dict[str, str] = dict(headers or {})
        if self.status in {429, 503}:
            self.headers.setdefault("retry-after", str(RETRY_SECONDS))
        self.extra = extra

    def document(self) -> bytes:
        """The problem document as JSON bytes."""
        beginning = _beginning(self.code, self.detail)
        return beginning + b"," + orjson.dumps(self.extra)[1:] if self.extra else beginning + b"}"

    def response(self) -> Response:
        return Response(self.document(), self.status, {**self.headers, "content-type": CONTENT_TYPE})


@lru_cache(maxsize=1_000)
def _beginning(code: str, detail: str) -> bytes:
    """A document without its extra fields and its end: refusals come by the thousand, and say the same."""
    known = CODES[code]
    told = {"type": f"urn:front-row:problem:{code}", "title": known.title, "status": known.status, "detail": detail, "code": code}
    return orjson.dumps(told)[:-1]


def malformed(detail: str) -> Problem:
    return Problem("malformed", detail)


def not_signed_in(detail: str = "") -> Problem:
    return Problem("not_signed_in", detail, headers={"www-authenticate": "Bearer"})


def forbidden(detail: str = "") -> Problem:
    return Problem("forbidden", detail)


def sale_not_open(opens_at: datetime | str) -> Problem:
    return Problem("sale_not_open", opens_at=opens_at)


def sale_closed(closed_at: datetime | str) -> Problem:
    return Problem("sale_closed", closed_at=closed_at)


def limit_exceeded(limit: int, held_or_bought: int) -> Problem:
    return Problem("limit_exceeded", limit=limit, held_or_bought=held_or_bought)


def not_found(detail: str = "") -> Problem:
    return Problem("not_found", detail)


def seat_taken(seats: list[str]) -> Problem:
    return Problem("seat_taken", seats=seats)


def not_enough_seats(detail: str = "") -> Problem:
    return Problem("not_enough_seats", detail)


def orphan_seats(seats: list[str]) -> Problem:
    return Problem("orphan_seats", seats=seats)


def order_not_payable(order_status: str) -> Problem:
    return Problem("order_not_payable", order_status=order_status)


def order_not_releasable(order_status: str) -> Problem:
    return Problem("order_not_releasable", order_status=order_status)


def already_registered(fields: Iterable[str]) -> Problem:
    return Problem("already_registered", fields=list(fields))


def stale(version: int) -> Problem:
    return Problem("stale", version=version)


def idempotency_key_reused() -> Problem:
    return Problem("idempotency_key_reused")


def invalid(errors: Iterable[tuple[str, str]], detail: str = "") -> Problem:
    """`errors`: pairs of field (the location joined by dots, `seats.1`) and message."""
    return Problem("invalid", detail, errors=[{"field": field, "message": message} for field, message in errors])


def too_many_requests(retry_seconds: int = RETRY_SECONDS) -> Problem:
    return Problem("too_many_requests", headers={"retry-after": str(max(1, retry_seconds))})


def unavailable(detail: str = "", retry_seconds: int = RETRY_SECONDS) -> Problem:
    return Problem("unavailable", detail, headers={"retry-after": str(max(1, retry_seconds))})
