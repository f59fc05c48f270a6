"""Numbers and their text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_config.identifiers import (
    command_id_of,
    fingerprint_of,
    new_number,
    number_of,
    number_text,
    order_of,
    order_text,
    ticket_of,
    ticket_text,
)

numbers = st.integers(min_value=1, max_value=2**63 - 1)
places = st.integers(min_value=0, max_value=2**31 - 1)


@given(numbers)
def test_a_number_comes_back_from_its_text(number: int) -> None:
    assert number_of(number_text(number)) == number


@given(numbers, numbers)
def test_texts_sort_as_their_numbers_do(one: int, other: int) -> None:
    assert (number_text(one) < number_text(other)) == (one < other)


@given(numbers, numbers)
def test_an_order_comes_back_from_its_text(event: int, order: int) -> None:
    assert order_of(order_text(event, order)) == (event, order)


@given(numbers, numbers, places)
def test_a_ticket_comes_back_from_its_text(event: int, order: int, place: int) -> None:
    assert ticket_of(ticket_text(event, order, place)) == (event, order, place)


@given(st.text(max_size=50))
def test_what_can_be_read_is_what_would_be_written(text: str) -> None:
    number, order, ticket = number_of(text), order_of(text), ticket_of(text)
    assert number is None or number_text(number) == text
    assert order is None or order_text(*order) == text
    assert ticket is None or ticket_text(*ticket) == text


@given(st.text(alphabet="0123456789abcdefghjkmnpqrstvwxyz-", min_size=13, max_size=50))
def test_what_looks_like_an_id_is_read_strictly(text: str) -> None:
    number, order, ticket = number_of(text), order_of(text), ticket_of(text)
    assert number is None or number_text(number) == text
    assert order is None or order_text(*order) == text
    assert ticket is None or ticket_text(*ticket) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "000000000000z\n",
        "0" * 13,
        "0" * 12,
        "0" * 13 + "1",
        "8000000000000",
        "zzzzzzzzzzzzz",
        "000000000000A",
        "000000000000l",
        "00000000000_1",
        " 000000000001",
        "+000000000001",
        "00000000000é1",
        "٠٠٠٠٠٠٠٠٠٠٠٠١",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert number_of(text) is None


def test_a_leading_zero_makes_another_ticket_id_and_so_is_none() -> None:
    text = ticket_text(1, 2, 3)
    assert ticket_of(text.replace("-3", "-03")) is None
    assert ticket_of(ticket_text(1, 2, 0) + "0") is None


def test_a_place_beyond_31_bits_is_none() -> None:
    assert ticket_of(order_text(1, 2) + "-1zzzzzz") == (1, 2, 2**31 - 1)
    assert ticket_of(order_text(1, 2) + "-2000000") is None


def test_zero_names_nothing_in_an_order() -> None:
    assert order_of(order_text(1, 0)) is None
    assert order_of(order_text(0, 1)) is None


def test_new_numbers_fit_63_bits_and_differ() -> None:
    many = {new_number() for _ in range(1000)}
    assert len(many) == 1000
    assert all(0 < number < 2**63 for number in many)


def test_a_key_names_one_command_of_one_account_at_one_event() -> None:
    ids = {command_id_of(account, event, key) for account in (1, 11) for event in (1, 11) for key in ("1", "11", "1|1")}
    assert len(ids) == 12
    assert {len(command) for command in ids} == {16}
    assert command_id_of(1, 2, "ключ") == command_id_of(1, 2, "ключ")


@given(st.binary(max_size=100))
def test_a_fingerprint_fits_the_wire(request: bytes) -> None:
    assert 0 <= fingerprint_of(request) < 2**63
