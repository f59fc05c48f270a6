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
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import cached_property, lru_cache, partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hazelcast.asyncio import HazelcastClient
from hazelcast.config import Config, IntType
from hazelcast.errors import HazelcastClientNotActiveError
from hazelcast.hash import hash_to_index
from hazelcast.lifecycle import LifecycleState
from hazelcast.serialization.service import SerializationServiceV1

from grid_config.hints import Hints, SelfTest, decode_hints, decode_self_test
from grid_config.limits import FORMAT_VERSION
from grid_config.member_configuration import ENDED_SESSIONS, TASKS
from grid_config.processors import AttemptsProcessor, DocumentProcessor, HintsTask, InventoryProcessor, SelfTestTask, Twin
from infra.settings import Settings

CALL_SECONDS = 8.0  # a heartbeat time-out (5 s), one repeat, and some room
SWEEP_SECONDS = 60.0  # a call that visits every entry of a map
CONNECT_SECONDS = 60.0
REPEAT_PAUSE_SECONDS = 0.05
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
    """A connection to every member; one per process and event loop. `errors` counts what went wrong, by class name."""

    def __init__(self, settings: Settings, client: HazelcastClient, connected: asyncio.Event) -> None:
        self._settings = settings
        self._client = client
        self._connected = connected
        self._in_flight = asyncio.Semaphore(CALLS_IN_FLIGHT_MAX)
        self._maps: dict[str, Any] = {}
        self._tasks: Any = None
        self.errors: Counter[str] = Counter()

    @classmethod
    async def connect(cls, settings: Settings, seconds: float = CONNECT_SECONDS) -> "Grid":
        """A grid to ask. GridUnavailable when no member answers within `seconds`."""
        connected = asyncio.Event()
        try:
            async with asyncio.timeout(seconds):
                client = await HazelcastClient.create_and_start(_configuration(settings, connected))
                grid = cls(settings, client, connected)
                await grid._open()
                return grid
        except TimeoutError:
            raise GridUnavailable(f"no grid member answers at {', '.join(settings.grid_members)}") from None

    async def close(self) -> None:
        await self._client.shutdown()

    async def inventory(self, event: int, request: bytes) -> bytes:
        """A batch of commands to one event's inventory; the batch answer's bytes (answers.py)."""
        return await self._on_key("inventory", event, InventoryProcessor(request))

    async def inventory_anew(self, event: int, made: Callable[[], bytes]) -> bytes:
        """The same with a request made anew for every attempt: one whose repeat would not be recognised."""
        entries = self._maps["inventory"]
        return bytes(await self._asked(lambda: entries.execute_on_key(event, InventoryProcessor(made()))))

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
            await self._asked(partial(self._maps[name].execute_on_entries, twin), SWEEP_SECONDS)

    async def inventories(self) -> set[int]:
        """The events that have an entry, open or shut."""
        return set(await self._asked(self._maps["inventory"].key_set, SWEEP_SECONDS))

    async def end_session(self, session_id: str, expires_at: int) -> None:
        """Remember an ended session until it would have expired anyway (`expires_at`, unix s)."""
        seconds = max(1, expires_at - int(time.time()))
        await self._asked(lambda: self._maps[ENDED_SESSIONS].put(session_id, expires_at, seconds))

    async def ended_sessions(self) -> dict[str, int]:
        """Every ended session that has not expired yet, with its expiry (unix s)."""
        return dict(await self._asked(self._maps[ENDED_SESSIONS].entry_set))

    def members(self) -> int:
        """Members in the cluster as this client knows it; 0 while it is connected to none."""
        return len(self._client.cluster_service.get_members()) if self._connected.is_set() else 0

    def identities(self) -> frozenset[UUID]:
        """Who the members are. Whoever comes into the grid, after a cut or a restart too, is somebody new."""
        return frozenset(member.uuid for member in self._client.cluster_service.get_members() if member.uuid is not None)

    @property
    def is_ready(self) -> bool:
        """Whether the cluster is large enough to sell."""
        return self.members() >= self._settings.members_min

    @cached_property
    def partition_count(self) -> int:
        """Partitions of the cluster; never changes."""
        return int(self._client.partition_service.get_partition_count())

    def partition_of(self, key: int | str) -> int:
        return partition_of(key, self.partition_count)

    async def _open(self) -> None:
        for name in ("inventory", "documents", "attempts", ENDED_SESSIONS):
            self._maps[name] = await self._client.get_map(name)
        self._tasks = await self._client.get_executor(TASKS)

    async def _on_key(self, name: str, key: int | str, twin: Twin) -> bytes:
        entries = self._maps[name]
        return bytes(await self._asked(lambda: entries.execute_on_key(key, twin)))

    async def _on_members(self, twin: Twin) -> list[bytes]:
        """The answers of the members that answer."""

        async def ask(member: Any) -> bytes | None:
            try:
                async with asyncio.timeout(CALL_SECONDS):
                    return bytes(await self._tasks.execute_on_member(member, twin))
            except Exception as error:
                self._count(error)
                return None

        answers = await asyncio.gather(*(ask(member) for member in self._client.cluster_service.get_members()))
        return [answer for answer in answers if answer is not None]

    async def _asked(self, ask: Callable[[], Awaitable[Answer]], seconds: float = CALL_SECONDS) -> Answer:
        """The answer, asked for until the deadline; the same request every time."""
        last: Exception | None = None
        try:
            async with asyncio.timeout(seconds), self._in_flight:
                while True:
                    try:
                        return await ask()
                    except HazelcastClientNotActiveError as closed:
                        raise GridUnavailable("this process is leaving the grid") from closed
                    except Exception as error:
                        last = error
                        self._count(error)
                    await asyncio.sleep(REPEAT_PAUSE_SECONDS)
        except TimeoutError:
            raise GridUnavailable(f"no answer within {seconds:g} s") from last

    def _count(self, error: Exception) -> None:
        name = type(error).__name__
        self.errors[name] += 1
        logger.debug("grid_error", extra={"data": {"error": name, "text": str(error)[:200]}})


