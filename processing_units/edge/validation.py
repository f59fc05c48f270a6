"""Requests become pydantic models here and nowhere else.

Bodies are read no further than their bound, so that ten megabytes cost the sender more than us; unknown fields are errors.
"""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.types import Receive

from processing_units.edge.problems import Problem, invalid, malformed

BODY_BYTES_MAX = 64 * 1024
HALL_BODY_BYTES_MAX = 16 * 1024 * 1024
JSON_BYTES = b"application/json"


class StrictModel(BaseModel):
    """The base of all request bodies: JSON types as they are (no "5" for 5), unknown fields refused."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class QueryModel(BaseModel):
    """The base of query parameters: text becomes numbers and times; parameters that we do not know are left alone."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class PageQuery(QueryModel):
    """What every list takes."""

    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


def _no_control_characters(text: str) -> str:
    if not text.isprintable() and any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise ValueError("must not contain control characters")
    return text


ONE_LINE = AfterValidator(_no_control_characters)  # put behind a text's other constraints
Model = TypeVar("Model", bound=BaseModel)


def errors_of(error: ValidationError) -> list[tuple[str, str]]:
    """(field, message) pairs: pydantic's location joined by dots. Inputs are left out: they may be passwords."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [(".".join(map(str, item["loc"])), item["msg"]) for item in found]


def problem_of(error: ValidationError) -> Problem:
    """`malformed` when the body is not JSON at all, otherwise `invalid` with every fault."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(item["type"] == "json_invalid" for item in found):
        return malformed("The body is not JSON.")
    return invalid(errors_of(error))


async def read_bytes(receive: Receive, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """The request's body. `malformed` as soon as it is longer than `bytes_max` bytes or ends early."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > bytes_max:
            raise malformed(f"The body is longer than {bytes_max} bytes.")
        return body
    parts, length = [], 0
    while True:
        if message["type"] != "http.request":
            raise malformed("The body ended early or took too long.")
        part = message.get("body", b"")
        parts.append(part)
        length += len(part)
        if length > bytes_max:
            raise malformed(f"The body is longer than {bytes_max} bytes.")
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def is_json(content_type: bytes) -> bool:
    """Whether a Content-Type header names JSON (in UTF-8, the only encoding that JSON has)."""
    if content_type == JSON_BYTES:
        return True
    kind, _, parameters = content_type.lower().partition(b";")
    return kind.strip() == JSON_BYTES and parameters.strip().replace(b'"', b"") in {b"", b"charset=utf-8"}


def parse(model: type[Model], body: bytes) -> Model:
    """The model from JSON bytes; `malformed` or `invalid` otherwise."""
    try:
        return model.__pydantic_validator__.validate_json(body)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise problem_of(error) from None


async def read_json(request: Request, model: type[Model], max_bytes: int = BODY_BYTES_MAX) -> Model:
    """The request's JSON body as a model; `malformed` (400) or `invalid` (422) otherwise."""
    if not is_json(request.headers.get("content-type", "").encode("latin-1")):
        raise malformed("The content type must be application/json.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > max_bytes:
        raise malformed(f"The body is longer than {max_bytes} bytes.")
    return parse(model, await read_bytes(request.receive, max_bytes))


def read_query(request: Request, model: type[Model]) -> Model:
    """The request's query parameters as a model; `invalid` otherwise. Of a repeated parameter the last one counts."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise invalid(errors_of(error)) from None
