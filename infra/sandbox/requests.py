"""What the provider's calls take: pydantic models, unknown fields refused; and its problem documents."""

from typing import Annotated, Any, TypeVar

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from infra.payment import money
from infra.payment.port import Method, attempt_of
from infra.sandbox.bank import Outcome

BODY_BYTES_MAX = 64 * 1024
LATE_SECONDS_MAX = 30 * 24 * 3600
_SECONDS = r"[0-9]{1,6}(\.[0-9]{1,3})?"
_CALL = "^(ok|down|broken|slow:" + _SECONDS.replace("{", "{{").replace("}", "}}") + "{})$"
_NOTIFY = rf"^(ok|times:[1-9][0-9]?|late:{_SECONDS}|reordered|sum:-?[0-9]{{1,9}}|currency:[A-Z]{{3}})$"


class Refusal(Exception):  # noqa: N818  # it is an answer
    """Answered with a problem document."""

    def __init__(self, status: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(code)
        self.status = status
        self.document = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail, **extra}

    def response(self) -> Response:
        headers = {"retry-after": "1"} if self.status == 503 else {}
        return Response(orjson.dumps(self.document), self.status, headers, "application/problem+json")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Money(Strict):
    amount: str
    currency: str

    def kopecks(self) -> int:
        return money.read(self.model_dump())


def _positive(value: Money) -> Money:
    if value.kopecks() <= 0:
        raise ValueError("must be more than nothing")
    return value


def _number(text: str) -> str:
    if attempt_of(text) is None:
        raise ValueError("must be 13 characters of base 32")
    return text


PositiveMoney = Annotated[Money, AfterValidator(_positive)]
Identifier = Annotated[str, AfterValidator(_number)]


class Metadata(Strict):
    order_id: Annotated[str, Field(min_length=1, max_length=64)]
    event_id: Annotated[str, Field(min_length=1, max_length=64)]


class Creation(Strict):
    """POST /payments."""

    amount: PositiveMoney
    method: Method
    return_url: Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=4000)]
    expires_at: Annotated[AwareDatetime, Field(strict=False)]
    metadata: Metadata


class Listing(Strict):
    """GET /payments: those begun beyond (`since`, `after`), a time in seconds since the epoch and an id, and before `until`."""

    since: Annotated[float, Field(ge=0, strict=False, allow_inf_nan=False)]
    until: Annotated[float, Field(ge=0, strict=False, allow_inf_nan=False)]
    after: Annotated[str, Field(max_length=13)] = ""


class Taking(Strict):
    """POST /payments/{id}/capture."""

    amount: PositiveMoney


class Returning(Strict):
    """POST /payments/{id}/refunds."""

    refund_id: Identifier
    amount: PositiveMoney


class Decision(Strict):
    """POST /pay/{id}/outcome; `after_seconds` goes with `late`."""

    outcome: Outcome
    after_seconds: Annotated[float, Field(ge=0, le=LATE_SECONDS_MAX, strict=False)] | None = None


class Behaviour(Strict):
    """POST /behaviour: what is left out stays as it is; `manners` says what each word does."""

    create: Annotated[str, Field(pattern=_CALL.format(""))] | None = None
    query: Annotated[str, Field(pattern=_CALL.format(r"|unknown|sum:-?[0-9]{1,9}"))] | None = None
    capture: Annotated[str, Field(pattern=_CALL.format("|fail"))] | None = None
    cancel: Annotated[str, Field(pattern=_CALL.format(""))] | None = None
    refund: Annotated[str, Field(pattern=_CALL.format(r"|fail|fail_times:[0-9]{1,6}"))] | None = None
    notify: Annotated[str, Field(pattern=_NOTIFY)] | None = None


Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request) -> bytes:
    """The raw body; Refusal 400 beyond 64 KiB."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES_MAX:
            raise Refusal(400, "malformed", "The body is too long.")
    return body


def parse(model: type[Model], body: bytes) -> Model:
    """The model in a JSON body; Refusal 400 or 422 with `errors: [{field, message}]`."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(item["type"] == "json_invalid" for item in found):
        raise Refusal(400, "malformed", "The body is not JSON.")
    errors = [{"field": ".".join(map(str, item["loc"])), "message": item["msg"]} for item in found]
    raise Refusal(422, "invalid", "The request makes no sense.", errors=errors)
