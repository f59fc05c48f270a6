"""A Starlette application behind the front door: routes in, problem documents out."""

from collections.abc import Mapping, MutableMapping, Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan

from processing_units.edge.front_door import FrontDoor, HotCall
from processing_units.metrics import Metrics


class Application(Starlette):
    """Starlette with one layer of ours in place of its error middlewares: all errors end at the front door."""

    hot: MutableMapping[tuple[str, str], tuple[str, HotCall]]  # may be filled while the lifespan starts

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        metrics: Metrics,
        *,
        hot: Mapping[tuple[str, str], tuple[str, HotCall]] | None = None,
        lifespan: Lifespan["Application"] | None = None,
    ) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        self.router.redirect_slashes = False  # an address has one spelling
        self.metrics = metrics
        self.hot = dict(hot or {})

    def build_middleware_stack(self) -> ASGIApp:
        return FrontDoor(self.router, self.metrics, self.hot)
