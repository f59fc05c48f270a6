"""Logs of refused attempts in the grid: an outbox to the audit database, bounded, spread over a few entries."""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from grid_config.client import Grid, GridRefused, GridUnavailable
from grid_config.limits import ATTEMPTS_LOGS, FORMAT_VERSION
from grid_config.outcomes import Outcome
from grid_config.wire import Malformed, Reader, Writer, address_text, blob_bytes, pack_address

KEYS = tuple(f"attempts:{number}" for number in range(ATTEMPTS_LOGS))

APPEND, DRAIN, ACKNOWLEDGE = 1, 2, 3
DETAIL_LENGTH_MAX = 500  # a record has room for 4,096 bytes


class Attempt(NamedTuple):
    """One refused attempt. `at`: unix ms; `status`: the problem code; 0 where account, event or order are not known."""

    at: int
    address: str
    account: int
    event: int
    order: int
    status: str
    detail: str


class DrainedAttempts(NamedTuple):
    """The oldest attempts of one log, numbered from `first_seq`. `life`: the log's, a number drawn when it was made."""

    life: int
    first_seq: int
    records: tuple[Attempt, ...]

    @property
    def last_seq(self) -> int:
        return self.first_seq + len(self.records) - 1


class AttemptsLogs:
    """Appends to one log after another; drains and acknowledges by key. GridUnavailable when the grid does not answer."""

    def __init__(self, grid: Grid, clock: Callable[[], float] = time.time) -> None:
        self._grid = grid
        self._clock = clock
        # Each process begins elsewhere, so that not all units append to the same log at the same moment.
        self._keys: Iterator[str] = itertools.islice(itertools.cycle(KEYS), os.getpid() % len(KEYS), None)

    async def append(self, records: Sequence[bytes]) -> bool:
        """Encoded records (`encode_attempt`), 4,096 bytes each at most; False when the log is at its bound."""
        body = Writer().u32(len(records)).raw(b"".join(map(blob_bytes, records))).bytes()
        outcome, _, _ = await self._ask(next(self._keys), APPEND, body)
        return outcome != Outcome.FULL

    async def drain(self, key: str, most: int) -> DrainedAttempts:
        """The oldest attempts of a log, at most `most` (≤ 2,000); they stay until acknowledged."""
        _, life, body = await self._ask(key, DRAIN, Writer().u16(most).bytes())
        return decode_drained(life, body)

    async def acknowledge(self, key: str, to_seq: int) -> None:
        """Everything up to `to_seq` is in the audit database. A seq of a former life does nothing: numbers only grow."""
        await self._ask(key, ACKNOWLEDGE, Writer().i64(to_seq).bytes())

    async def _ask(self, key: str, op: int, body: bytes) -> tuple[int, int, bytes]:
        request = Writer().u8(FORMAT_VERSION).i64(int(self._clock() * 1000)).u8(op).raw(body).bytes()
        outcome, life, told = decode_answer(await self._grid.attempts(key, request))
        if outcome in (Outcome.UNAVAILABLE, Outcome.LATE):
            raise GridUnavailable(f"{key}: {Outcome(outcome).name}")
        if outcome not in (Outcome.ACCEPTED, Outcome.REPEATED, Outcome.FULL):
            raise GridRefused(f"{key}: {Outcome(outcome).name}")
        return outcome, life, told


def decode_answer(answer: bytes) -> tuple[int, int, bytes]:
    """(Outcome, the log's life, body) of what a log answers. Malformed when it is no such answer."""
    reader = Reader(answer)
    form, outcome, life, body = reader.u8(), reader.u8(), reader.i64(), reader.blob()
    reader.end()
    if form != FORMAT_VERSION:
        raise Malformed(f"format {form}")
    return outcome, life, body


def decode_drained(life: int, body: bytes) -> DrainedAttempts:
    """The body of the answer to drain. Malformed when it is none."""
    reader = Reader(body)
    first_seq = reader.i64()
    records = tuple(decode_attempt(reader.blob()) for _ in range(reader.u32()))
    reader.end()
    return DrainedAttempts(life, first_seq, records)


def encode_attempt(attempt: Attempt) -> bytes:
    """A record's bytes. ValueError when the address is none; a detail is cut at 500 characters."""
    at, address, account, event, order, status, detail = attempt
    head = Writer().i64(at).raw(pack_address(address)).i64(account).i64(event).i64(order)
    return head.text(status).text(detail[:DETAIL_LENGTH_MAX]).bytes()


def decode_attempt(record: bytes) -> Attempt:
    """Malformed when it is none."""
    reader = Reader(record)
    attempt = Attempt(reader.i64(), address_text(reader.raw(16)), reader.i64(), reader.i64(), reader.i64(), reader.text(), reader.text())
    reader.end()
    return attempt
