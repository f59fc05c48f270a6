"""A member whose wire drops everything neither answers nor refuses: whoever tries to reach it can give it up."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from grid_config.connection import Connection
from infra.settings import PREFIX, Settings, from_environment

SOON_SECONDS = 5.0  # on a machine as busy as it likes
LONG_SECONDS = 600.0
QUEUED = 3  # of connections that nobody accepts: from then on the kernel drops who asks for one


@pytest.fixture
def silent() -> Iterator[Settings]:
    """Settings with one address, where a connection is never made."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(QUEUED)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield from_environment({f"{PREFIX}GRID_MEMBERS": f"127.0.0.1:{listener.getsockname()[1]}"})
        for each in waiting:
            each.close()


async def test_no_connection_is_made_within_its_time(silent: Settings):
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await Connection.made(silent, silent.grid_members, 0.2)
    assert time.monotonic() - began < SOON_SECONDS


@pytest.mark.parametrize("pause", [0.05, 0.5])
async def test_who_gives_up_is_free_at_once(silent: Settings, pause: float):
    trying = asyncio.create_task(Connection.made(silent, silent.grid_members, LONG_SECONDS))
    await asyncio.sleep(pause)
    trying.cancel()
    done, _ = await asyncio.wait({trying}, timeout=SOON_SECONDS)
    assert done
    assert trying.cancelled()
