"""Headers and the environment: who asks, from where, what he has already. Nobody's header is ever a fault."""

from collections.abc import Callable

from starlette.requests import Request

from grid_config.commands import read_seats
from grid_config.wire import NO_ADDRESS, address_text
from infra.settings import LIMITS, PREFIX, Settings, from_environment, variable_of
from processing_units.administration.versions import version_in
from processing_units.catalogue.routes import has_version
from processing_units.edge.identity import Addresses, packed, token_in
from processing_units.edge.problems import Problem
from processing_units.edge.tokens import Session, Tokens
from processing_units.edge.validation import is_json
from processing_units.payments.return_address import ForeignAddressError, ReturnAddresses
from processing_units.sales.requests import OrderRequest, Shopper, hold_of
from processing_units.sales.routes import version_seen
from tests.fuzz.request_targets import HALL, refused
from tests.fuzz.target import Target

PEER = "127.0.0.1"
ADDRESSES = Addresses(("127.0.0.0/8", "::1/128"))
NOW = 1_790_000_000
TOKENS = Tokens(b"a secret of the tests", clock=lambda: float(NOW))
ISSUED = {token: TOKENS.read(token) for token, _ in (TOKENS.issue(1, []), TOKENS.issue(2**62, ["admin"], 3))}
SITE = "https://tickets.example"
RETURNS = ReturnAddresses(SITE)
ETAG = '"0123456789abcdef"'


def _read_address(data: bytes) -> None:
    """Whatever a proxy says it forwards for: an address in one spelling, which the grid and the audit log can hold."""
    told = ADDRESSES.seen((PEER, 1), {b"x-forwarded-for": data})
    in_the_grid = packed(told)
    assert in_the_grid != NO_ADDRESS, "that is nobody's"
    assert address_text(in_the_grid) == told, "one address has one spelling"


def _read_token(data: bytes) -> None:
    for headers in ({b"authorization": data}, {b"cookie": data}, {b"authorization": b"Bearer " + data}):
        token = token_in(headers)
        session = None if token is None else TOKENS.read(token)
        assert session is None or session in SESSIONS, "nobody gave this session"


def _read_key(data: bytes) -> None:
    try:
        command = hold_of(OrderRequest(seats=["1-1"]), HALL, Shopper(1, 2, bytes(16), data))
    except Problem as problem:
        refused(problem)
        assert not 1 <= len(data) <= 64 or not all(32 <= byte < 127 for byte in data)
        return
    assert command[0] == 1


def _text(read: Callable[[str], None]) -> Callable[[bytes], None]:
    """A header as Starlette tells it: a character for each byte."""
    return lambda data: read(data.decode("latin-1"))


def _read_last_event(text: str) -> None:
    version = version_seen(text)
    assert version is None or read_seats(1, version)


def _read_if_none_match(text: str) -> None:
    assert has_version(text, ETAG) in {True, False}
    assert not has_version(text, ETAG) or ETAG in text or text.strip() == "*"


def _read_if_match(data: bytes) -> None:
    request = Request({"type": "http", "headers": [(b"if-match", data)]})
    try:
        version = version_in(request)
    except Problem as problem:
        refused(problem)
        return
    assert 0 < version < 2**63


def _read_content_type(data: bytes) -> None:
    if is_json(data):
        assert data.lower().lstrip().startswith(b"application/json")


def _read_return(text: str) -> None:
    """Nobody is sent elsewhere: however a browser reads the address, the site comes first and is whole."""
    try:
        address = RETURNS.on_this_site(text)
    except ForeignAddressError:
        return
    path = address.removeprefix(SITE)
    assert path != address
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isascii()
    assert path.isprintable()


def _read_settings(data: bytes) -> None:
    """An environment, a variable a line: settings within their limits, or a ValueError that names the variable."""
    lines = (line.partition("=") for line in data.decode("utf-8", "replace").replace("\0", "").split("\n"))
    environment = {name if name.startswith(PREFIX) else variable_of(name): value for name, _, value in lines if name}
    try:
        settings = from_environment(environment)
    except ValueError as error:
        told = str(error)
    else:
        _fits(settings)
        return
    assert any(name in told for name in environment), told


def _fits(settings: Settings) -> None:
    for name, (least, most) in LIMITS.items():
        given = getattr(settings, name)
        assert all(least <= number <= most for number in (given if isinstance(given, tuple) else (given,)))
    assert settings.grid_members
    assert settings.payment_providers


SESSIONS: list[Session | None] = list(ISSUED.values())
COOKIES = tuple(b'a=b; front_row_session="%b"; c' % token.encode() for token in ISSUED)
FORWARDED = (b"203.0.113.7", b"10.0.0.1, 2001:db8::1", b"::ffff:203.0.113.7", b"unknown", b"[::1]:80", b"2001:DB8:0:0::1")
RETURN_ADDRESSES = (b"/orders/x?y=1#z", SITE.encode() + b"/a", b"https://tickets.example:443/", b"//evil.example", b"/\\evil", b"/%2F/evil")
ENVIRONMENT = (
    b"port=8000\nhold_seconds=6.5\ngrid_members=127.0.0.1:1, 127.0.0.1:2\nsandbox_repeats=1,2.5\nclock_file=/tmp/x",
    b"payment_providers=sandbox\nmembers_max=3\nlive_orders_max=1_000\ntrusted_addresses=::1/128\nsite=http://x\nname=unit-1",
    b"payment_starts_per_second=1e3\nsite_port=0\noperations_port=65535\nhost=::1\ndatabase_url=postgresql://u:p@h/d",
)

TARGETS = (
    Target("x-forwarded-for", _read_address, FORWARDED),
    Target("token", _read_token, (*(b"Bearer " + token.encode() for token in ISSUED), *(token.encode() for token in ISSUED), *COOKIES)),
    Target("idempotency-key", _read_key, (b"a key", b"~" * 64)),
    Target("last-event-id", _text(_read_last_event), (b"0", b"1790000000123", b"999999999999999999")),
    Target("if-none-match", _text(_read_if_none_match), (ETAG.encode(), b'W/"x", ' + ETAG.encode(), b"*")),
    Target("if-match", _read_if_match, (b"1", b'"12"', b"999999999999999999")),
    Target("content-type", _read_content_type, (b"application/json", b'Application/JSON ; charset="UTF-8"')),
    Target("return-address", _text(_read_return), RETURN_ADDRESSES),
    Target("settings", _read_settings, ENVIRONMENT),
)
