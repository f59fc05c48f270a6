"""A Starlette application behind the front door: routes in, problem documents out."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import Lifespan, Receive, Scope, Send

from processing_units.edge.front_door import FrontDoor
from processing_units.edge.replies import HotCalls, HotReads
from processing_units.metrics import Metrics


class Application(Starlette):
    """Starlette's router and lifespan with one layer of ours in place of its middlewares: all errors end at the front door."""

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        metrics: Metrics,
        *,
        hot: HotCalls | None = None,
        reads: HotReads | None = None,
        lifespan: Lifespan["Application"] | None = None,
    ) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        self.router.redirect_slashes = False  # an address has one spelling
        self.metrics = metrics
        self.hot, self.reads = dict(hot or {}), dict(reads or {})  # may be filled while the lifespan begins
        self.front_door = FrontDoor(self._routed, metrics, self.hot, self.reads)  # what a server calls: one step less than the application

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self.router(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front_door(scope, receive, send)
