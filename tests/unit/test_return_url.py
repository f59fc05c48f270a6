"""A shopper can only be sent back to this site."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processing_units.payments.return_address import ForeignAddressError, ReturnAddresses

SITE = "http://127.0.0.1:8000"
ADDRESSES = ReturnAddresses(SITE)


@pytest.mark.parametrize(
    ("given_address", "whole"),
    [
        ("/", SITE + "/"),
        ("/orders/x?a=1&b=//evil.example#top", SITE + "/orders/x?a=1&b=//evil.example#top"),
        (SITE, SITE + "/"),
        (SITE + "/orders/x", SITE + "/orders/x"),
        ("HTTP://127.0.0.1:8000/a", SITE + "/a"),
        ("/a/../b", SITE + "/a/../b"),
        ("/%2f%2fevil.example", SITE + "/%2f%2fevil.example"),
    ],
)
def test_addresses_on_this_site_are_made_whole(given_address, whole):
    assert ADDRESSES.on_this_site(given_address) == whole


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "javascript:alert(1)",
        "/\\evil.example/x",
        "/\t/evil.example/x",
        SITE + ".evil.example/x",
        SITE + "@evil.example/x",
        "///evil.example",
        "\\\\evil.example",
        "http:\\\\evil.example",
        "https://127.0.0.1:8000/",
        "http://127.0.0.1:8001/",
        "http://127.0.0.1/",
        "http://user:word@127.0.0.1:8000/",
        "http:///x",
        "http:x",
        "http:/x",
        "orders/x",
        "?x",
        "#x",
        "",
        " /x",
        "/x ",
        "/x\n",
        "/\u2028x",
        "data:text/html,x",
        "/\x00",
        "http://127.0.0.1:99999/",
        "http://[::1",
        "http://[x]/",
        "http://１２７.0.0.1:8000/",
        "/" + "a" * 2000,
        SITE + "//evil.example/x",
        "http://@127.0.0.1:8000/",
        "ftp://127.0.0.1:8000/",
    ],
)
def test_addresses_of_other_sites_are_refused(address):
    with pytest.raises(ForeignAddressError):
        ADDRESSES.on_this_site(address)


SPITEFUL = st.text(st.sampled_from("/\\:@.?#%127.0:8000 \t\n[]ehtpsvilxamj"), max_size=40)


@given(st.one_of(SPITEFUL, SPITEFUL.map(lambda tail: SITE + tail), st.text(max_size=60), SPITEFUL.map(lambda tail: "/" + tail)))
@example("/" + "/evil.example")
@example(SITE + ":80@evil.example/")
def test_whatever_is_accepted_leads_to_this_site(given_address):
    try:
        whole = ADDRESSES.on_this_site(given_address)
    except ForeignAddressError:
        return
    parts = urlsplit(whole)
    assert (parts.scheme, parts.netloc) == ("http", "127.0.0.1:8000")
    assert parts.path.startswith("/")
    assert not parts.path.startswith("//")
    assert whole.isascii()
    assert not set(whole) & set("\\ \t\r\n")


def test_a_site_with_a_default_port_is_the_same_with_it_written():
    addresses = ReturnAddresses("https://tickets.example")
    assert addresses.on_this_site("https://tickets.example:443/a") == "https://tickets.example/a"
