"""Asking the grid's inventories from behind: what the pump, the reader and the jobs share."""

import time
from collections.abc import Callable
from typing import NamedTuple

from grid_config.answers import BatchAnswer, decode_batch
from grid_config.client import Grid, GridRefused, GridUnavailable
from grid_config.commands import acknowledge, batch, settle
from grid_config.outcomes import BatchStatus, Method, Outcome, PaymentResult, Verdict
from grid_config.wire import NO_ADDRESS
from infra.payment.port import PaymentState

_NOT_NOW = {BatchStatus.UNAVAILABLE, BatchStatus.LATE}
_ENTRY_AWAY = {BatchStatus.MISSING, BatchStatus.SHUT}


_RESULTS: dict[str, PaymentResult] = {
    "authorised": PaymentResult.AUTHORISED,
    "captured": PaymentResult.CAPTURED,
    "declined": PaymentResult.DECLINED,
    "cancelled": PaymentResult.CANCELLED,
}  # `pending` is no result yet


class Payment(NamedTuple):
    """An attempt to pay and where it is made."""

    number: int
    provider: str
    method: Method


class Settled(NamedTuple):
    """What became of an attempt; `amount` in kopecks, 0 where no money moved."""

    event: int
    order: int
    attempt: int
    result: PaymentResult
    amount: int
    provider: str
    method: Method


class Inventories:
    """The inventories of a grid. Every call: GridUnavailable when it cannot say now; asking again is right."""

    def __init__(self, grid: Grid, clock: Callable[[], float] = time.time) -> None:
        self._grid = grid
        self._clock = clock

    async def ask(self, event: int, *commands: bytes) -> BatchAnswer:
        """The answer to a batch, which may say that the entry is missing or shut. GridRefused: the batch itself was senseless."""
        return _answered(event, await self._grid.inventory(event, batch(self._now(), commands)))

    async def ask_anew(self, event: int, command: Callable[[], bytes]) -> BatchAnswer:
        """The answer to a command that is never asked twice: each attempt makes one of its own."""
        return _answered(event, await self._grid.inventory_anew(event, lambda: batch(self._now(), [command()])))

    def _now(self) -> int:
        return int(self._clock() * 1000)

    async def ask_open(self, event: int, command: bytes) -> tuple[int, bytes]:
        """(outcome, body) of one command to an entry that sells."""
        answer = await self.ask(event, command)
        if answer.status in _ENTRY_AWAY:
            raise GridUnavailable(f"event {event}: {BatchStatus(answer.status).name}")
        return answer.outcomes[0]

    async def settle(self, told: Settled) -> None:
        """Tell what became of an attempt; the entry decides what follows. Repeating is always right. GridRefused: senseless."""
        command = settle(told.order, told.attempt, told.result, told.amount, told.provider, told.method, NO_ADDRESS)
        outcome, _ = await self.ask_open(told.event, command)
        if outcome == Outcome.FULL:
            raise GridUnavailable(f"event {told.event}: its outbox is full")
        if outcome not in {Outcome.ACCEPTED, Outcome.REPEATED}:
            raise GridRefused(f"event {told.event}, order {told.order}: {told.result.name} is {Outcome(outcome).name}")

    async def tell(self, event: int, incarnation: int, verdict: tuple[int, Verdict, tuple[int, ...]]) -> bool:
        """Bring a verdict to an entry in this life of it; False when it lives another one. GridUnavailable while it is missing."""
        answer = await self.ask(event, acknowledge(incarnation, 0, [verdict]))
        if answer.status != BatchStatus.ACCEPTED:
            raise GridUnavailable(f"event {event}: {BatchStatus(answer.status).name}")
        return answer.outcomes[0][0] != Outcome.OTHER_INCARNATION


def settled(event: int, order: int, payment: Payment, state: PaymentState) -> Settled | None:
    """What a provider's answer says of an attempt; None while it says nothing yet."""
    result = _RESULTS.get(state.status)
    if result is None:
        return None
    amount = {PaymentResult.CAPTURED: state.captured, PaymentResult.AUTHORISED: state.amount}.get(result, 0)
    return Settled(event, order, payment.number, result, amount, payment.provider, payment.method)


def _answered(event: int, told: bytes) -> BatchAnswer:
    answer = decode_batch(told)
    if answer.status in _NOT_NOW:
        raise GridUnavailable(f"event {event}: {BatchStatus(answer.status).name}")
    if answer.status not in _ENTRY_AWAY and answer.status != BatchStatus.ACCEPTED:
        raise GridRefused(f"event {event}: {BatchStatus(answer.status).name}")
    return answer
