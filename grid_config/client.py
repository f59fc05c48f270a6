"""The one way into the grid: bounded, under a deadline, asking again with the same bytes until the deadline.

Errors of the grid's client library all mean the same here: what was asked may or may not have happened. Requests carry
ids or versions by which a repeat is recognised, so asking again is always right (architecture.md, decision 7).

    GridError
     +-- GridUnavailable     no answer in time, or the grid says that it cannot answer now; ask again with the same ids
     +-- GridRefused         the member would not take this request, whenever it comes
     |    +-- FormatUnknown  a member does not speak the format of this process
     +-- Stale               the document has another version than expected
"""

import asyncio
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from functools import cached_property, lru_cache, partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hazelcast.config import Config, IntType
from hazelcast.errors import HazelcastClientNotActiveError
from hazelcast.hash import hash_to_index
from hazelcast.predicate import like
from hazelcast.serialization.service import SerializationServiceV1

from grid_config.connection import Connection
from grid_config.hints import Hints, SelfTest, decode_hints, decode_self_test
from grid_config.limits import FORMAT_VERSION
from grid_config.member_configuration import ENDED_SESSIONS
from grid_config.processors import AttemptsProcessor, DocumentProcessor, HintsTask, InventoryProcessor, SelfTestTask, Twin
from infra.settings import Settings

CALL_SECONDS = 8.0  # a heartbeat time-out (5 s), one repeat, and some room
SWEEP_SECONDS = 60.0  # a call that visits every entry of a map
CONNECT_SECONDS = 60.0
REPEAT_PAUSE_SECONDS = 0.05
LOOK_SECONDS = 0.25  # between two looks at how many members there are
LOOK_PAUSE_SECONDS_MAX = 5.0  # between two looks for others, when there are none for long: each is a line in members' logs
LOOK_SECONDS_MAX = 5.0  # for one of them: a frozen member takes the connection and says nothing
CALLS_IN_FLIGHT_MAX = 512  # the client has no bound of its own; more would only wait in the members' queues

ASK_FORMAT = bytes([FORMAT_VERSION])  # the whole request of hints and self-test
# No commands, documents and attempts logs to be looked at for waiting work: `u8 format | i64 made_at | u16 0`, or `| u8 op`.
NO_COMMANDS = ASK_FORMAT + bytes(8) + bytes(2)
REHINT_DOCUMENTS = ASK_FORMAT + bytes(8) + bytes([9])
REHINT_ATTEMPTS = ASK_FORMAT + bytes(8) + bytes([4])

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class GridError(Exception):
    """Something about the grid."""

    retryable: ClassVar[bool] = False


class GridUnavailable(GridError):  # noqa: N818 - a state of the grid
    """The grid did not answer in time. What was asked may have been done: ask again with the same ids."""

    retryable = True


class GridRefused(GridError):  # noqa: N818 - an answer of the grid
    """The member would not take this request."""


class FormatUnknown(GridRefused):
    """A member does not speak the format of this process."""


class Stale(GridError):  # noqa: N818 - api.md's word
    """The document has another version than expected; `version` and `body` are what stands there (0 and empty: nothing)."""

    def __init__(self, key: str, version: int, body: bytes) -> None:
        super().__init__(f"{key} is at version {version}")
        self.version = version
        self.body = body


