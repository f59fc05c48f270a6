"""Who is in the middle of a transaction when his wire is cut holds nobody up for long: not on PostgreSQL's side, and not on his own."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from data_writers.database import SILENT_MS_MAX, connect
from infra.places import CHECKOUT
from infra.postgres import Cluster
from processing_units.archive.archive import WATCHED
from tests.faults.hosts import Host
from tests.faults.network import Network
from tests.faults.network_building import network, obstacle
from tests.faults.placement import HostedPostgres
from tests.fixtures.system import free_base

ARCHIVE_MS_MAX = WATCHED["tcp_user_timeout"]
LATE_SECONDS = 8.0  # for what a busy machine adds

# As the pump does it: one pipeline, of which the end has not arrived yet.
WRITER = """
import asyncio, sys
from data_writers.database import connect

async def write():
    connection = await connect(sys.argv[1], "lost")
    async with connection.pipeline():
        await connection.execute("BEGIN")
        locked = await connection.execute("SELECT number FROM positions_like FOR UPDATE")
        print(await locked.fetchall(), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        again = await connection.execute("SELECT number FROM positions_like")
        await again.fetchall()

asyncio.run(write())
"""

# A unit's archive, which shoppers and administrators ask.
READER = """
import asyncio, sys
from processing_units.archive.archive import Archive, ArchiveAway

async def read():
    archive = Archive(sys.argv[1], "")
    archive._statements["order"] = "SELECT 1 AS number WHERE %(event)s = %(order)s"
    await archive.start()
    print([await archive.order(1, 2)], flush=True)
    while True:
        asked = await asyncio.to_thread(sys.stdin.readline)
        try:
            print([await archive.order(1, 2)], flush=True)
        except ArchiveAway:
            print("away", flush=True)

asyncio.run(read())
"""


@pytest.fixture
def joined() -> Iterator[Network]:
    refused = obstacle()
    if refused:
        pytest.skip(f"no network namespaces here: {refused}")
    with network() as joined:
        yield joined


@pytest_asyncio.fixture
async def cluster(joined: Network, tmp_path: Path) -> AsyncIterator[Cluster]:
    """A database that other hosts reach, with one row to be locked."""
    (tmp_path / "secrets").mkdir(mode=0o700)
    made = Cluster.at(tmp_path / "postgres", tmp_path / "secrets", free_base())
    async with HostedPostgres.on(joined, joined.outside, made).running() as cluster:
        async with await psycopg.AsyncConnection.connect(cluster.url(), autocommit=True) as connection:
            await connection.execute("CREATE TABLE positions_like AS SELECT 1 AS number")
        yield cluster


@contextmanager
def client(host: Host, cluster: Cluster, program: str, says: str) -> Iterator[subprocess.Popen[str]]:
    """A process of another host that has just had an answer."""
    command = [*host.command(), "setpriv", "--pdeathsig", "KILL", sys.executable, "-c", program, cluster.url()]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == says
            yield process
        finally:
            process.kill()


async def test_what_a_lost_client_has_locked_is_soon_free(joined: Network, cluster: Cluster):
    with client(joined.hosts["a"], cluster, WRITER, "[(1,)]\n") as lost:
        joined.cut("a", deaf=True, mute=True)
        lost.kill()  # its machine is off: nobody says so
        began = time.monotonic()
        successor = await connect(cluster.url(), "successor")
        while True:
            try:
                await successor.execute("SELECT number FROM positions_like FOR UPDATE")
                break
            except psycopg.errors.LockNotAvailable:
                assert time.monotonic() < began + SILENT_MS_MAX / 1000 + LATE_SECONDS
        await successor.close()
    assert time.monotonic() < began + SILENT_MS_MAX / 1000 + LATE_SECONDS


async def test_a_client_that_hears_no_more_soon_gives_up(joined: Network, cluster: Cluster):
    with client(joined.hosts["a"], cluster, WRITER, "[(1,)]\n") as waiting:
        joined.cut("a", deaf=True, mute=True)
        began = time.monotonic()
        _, said = await asyncio.to_thread(waiting.communicate, "go on\n", SILENT_MS_MAX / 1000 + 2 * LATE_SECONDS)
    assert "OperationalError" in said
    assert time.monotonic() < began + SILENT_MS_MAX / 1000 + LATE_SECONDS


async def test_who_looks_back_is_told_soon_that_nobody_answers(joined: Network, cluster: Cluster):
    with client(joined.hosts["a"], cluster, READER, "[None]\n") as unit:
        joined.cut("a", deaf=True, mute=True)
        async with asyncio.timeout(ARCHIVE_MS_MAX / 1000 + LATE_SECONDS):
            assert await asyncio.to_thread(asked, unit) == "away\n"
        joined.mend()
        async with asyncio.timeout(LATE_SECONDS):
            while await asyncio.to_thread(asked, unit) != "[None]\n":
                pass


def asked(unit: subprocess.Popen[str]) -> str:
    assert unit.stdin is not None
    assert unit.stdout is not None
    unit.stdin.write("?\n")
    unit.stdin.flush()
    return unit.stdout.readline()
