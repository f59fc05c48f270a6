"""An account's document: what it holds, and how it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from grid_config.identifiers import number_text
from processing_units.accounts.person import Registration
from processing_units.catalogue.keys import email_key, login_key, phone_key
from processing_units.catalogue.times import text_of

FIELDS = ("login", "email", "phone")  # what belongs to one account, in the order in which it is claimed
_KEYS = {"login": login_key, "email": email_key, "phone": phone_key}


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a version. `generation` grows when all its sessions are to end; `fields` is the document."""

    account: int
    version: int
    login: str
    email: str | None
    phone: str | None
    surname: str
    name: str
    password: str  # argon2id, never told
    roles: frozenset[str]
    generation: int
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, account: int, version: int, fields: Mapping[str, Any]) -> "Account":
        """The account of a document; KeyError when it is none."""
        return cls(
            account,
            version,
            fields["login"],
            fields["email"],
            fields["phone"],
            fields["surname"],
            fields["name"],
            fields["password"],
            frozenset(fields["roles"]),
            fields["generation"],
            fields,
        )

    def told(self) -> dict[str, Any]:
        """What its owner is told of it."""
        return {
            "account_id": number_text(self.account),
            "login": self.login,
            "email": self.email,
            "phone": self.phone,
            "surname": self.surname,
            "name": self.name,
            "roles": sorted(self.roles),
        }


def claims_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Field → the key of its claim, for the fields that an account has."""
    return {field: _KEYS[field](fields[field]) for field in FIELDS if fields[field] is not None}


def claim_of(login: str) -> str:
    """The key of the claim that somebody who signs in as `login` (a login, e-mail or phone) means."""
    if "@" in login:
        return email_key(login)
    return phone_key(login) if login.startswith("+") else login_key(login)


def document_of(account: int, person: Registration, password: str, address: str) -> dict[str, Any]:
    """A new account's document; `password` is the hash, `address` where the consent came from."""
    now = text_of(datetime.now(UTC))
    return {
        "account_id": number_text(account),
        "login": person.login,
        "email": person.email,
        "phone": person.phone,
        "surname": person.surname,
        "name": person.name,
        "password": password,
        "roles": [],
        "generation": 1,
        "consent": {"version": person.consent_version, "at": now, "address": address},
        "created_at": now,
    }
