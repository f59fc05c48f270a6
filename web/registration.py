"""The registration form: what people type as what the API takes, and its refusals beside the fields they are about."""

import re
from collections.abc import Mapping
from typing import Any

from processing_units.accounts.passwords import PASSWORD_CHARACTERS_MIN, is_common
from processing_units.edge.problems import Problem
from web.words import Speech

FIELDS = ("surname", "name", "phone", "email", "login", "password")
KEPT_FIELDS = ("surname", "name", "phone", "email", "login", "consent")  # shown again when something was wrong
_DECORATION = re.compile(r"[\s().\-\u2010-\u2014]+")
_DOMESTIC = re.compile(r"8[0-9]{10}", re.ASCII)  # as it is dialled inside Russia
_WITHOUT_PLUS = re.compile(r"7[0-9]{10}", re.ASCII)


def person_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The API's body of a filled-in form."""
    person: dict[str, Any] = {field: form.get(field, "") for field in FIELDS}
    person["phone"] = phone_of(person["phone"])
    person["email"] = person["email"].strip()
    person["login"] = person["login"].strip()
    return person | {"consent": form.get("consent") == "yes", "consent_version": form.get("consent_version", "")}


def phone_of(typed: str) -> str:
    """A number as people write it, in E.164 where that is clear: "8 (916) 123-45-67" is "+79161234567"."""
    bare = _DECORATION.sub("", typed)
    if _DOMESTIC.fullmatch(bare):
        return "+7" + bare[1:]
    return "+" + bare if _WITHOUT_PLUS.fullmatch(bare) else bare


def faults_of(problem: Problem, form: Mapping[str, str], say: Speech) -> dict[str, str]:
    """Field → what is wrong with it, in the order of the form; empty when the refusal is not about fields."""
    if problem.code == "already_registered":
        taken = _taken(say)
        return {field: taken[field] for field in (*FIELDS, "consent") if field in problem.extra["fields"]}
    if problem.code != "invalid":
        return {}
    named = {str(error["field"]).partition(".")[0] for error in problem.extra["errors"]}
    wrong = _wrong(say, form.get("password", ""))
    if "consent_version" in named:
        named.add("consent")
    return {field: wrong[field] for field in (*FIELDS, "consent") if field in named}


def _taken(say: Speech) -> Mapping[str, str]:
    return {
        "login": say.gettext("Somebody has this login already. Choose another, or sign in if it is yours."),
        "email": say.gettext("Somebody has registered with this e-mail already. Sign in if it was you."),
        "phone": say.gettext("Somebody has registered with this phone already. Sign in if it was you."),
    }


def _wrong(say: Speech, password: str) -> Mapping[str, str]:
    short = say.ngettext(
        "The password needs at least %(num)s character.", "The password needs at least %(num)s characters.", PASSWORD_CHARACTERS_MIN
    )
    common = say.gettext("This password is one of the most common ones. A few words in a row are easy to remember and hard to guess.")
    return {
        "surname": say.gettext("Write your surname."),
        "name": say.gettext("Write your name."),
        "phone": say.gettext("Write the number with the code of its country, for example +7 916 123-45-67."),
        "email": say.gettext("Write an e-mail address, for example anna@example.org."),
        "login": say.gettext("A login has 3 to 64 Latin letters, digits, dots, dashes and underscores."),
        "password": common if is_common(password) else short % {"num": PASSWORD_CHARACTERS_MIN},
        "consent": say.gettext("Without your consent we may not keep your name and contacts, and cannot register you."),
    }
