"""Calls to one party over kept connections: bounded in number, time and size, and told by one error when there is no answer.

aiohttp is used because of its price: httpx takes about 1 ms of CPU for a call over one of 128 connections, aiohttp a fifth of it.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from yarl import URL

# Answers of providers and of the shop are some hundred bytes; what is longer is nothing that we could read.
BODY_BYTES_MAX = 256 * 1024
# Given up by us before the other side's server does it (uvicorn's after 5 s): a request sent into a closing connection is lost.
KEPT_SECONDS = 4.0
# Headers that aiohttp would add by itself: answers are wanted plain, and nobody asks for our name.
_NOT_ADDED = ("Accept", "Accept-Encoding", "User-Agent")


class NoAnswer(Exception):  # noqa: N818  # named after the fact
    """The other side was not reached, was cut off, took too long or said too much; the request may have been carried out."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, redirections included: they are not followed."""

    status: int
    body: bytes


class Calls(Protocol):
    """One HTTP call at a time; NoAnswer when nothing came of it."""

    async def call(self, verb: str, address: str, content: bytes, headers: Mapping[str, str]) -> Reply: ...

    async def close(self) -> None: ...


class Connections:
    """At most `most` connections, each call cut off after `seconds` with its wait for one (NoAnswer); proxies of the machine are not asked.

    May be made before the event loop runs; `connect_seconds` is the part of it in which the other side must accept.
    """

    def __init__(self, most: int, trusted: ssl.SSLContext, *, seconds: float, connect_seconds: float) -> None:
        self._most = most
        self._trusted = trusted
        self._seconds = seconds
        self._connect_seconds = connect_seconds
        self._session: aiohttp.ClientSession | None = None

    async def call(self, verb: str, address: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        session = self._session or self._open()
        try:
            async with (
                asyncio.timeout(self._seconds),
                session.request(verb, URL(address, encoded=True), data=content, headers=headers, allow_redirects=False) as response,
            ):
                return Reply(response.status, await _body(response))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(type(error).__name__) from error

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._most, ssl=self._trusted, keepalive_timeout=KEPT_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NOT_ADDED,
            auto_decompress=False,
            trust_env=False,
        )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole body; NoAnswer beyond 256 KiB."""
    body = b""
    while part := await response.content.read(BODY_BYTES_MAX):
        body += part
        if len(body) > BODY_BYTES_MAX:
            raise NoAnswer("more than could be read")
    return body
