"""Numbers that name things, and their text.

A number is a random positive 63-bit integer (zero never names anything: on the wire it says "none"). Its text is 13
characters of Crockford's base 32 in lower case; an order's text carries its event and a ticket's its order, so that an
id finds its entry in the grid without an index. Parsing is strict: one number has one text, everything else is None.
"""

import re
import secrets
from hashlib import blake2b

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
NUMBER_BITS = 63

_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]  # ten bits at a time
_PYTHON_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_TO_PYTHON = str.maketrans(ALPHABET, _PYTHON_DIGITS)
_DIGIT = f"[{ALPHABET}]"
_NUMBER = f"([0-7]{_DIGIT}{{12}})"  # 63 bits: the first character carries three of them
_PLACE = f"(0|[{ALPHABET[1:]}]{_DIGIT}{{0,6}})"
_is_number = re.compile(_NUMBER, re.ASCII).fullmatch
_is_order = re.compile(f"{_NUMBER}-{_NUMBER}", re.ASCII).fullmatch
_is_ticket = re.compile(f"{_NUMBER}-{_NUMBER}-{_PLACE}", re.ASCII).fullmatch
_PLACE_MAX = 2**31 - 1


def new_number() -> int:
    """A random positive 63-bit number."""
    while not (number := secrets.randbits(NUMBER_BITS)):
        pass
    return number


def command_id_of(account: int, event: int, key: str) -> bytes:
    """The 16 bytes that stand for an idempotency key of an account at an event."""
    return blake2b(b"%d|%d|%b" % (account, event, key.encode()), digest_size=16).digest()


def fingerprint_of(request: bytes) -> int:
    """63 bits that stand for what a request asked for: the same key with another fingerprint is refused."""
    return int.from_bytes(blake2b(request, digest_size=8).digest(), "little") >> 1


def number_text(number: int) -> str:
    """The 13 characters of a number of at most 63 bits."""
    pairs = _PAIRS
    return (
        ALPHABET[number >> 60]
        + pairs[number >> 50 & 1023]
        + pairs[number >> 40 & 1023]
        + pairs[number >> 30 & 1023]
        + pairs[number >> 20 & 1023]
        + pairs[number >> 10 & 1023]
        + pairs[number & 1023]
    )


def order_text(event: int, order: int) -> str:
    """`<event>-<order>`."""
    return f"{number_text(event)}-{number_text(order)}"


def ticket_text(event: int, order: int, place: int) -> str:
    """`<event>-<order>-<place>`: the same whenever the ticket is written, so that writing it twice gives one row."""
    digits = ALPHABET[place & 31]
    while place := place >> 5:
        digits = ALPHABET[place & 31] + digits
    return f"{number_text(event)}-{number_text(order)}-{digits}"


def number_of(text: str) -> int | None:
    """The number of a text, or None."""
    if _is_number(text) is None:
        return None
    return _value(text) or None


def order_of(text: str) -> tuple[int, int] | None:
    """(event, order) of an order's text, or None."""
    match = _is_order(text)
    if match is None:
        return None
    event, order = _value(match[1]), _value(match[2])
    return (event, order) if event and order else None


def ticket_of(text: str) -> tuple[int, int, int] | None:
    """(event, order, place) of a ticket's text, or None."""
    match = _is_ticket(text)
    if match is None:
        return None
    event, order, place = _value(match[1]), _value(match[2]), _value(match[3])
    return (event, order, place) if event and order and place <= _PLACE_MAX else None


def _value(digits: str) -> int:
    return int(digits.translate(_TO_PYTHON), 32)
