"""Small versioned documents in the grid: accounts, artists, halls, events, claims of logins, markers, the catalogue's index.

A version is given by the grid and grows by one with every put; whoever writes says which version he has read. What has to
reach PostgreSQL (artists, halls, events, accounts) is drained and acknowledged by the pump, version by version. A claim
(`login:`, `email:`, `phone:`) holds an account's number and follows from that account's row; it may have a time to live.

A partition that was lost with its members has no documents, and they must not be taken for never written: each partition
has a marker, put there when its documents were restored; without it, absent means unavailable.
"""

import asyncio
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from grid_config.client import Grid, GridRefused, GridUnavailable, Stale, partition_of
from grid_config.identifiers import ALPHABET
from grid_config.limits import FORMAT_VERSION
from grid_config.outcomes import Outcome
from grid_config.wire import I64, Malformed, Reader, Writer

INDEX = "index:catalogue"
MARKER_PREFIX = "marker:"
WRITTEN = "marker:written"
CLAIMS = ("login:", "email:", "phone:")
DURABLE = ("artist:", "hall:", "event:", "account:")  # what PostgreSQL has to get every version of

FENCE_SECONDS = 3.0  # how long a request waits for a backup that is just being made after a member's death
FENCE_PAUSE_SECONDS = 0.05
PLAIN, ZLIB = 0, 1  # the first byte of a body
COMPRESSED_BYTES_MIN = 256  # below, compression costs more than it saves
# Of a body's JSON. The largest plan that the API takes has 16 MiB; a number written 1e15 there is written out here.
BODY_JSON_BYTES_MAX = 64 * 1024 * 1024

GET, PUT, DRAIN, ACKNOWLEDGE, RESTORE, REMOVE, TOUCH, SINCE = range(1, 9)
_HEADER = struct.Struct("<BqB")  # format, made_at, op
_ANSWER = struct.Struct("<BBqqqI")  # format, outcome, version, durable version, now, length of the body


class Kind(IntEnum):
    """What the catalogue's index lists."""

    ARTIST = 1
    HALL = 2
    EVENT = 3


