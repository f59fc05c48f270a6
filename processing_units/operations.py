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


# How everything stands that a unit needs before it may be given shoppers, by name.
Checks = Callable[[], dict[str, Dependency]]


def checks_of(unit: Application) -> Checks:
    """The checks of a unit; before it has its parts it waits for the grid."""

    def checks() -> dict[str, Dependency]:
        parts: Parts | None = unit.state.parts
        if parts is None:
            return {"grid": Dependency(False, "not connected yet")}
        members, minimum = parts.grid.members(), parts.settings.members_min
        return {
            "grid": Dependency(members >= minimum, f"{members} members, at least {minimum} needed"),
            "self_test": Dependency(parts.watch.agrees, parts.watch.state),
            "catalogue": Dependency(parts.catalogue.ready, "loaded" if parts.catalogue.ready else "not loaded yet"),
        }

    return checks


def routes_of(checks: Checks, metrics: Metrics) -> list[Route]:
    async def livez(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        states = checks()
        ready = all(state.ready for state in states.values())
        told = {name: {"ready": state.ready, "state": state.state} for name, state in states.items()}
        body = orjson.dumps({"ready": ready, "dependencies": told})
        return Response(body, 200 if ready else 503, media_type="application/json")

    async def figures(_: Request) -> Response:
        return Response(metrics.text(), media_type=METRICS_TYPE)

    named: dict[str, Callable[[Request], Awaitable[Response]]] = {"/livez": livez, "/readyz": readyz, "/metrics": figures}
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in named.items()]


def build(unit: Application) -> Application:
    """The application behind the unit's operations port; looks at itself are not counted among the site's requests."""
    return Application(routes_of(checks_of(unit), unit.metrics), Metrics())
