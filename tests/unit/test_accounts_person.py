"""The rules of registration, field by field."""

from typing import Any

import orjson
import pytest

from processing_units.accounts.consent import CONSENT_TEXT, CONSENT_TRANSLATIONS, CONSENT_VERSION
from processing_units.accounts.person import Registration
from processing_units.edge.problems import Problem
from processing_units.edge.validation import parse

PERSON: dict[str, Any] = {
    "surname": "Ёлкина",
    "name": "Анна",
    "phone": "+79161234567",
    "email": "Anna@Example.ORG",
    "login": "anna.elkina",
    "password": "корректная-Лошадь-7 батарея",
    "consent": True,
    "consent_version": CONSENT_VERSION,
}


def registration(**changes: Any) -> Registration:
    return parse(Registration, orjson.dumps(PERSON | changes))


def refused_fields(**changes: Any) -> list[str]:
    with pytest.raises(Problem) as refused:
        registration(**changes)
    assert refused.value.code == "invalid"
    return [error["field"] for error in refused.value.extra["errors"]]


def test_a_person_is_taken_as_written():
    person = registration()

    assert (person.surname, person.login, person.phone) == ("Ёлкина", "anna.elkina", "+79161234567")
    assert person.email == "Anna@example.org"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", value) for value in ("", "   ", "x" * 201, "Анна\x00", "Ан\nна", "\x7f", None, 5, ["Анна"])),
        *(("surname", value) for value in ("", None, "x" * 10_000)),
        *(
            ("phone", value)
            for value in ("12", "89161234567", "+0123456789", "+7916123456x", "+7 916 1234567", "+1234567890123456", "", None, 7)
        ),
        *(("phone", value) for value in ("+٧٩١٦١٢٣٤٥٦٧", "+79161234567\n")),
        *(("email", value) for value in ("not-an-address", "a@b.c\nBcc: x@y.z", "a@", "@b.ru", "a@localhost", "x" * 300 + "@b.ru", None)),
        *(("login", value) for value in ("", "ab", "x" * 65, "два слова", "two words", "анна", "a/b", "anna\n", None)),
        *(("password", value) for value in ("", "1234567", "12345678", "Password", None, 12345678)),
        *(("consent", value) for value in (False, None, "yes", 1, "true")),
        *(("consent_version", value) for value in ("", "1", None)),
        ("unknown", 1),
    ],
)
def test_a_bad_value_names_its_field(field: str, value: Any):
    assert refused_fields(**{field: value}) == [field]


@pytest.mark.parametrize("field", list(PERSON))
def test_every_field_is_required(field: str):
    with pytest.raises(Problem) as refused:
        parse(Registration, orjson.dumps({name: value for name, value in PERSON.items() if name != field}))

    assert [error["field"] for error in refused.value.extra["errors"]] == [field]


def test_a_refusal_does_not_tell_the_password_back():
    with pytest.raises(Problem) as refused:
        registration(password="geheim1", email="x")

    assert b"geheim1" not in refused.value.document()


@pytest.mark.parametrize("name", ["О’Нил", "Анна-Мария", "李", "Ni\u200dna", "  Анна  "])
def test_people_are_called_what_they_are_called(name: str):
    assert registration(name=name).name == name.strip()


@pytest.mark.parametrize("topic", ["152-ФЗ", "Какие данные", "Зачем", "Как долго", "Как отозвать"])
def test_the_consent_says_what_why_how_long_and_how_to_withdraw(topic: str):
    assert topic in CONSENT_TEXT


@pytest.mark.parametrize("language", CONSENT_TRANSLATIONS)
def test_a_translation_of_the_consent_has_every_point_of_it(language: str):
    points = [paragraph.partition(" ")[0] for paragraph in CONSENT_TEXT.split("\n\n")[2:]]
    translated = [paragraph.partition(" ")[0] for paragraph in CONSENT_TRANSLATIONS[language].split("\n\n")[2:]]
    assert points == translated == ["1.", "2.", "3.", "4.", "5."]