def _configuration(settings: Settings, connected: asyncio.Event) -> Config:
    """The client's half of the settings under which cuts and freezes lost nothing (member_configuration.py has the other)."""
    states = {LifecycleState.CONNECTED: connected.set, LifecycleState.DISCONNECTED: connected.clear}
    config = Config()  # type: ignore[no-untyped-call]
    config.cluster_name = settings.grid_name
    config.client_name = settings.name
    config.cluster_members = list(settings.grid_members)
    config.default_int_type = IntType.LONG  # one class for every number, or an event would be two keys
    config.lifecycle_listeners = [lambda state: states.get(state, _nothing)()]  # must not raise: it would close the connection
    config.operation_backup_timeout = 1.0
    config.fail_on_indeterminate_operation_state = True
    # The owner waits for its backups and then answers, instead of client and backup speaking directly. (1) A repeat inside the
    # client keeps the count of acknowledgements: one of an attempt that failed would confirm the next, which may stand on
    # one copy only. (2) A unit that has lost its connection to one member hears "unknown" for a third of all events, for as
    # long as that lasts. (3) Python reads half as many messages: 17,000 calls/s instead of 13,000 with 64 under way
    # (0.1 ms more for a single one); after a kill -9 the pause is 1.0-1.5 s either way.
    config.backup_ack_to_client_enabled = False
    config.heartbeat_timeout = 5.0
    config.heartbeat_interval = 1.0
    config.invocation_timeout = 5.0
    config.invocation_retry_pause = 0.1
    config.connection_timeout = 2.0
    config.retry_initial_backoff = 0.1
    config.retry_max_backoff = 1.0
    config.retry_jitter = 0.2
    config.cluster_connect_timeout = -1
    return config


def _nothing() -> None:
    pass


@lru_cache(maxsize=1)
def _serialization() -> SerializationServiceV1:
    config = Config()  # type: ignore[no-untyped-call]
    config.default_int_type = IntType.LONG
    return SerializationServiceV1(config)  # type: ignore[no-untyped-call]


def partition_of(key: int | str, partition_count: int) -> int:
    """Where a key lives, as the members compute it."""
    data = _serialization().to_data(key)  # type: ignore[no-untyped-call]
    return int(hash_to_index(data.get_partition_hash(), partition_count))  # type: ignore[no-untyped-call]
