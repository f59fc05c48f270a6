"""Where documents stand in the grid: a word, a colon, a number's 13 characters, or what a claim claims."""

from grid_config.documents import Kind
from grid_config.identifiers import number_text

_WORDS = {Kind.ARTIST: "artist", Kind.HALL: "hall", Kind.EVENT: "event"}


def key_of(kind: Kind, number: int) -> str:
    """The key of an artist, a hall or an event."""
    return f"{_WORDS[kind]}:{number_text(number)}"


def account_key(account: int) -> str:
    return f"account:{number_text(account)}"


def login_key(login: str) -> str:
    """The key of the claim of a login; without regard to case, as all three."""
    return f"login:{login.casefold()}"


def email_key(email: str) -> str:
    return f"email:{email.casefold()}"


def phone_key(phone: str) -> str:
    return f"phone:{phone}"
