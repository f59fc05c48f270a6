"""The primitives of every message between Python and the members: little-endian, lengths first.

`text` is a u16 length and UTF-8, `blob` a u32 length and bytes, an address 16 bytes (IPv4 mapped into IPv6). Messages on
the hot path have precompiled structs of their own (commands, answers, changes); everything else is written and read here.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

U8 = struct.Struct("<B")
U16 = struct.Struct("<H")
U32 = struct.Struct("<I")
I64 = struct.Struct("<q")

NO_ADDRESS = bytes(16)  # nobody's doing: the clock, the system itself
_IPV4_MAPPED = bytes(10) + b"\xff\xff"


class Malformed(ValueError):  # noqa: N818 - named as what it says, like the API's `malformed`
    """Bytes that are no message of this kind."""


@lru_cache(maxsize=65_536)  # the addresses of a rush; a shopper asks many times
def pack_address(text: str) -> bytes:
    """16 bytes of an IPv4 or IPv6 address; ValueError when it is none."""
    address = ip_address(text)
    return address.packed if isinstance(address, IPv6Address) else _IPV4_MAPPED + address.packed


def address_text(packed: bytes) -> str:
    """The address of 16 bytes as people write it; empty for nobody's."""
    if packed == NO_ADDRESS:
        return ""
    if packed.startswith(_IPV4_MAPPED):
        return ".".join(map(str, packed[12:]))
    return str(IPv6Address(packed))


def text_bytes(text: str) -> bytes:
    """u16 length and UTF-8."""
    encoded = text.encode()
    return U16.pack(len(encoded)) + encoded


def blob_bytes(blob: bytes) -> bytes:
    """u32 length and the bytes."""
    return U32.pack(len(blob)) + blob


class Writer:
    """Gathers the parts of one message. Numbers out of range raise struct.error."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def u8(self, number: int) -> "Writer":
        self._parts.append(U8.pack(number))
        return self

    def u16(self, number: int) -> "Writer":
        self._parts.append(U16.pack(number))
        return self

    def u32(self, number: int) -> "Writer":
        self._parts.append(U32.pack(number))
        return self

    def i64(self, number: int) -> "Writer":
        self._parts.append(I64.pack(number))
        return self

    def text(self, text: str) -> "Writer":
        self._parts.append(text_bytes(text))
        return self

    def blob(self, blob: bytes) -> "Writer":
        self._parts.append(U32.pack(len(blob)))
        self._parts.append(blob)
        return self

    def raw(self, part: bytes) -> "Writer":
        """Bytes without a length: fixed fields, or a part encoded elsewhere."""
        self._parts.append(part)
        return self

    def many_i32(self, numbers: Sequence[int]) -> "Writer":
        self._parts.append(struct.pack(f"<{len(numbers)}i", *numbers))
        return self

    def bytes(self) -> bytes:
        """The whole message."""
        return b"".join(self._parts)


class Reader:
    """Reads one message from its beginning. Malformed when it ends too early, or (`end`) too late."""

    __slots__ = ("_at", "_message")

    def __init__(self, message: bytes, at: int = 0) -> None:
        self._message = message
        self._at = at

    def u8(self) -> int:
        return self._number(U8)

    def u16(self) -> int:
        return self._number(U16)

    def u32(self) -> int:
        return self._number(U32)

    def i64(self) -> int:
        return self._number(I64)

    def text(self) -> str:
        try:
            return self.raw(self.u16()).decode()
        except UnicodeDecodeError as error:
            raise Malformed(str(error)) from error

    def blob(self) -> bytes:
        return self.raw(self.u32())

    def raw(self, size: int) -> bytes:
        """The next `size` bytes."""
        start, self._at = self._at, self._at + size
        if self._at > len(self._message):
            raise Malformed(f"{size} bytes wanted at {start}, the message has {len(self._message)}")
        return self._message[start : self._at]

    def many_i32(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", self.raw(4 * count))

    def many_i64(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}q", self.raw(8 * count))

    def rest(self) -> bytes:
        """Everything that was not read yet."""
        return self.raw(len(self._message) - self._at)

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._message):
            raise Malformed(f"{len(self._message) - self._at} bytes too many")

    def _number(self, form: struct.Struct) -> int:
        try:
            number: int = form.unpack_from(self._message, self._at)[0]
        except struct.error as error:
            raise Malformed(str(error)) from error
        self._at += form.size
        return number
