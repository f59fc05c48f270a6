"""The pages' routes."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from processing_units.edge.problems import not_found
from web import accounts, event_page, listing, orders
from web.assets import Assets
from web.endpoints import page
from web.page import HERE

_assets = Assets(HERE / "static")


async def show_parent(request: Request) -> Response:
    """Forms post to addresses below their page; who asks for one by itself (a reload in the address bar) gets the page."""
    return RedirectResponse(request.url.path.rpartition("/")[0], 303)


@page
async def show_nothing(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    """Problem `not_found`, as a page: a person mistyped an address. Programs ask below /api and get a problem document."""
    raise not_found()


routes: list[BaseRoute] = [
    Route("/", listing.show_events, methods=["GET"]),
    Route("/events/{event_id}", event_page.show_event, methods=["GET"]),
    Route("/events/{event_id}/orders", event_page.place_order, methods=["POST"]),
    Route("/events/{event_id}/orders", show_parent, methods=["GET"]),
    Route("/orders/{order_id}", orders.show_order, methods=["GET"]),
    Route("/orders/{order_id}/payments", orders.start_payment, methods=["POST"]),
    Route("/orders/{order_id}/payments", show_parent, methods=["GET"]),
    Route("/orders/{order_id}/payment", orders.resume_payment, methods=["GET"]),
    Route("/orders/{order_id}/release", orders.release_order, methods=["POST"]),
    Route("/orders/{order_id}/release", show_parent, methods=["GET"]),
    Route("/sign-in", accounts.show_sign_in, methods=["GET"]),
    Route("/sign-in", accounts.sign_in, methods=["POST"]),
    Route("/register", accounts.show_registration, methods=["GET"]),
    Route("/register", accounts.register, methods=["POST"]),
    Route("/sign-out", accounts.sign_out, methods=["POST"]),
    Route("/static/{path:path}", _assets.show, methods=["GET"]),
    Route("/{page}", show_nothing, methods=["GET"]),
]
