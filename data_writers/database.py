"""Connections to PostgreSQL that come back by themselves, and the one question that every error is asked.

    an error of the data (SQLSTATE class 22 or 23, Unwritable)   another try fails the same way: narrow it down
    everything else (Away)                                       PostgreSQL is away: wait and try again

A COMMIT means flushed, or the notification that was answered by it was a lie: a server that does not flush is refused.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import TupleRow

logger = logging.getLogger("data_writers.database")
Connection = psycopg.AsyncConnection[TupleRow]

CONNECT_SECONDS_MAX = 5
STATEMENT_SECONDS_MAX = 30
LOCK_SECONDS_MAX = 10
USE_SECONDS_MAX = 60  # one transaction; a server that stopped in mid-sentence is noticed here
# A wire that is cut, and a machine that has lost its power, tell nobody. Both sides ask after each other: ours, that it may try again
# elsewhere, and the server, which otherwise keeps what a transaction has locked until its own TCP gives up, two hours later. A pipeline
# of which half has arrived is not `idle in transaction`, so no time-out of PostgreSQL ends it.
SILENT_SECONDS, ASKED_EVERY_SECONDS, ASKED_TIMES = 5, 2, 3
SILENT_MS_MAX = 1_000 * (SILENT_SECONDS + ASKED_EVERY_SECONDS * ASKED_TIMES)
WATCHED: dict[str, Any] = {
    "keepalives_idle": SILENT_SECONDS,
    "keepalives_interval": ASKED_EVERY_SECONDS,
    "keepalives_count": ASKED_TIMES,
    "tcp_user_timeout": SILENT_MS_MAX,  # what was sent is not confirmed: then nobody is asked
}
WATCHING = (
    f"-c tcp_keepalives_idle={SILENT_SECONDS} -c tcp_keepalives_interval={ASKED_EVERY_SECONDS} -c tcp_keepalives_count={ASKED_TIMES}"
    f" -c tcp_user_timeout={SILENT_MS_MAX}"
)
# A process that is frozen in mid-transaction keeps the rows that its successor waits for. PostgreSQL's own time-out for that does not
# run after a pipeline: psycopg's flush after the last sync stops it.
STALLED_SECONDS_MAX = 10
_DATA_CLASSES = ("22", "23")
_END_SILENT = """
SELECT application_name, pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user
    AND (state LIKE 'idle in transaction%%' OR state = 'active' AND wait_event_type = 'Client')
    AND state_change < now() - make_interval(secs => %s)"""


class Away(Exception):  # noqa: N818 - named as what it says
    """PostgreSQL is not there, or cannot just now; the same again later may do."""


# A plan that was made while a table was nearly empty reads all of it, and is kept until somebody analyses the table: in the first
# minutes of a sale every transaction would read every order.
_BY_KEY = " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"


class Unwritable(Exception):  # noqa: N818
    """What is to be written makes no sense to the rows that are there."""


class NotDurable(Exception):  # noqa: N818
    """The server's settings let a committed transaction be lost."""


def is_data_error(error: BaseException) -> bool:
    """Whether the data is at fault, and not the moment."""
    if isinstance(error, Unwritable):
        return True
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.DataError)  # refused before it was sent, a NUL in a text for example
    return error.sqlstate[:2] in _DATA_CLASSES


def reason_of(error: BaseException) -> str:
    """What an error says without PostgreSQL's detail, which quotes the row: reasons stand in logs and in alarms."""
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return told or f"{type(error).__name__}: {error}".splitlines()[0]


class Link:
    """One connection, for one transaction at a time; made when it is wanted, given up when it fails.

    `by_key`: its statements go by an index wherever there is one, whatever PostgreSQL thinks of the tables' sizes.
    `idle_seconds`: PostgreSQL ends its session, with the locks of it, after so long without a word; 0: never.
    """

    def __init__(self, url: str, name: str, *, by_key: bool = False, idle_seconds: int = 0) -> None:
        self._url = url
        self._name = name
        self._by_key = by_key
        self._idle_seconds = idle_seconds
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def use(self, seconds: float = USE_SECONDS_MAX) -> AsyncIterator[Connection]:
        """The connection, in autocommit. Errors of the data pass through, all others leave as Away."""
        async with self._turn:
            try:
                async with asyncio.timeout(seconds):
                    yield await self._connected()
            except (psycopg.Error, OSError, TimeoutError) as error:
                if is_data_error(error):
                    raise
                if isinstance(error, psycopg.errors.LockNotAvailable):
                    await self._end_silent()
                await self._give_up()
                raise Away(f"{type(error).__name__}: {error}") from error
            except asyncio.CancelledError:
                await self._give_up()
                raise

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._url, self._name, by_key=self._by_key, idle_seconds=self._idle_seconds)
        return self._connection

    async def _end_silent(self) -> None:
        """Somebody has kept what we waited for: sessions of ours that stopped in mid-transaction come to their end."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS_MAX):
                    ended = await (await self._connection.execute(_END_SILENT, [STALLED_SECONDS_MAX])).fetchall()
                    logger.warning("silent_sessions_ended", extra={"data": {"names": [name for name, _ in ended]}})

    async def _give_up(self) -> None:
        # Closing sends a farewell that a stopped server never reads; it must not hold us.
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.pgconn.finish()


async def connect(url: str, name: str, *, by_key: bool = False, idle_seconds: int = 0) -> Connection:
    """A connection in autocommit to a server that flushes what it commits; NotDurable when it does not."""
    connection = await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS_MAX,
        application_name=name,
        prepare_threshold=2,
        **WATCHED,
        options=f"{WATCHING} -c statement_timeout={STATEMENT_SECONDS_MAX}s -c lock_timeout={LOCK_SECONDS_MAX}s -c timezone=UTC"
        f" -c idle_in_transaction_session_timeout={USE_SECONDS_MAX}s -c idle_session_timeout={idle_seconds}s{_BY_KEY if by_key else ''}",
    )
    try:
        await check_durability(connection)
    except BaseException:
        await connection.close()
        raise
    return connection


async def check_durability(connection: Connection) -> None:
    """NotDurable unless COMMIT means flushed."""
    cursor = await connection.execute(
        "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')"
    )
    row = await cursor.fetchone()
    if row is None or row[0] != "on" or row[1] != "on" or row[2] in {"off", "local"}:
        raise NotDurable(f"fsync, full_page_writes and synchronous_commit are {row}; all three must be on")


# Arrays travel as text that we write ourselves: a third of the time that the driver's own list dumper takes.


def array(values: Iterable[Any]) -> str:
    """An array literal of numbers, booleans, plain words, texts that `quoted` made, and None."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def quoted(text: str) -> str:
    """A text as an element of an array literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def nested(values: Sequence[int]) -> str:
    """An array of numbers as an element of an array of texts."""
    return '"{' + ",".join(map(str, values)) + '}"'


def columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Rows turned into one array literal per column, by the parameter's name."""
    return {name: array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
