"""A unit's operations port: is it alive, is it ready and why not, and its figures."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from processing_units.edge.application import Application
from processing_units.metrics import Metrics
from processing_units.parts import Parts

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Dependency(NamedTuple):
    """How something that the unit needs stands."""

    ready: bool
    state: str


# Name → how it stands; asked at every look at /readyz.
Checks = dict[str, Callable[[], Dependency]]


def checks_of(parts: Parts) -> Checks:
    """What a unit needs before it may be given shoppers."""
    return {
        "grid": lambda: _grid(parts),
        "self_test": lambda: _self_test(parts),
        "catalogue": lambda: _catalogue(parts),
    }


def _grid(parts: Parts) -> Dependency:
    members, minimum = parts.grid.member_count, parts.settings.members_min
    return Dependency(members >= minimum, f"{members} members, at least {minimum} needed")


def _self_test(parts: Parts) -> Dependency:
    tested = parts.grid.self_test
    return Dependency(tested is not None, tested or "not done yet")


def _catalogue(parts: Parts) -> Dependency:
    loaded = parts.catalogue.is_loaded
    return Dependency(loaded, "loaded" if loaded else "not loaded yet")


def routes_of(checks: Checks, metrics: Metrics) -> list[Route]:
    async def livez(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        states = {name: check() for name, check in checks.items()}
        ready = all(state.ready for state in states.values())
        told = {name: {"ready": state.ready, "state": state.state} for name, state in states.items()}
        body = orjson.dumps({"ready": ready, "dependencies": told})
        return Response(body, 200 if ready else 503, media_type="application/json")

    async def figures(_: Request) -> Response:
        return Response(metrics.text(), media_type=METRICS_TYPE)

    named: dict[str, Callable[[Request], Awaitable[Response]]] = {"/livez": livez, "/readyz": readyz, "/metrics": figures}
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in named.items()]


def build(parts: Parts) -> Application:
    """The application behind the operations port; looks at itself are not counted among the site's requests."""
    return Application(routes_of(checks_of(parts), parts.metrics), Metrics())