class Document(NamedTuple):
    """One version of a document. `now`: the owner's clock, unix ms. An empty body is a tombstone: gone, to be drained."""

    key: str
    version: int
    durable_version: int
    now: int
    body: bytes

    @property
    def is_gone(self) -> bool:
        return not self.body

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object in the body; of artists, halls, events and accounts only."""
        return decode_body(self.body)

    @property
    def number(self) -> int:
        """The number in the body; of claims (the account) and markers (the epoch) only. Malformed when it is none."""
        reader = Reader(self.body)
        number = reader.i64()
        reader.end()
        return number


class News(NamedTuple):
    """What changed in the catalogue up to index `version`: (kind, number, document version)."""

    version: int
    items: tuple[tuple[Kind, int, int], ...]


class Documents:
    """The documents of a grid. Every call: GridUnavailable when the grid cannot say; asking again is right."""

    def __init__(self, grid: Grid, clock: Callable[[], float] = time.time) -> None:
        self._grid = grid
        self._clock = clock

    async def get(self, key: str) -> Document | None:
        """The document, or None when there is certainly none (any more)."""
        outcome, document = await self._ask(key, GET)
        if outcome == Outcome.ABSENT:
            if not key.startswith(MARKER_PREFIX):
                await self._require_marker(key)
            return None
        return None if document.is_gone else document

    async def put(self, key: str, body: bytes, *, expected: int, ttl_ms: int = 0) -> Document:
        """Write the version after `expected` (0: there must be none). Stale when another stands there."""
        if not expected:
            await self._require_marker(key)
        request = Writer().i64(expected).i64(ttl_ms).blob(body).bytes()
        outcome, document = await self._ask(key, PUT, request)
        if outcome == Outcome.STALE:
            raise Stale(named(key), document.version, document.body)
        return document._replace(body=body)

    async def put_fields(self, key: str, fields: Mapping[str, Any], *, expected: int) -> Document:
        """`put` of a JSON object."""
        return await self.put(key, encode_body(fields), expected=expected)

    async def remove(self, key: str, *, expected: int) -> None:
        """A claim goes at once, anything else leaves a tombstone for the pump. Gone already is as good; Stale otherwise."""
        outcome, document = await self._ask(key, REMOVE, I64.pack(expected))
        if outcome == Outcome.ABSENT:
            await self._require_marker(key)
        if outcome == Outcome.STALE and not document.is_gone:
            raise Stale(named(key), document.version, document.body)

    async def claim(self, key: str, account: int, *, ttl_ms: int) -> int | None:
        """Take a login, e-mail or phone for an account, for a time; the claim's version, or None: it is somebody else's."""
        try:
            return (await self.put(key, number_body(account), expected=0, ttl_ms=ttl_ms)).version
        except Stale as stale:
            return stale.version if stale.body == number_body(account) else None

    async def keep_claim(self, key: str, account: int) -> bool:
        """Make a claim permanent, taking it anew if its time was over; False: it is somebody else's by now."""
        version = 0
        while True:
            try:
                await self.put(key, number_body(account), expected=version)
            except Stale as stale:
                if stale.body != number_body(account) and stale.version:
                    return False
                version = stale.version
            else:
                return True

    async def release_claim(self, key: str, account: int) -> None:
        """Give a claim back, if it is this account's."""
        claim = await self.get(key)
        if claim is not None and claim.number == account:
            await self.remove(key, expected=claim.version)

    async def drain(self, key: str) -> Document | None:
        """The version that PostgreSQL has not got yet (a tombstone too), or None."""
        outcome, document = await self._ask(key, DRAIN)
        return document if outcome == Outcome.ACCEPTED and document.version > document.durable_version else None

    async def acknowledge(self, key: str, version: int) -> None:
        """PostgreSQL has this version. Of a document that lives another life, or not at all, nothing changes."""
        await self._ask(key, ACKNOWLEDGE, I64.pack(version))

    async def restore(self, key: str, version: int, body: bytes) -> bool:
        """Bring a document back from its row; False when there is one already, which is left as it is."""
        outcome, _ = await self._ask(key, RESTORE, Writer().i64(version).blob(body).bytes())
        return outcome == Outcome.ACCEPTED

    async def touch(self, kind: Kind, number: int, version: int) -> None:
        """Tell the catalogue's index of a document's version. Whoever puts such a document touches afterwards; older is no news."""
        await self._ask(INDEX, TOUCH, Writer().u8(kind).i64(number).i64(version).bytes())

    async def since(self, index_version: int) -> News:
        """What changed after an index version; everything, when that version (0, say) is none of this index's life."""
        outcome, document = await self._ask(INDEX, SINCE, I64.pack(index_version))
        if outcome == Outcome.ABSENT:
            await self._require_marker(INDEX)
            return News(0, ())
        return decode_news(document)

    async def marker(self, partition: int) -> int | None:
        """The epoch in a partition's marker; None: its documents were lost, or never restored."""
        document = await self.get(marker_keys(self._grid.partition_count)[partition])
        return None if document is None else document.number

    async def put_marker(self, partition: int, epoch: int) -> None:
        """Say that a partition's documents are all there. Putting it twice is putting it once."""
        key = marker_keys(self._grid.partition_count)[partition]
        standing = await self.get(key)
        if standing is None or standing.number != epoch:
            await self._ask(key, PUT, Writer().i64(standing.version if standing else 0).i64(0).blob(number_body(epoch)).bytes())

    async def written(self) -> int | None:
        """The number of PostgreSQL's latest transaction that has carried documents, as remembered here; None: it is not."""
        document = await self.get(WRITTEN)
        return None if document is None else document.number

    async def remember_written(self, number: int, *, known: int | None) -> None:
        """Put this number in the place of `known`. Stale when another one stands there."""
        standing = await self.get(WRITTEN)
        if (standing.number if standing else None) != known:
            raise Stale(WRITTEN, standing.version if standing else 0, standing.body if standing else b"")
        if number != known:
            await self.put(WRITTEN, number_body(number), expected=standing.version if standing else 0)

    async def durable_keys(self) -> AsyncIterator[list[str]]:
        """Keys of all artists, halls, events and accounts, a thirty-second of a kind at a time: members have no room for a million."""
        for kind in DURABLE:
            for digit in ALPHABET:  # numbers are random but for the first digit
                yield await self._grid.document_keys(f"{kind}_{digit}%")

    async def _require_marker(self, key: str) -> None:
        if await self.marker(self._grid.partition_of(key)) is None:
            raise GridUnavailable(f"{named(key)}: the documents of its partition are being restored")

    async def _ask(self, key: str, op: int, body: bytes = b"") -> tuple[int, Document]:
        request = _HEADER.pack(FORMAT_VERSION, int(self._clock() * 1000), op) + body
        fence_deadline = asyncio.get_running_loop().time() + FENCE_SECONDS
        while True:
            outcome, document = decode_answer(key, await self._grid.document(key, request))
            if outcome in (Outcome.UNAVAILABLE, Outcome.LATE):
                if outcome == Outcome.LATE or asyncio.get_running_loop().time() > fence_deadline:
                    raise GridUnavailable(f"{named(key)}: {Outcome(outcome).name}")
                await asyncio.sleep(FENCE_PAUSE_SECONDS)
                continue
            if outcome == Outcome.FULL:  # most likely of a member's memory; later it may do
                raise GridUnavailable(f"{key}: {Outcome(outcome).name}")
            if outcome not in (Outcome.ACCEPTED, Outcome.REPEATED, Outcome.STALE, Outcome.ABSENT):
                raise GridRefused(f"{named(key)}: {Outcome(outcome).name}")
            return outcome, document


