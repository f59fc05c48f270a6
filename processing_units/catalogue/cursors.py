"""Cursors of lists: the sorting key of the last item told, so that a page never depends on the unit that made the former.

A cursor describes itself: a letter for the list it belongs to, then whole numbers. It is opaque to clients, but not secret;
a made-up one can at most begin a page elsewhere. Anything but the text that `encode` writes is refused.
"""

import base64
import binascii
import re
from collections.abc import Sequence

from processing_units.edge.problems import Problem, invalid

_CHARACTERS_MAX = 200
_TEXT = re.compile(r"([a-z])((?::-?(?:0|[1-9][0-9]{0,18}))+)", re.ASCII)
_I64 = range(-(2**63), 2**63)


def encode(letter: str, numbers: Sequence[int]) -> str:
    """The cursor after the item whose key is `numbers` (64-bit each)."""
    text = letter + "".join(f":{number}" for number in numbers)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(letter: str, count: int, cursor: str) -> tuple[int, ...]:
    """The `count` numbers of a cursor of this list; Problem `invalid` on the field `cursor` otherwise."""
    numbers = _numbers(letter, cursor)
    if numbers is None or len(numbers) != count or encode(letter, numbers) != cursor:
        raise refused()
    return numbers


def refused() -> Problem:
    return invalid([("cursor", "is not a cursor that this list gave")])


def _numbers(letter: str, cursor: str) -> tuple[int, ...] | None:
    if len(cursor) > _CHARACTERS_MAX or not cursor.isascii():
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    match = _TEXT.fullmatch(text)
    if match is None or match[1] != letter:
        return None
    numbers = tuple(map(int, match[2][1:].split(":")))
    return numbers if all(number in _I64 for number in numbers) else None
