"""Numbers, money and signatures that the shop and a provider exchange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_config.identifiers import number_text
from infra.payment import money, port, signatures

NUMBERS = st.integers(1, 2**63 - 1)
SECRET = b"a secret of the shop and its provider"


@given(NUMBERS)
def test_a_payment_has_the_same_text_at_the_provider_and_in_the_shop(number):
    assert port.payment_id(number) == number_text(number)
    assert port.attempt_of(port.payment_id(number)) == number


@pytest.mark.parametrize("text", ["", "0" * 13, "z" * 13, "0" * 14, "0000000000o01", "0000000000A01", "００００００００００００1", None, 7])
def test_what_is_no_number_names_no_attempt(text):
    assert port.attempt_of(text) is None


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_no_text_for_what_is_no_attempt(number):
    with pytest.raises(ValueError, match="attempt"):
        port.payment_id(number)


@given(st.integers(0, 10**17))
def test_money_reads_as_it_was_written(kopecks):
    assert money.read(money.written(kopecks)) == kopecks


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "5.00",
        {"amount": "5.00"},
        {"amount": 5.0, "currency": "RUB"},
        {"amount": "5", "currency": "RUB"},
        {"amount": "-5.00", "currency": "RUB"},
        {"amount": "05.00", "currency": "RUB"},
        {"amount": "5.00", "currency": "USD"},
        {"amount": "5.00", "currency": "RUB", "x": 1},
        {"amount": "٥.00", "currency": "RUB"},
    ],
)
def test_what_is_no_sum_of_roubles_is_refused(value):
    with pytest.raises(ValueError, match="not a"):
        money.read(value)


@given(st.binary(max_size=200), st.integers(0, 10**10), st.integers(-300, 300))
def test_signed_bytes_are_genuine_for_five_minutes(body, now, later):
    assert signatures.genuine(SECRET, signatures.sign(SECRET, body, now), body, now + later)


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(1000, 10**10))
def test_other_bytes_are_forged(signed, sent, now):
    assert signatures.genuine(SECRET, signatures.sign(SECRET, signed, now), sent, now) == (signed == sent)


@pytest.mark.parametrize("later", [-301, 301, 86_400])
def test_an_overheard_delivery_is_worthless_later(later):
    header = signatures.sign(SECRET, b"paid", 1_000_000)
    assert not signatures.genuine(SECRET, header, b"paid", 1_000_000 + later)


def test_a_signature_of_another_time_does_not_fit():
    header = signatures.sign(SECRET, b"paid", 1_000_000)
    assert not signatures.genuine(SECRET, header.replace("t=1000000", "t=2000000"), b"paid", 2_000_000)


def test_another_secret_is_forged():
    assert not signatures.genuine(SECRET, signatures.sign(b"guess", b"paid", 1_000_000), b"paid", 1_000_000)


@pytest.mark.parametrize("header", [None, "", "v1=00", "t=1,v1=" + "g" * 64, "t=١,v1=" + "0" * 64, "t=1,v1=" + "0" * 64 + "\n"])
def test_what_is_no_signature_is_forged(header):
    assert not signatures.genuine(SECRET, header, b"paid", 1)


def test_a_signed_call_cannot_be_put_on_another_address():
    cancel = signatures.sign(SECRET, signatures.request_bytes("POST", "/payments/1/cancel", b""), 5)
    assert not signatures.genuine(SECRET, cancel, signatures.request_bytes("POST", "/payments/2/cancel", b""), 5)
