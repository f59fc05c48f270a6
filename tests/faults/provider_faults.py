"""The provider misbehaves for a while, as its sandbox is told to: slow, repeating itself, out of order, late, lying, broken, forgetful.

What it truly took stands in its ledger, and what checkers judge by is the ledger.
"""

import asyncio
import random
import time

import httpx

from tests.faults.mending import Mending
from tests.faults.shoppers import Rush

TELLS_SECONDS = 60.0  # it may be dead or frozen just now
AGAIN_SECONDS = 0.2
SLOW_SECONDS = (5.5, 8.0)  # a call is given up after five
LATE_SECONDS = (1.5, 40.0)  # some come after their order has lapsed
WELL = {"create": "ok", "query": "ok", "capture": "ok", "cancel": "ok", "refund": "ok", "notify": "ok"}


async def _misbehaves(rush: Rush, **how: str) -> tuple[str, Mending]:
    await behave(rush.house.provider, **how)

    async def behaves() -> None:
        await behave(rush.house.provider, **WELL)

    return f"provider, {', '.join(f'{call} {what}' for call, what in how.items())}", behaves


async def behave(provider: httpx.AsyncClient, **how: str) -> None:
    """Tell the provider how to behave from now on, however long it takes to reach it."""
    deadline = time.monotonic() + TELLS_SECONDS
    while True:
        try:
            answer = await provider.post("/behaviour", json=how)
        except httpx.HTTPError:
            assert time.monotonic() < deadline, f"the provider was not reached within {TELLS_SECONDS} s"
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        assert answer.status_code == 200, answer.text
        return


async def slow_provider(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """It does what it is asked for, and answers when nobody listens any more."""
    slow = f"slow:{chance.uniform(*SLOW_SECONDS):.1f}"
    calls = chance.choice((("create",), ("query", "cancel"), ("capture", "refund"), ("create", "query", "capture", "cancel", "refund")))
    return await _misbehaves(rush, **dict.fromkeys(calls, slow))


async def break_provider(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """It does what it is asked for, and answers 500. Some of its money must go back meanwhile."""
    notify = chance.choice(("ok", "sum:100"))
    return await _misbehaves(rush, create="broken", capture="broken", cancel="broken", refund="broken", notify=notify)


async def forget_payments(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """It knows none of its payments; some notifications of them come all the same, some do not."""
    return await _misbehaves(rush, query="unknown", notify=chance.choice(("ok", "sum:-100", f"late:{chance.uniform(*LATE_SECONDS):.1f}")))


async def repeat_notices(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    return await _misbehaves(rush, notify=f"times:{chance.choice((2, 3, 5))}")


async def reorder_notices(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """Authorised after captured or cancelled, captured once more after a refund."""
    return await _misbehaves(rush, notify="reordered")


async def delay_notices(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """Some until their order has lapsed; then its provider does not answer the last question either."""
    late = f"late:{chance.uniform(*LATE_SECONDS):.1f}"
    return await _misbehaves(rush, notify=late, **chance.choice(({}, {"query": "down", "cancel": "down"})))


async def lie_in_notices(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    return await _misbehaves(rush, notify=chance.choice(("sum:-100", "sum:100", "sum:-300000", "currency:USD")))


async def lie_in_queries(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """The notification comes later, so that the answers to queries decide."""
    return await _misbehaves(rush, query=chance.choice(("sum:-100", "sum:100", "sum:-300000")), notify=chance.choice(("late:4", "sum:100")))
