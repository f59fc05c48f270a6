"""A private PostgreSQL cluster: the embedded default of `infra/up`, and what the tests use.

The server refuses root, so for root it runs as the user `postgres`, with its data where that user can reach it. It listens on
loopback and on a Unix socket, asks everybody for a scram password, and flushes what it says it has committed.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from infra import secrets
from infra.machine import find_postgres
from infra.places import LONGEST_SOCKET_PATH, short_place
from infra.stop import Stop

OWNER = "front_row"
READER = "front_row_reader"  # what units sign in as: a member of the archive's group, which the migrations let read
ARCHIVE = "front_row_archive"
MAIN = "front_row"
AUDIT = "front_row_audit"
SERVER_USER = "postgres"
STARTS_WITHIN = 30.0
STOPS_WITHIN = 20.0

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "fsync": "on",  # COMMIT means flushed: notifications are answered by it (architecture.md, 9)
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'10min'",
    "checkpoint_completion_target": "0.9",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # a statement may carry personal data; the log must not
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",  # the detail of a broken constraint tells the values that broke it: an e-mail, say
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster: `place` holds data and socket, `secrets_place` the password files (mode 600) that its URLs name."""

    place: Path
    secrets_place: Path
    port: int
    binaries: Path

    @classmethod
    def at(cls, place: Path, secrets_place: Path, port: int) -> "Cluster":
        """A cluster below `place`, or, when the server's user cannot reach that or its socket path is too long, below a short
        place that `place` then links to.
        """
        binaries = find_postgres()
        if binaries is None:
            raise Stop("no PostgreSQL server here: infra/up installs one, or set DATABASE_URL and AUDIT_DATABASE_URL")
        place = place.absolute()
        socket_path = place / "socket" / f".s.PGSQL.{port}"
        reachable = os.geteuid() != 0 or _lets_others_in(place.parent)
        if place.is_symlink() or (reachable and len(os.fsencode(socket_path)) <= LONGEST_SOCKET_PATH):
            return cls(place.resolve(), secrets_place, port, binaries)
        elsewhere = short_place(place)
        place.symlink_to(elsewhere)
        return cls(elsewhere, secrets_place, port, binaries)

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def sockets(self) -> Path:
        return self.place / "socket"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def url(self, database: str = MAIN, role: str = OWNER) -> str:
        """A libpq URL whose password stands in a file of mode 600, so that the URL itself may be shown."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}?passfile={quote(str(self._passfile(role)), safe='/')}"

    def reader_url(self, database: str = MAIN) -> str:
        return self.url(database, READER)

    def command(self) -> list[str]:
        """The server itself, for a supervisor; it stops by SIGINT (fast shutdown)."""
        return [*as_server_user(), str(self.binaries / "postgres"), "-D", str(self.data)]

    def create(self) -> None:
        """Make the cluster when it is not there, and write its settings and password files. Takes about a second."""
        password = secrets.ensure(self.secrets_place / "postgres-owner")
        for role, text in ((OWNER, password), (READER, secrets.ensure(self.secrets_place / "postgres-reader"))):
            secrets.write(self._passfile(role), f"*:*:*:{role}:{text}\n")
        self._make_places()
        if not self.exists():
            self._initialise(password)
        self._write_settings()

    def _make_places(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(exist_ok=True)
        self._give_to_server_user(self.place, self.sockets)

    def _give_to_server_user(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            user = pwd.getpwnam(SERVER_USER)
            for path in paths:
                os.chown(path, user.pw_uid, user.pw_gid)

    def _initialise(self, password: str) -> None:
        told = self.place / "password"  # for initdb alone, which runs as the server's user and may not read ours
        secrets.write(told, password)
        self._give_to_server_user(told)
        command = [
            *as_server_user(), str(self.binaries / "initdb"), "-D", str(self.data), "--username", OWNER, "--pwfile", str(told),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=120)
        told.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)  # half a cluster would be taken for a whole one
            raise Stop(f"initdb failed: {' '.join(done.stderr.split())[-300:]}")

    def _write_settings(self) -> None:
        settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": f"'{self.sockets}'"}
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        path = self.data / "postgresql.auto.conf"  # read last, so that it wins over initdb's own file
        if not path.exists() or path.read_text() != text:
            path.write_text(text)

    def _passfile(self, role: str) -> Path:
        return self.secrets_place / f"pgpass-{role}"

    async def answers(self, within: float = STARTS_WITHIN) -> None:
        """Return when the server takes connections; Stop when it does not in time."""
        await answers(self.url("postgres"), within)

    async def make_databases(self) -> None:
        """The two databases and the reader's role, when they are not there."""
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), autocommit=True) as connection:
            for database in (MAIN, AUDIT):
                await create_database(connection, database)
            await self._make_reader(connection)

    async def _make_reader(self, connection: psycopg.AsyncConnection) -> None:
        found = await connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [READER])
        if found.rowcount:
            return
        password = (self.secrets_place / "postgres-reader").read_text().strip()
        role, group = sql.Identifier(READER), sql.Identifier(ARCHIVE)
        await connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(group))
        await connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(role, sql.Literal(password), group))
        await connection.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role))
        await connection.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '5s'").format(role))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Cluster"]:
        """For tests: the cluster made, started as a child of this process and stopped at the end, with both databases."""
        await asyncio.to_thread(self.create)
        log = self.place.parent / "postgres.log"
        with log.open("ab") as output:
            server = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "INT", *without_setpriv(self.command()), stdout=output, stderr=output, cwd="/"
            )
        try:
            await self.answers()
            await self.make_databases()
            yield self
        finally:
            await _stop(server)


async def answers(url: str, within: float) -> None:
    """Return when the database of `url` takes connections; Stop with the reason when it does not within that many seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, connect_timeout=2):
                return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise Stop(f"PostgreSQL does not answer: {' '.join(str(error).split())[-200:]}") from error
        await asyncio.sleep(0.05)


async def create_database(connection: psycopg.AsyncConnection, name: str, template: str | None = None) -> None:
    """Make a database when it is not there, as a copy of `template` if given. The connection must be in autocommit."""
    found = await connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    if not found.rowcount:
        like = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + like)


def as_server_user() -> list[str]:
    """What goes before a server program: root becomes `postgres`, everybody else stays who they are."""
    return ["setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--init-groups", "--"] if os.geteuid() == 0 else []


def without_setpriv(command: list[str]) -> list[str]:
    """A command to be put behind another `setpriv` and its options."""
    return command[1:] if command[0] == "setpriv" else ["--", *command]


def _lets_others_in(place: Path) -> bool:
    """Whether a user who owns nothing here can walk down to `place`."""
    existing = place
    while not existing.exists():
        existing = existing.parent
    return all(step.stat().st_mode & 0o001 for step in (existing, *existing.parents))


async def _stop(server: asyncio.subprocess.Process) -> None:
    if server.returncode is not None:
        return
    server.send_signal(2)
    try:
        await asyncio.wait_for(server.wait(), STOPS_WITHIN)
    except TimeoutError:
        server.kill()
        await server.wait()
