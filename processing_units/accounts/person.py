"""What may be written into an account: the rules of api.md, "Signing in", as types that pydantic checks."""

import re
import unicodedata
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from processing_units.accounts.consent import CONSENT_VERSION
from processing_units.accounts.passwords import PASSWORD_CHARACTERS_MIN, is_common
from processing_units.edge.validation import StrictModel

NAME_CHARACTERS_MAX = 200
_LOGIN = re.compile(r"[A-Za-z0-9._-]{3,64}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def _name(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ValueError("must not be empty")
    if len(stripped) > NAME_CHARACTERS_MAX:
        raise ValueError(f"must not be longer than {NAME_CHARACTERS_MAX} characters")
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("must not contain control characters")
    return stripped


def _login(text: str) -> str:
    if not _LOGIN.fullmatch(text):
        raise ValueError("must be 3 to 64 of the characters A-Z a-z 0-9 . _ -")
    return text


def _phone(text: str) -> str:
    if not _E164.fullmatch(text):
        raise ValueError("must be a telephone number in E.164, for example +79161234567")
    return text


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error


def _password(text: str) -> str:
    if len(text) < PASSWORD_CHARACTERS_MIN:
        raise ValueError(f"must have at least {PASSWORD_CHARACTERS_MIN} characters")
    if is_common(text):
        raise ValueError("is one of the most common passwords")
    return text


def _consent(given: bool) -> bool:
    if not given:
        raise ValueError("must be true: without it there is no account")
    return given


def _consent_version(text: str) -> str:
    if text != CONSENT_VERSION:
        raise ValueError(f"the text in force is version {CONSENT_VERSION}")
    return text


def _told(**schema: Any) -> Any:
    """What the OpenAPI document tells of a rule that is checked above."""
    return Field(json_schema_extra=schema)


Name = Annotated[str, AfterValidator(_name), _told(minLength=1, maxLength=NAME_CHARACTERS_MAX)]
Login = Annotated[str, AfterValidator(_login), _told(pattern=f"^{_LOGIN.pattern}$")]
Phone = Annotated[str, AfterValidator(_phone), _told(pattern=r"^\+[1-9][0-9]{6,14}$")]
Email = Annotated[str, AfterValidator(_email), _told(format="email")]
Password = Annotated[str, AfterValidator(_password), _told(minLength=PASSWORD_CHARACTERS_MIN)]
Consent = Annotated[bool, AfterValidator(_consent), Field(json_schema_extra={"const": True})]


class Registration(StrictModel):
    """The body of POST /accounts."""

    surname: Name
    name: Name
    phone: Phone
    email: Email
    login: Login
    password: Password
    consent: Consent
    consent_version: Annotated[str, AfterValidator(_consent_version)]
