"""What every figure is compared with: one route that reads the body and answers 201 with a constant."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = b'{"accepted":true}'


async def accept(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, 201, media_type="application/json")


app = Starlette(routes=[Route("/{path:path}", accept, methods=["GET", "POST"])])
