"""The terms of sale that an inventory decides by."""

import struct
from typing import NamedTuple

from grid_config.wire import Malformed

_HEAD = struct.Struct("<qqqHBBiB")
NOT_SOLD = -1  # the price of a category that is not for sale: its places are closed


class Terms(NamedTuple):
    """Times in unix ms, prices in kopecks by category index (NOT_SOLD: closed); 0 says "none" for `closes_at` and `limit`."""

    opens_at: int
    closes_at: int
    starts_at: int
    limit: int  # places per account
    orphan_rule: bool
    on_sale: bool
    hold_ms: int
    prices: tuple[int, ...]

    def encode(self) -> bytes:
        """The bytes that restore, terms and terms_changed carry."""
        count = len(self.prices)
        head = _HEAD.pack(self.opens_at, self.closes_at, self.starts_at, self.limit, self.orphan_rule, self.on_sale, self.hold_ms, count)
        return head + struct.pack(f"<{count}i", *self.prices)


def decode_terms(body: bytes, at: int = 0) -> Terms:
    """The terms that fill the bytes from `at` to the end; Malformed when they do not."""
    try:
        opens_at, closes_at, starts_at, limit, orphan_rule, status, hold_ms, count = _HEAD.unpack_from(body, at)
        prices = struct.unpack(f"<{count}i", body[at + _HEAD.size :])
    except struct.error as error:
        raise Malformed(str(error)) from error
    return Terms(opens_at, closes_at, starts_at, limit, bool(orphan_rule), status == 1, hold_ms, prices)
