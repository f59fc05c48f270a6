"""Taking new connections, many in one turn of the event loop.

uvloop's own server takes one a turn (libuv does since 1.45: https://github.com/libuv/libuv/pull/3696). A turn under load lasts
milliseconds, so a crowd that comes at once stood seconds before the door while those inside were served.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable

logger = logging.getLogger("processing_units.acceptance")

BACKLOG = 4_096  # connections that wait to be taken; the kernel turns away the rest, and takes no more either (somaxconn)
TAKEN_A_TURN_MAX = 128  # those inside are served in between
PAUSE_SECONDS = 1.0  # when there is no file or memory left for another one
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Acceptor:
    """Listens at a bound socket from its making until `close`; every connection gets a protocol of its own."""

    def __init__(self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._protocol = protocol
        self._arriving: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.listen(BACKLOG)
        self._open()

    def close(self) -> None:
        """Take no more; the socket stays its owner's."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener.fileno())

    async def wait_closed(self) -> None:
        """Until whoever was taken last is inside."""
        await asyncio.gather(*self._arriving)

    def _open(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener.fileno(), self._take)

    def _take(self) -> None:
        for _ in range(TAKEN_A_TURN_MAX):
            try:
                taken, _ = self._listener.accept()
            except OSError as error:  # BlockingIOError: nobody else is there; others: whoever it was has gone already
                if error.errno in EXHAUSTED:
                    logger.warning("connections_exhausted", extra={"data": {"why": str(error)}})
                    self._loop.remove_reader(self._listener.fileno())
                    self._pause = self._loop.call_later(PAUSE_SECONDS, self._open)
                return
            arriving = self._loop.create_task(self._welcome(taken))
            self._arriving.add(arriving)
            arriving.add_done_callback(self._arriving.discard)

    async def _welcome(self, taken: socket.socket) -> None:
        taken.setblocking(False)
        try:
            await self._loop.connect_accepted_socket(self._protocol, taken)
        except OSError:  # gone before it was inside
            taken.close()