def named(key: str) -> str:
    """A key as errors and logs may tell it: what a claim claims is somebody's login, address or telephone number."""
    return f"{key.partition(':')[0]}:…" if key.startswith(CLAIMS) else key


def decode_answer(key: str, answer: bytes) -> tuple[int, Document]:
    """(Outcome, the document) of an answer about `key`. Malformed when it is none."""
    try:
        form, outcome, version, durable_version, now, length = _ANSWER.unpack_from(answer)
    except struct.error as error:
        raise Malformed(str(error)) from error
    if form != FORMAT_VERSION or len(answer) != _ANSWER.size + length:
        raise Malformed(f"format {form}, a body of {length} bytes in an answer of {len(answer)}")
    return outcome, Document(key, version, durable_version, now, answer[_ANSWER.size :])


def decode_news(index: Document) -> News:
    """What the index answers to since. Malformed when it is none."""
    reader = Reader(index.body)
    items = [(reader.u8(), reader.i64(), reader.i64()) for _ in range(reader.u32())]
    reader.end()
    try:
        return News(index.version, tuple((Kind(kind), number, version) for kind, number, version in items))
    except ValueError as error:
        raise Malformed(str(error)) from error


def encode_body(fields: Mapping[str, Any]) -> bytes:
    """A JSON object as a body: a leading byte (0 plain, 1 zlib), then the JSON."""
    text = orjson.dumps(dict(fields))
    return bytes([PLAIN]) + text if len(text) < COMPRESSED_BYTES_MIN else bytes([ZLIB]) + zlib.compress(text, 6)


def decode_body(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. ValueError when it is none, or longer than any that was written."""
    if not body or body[0] not in (PLAIN, ZLIB):
        raise ValueError("no body of a document")
    fields = orjson.loads(body[1:] if body[0] == PLAIN else _inflated(body[1:]))
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the bytes are wrong, not their type
    return fields


def _inflated(compressed: bytes) -> bytes:
    """Up to a bound: a thousandth of the bytes is enough to say so many."""
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(compressed, BODY_JSON_BYTES_MAX)
    except zlib.error as error:
        raise Malformed(str(error)) from error
    if not stream.eof or stream.unused_data:
        raise Malformed("a compressed body that does not end where it should")
    return text


def number_body(number: int) -> bytes:
    """A number as a body: the account of a claim, the epoch of a marker."""
    return I64.pack(number)


@lru_cache(maxsize=4)
def marker_keys(partition_count: int) -> tuple[str, ...]:
    """The marker's key of every partition, found by trial: the first `marker:<n>` that falls into it."""
    keys: dict[int, str] = {}
    number = 0
    while len(keys) < partition_count:
        key = f"{MARKER_PREFIX}{number}"
        keys.setdefault(partition_of(key, partition_count), key)
        number += 1
    return tuple(keys[partition] for partition in range(partition_count))