class Grid:
    """A connection to every member; one per process and event loop. `errors` counts what went wrong, by class name.

    A client believes what one member tells it about the others. If a cut has left that member alone, the client lets go of all whom
    it could reach and who sell, for as long as the cut lasts. So whoever hears of too few members looks at the others' doors.
    """

    def __init__(self, settings: Settings, connection: Connection, addresses: deque[str]) -> None:
        self._settings = settings
        self._connection = connection
        self._addresses = addresses  # the one to look at first is in front
        self._in_flight = asyncio.Semaphore(CALLS_IN_FLIGHT_MAX)
        self._closing = False
        self._watching = asyncio.create_task(self._watch())
        self.errors: Counter[str] = Counter()

    @classmethod
    async def connect(cls, settings: Settings, seconds: float = CONNECT_SECONDS) -> "Grid":
        """A grid to ask. GridUnavailable when no member answers within `seconds`."""
        addresses = deque(random.sample(settings.grid_members, len(settings.grid_members)))
        try:
            return cls(settings, await Connection.made(settings, addresses, seconds), addresses)
        except TimeoutError:
            raise GridUnavailable(f"no grid member answers at {', '.join(settings.grid_members)}") from None

    async def close(self) -> None:
        self._closing = True
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await self._connection.close()

    async def inventory(self, event: int, request: bytes) -> bytes:
        """A batch of commands to one event's inventory; the batch answer's bytes (answers.py)."""
        return await self._on_key("inventory", event, InventoryProcessor(request))

    async def inventory_anew(self, event: int, made: Callable[[], bytes]) -> bytes:
        """The same with a request made anew for every attempt: one whose repeat would not be recognised."""
        return bytes(await self._asked(lambda to: to.maps["inventory"].execute_on_key(event, InventoryProcessor(made()))))

    async def document(self, key: str, request: bytes) -> bytes:
        """A request to one document; use `documents.Documents`."""
        return await self._on_key("documents", key, DocumentProcessor(request))

    async def attempts(self, key: str, request: bytes) -> bytes:
        """A request to one log of refused attempts; use `attempts.AttemptsLogs`."""
        return await self._on_key("attempts", key, AttemptsProcessor(request))

    async def hints(self) -> list[Hints]:
        """What waits on each member. A member that does not answer has no hints; the sweep comes by."""
        answers = await self._on_members(HintsTask(ASK_FORMAT))
        return [decode_hints(answer) for answer in answers]

    async def self_test(self) -> list[SelfTest]:
        """What every member says of itself. FormatUnknown when one does not speak this process's format."""
        tests = [decode_self_test(answer) for answer in await self._on_members(SelfTestTask(ASK_FORMAT))]
        for test in tests:
            if not test.lowest_format <= FORMAT_VERSION <= test.highest_format:
                raise FormatUnknown(f"a member of version {test.version} does not speak format {FORMAT_VERSION}")
        return tests

    async def sweep_hints(self) -> None:
        """Make every owner look at all its entries for waiting work: hints are memory and can be lost."""
        for name, twin in (
            ("inventory", InventoryProcessor(NO_COMMANDS)),
            ("documents", DocumentProcessor(REHINT_DOCUMENTS)),
            ("attempts", AttemptsProcessor(REHINT_ATTEMPTS)),
        ):
            await self._asked(partial(_on_entries, name, twin), SWEEP_SECONDS)

    async def inventories(self) -> set[int]:
        """The events that have an entry, open or shut."""
        return set(await self._asked(lambda to: to.maps["inventory"].key_set(), SWEEP_SECONDS))

    async def document_keys(self, form: str) -> list[str]:
        """The keys of documents that look like `form`, in which _ is any character and % any number of them."""
        return list(await self._asked(lambda to: to.maps["documents"].key_set(like("__key", form)), SWEEP_SECONDS))

    async def end_session(self, session_id: str, expires_at: int) -> None:
        """Remember an ended session until it would have expired anyway (`expires_at`, unix s)."""
        seconds = max(1, expires_at - int(time.time()))
        await self._asked(lambda to: to.maps[ENDED_SESSIONS].put(session_id, expires_at, seconds))

    async def ended_sessions(self) -> dict[str, int]:
        """Every ended session that has not expired yet, with its expiry (unix s)."""
        return dict(await self._asked(lambda to: to.maps[ENDED_SESSIONS].entry_set()))

    def members(self) -> int:
        """Members in the cluster as this client knows it; 0 while it is connected to none."""
        return self._connection.members()

    def identities(self) -> frozenset[UUID]:
        """Who the members are. Whoever comes into the grid, after a cut or a restart too, is somebody new."""
        return self._connection.identities()

    @property
    def is_ready(self) -> bool:
        """Whether the cluster is large enough to sell."""
        return self.members() >= self._settings.members_min

    @cached_property
    def partition_count(self) -> int:
        """Partitions of the cluster; never changes."""
        return int(self._connection.client.partition_service.get_partition_count())

    def partition_of(self, key: int | str) -> int:
        return partition_of(key, self.partition_count)

    async def _watch(self) -> None:
        """Look for the larger part of the grid whenever what this process hears of is too few to sell; ever more seldom."""
        pause = LOOK_SECONDS
        while not self._closing:
            await asyncio.sleep(pause)
            pause = LOOK_SECONDS if self.is_ready else min(2 * pause, LOOK_PAUSE_SECONDS_MAX)
            if not self.is_ready and len(self._addresses) > 1:
                try:
                    await self._look()
                except Exception as error:
                    self._count(error)

    async def _look(self) -> None:
        """Another connection, made at the next address: instead of this one if it leads to enough members."""
        self._addresses.rotate(-1)
        left = found = await Connection.made(self._settings, self._addresses, LOOK_SECONDS_MAX)
        if found.members() >= self._settings.members_min and not self.is_ready:
            logger.warning("turned_to_others", extra={"data": {"members": found.members(), "members_before": self.members()}})
            left, self._connection = self._connection, found
        await left.close()

    async def _on_key(self, name: str, key: int | str, twin: Twin) -> bytes:
        return bytes(await self._asked(lambda to: to.maps[name].execute_on_key(key, twin)))

    async def _on_members(self, twin: Twin) -> list[bytes]:
        """The answers of the members that answer."""
        connection = self._connection

        async def ask(member: Any) -> bytes | None:
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    return bytes(await connection.tasks.execute_on_member(member, twin))
            except Exception as error:
                self._count(error)
                return None

        answers = await asyncio.gather(*(ask(member) for member in connection.client.cluster_service.get_members()))
        return [answer for answer in answers if answer is not None]

    async def _asked(self, ask: Callable[[Connection], Awaitable[Answer]], seconds: float = CALL_SECONDS) -> Answer:
        """The answer, asked for until the deadline; the same request every time."""
        last: Exception | None = None
        try:
            async with asyncio.timeout(seconds), self._in_flight:
                while True:
                    try:
                        return await ask(self._connection)
                    except Exception as error:
                        if self._closing and isinstance(error, HazelcastClientNotActiveError):
                            raise GridUnavailable("this process is leaving the grid") from error
                        last = error
                        self._count(error)
                    await asyncio.sleep(REPEAT_PAUSE_SECONDS)
        except TimeoutError:
            raise GridUnavailable(f"no answer within {seconds:g} s") from last

    def _count(self, error: Exception) -> None:
        name = type(error).__name__
        self.errors[name] += 1
        logger.debug("grid_error", extra={"data": {"error": name, "text": str(error)[:200]}})


@lru_cache(maxsize=1)
def _serialization() -> SerializationServiceV1:
    config = Config()  # type: ignore[no-untyped-call]
    config.default_int_type = IntType.LONG
    return SerializationServiceV1(config)  # type: ignore[no-untyped-call]


async def _on_entries(name: str, twin: Twin, to: Connection) -> Any:
    return await to.maps[name].execute_on_entries(twin)


def partition_of(key: int | str, partition_count: int) -> int:
    """Where a key lives, as the members compute it."""
    data = _serialization().to_data(key)  # type: ignore[no-untyped-call]
    return int(hash_to_index(data.get_partition_hash(), partition_count))  # type: ignore[no-untyped-call]
