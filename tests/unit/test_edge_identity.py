"""Who asks, from where, and how often."""

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from processing_units.edge.identity import Addresses, packed, require_role, session_of, token_in
from processing_units.edge.problems import Problem
from processing_units.edge.rate import BUCKETS_MAX, Rate, Rates

LOOPBACK = ("127.0.0.0/8", "::1/128")


def scope_of(*headers: tuple[str, str], peer: str = "127.0.0.1"):
    return {"type": "http", "client": (peer, 1), "headers": [(name.encode(), value.encode()) for name, value in headers]}


@pytest.mark.parametrize(
    ("headers", "peer", "address"),
    [
        ([], "203.0.113.7", "203.0.113.7"),
        ([("x-forwarded-for", "198.51.100.1")], "203.0.113.7", "203.0.113.7"),
        ([("x-forwarded-for", "198.51.100.1")], "127.0.0.1", "198.51.100.1"),
        ([("x-forwarded-for", "10.0.0.1, 198.51.100.1")], "127.0.0.1", "198.51.100.1"),
        ([("x-forwarded-for", "2001:db8::1")], "::1", "2001:db8::1"),
        ([("x-forwarded-for", "nonsense\r")], "127.0.0.1", "127.0.0.1"),
        ([], "not-an-address", "0.0.0.0"),
    ],
)
def test_only_a_trusted_peer_speaks_for_others(headers, peer, address):
    assert Addresses(LOOPBACK).of(scope_of(*headers, peer=peer)) == address


def test_addresses_are_packed_as_the_grid_has_them():
    assert packed("198.51.100.1") == bytes(10) + b"\xff\xff" + bytes([198, 51, 100, 1])
    assert packed("::1") == bytes(15) + b"\x01"


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ([], None),
        ([("authorization", "Bearer abc")], "abc"),
        ([("authorization", "bearer abc ")], "abc"),
        ([("authorization", "Basic abc")], None),
        ([("cookie", "a=b; front_row_session=xyz; c=d")], "xyz"),
        ([("cookie", "front_row_session=xyz"), ("authorization", "Bearer abc")], "abc"),
        ([("cookie", "not_front_row_session=xyz")], None),
    ],
)
def test_the_header_comes_before_the_cookie(headers, token):
    assert token_in(dict(scope_of(*headers)["headers"])) == token


def request_with(token, roles=()):
    tokens = SimpleNamespace(read={"good": SimpleNamespace(account=1, roles=frozenset(roles))}.get)
    app = SimpleNamespace(state=SimpleNamespace(parts=SimpleNamespace(tokens=tokens)))
    return Request(scope_of(("authorization", f"Bearer {token}")) | {"app": app, "method": "GET", "path": "/"})


def test_a_dead_token_counts_as_none():
    assert session_of(request_with("dead")) is None
    with pytest.raises(Problem, match="not_signed_in"):
        require_role(request_with("dead"), "admin")


def test_a_role_is_required():
    with pytest.raises(Problem, match="forbidden"):
        require_role(request_with("good"), "admin", "scanner")
    assert require_role(request_with("good", ["scanner"]), "admin", "scanner").account == 1


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_an_address_has_its_burst_and_then_its_rate():
    clock = Clock()
    rates, rate = Rates(Addresses(LOOPBACK), clock), Rate("orders", per_second=2, burst=3)
    for _ in range(3):
        rates.take(rate, "203.0.113.7")
    with pytest.raises(Problem) as caught:
        rates.take(rate, "203.0.113.7")
    assert (caught.value.status, caught.value.headers["retry-after"]) == (429, "1")
    rates.take(rate, "203.0.113.8")
    clock.now = 0.6
    rates.take(rate, "203.0.113.7")
    with pytest.raises(Problem):
        rates.take(rate, "203.0.113.7")


def test_trusted_addresses_are_spared():
    rates, rate = Rates(Addresses(LOOPBACK)), Rate("orders", per_second=0.001, burst=1)
    for _ in range(100):
        rates.take(rate, "127.0.0.1")


def test_the_addresses_remembered_are_bounded():
    rates, rate = Rates(Addresses(LOOPBACK), Clock()), Rate("orders", per_second=1, burst=2)
    for number in range(BUCKETS_MAX + 100):
        rates.take(rate, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")

    assert len(rates._buckets["orders"]) == BUCKETS_MAX
