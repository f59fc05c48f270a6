"""The private cluster: flushed commits, nobody in without a password, an archive that cannot write."""

import psycopg
import pytest

from infra.postgres import AUDIT, READER, Cluster


async def setting(cluster: Cluster, name: str):
    async with await psycopg.AsyncConnection.connect(cluster.url()) as connection:
        (row,) = await (await connection.execute("SELECT current_setting(%s)", [name])).fetchall()
        return row[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("jit", "off"), ("listen_addresses", "127.0.0.1")],
)
async def test_a_commit_is_flushed(cluster, name, value):
    assert await setting(cluster, name) == value


async def test_nobody_comes_in_without_the_password(cluster):
    with pytest.raises(psycopg.OperationalError, match="password"):
        await psycopg.AsyncConnection.connect(f"postgresql://front_row:guess@127.0.0.1:{cluster.port}/postgres")


async def test_the_socket_asks_for_the_password_too(cluster):
    by_socket = {"host": str(cluster.sockets), "port": cluster.port, "user": "front_row", "dbname": "postgres"}
    with pytest.raises(psycopg.OperationalError, match="password"):
        await psycopg.AsyncConnection.connect(**by_socket, password="guess")


@pytest.mark.parametrize("database", ["front_row", AUDIT])
async def test_the_archive_reads_and_never_writes(cluster, database):
    async with await psycopg.AsyncConnection.connect(cluster.url(database, READER)) as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await connection.execute("CREATE TABLE graffiti ()")


def test_an_address_carries_no_password(cluster):
    password = (cluster.secrets_place / "postgres-owner").read_text().strip()
    assert password not in cluster.url()
    assert [path.name for path in cluster.secrets_place.iterdir() if path.stat().st_mode & 0o077] == []


def test_making_it_again_changes_nothing(cluster):
    settings = cluster.data / "postgresql.auto.conf"
    before = settings.stat().st_mtime_ns
    cluster.create()
    assert settings.stat().st_mtime_ns == before
