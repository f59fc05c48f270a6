"""A lean HTTP/1.1 connection for load from Python: one request at a time, kept alive. httpx would be the bottleneck."""

import asyncio
import time
from types import TracebackType
from typing import Self

ANSWER_SECONDS = 40.0
IDLE_SECONDS = 3.0  # uvicorn closes an idle connection after five: a request must not meet that


class Connection:
    """One connection to `host:port`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._used_at = 0.0

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    async def request(self, method: str, path: str, body: bytes = b"", token: str = "") -> tuple[int, bytes]:
        """(status, body) of the answer. OSError or TimeoutError when there is none; the next request connects anew."""
        if self._writer is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            self._close()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._writer is None:
                    await self._connect()
                return await self._exchange(method, path, body, token)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self._close()
            raise ConnectionError(f"{method} {path}: {error!r}") from error

    async def _exchange(self, method: str, path: str, body: bytes, token: str) -> tuple[int, bytes]:
        assert self._reader is not None
        assert self._writer is not None
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        kind = "Content-Type: application/json\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n{authorization}{kind}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        lines = answer.decode("latin-1").lower().split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
        told = await self._reader.readexactly(length) if length else b""
        self._used_at = time.monotonic()
        if "connection: close" in lines:
            self._close()
        return status, told

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        self._used_at = time.monotonic()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None
