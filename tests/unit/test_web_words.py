"""What the pages say: languages, plurals, dates, money; the catalogue has every message, whole."""

import re
from datetime import UTC, datetime

import pytest

from web.messages import catalogue_of, extracted, untranslated, written
from web.words import CATALOGUES, LANGUAGES, speech_of

RU, EN = LANGUAGES["ru"], LANGUAGES["en"]
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{\w+\}")


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "language"),
    [
        (None, None, "", "ru"),
        ("en", "ru", "ru", "en"),
        (None, "en", "ru", "en"),
        ("xx", "../en", "en-GB,en;q=0.9", "en"),
        (None, None, "de, en;q=0.5", "en"),
        (None, None, "\x00" * 10_000, "ru"),
    ],
)
def test_a_page_speaks_the_language_that_was_asked_for(asked: str | None, remembered: str | None, accepted: str, language: str):
    assert speech_of(asked, remembered, accepted).code == language


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "осталось 0 мест", "0 places left"),
        (1, "осталось 1 место", "1 place left"),
        (2, "осталось 2 места", "2 places left"),
        (5, "осталось 5 мест", "5 places left"),
        (11, "осталось 11 мест", "11 places left"),
        (21, "осталось 21 место", "21 places left"),
        (112, "осталось 112 мест", "112 places left"),
    ],
)
def test_things_are_counted_as_each_language_does(count: int, russian: str, english: str):
    for say, told in ((RU, russian), (EN, english)):
        assert say.ngettext("%(num)s place left", "%(num)s places left", count) % {"num": count} == told


def test_a_script_is_given_all_plural_forms():
    assert len(RU.forms("%(num)s place left", "%(num)s places left")) == 3
    assert EN.forms("%(num)s place left", "%(num)s places left") == ["%(num)s place left", "%(num)s places left"]


def test_concerts_begin_in_moscow_time():
    moment = datetime(2027, 7, 4, 16, 0, tzinfo=UTC)
    assert RU.moment(moment) == "воскресенье, 4 июля 2027\u202fг., 19:00 МСК"
    assert EN.moment(moment) == "Sunday, 4 July 2027, 19:00 Moscow time"


@pytest.mark.parametrize(
    ("kopecks", "russian", "english"),
    [
        (350_000, "3\u00a0500\u00a0₽", "3,500\u00a0₽"),
        (150_050, "1\u00a0500,50\u00a0₽", "1,500.50\u00a0₽"),
        (0, "0\u00a0₽", "0\u00a0₽"),
    ],
)
def test_money_is_written_for_people(kopecks: int, russian: str, english: str):
    assert (RU.money(kopecks), EN.money(kopecks)) == (russian, english)


@pytest.mark.parametrize("language", [path.name for path in CATALOGUES.iterdir()])
class TestCatalogue:
    def test_it_has_every_message_of_the_pages_and_none_besides(self, language: str):
        assert {message.id for message in catalogue_of(language) if message.id} == {message.id for message in extracted() if message.id}

    def test_every_message_is_translated_whole(self, language: str):
        assert untranslated(catalogue_of(language)) == []

    def test_translations_fill_in_what_the_messages_do(self, language: str):
        for message in catalogue_of(language):
            asked = {frozenset(_PLACEHOLDER.findall(text)) for text in _texts(message.id)}
            for text in _texts(message.string):
                assert not message.id or frozenset(_PLACEHOLDER.findall(text)) in asked, text

    def test_its_file_is_as_the_command_writes_it(self, language: str):
        catalogue = catalogue_of(language)
        assert (CATALOGUES / language / "LC_MESSAGES" / "messages.po").read_bytes() == written(catalogue)


def _texts(given: object) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)  # type: ignore[arg-type]
