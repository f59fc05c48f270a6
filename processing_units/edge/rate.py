"""Limits per address for what is dear or can be guessed: a bounded number of token buckets.

Trusted addresses (our own network, loopback by default) are spared: behind the balancer the shopper's own address counts,
see `Addresses`. The balancer counts requests of all kinds; here only calls that it cannot tell apart.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from processing_units.edge.identity import Addresses
from processing_units.edge.problems import too_many_requests

BUCKETS_MAX = 50_000  # addresses remembered per rate; whoever was quiet longest is forgotten first


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls per second on the long run, and so many at once. Names are told in the metrics only."""

    name: str
    per_second: float
    burst: int


# A household or a small office behind one address buys tickets; a script asks hundreds of times a second.
ORDERS = Rate("orders", per_second=20, burst=60)
# Every try costs an argon2 of ours and is a guess of theirs.
SESSIONS = Rate("sessions", per_second=1, burst=20)
ACCOUNTS = Rate("accounts", per_second=1, burst=20)


class Rates:
    """Token buckets by rate and address."""

    def __init__(self, addresses: Addresses, clock: Callable[[], float] = time.monotonic) -> None:
        self._addresses = addresses
        self._clock = clock
        self._buckets: dict[str, OrderedDict[str, tuple[float, float]]] = {}

    def take(self, rate: Rate, address: str) -> None:
        """Take one call of this rate; `too_many_requests` when the address has none left."""
        if self._addresses.is_trusted(address):
            return
        buckets = self._buckets.setdefault(rate.name, OrderedDict())
        now = self._clock()
        tokens, since = buckets.pop(address, (float(rate.burst), now))
        tokens = min(float(rate.burst), tokens + (now - since) * rate.per_second)
        if tokens < 1:
            buckets[address] = (tokens, now)
            raise too_many_requests(round((1 - tokens) / rate.per_second + 0.5))
        buckets[address] = (tokens - 1, now)
        if len(buckets) > BUCKETS_MAX:
            buckets.popitem(last=False)
