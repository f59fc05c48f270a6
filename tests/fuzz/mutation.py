"""Inputs made of other inputs: bytes changed anywhere, and JSON changed as JSON, so that a parser is passed and what is behind it met."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

NUMBERS = (0, 1, 2, 3, 127, 128, 254, 255, 256, 32_767, 65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1)
TEXTS = (
    "", "0", "-1", "a" * 201, "a" * 5_000, "\0", "a\nb", "\u202e", "\x85", "Я", "😀", "1-1", "NaN", "2026-13-45T99:99:99Z", "0000000000000",
    "7zzzzzzzzzzzz", "../..", "//x", "%00", "'--", "0.00", "99999999999.99", "+79161234567", "a@b.c", "::", "fe80::1%x", "１２",
)  # fmt: skip
VALUES: tuple[Any, ...] = (None, True, False, [], {}, -1, 0.5, -0.0, 1e300, 10**30, -(2**63) - 1, *NUMBERS, *TEXTS)
DEPTHS = (2, 60, 130, 250, 256, 400)
EDITS_MAX = 4


def mutated(data: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """An input near `data`; `others` give parts to put in."""
    for _ in range(dice.randint(1, EDITS_MAX)):
        changed = _json_changed(data, dice) if dice.random() < 0.7 else None
        data = dice.choice(BYTE_EDITS)(data, dice.choice(others), dice) if changed is None else changed
    return data


def _flip(data: bytes, _: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) or 1)
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, _: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + data[at + dice.choice((1, 2, 4, 8, len(data))) :]


def _number(data: bytes, _: bytes, dice: random.Random) -> bytes:
    size = dice.choice((1, 2, 4, 8))
    at = dice.randrange(len(data) + 1)
    return data[:at] + (dice.choice(NUMBERS) & (1 << 8 * size) - 1).to_bytes(size, "little") + data[at + size :]


def _text(data: bytes, _: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.choice(TEXTS).encode() + data[at + dice.choice((0, 1, 5)) :]


def _splice(data: bytes, other: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def _repeat(data: bytes, _: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + data[at : at + dice.randint(1, 40)] * dice.choice((2, 3, 100)) + data[at:]


BYTE_EDITS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (_flip, _flip, _cut, _number, _number, _text, _splice, _repeat)


def _json_changed(data: bytes, dice: random.Random) -> bytes | None:
    """The JSON with one of its parts changed; None when it is none, or too deep for Python's own library."""
    try:
        whole = json.loads(data)
        return json.dumps(_part_changed(whole, dice), ensure_ascii=dice.random() < 0.5).encode()
    except (ValueError, RecursionError):
        return None


def _part_changed(whole: Any, dice: random.Random) -> Any:
    holders: list[tuple[Any, Any]] = []
    _gather(whole, holders)
    if not holders:
        return _value(dice)
    holder, key = dice.choice(holders)
    what = dice.randrange(6)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[dice.choice((*TEXTS, "note", "capacity"))] = _value(dice)
    elif what == 2:
        other, its = dice.choice(holders)
        holder[key] = copy.deepcopy(other[its])
    elif what == 3 and isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[key] = _value(dice)
    return whole


def _gather(part: Any, holders: list[tuple[Any, Any]]) -> None:
    """Every place of a value in lists and objects, as (holder, key)."""
    for key in range(len(part)) if isinstance(part, list) else list(part) if isinstance(part, dict) else ():
        holders.append((part, key))
        _gather(part[key], holders)


def _value(dice: random.Random) -> Any:
    value = dice.choice(VALUES)
    if dice.random() < 0.05:
        for _ in range(dice.choice(DEPTHS)):
            value = [value] if dice.random() < 0.5 else {"a": value}
    return value
