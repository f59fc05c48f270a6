"""Who works on what: events and documents fall into shares, and a pump works on those whose advisory lock it has.

This is efficiency only. A lock can end with its session while its pump works on, and nothing is lost: the positions decide.
"""

import asyncio
import logging

from data_writers.database import Away, Link
from data_writers.readings import SQL

logger = logging.getLogger("data_pumps.shares")

SHARES = 8
LOCK_FAMILY = 0x46524F4E  # "FRON"
LOOK_SECONDS = 1.0
# A pump that is frozen, or whose machine is, says nothing and keeps its session: after so long PostgreSQL ends it, and another pump
# takes its shares. Much longer than a pump's loop is ever busy, or shares would change hands under load.
LEASE_SECONDS = 10


class Shares:
    """The shares that this process has. They are taken when they are free and kept until the session ends; `main` ends it after
    LEASE_SECONDS of silence.
    """

    def __init__(self, main: Link) -> None:
        self._main = main
        self._held: set[int] = set()
        self.answered = False  # whether PostgreSQL did, at the last look

    def __len__(self) -> int:
        return len(self._held)

    def has(self, number: int) -> bool:
        """Whether this process works on the event (or anything else that has a number)."""
        return number % SHARES in self._held

    async def keep(self) -> None:
        """Take what is free, again and again."""
        while True:
            try:
                await self._take()
                self.answered = True
            except Away as away:
                self.answered = False
                if self._held:
                    logger.warning("shares_lost", extra={"data": {"why": str(away)}})
                self._held.clear()
            await asyncio.sleep(LOOK_SECONDS)

    async def _take(self) -> None:
        async with self._main.use() as connection:
            await connection.execute("SELECT 1")  # a session that ended took its locks with it
            for share in set(range(SHARES)) - self._held:
                row = await (await connection.execute(SQL["take_share"], {"family": LOCK_FAMILY, "share": share})).fetchone()
                if row is not None and row[0]:
                    self._held.add(share)
