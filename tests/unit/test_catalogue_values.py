"""Cursors, money and times: what is written is read, and nothing else is."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from grid_config.limits import PRICE_KOPECKS_MAX
from processing_units.catalogue.cursors import decode, encode
from processing_units.catalogue.money import Price, amount_of, kopecks_of
from processing_units.catalogue.times import Moment, milliseconds_of, moment_of, text_of
from processing_units.edge.problems import Problem

i64 = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(i64, min_size=1, max_size=5))
def test_a_cursor_comes_back_as_the_numbers_it_was_made_of(numbers: list[int]):
    assert decode("e", len(numbers), encode("e", numbers)) == tuple(numbers)


@given(st.text(max_size=300))
@example("no-such-cursor")
@example(encode("a", [1, 2]))
@example(encode("e", [1]))
@example(encode("e", [1, 2]) + "=")
@example(base64.urlsafe_b64encode(b"e:01:2").decode())
@example(base64.urlsafe_b64encode(b"e:1:99999999999999999999").decode())
@example(base64.urlsafe_b64encode("e:١:2".encode()).decode())
def test_any_other_text_is_refused_as_a_cursor(text: str):
    refusal: str | None = None
    numbers: tuple[int, ...] = ()
    try:
        numbers = decode("e", 2, text)
    except Problem as problem:
        refusal = problem.extra["errors"][0]["field"]

    assert refusal == "cursor" or encode("e", numbers) == text


@given(st.integers(0, PRICE_KOPECKS_MAX))
def test_an_amount_comes_back_as_its_kopecks(kopecks: int):
    assert kopecks_of(amount_of(kopecks)) == kopecks


@given(st.text(alphabet="0123456789.,-+eE NaIf٣", max_size=20))
def test_an_amount_has_one_spelling(text: str):
    try:
        kopecks = kopecks_of(text)
    except ValueError:
        return
    assert amount_of(kopecks) == text
    assert 0 <= kopecks <= PRICE_KOPECKS_MAX


@pytest.mark.parametrize(
    "amount", ["3500", "3500.5", "3500.505", "-1.00", "1e3", "NaN", "3500,00", "", "01.00", " 1.00", "1.00\n", "10000000.01"]
)
def test_what_is_no_price_is_refused(amount: str):
    with pytest.raises(ValidationError):
        Price.model_validate({"amount": amount, "currency": "RUB"})


@pytest.mark.parametrize(
    "price", [{"amount": 3500, "currency": "RUB"}, {"amount": "1.00", "currency": "USD"}, {"amount": "1.00"}, "1.00", None]
)
def test_a_price_is_an_amount_of_roubles(price: object):
    with pytest.raises(ValidationError):
        Price.model_validate(price)


def test_ten_million_roubles_are_the_dearest_place():
    assert Price.model_validate({"amount": "10000000.00", "currency": "RUB"}).amount == "10000000.00"


@given(st.integers(946_771_200_000, 7_258_000_000_000), st.integers(0, 999))
def test_a_moment_is_told_to_the_millisecond(milliseconds: int, microseconds: int):
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC) + timedelta(microseconds=microseconds)

    assert milliseconds_of(moment_of(text_of(moment))) == milliseconds_of(moment)


moments = TypeAdapter(Moment)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-12-31T19:00:00Z", "2026-12-31T19:00:00Z"),
        ("2026-12-31T22:00:00+03:00", "2026-12-31T19:00:00Z"),
        ("2026-12-31t19:00:00.250z", "2026-12-31T19:00:00.250Z"),
    ],
)
def test_any_zone_is_brought_to_utc(text: str, told: str):
    assert text_of(moments.validate_python(text)) == told


@pytest.mark.parametrize(
    "text",
    [
        "1700000000",
        "2026-12-31",
        "2026-12-31T19:00:00",
        "2026-12-31 19:00:00Z",
        "2026-13-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:00",
        "0001-01-01T00:00:00+23:00",
        "tomorrow",
        "",
        1700000000,
        1.5,
        None,
        True,
    ],
)
def test_what_is_no_moment_of_our_time_is_refused(text: object):
    with pytest.raises(ValidationError):
        moments.validate_python(text)
