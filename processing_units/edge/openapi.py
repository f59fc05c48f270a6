"""The OpenAPI 3.1 document, made from the pydantic models that validate the requests.

An endpoint says with `@documented(...)` what it takes and answers; `document(routes)` puts the route table together.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute, Route

from processing_units.edge.problems import CODES, CONTENT_TYPE

SCHEMA_REFERENCE = "#/components/schemas/{model}"
Shape = type[BaseModel] | str
Body = Shape | tuple[Shape, ...] | None
Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Any]])
# What every call may answer, whatever it does; `internal` is a fault of ours, but it too is a problem document.
EVERYWHERE = ("unavailable", "too_many_requests", "internal")


@dataclass(frozen=True, slots=True)
class Documentation:
    """What `@documented` notes about an endpoint.

    `responses`: status → model, or None for no body, or a media type (`"text/event-stream"`) for what is not JSON; several in a
    tuple where the client may choose.
    `headers`: request header → description; a description that begins with "required" makes it so.
    """

    summary: str
    request: type[BaseModel] | None = None
    responses: Mapping[int, Body] = field(default_factory=dict)
    problems: Sequence[str] = ()
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signed_in: bool = True
    tag: str = ""


def documented(
    *,
    summary: str,
    request: type[BaseModel] | None = None,
    responses: Mapping[int, Body] | None = None,
    problems: Sequence[str] = (),
    query: type[BaseModel] | None = None,
    headers: Mapping[str, str] | None = None,
    signed_in: bool = True,
    tag: str = "",
) -> Callable[[Endpoint], Endpoint]:
    """Note an endpoint's side of the contract (see `Documentation`); the endpoint itself is not changed.

    ValueError for a problem code that there is not.
    """
    unknown = set(problems) - CODES.keys()
    if unknown:
        raise ValueError(f"no such problem codes: {sorted(unknown)}")
    documentation = Documentation(summary, request, responses or {}, problems, query, headers or {}, signed_in, tag)

    def note(endpoint: Endpoint) -> Endpoint:
        endpoint.__documentation__ = documentation  # type: ignore[attr-defined]
        return endpoint

    return note


def documentation_of(route: Route) -> Documentation | None:
    """What `documented` noted of a route's endpoint; None when nothing was."""
    found = getattr(route.endpoint, "__documentation__", None)
    return found if isinstance(found, Documentation) else None


def document(routes: Iterable[BaseRoute], version: str) -> dict[str, Any]:
    """The OpenAPI document of all documented routes."""
    noted = [(route, found) for route in routes if isinstance(route, Route) and (found := documentation_of(route))]
    models: dict[tuple[type[BaseModel], str], None] = {}
    for _, found in noted:
        if found.request:
            models[found.request, "validation"] = None
        for body in found.responses.values():
            models |= {(shape, "serialization"): None for shape in _shapes(body) if not isinstance(shape, str)}
    schema_of, definitions = models_json_schema(list(models), ref_template=SCHEMA_REFERENCE)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for route, found in noted:
        operations = paths.setdefault(route.path_format, {})
        for method in sorted((route.methods or set()) - {"HEAD"}):
            operations[method.lower()] = _operation(route, method, found, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Front Row", "version": version, "description": "Tickets for concerts with numbered seats."},
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Problem": _problem_schema()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "front_row_session"},
            },
        },
    }


def _operation(route: Route, method: str, found: Documentation, schema_of: Mapping[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{route.path_format.strip('/').replace('/', '_').replace('{', '').replace('}', '')}",
        "summary": found.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(found), *_header_parameters(found)],
        "responses": _responses(found, schema_of),
    }
    if found.tag:
        operation["tags"] = [found.tag]
    if found.request:
        schema = schema_of[found.request, "validation"]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if found.signed_in:
        operation["security"] = [{"token": []}, {"cookie": []}]
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in route.param_convertors]


def _query_parameters(found: Documentation) -> list[dict[str, Any]]:
    if found.query is None:
        return []
    schema = found.query.model_json_schema(mode="validation")
    needed = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": _inlined(shape, schema.get("$defs", {}))}
        for name, shape in schema.get("properties", {}).items()
    ]


def _inlined(shape: Any, definitions: Mapping[str, Any]) -> Any:
    """A parameter's schema with its references resolved: parameters cannot reach another model's `$defs`."""
    if isinstance(shape, dict):
        if "$ref" in shape:
            return _inlined(definitions[shape["$ref"].rsplit("/", 1)[-1]], definitions)
        return {key: _inlined(value, definitions) for key, value in shape.items()}
    return [_inlined(value, definitions) for value in shape] if isinstance(shape, list) else shape


def _header_parameters(found: Documentation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": text.startswith("required"), "description": text, "schema": {"type": "string"}}
        for name, text in found.headers.items()
    ]


def _shapes(body: Body) -> tuple[Shape, ...]:
    return body if isinstance(body, tuple) else () if body is None else (body,)


def _responses(found: Documentation, schema_of: Mapping[Any, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, body in found.responses.items():
        content = {
            shape if isinstance(shape, str) else "application/json": {
                "schema": {"type": "string"} if isinstance(shape, str) else schema_of[shape, "serialization"]
            }
            for shape in _shapes(body)
        }
        responses[str(status)] = {"description": found.summary, **({"content": content} if content else {})}
    codes: dict[int, list[str]] = {}
    signed_in = ("not_signed_in",) if found.signed_in else ()
    for code in dict.fromkeys((*found.problems, *signed_in, *EVERYWHERE)):
        codes.setdefault(CODES[code].status, []).append(code)
    for status, names in sorted(codes.items()):
        responses[str(status)] = {
            "description": ", ".join(f"`{name}`" for name in names),
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


def _problem_schema() -> dict[str, Any]:
    """The one shape of every refusal, with the closed set of codes and the fields that each adds."""
    extra = {"errors": {"type": "array", "items": {"type": "object", "required": ["field", "message"], "properties": {
        "field": {"type": "string"}, "message": {"type": "string"}}}}}  # fmt: skip
    fields = {name: extra.get(name, {}) for code in CODES.values() for name in code.fields}
    told = "\n".join(f"* `{name}` ({code.status}): {code.title}" for name, code in CODES.items())
    return {
        "type": "object",
        "description": told,
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": list(CODES)},
            **fields,
        },
    }
