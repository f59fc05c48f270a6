"""Forms are ours alone: what another site makes a browser post here is refused.

The session cookie's SameSite=Lax already keeps it out of foreign posts; this also covers forms that need no session (signing a
shopper in as somebody else), other sites on the same registrable domain, and browsers' two minutes of "Lax + POST". The order of
the questions is that of Go's net/http.CrossOriginProtection: browsers say where a request comes from in Sec-Fetch-Site; older
ones, and those that came by plain HTTP, in Origin; who sends neither is no browser and carries nobody's cookies.
"""

from starlette.requests import Request


def is_ours(request: Request) -> bool:
    """Whether a POST comes from a page of this site, or from no page at all."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")
