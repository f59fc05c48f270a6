"""Many connections of one httpx client, without its price.

httpcore's pool walks over all its connections for every request, and over all of them again for each: with 128 connections that
is milliseconds of CPU per call. Several small pools in turn keep the number of connections and make the walk short.
"""

import itertools
import ssl

import httpx

POOL_CONNECTIONS = 8


class RotatingPools(httpx.AsyncBaseTransport):
    """At most `connections` connections, rounded up to whole pools; each request takes the next pool in turn."""

    def __init__(self, connections: int, verify: ssl.SSLContext) -> None:
        limits = httpx.Limits(max_connections=POOL_CONNECTIONS, max_keepalive_connections=POOL_CONNECTIONS)
        pools = -(-connections // POOL_CONNECTIONS)
        self._pools = [httpx.AsyncHTTPTransport(verify=verify, limits=limits, trust_env=False) for _ in range(pools)]
        self._turns = itertools.cycle(self._pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await next(self._turns).handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()
