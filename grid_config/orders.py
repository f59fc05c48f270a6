"""An order as the grid tells it and as a restore gives it back: one encoding for both.

This is on the hot path (every accepted hold answers one), hence a tuple type, one precompiled struct per number of
places, and places as three columns: that is how PostgreSQL takes them and `zip` walks them.
"""

import struct
from typing import Any, NamedTuple

from grid_config.limits import ORDER_PLACES_MAX
from grid_config.wire import Malformed

_HEAD = "<qq16sqBBqqqqBqqBBH"  # order .. method, and the length of the provider's name
_TAIL = "q16sB"  # total, address, number of places
_HEAD_STRUCT = struct.Struct(_HEAD)
_TAIL_STRUCT = struct.Struct("<" + _TAIL)
_HEAD_SIZE = _HEAD_STRUCT.size
_HEAD_FIELDS = 15  # without the length
_PLACES_FIRST = 19  # the field of a held view where the places begin

# Most views are of orders that nobody has begun to pay: no provider, no money sent back; these are read in one go.
_PLAIN = [struct.Struct(f"{_HEAD}{_TAIL}{'iBi' * places}B") for places in range(ORDER_PLACES_MAX + 1)]
_PLACES = [struct.Struct(f"<{'iBi' * places}B") for places in range(256)]
_COUNT_AT = _HEAD_SIZE + 24  # where a plain view has its number of places
_PROVIDER_SIZE_AT = _HEAD_SIZE - 2


class Order(NamedTuple):
    """One order. Times in unix ms (0: none), money in kopecks, numbers as in identifiers; the columns are of equal length."""

    order: int
    account: int
    command_id: bytes
    fingerprint: int
    status: int  # OrderStatus; 0: a payment for an order in no record, only `seq` says something
    refund: int  # Refund
    seq: int  # of its last change
    created_at: int
    held_until: int  # its first deadline
    deadline_at: int  # its present one
    extended: int  # 1: starting to pay has moved the deadline
    ended_at: int
    attempt: int  # the latest
    attempt_open: int
    method: int  # Method
    provider: str
    total: int
    ip: bytes  # 16
    places: tuple[int, ...]
    categories: tuple[int, ...]
    prices: tuple[int, ...]
    returned_attempts: tuple[int, ...]  # whose money was sent back

    def encode(self) -> bytes:
        """The full order, as a restore carries it."""
        provider = self.provider.encode()
        columns = [field for place in zip(self.places, self.categories, self.prices, strict=True) for field in place]
        returned = self.returned_attempts
        return (
            _HEAD_STRUCT.pack(*self[:_HEAD_FIELDS], len(provider))
            + provider
            + _TAIL_STRUCT.pack(self.total, self.ip, len(self.places))
            + _PLACES[len(self.places)].pack(*columns, len(returned))
            + struct.pack(f"<{len(returned)}q", *returned)
        )


def decode_order(body: bytes) -> Order:
    """The order of a full order encoding; Malformed when it is none."""
    try:
        if body[_PROVIDER_SIZE_AT] | body[_PROVIDER_SIZE_AT + 1] == 0:
            form = _PLAIN[body[_COUNT_AT]]
            if form.size == len(body) and not body[-1]:  # the last byte counts what was sent back
                return _plain(form.unpack(body))
        return _any(body)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Malformed(f"no order: {error!r}") from error


_new = tuple.__new__  # the generated __new__ of a NamedTuple takes its 22 arguments one by one, at twice the time


def _plain(fields: tuple[Any, ...]) -> Order:
    places = fields[_PLACES_FIRST:-1]
    return _new(Order, (*fields[:15], "", fields[16], fields[17], places[0::3], places[1::3], places[2::3], ()))


def _any(body: bytes) -> Order:
    *head, size = _HEAD_STRUCT.unpack_from(body)
    at = _HEAD_SIZE + size
    provider = body[_HEAD_SIZE:at].decode()
    total, ip, count = _TAIL_STRUCT.unpack_from(body, at)
    at += _TAIL_STRUCT.size
    form = _PLACES[count]
    *columns, returned_count = form.unpack_from(body, at)
    places = tuple(columns)
    returned = struct.unpack(f"<{returned_count}q", body[at + form.size :])
    return _new(Order, (*head, provider, total, ip, places[0::3], places[1::3], places[2::3], returned))
