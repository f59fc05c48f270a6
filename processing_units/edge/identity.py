"""Who asks, and from where: the session behind a token and the client's own address."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from grid_config.wire import pack_address
from processing_units.edge.problems import forbidden, not_signed_in
from processing_units.edge.tokens import Session, Tokens

# Header → value, names in lower case; of a header that comes twice the last one counts.
Headers = Mapping[bytes, bytes]

SESSION_COOKIE = "front_row_session"
_COOKIE_BYTES = SESSION_COOKIE.encode() + b"="
NOWHERE = "0.0.0.0"


class Addresses:
    """Finds the client's address: the peer's own, or what a trusted peer (our balancer) says it forwards for.

    Only the last entry of X-Forwarded-For counts: it is the one that our balancer wrote.
    """

    def __init__(self, trusted: tuple[str, ...]) -> None:
        self._networks = [ipaddress.ip_network(network) for network in trusted]
        self.is_trusted = lru_cache(maxsize=10_000)(self._is_trusted)

    def _is_trusted(self, address: str) -> bool:
        known = address_in(address)
        if known is None:
            return False
        parsed = ipaddress.ip_address(known)
        return any(parsed in network for network in self._networks if parsed.version == network.version)

    def of(self, scope: Scope) -> str:
        """The client's address in text form."""
        return self.seen(scope.get("client"), dict(scope["headers"]))

    def seen(self, client: tuple[str, int] | None, headers: Headers) -> str:
        """As `of`, with the headers at hand."""
        peer = (client and address_in(client[0])) or NOWHERE
        forwarded = headers.get(b"x-forwarded-for")
        if forwarded is None or not self.is_trusted(peer):
            return peer
        return address_in(forwarded.rsplit(b",", 1)[-1].strip().decode("latin-1")) or peer


@lru_cache(maxsize=10_000)
def address_in(text: str) -> str | None:
    """The one spelling of an address: limits count by it. IPv4 where it is that in IPv6's clothes, without an interface (`%eth0`).

    None for what is no address, and for nobody's (`::`), which stands for the system itself in the grid.
    """
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or ipaddress.IPv6Address(int(parsed))
    return None if parsed.is_unspecified else str(parsed)


def packed(address: str) -> bytes:
    """The 16 bytes in which the grid has an address that `Addresses` gave."""
    return pack_address(address)


def token_in(headers: Headers) -> str | None:
    """The session token of a request: of its Authorization header first, else of its cookie; None without either."""
    authorization = headers.get(b"authorization")
    if authorization is not None and authorization[:7].lower() == b"bearer ":
        return str(authorization[7:], "latin-1").strip()
    for part in headers.get(b"cookie", b"").split(b";"):
        if part.strip().startswith(_COOKIE_BYTES):
            return str(part.strip()[len(_COOKIE_BYTES) :].strip(b'"'), "latin-1")
    return None


def session_in(headers: Headers, tokens: Tokens) -> Session | None:
    """The living session of a request; None when it has none."""
    token = token_in(headers)
    return tokens.read(token) if token else None


class _Parts(Protocol):
    """What is needed here of the unit's parts."""

    tokens: Tokens
    addresses: Addresses


def _parts(request: Request) -> _Parts:
    parts: _Parts = request.app.state.parts
    return parts


def session_of(request: Request) -> Session | None:
    """The living session of a request; None when its token is dead or forged, or it brings none."""
    return session_in(dict(request.scope["headers"]), _parts(request).tokens)


def require_session(request: Request) -> Session:
    """The session, or `not_signed_in`."""
    session = session_of(request)
    if session is None:
        raise not_signed_in()
    return session


def require_role(request: Request, *roles: str) -> Session:
    """The session of somebody with one of the roles; `not_signed_in` or `forbidden` otherwise."""
    session = require_session(request)
    if session.roles.isdisjoint(roles):
        raise forbidden()
    return session


def address_of(request: Request) -> str:
    """The client's address in text form."""
    return _parts(request).addresses.of(request.scope)
