"""What the pages say."""

from datetime import UTC, datetime

import pytest

from web.words import WORDS, language_of, rubles, when


def test_both_languages_say_the_same_things():
    assert WORDS["ru"].keys() == WORDS["en"].keys()


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, "", "ru"),
        ("en", "ru", "en"),
        ("xx", "en-GB,en;q=0.9", "en"),
        (None, "de, en;q=0.5", "en"),
        (None, "\x00" * 10_000, "ru"),
    ],
)
def test_a_page_speaks_the_language_that_was_asked_for(asked: str | None, accepted: str, language: str):
    assert language_of(asked, accepted) == language


def test_concerts_begin_in_moscow_time():
    moment = datetime(2027, 7, 4, 16, 0, tzinfo=UTC)
    assert when(moment, "ru") == "4 июля 2027, 19:00 МСК"
    assert when(moment, "en") == "4 July 2027, 19:00 Moscow time"


@pytest.mark.parametrize(
    ("amount", "language", "text"),
    [
        ("3500.00", "ru", "3\u202f500\u00a0₽"),
        ("1500.50", "ru", "1\u202f500,50\u00a0₽"),
        ("1500.50", "en", "1,500.50\u00a0₽"),
        ("0.00", "en", "0\u00a0₽"),
    ],
)
def test_money_is_written_for_people(amount: str, language: str, text: str):
    assert rubles(amount, language) == text
