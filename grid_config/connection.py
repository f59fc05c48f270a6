"""One client's connection to the grid, with the settings under which cuts and freezes lost nothing.

member_configuration.py has the members' half.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hazelcast.asyncio import HazelcastClient
from hazelcast.config import Config, IntType
from hazelcast.lifecycle import LifecycleState

from grid_config.member_configuration import ENDED_SESSIONS, TASKS
from infra.settings import Settings

MAPS = ("inventory", "documents", "attempts", ENDED_SESSIONS)


@dataclass
class Connection:
    """A client that has found a member and hears from it who the others are; `maps` by name, `tasks` the executor."""

    client: HazelcastClient
    connected: asyncio.Event
    maps: dict[str, Any] = field(default_factory=dict)
    tasks: Any = None

    @classmethod
    async def made(cls, settings: Settings, addresses: Sequence[str], seconds: float) -> "Connection":
        """To the first of the addresses that answers. TimeoutError when none does within `seconds`."""
        connected = asyncio.Event()
        connection = cls(HazelcastClient(_configuration(settings, addresses, connected)), connected)
        # Hazelcast's client swallows a cancellation while it waits for TCP: neither a time-out nor whoever gives up would end it.
        opening = asyncio.create_task(connection._open())
        opening.add_done_callback(_heard)
        try:
            await asyncio.wait({opening}, timeout=seconds)
            if not opening.done():
                raise TimeoutError
            opening.result()
        except BaseException:
            opening.cancel()
            await connection.close()
            raise
        return connection

    async def close(self) -> None:
        await self.client.shutdown()

    def members(self) -> int:
        """Members in the cluster as this client was told; 0 while it is connected to none."""
        return len(self.client.cluster_service.get_members()) if self.connected.is_set() else 0

    def identities(self) -> frozenset[UUID]:
        """Who they are. Whoever comes into the grid, after a cut or a restart too, is somebody new."""
        return frozenset(member.uuid for member in self.client.cluster_service.get_members() if member.uuid is not None)

    async def _open(self) -> None:
        await self.client._start()  # type: ignore[no-untyped-call]  # noqa: SLF001 - `create_and_start` leaves nothing to close when it is given up half-way
        for name in MAPS:
            self.maps[name] = await self.client.get_map(name)
        self.tasks = await self.client.get_executor(TASKS)


def _configuration(settings: Settings, addresses: Sequence[str], connected: asyncio.Event) -> Config:
    states = {LifecycleState.CONNECTED: connected.set, LifecycleState.DISCONNECTED: connected.clear}
    config = Config()  # type: ignore[no-untyped-call]
    config.cluster_name = settings.grid_name
    config.client_name = settings.name
    config.cluster_members = list(addresses)
    config.shuffle_member_list = False  # whoever makes the connection says where it looks first
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


def _heard(opening: asyncio.Task[None]) -> None:
    """What became of it once nobody waits for it is no news."""
    if not opening.cancelled():
        opening.exception()


def _nothing() -> None:
    pass
