"""A provider gets its 200 when the outcome is in PostgreSQL, and not a moment sooner."""

import asyncio
import struct

import pytest

from grid_config.commands import STATUS, Command
from grid_config.identifiers import order_text
from grid_config.outcomes import BatchStatus, OrderStatus, Outcome, PaymentResult
from infra.payment.port import Forged, Notification, Unintelligible
from processing_units.edge.problems import Problem
from processing_units.payments import durability
from processing_units.payments.durability import Durability
from processing_units.payments.notices import Notices
from processing_units.payments.settlement import Settlement
from processing_units.sales.waiters import Waiters
from tests.fixtures.payments import ATTEMPT, EVENT, IP, ORDER, TOTAL, FakeProvider, ScriptedEntry, an_order, paying

SEQ = 12
HASTY_SECONDS = 0.15


class Desk:
    def __init__(self, wait_seconds: float = durability.WAIT_SECONDS) -> None:
        self.entry = ScriptedEntry()
        self.provider = FakeProvider()
        self.waiters = Waiters(self.entry.metrics)
        self.durability = Durability(self.entry.batchers, self.entry.metrics, wait_seconds)
        self.notices = Notices(Settlement(self.entry.batchers, self.waiters), self.durability, self.waiters, self.entry.metrics)
        self.entry.on(Command.SETTLE, Outcome.ACCEPTED, paying(status=OrderStatus.PAID, seq=SEQ))
        self.tell()

    def tell(self, status: str = "authorised", order_id: str | None = None, amount: int = TOTAL) -> None:
        text = order_text(EVENT, ORDER) if order_id is None else order_id
        self.provider.notice = Notification(ATTEMPT, text, status, amount, "card")  # type: ignore[arg-type]

    async def take(self) -> None:
        await self.notices.take(self.provider, {}, b"", IP)

    async def problem(self) -> Problem:
        with pytest.raises(Problem) as raised:
            await self.take()
        return raised.value


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def hasty() -> Desk:
    """For what never becomes durable: gives up soon."""
    return Desk(HASTY_SECONDS)


async def test_what_is_durable_already_is_acknowledged_at_once(desk):
    desk.entry.durable_seq = SEQ
    await desk.take()
    assert desk.entry.count(Command.READ_ORDER) == 0


@pytest.mark.parametrize(
    ("status", "result", "amount"),
    [
        ("authorised", PaymentResult.AUTHORISED, TOTAL),
        ("captured", PaymentResult.CAPTURED, TOTAL),
        ("declined", PaymentResult.DECLINED, 0),
        ("cancelled", PaymentResult.CANCELLED, 0),
    ],
)
async def test_every_status_is_settled_with_the_providers_own_sum(desk, status, result, amount):
    desk.entry.durable_seq = SEQ
    desk.tell(status)
    await desk.take()
    [(_, body)] = desk.entry.asked
    assert struct.unpack_from("<qqBq", body) == (ORDER, ATTEMPT, result, amount)


async def test_another_sum_than_an_order_was_paid_with_is_an_alarm_and_taken(desk):
    desk.entry.durable_seq = SEQ
    desk.tell(amount=TOTAL - 100)
    await desk.take()
    assert desk.entry.metrics.counts["payment_alarms"] == 1
    desk.tell("cancelled", amount=0)
    await desk.take()
    assert desk.entry.metrics.counts["payment_alarms"] == 1


async def test_the_answer_waits_until_postgresql_has_it(desk):
    taking = asyncio.create_task(desk.take())
    await asyncio.sleep(0.05)
    assert not taking.done()
    desk.entry.durable_seq = SEQ
    await taking


async def test_what_does_not_become_durable_in_time_is_to_be_repeated(hasty):
    hasty.entry.durable_seq = SEQ - 1
    problem = await hasty.problem()
    assert problem.code == "unavailable"
    assert problem.headers["retry-after"]


async def test_what_is_durable_in_another_life_says_nothing(desk):
    taking = asyncio.create_task(desk.problem())
    await asyncio.sleep(0.01)
    desk.entry.incarnation += 1
    desk.entry.durable_seq = SEQ + 100
    assert (await taking).code == "unavailable"


async def test_an_entry_that_is_away_for_a_moment_does_not_lose_the_wait(desk):
    taking = asyncio.create_task(desk.take())
    await asyncio.sleep(0.01)
    desk.entry.status = BatchStatus.SHUT
    await asyncio.sleep(0.05)
    desk.entry.status, desk.entry.durable_seq = BatchStatus.ACCEPTED, SEQ
    await taking


async def test_a_missing_entry_is_to_be_repeated(desk):
    desk.entry.status = BatchStatus.MISSING
    assert (await desk.problem()).code == "unavailable"


async def test_a_full_entry_is_to_be_repeated(desk):
    desk.entry.on(Command.SETTLE, Outcome.FULL)
    assert (await desk.problem()).code == "unavailable"


async def test_a_repeated_notification_waits_for_the_same_change(hasty):
    hasty.entry.on(Command.SETTLE, Outcome.REPEATED, paying(status=OrderStatus.PAID, seq=SEQ))
    hasty.entry.durable_seq = SEQ - 1
    assert (await hasty.problem()).code == "unavailable"
    hasty.entry.durable_seq = SEQ
    await hasty.take()


async def test_a_thousand_waiters_share_their_looks(desk):
    waiting = [asyncio.create_task(desk.take()) for _ in range(1000)]
    await asyncio.sleep(0.06)
    desk.entry.durable_seq = SEQ
    await asyncio.gather(*waiting)
    assert desk.entry.count(Command.READ_ORDER) <= 6


async def test_waiters_of_a_busy_event_hear_it_in_the_answers_to_others(desk, monkeypatch):
    monkeypatch.setattr(durability, "LOOK_SECONDS", 60)
    taking = asyncio.create_task(desk.take())
    await asyncio.sleep(0.01)
    await desk.entry.batchers.ask(EVENT, STATUS)
    await asyncio.sleep(0)
    assert not taking.done()
    desk.entry.durable_seq = SEQ
    await desk.entry.batchers.ask(EVENT, STATUS)
    await taking
    assert desk.entry.count(Command.READ_ORDER) == 0


async def test_waiters_are_bounded(desk, monkeypatch):
    monkeypatch.setattr(durability, "WAITERS_MAX", 1)
    first = asyncio.create_task(desk.take())
    await asyncio.sleep(0.01)
    assert (await desk.problem()).code == "unavailable"
    desk.entry.durable_seq = SEQ
    await first


async def test_after_the_wait_nobody_looks_any_more(hasty):
    await hasty.problem()
    looks = hasty.entry.count(Command.READ_ORDER)
    await asyncio.sleep(0.1)
    assert hasty.entry.count(Command.READ_ORDER) <= looks + 1
    assert not hasty.durability._watches
    assert not hasty.entry.batchers.listeners


async def test_a_forged_notification_is_malformed_and_reaches_nobody(desk):
    desk.provider.notice = Forged("wrong signature")
    problem = await desk.problem()
    assert (problem.status, problem.code) == (400, "malformed")
    assert not desk.entry.asked


async def test_signed_nonsense_is_an_alarm_and_needs_no_repeat(desk, caplog):
    desk.provider.notice = Unintelligible("no status")
    await desk.take()
    assert not desk.entry.asked
    assert caplog.messages == ["notification_unintelligible"]


@pytest.mark.parametrize("order_id", ["", "x", "е" * 27, "0000000000001", "0000000000001-0000000000000", "'; DROP TABLE orders"])
async def test_money_whose_metadata_name_no_order_is_an_alarm(desk, caplog, order_id):
    desk.tell(order_id=order_id)
    await desk.take()
    assert not desk.entry.asked
    assert caplog.messages == ["notification_without_order"]


async def test_money_for_an_order_in_no_record_is_recorded_and_an_alarm(hasty, caplog):
    hasty.entry.on(Command.SETTLE, Outcome.ACCEPTED, an_order(status=0, seq=SEQ))
    assert (await hasty.problem()).code == "unavailable"
    hasty.entry.durable_seq = SEQ
    await hasty.take()
    assert "money_without_order" in caplog.messages


async def test_a_result_that_the_entry_will_never_take_is_an_alarm_and_needs_no_repeat(desk, caplog):
    desk.entry.on(Command.SETTLE, Outcome.INVALID)
    await desk.take()
    assert caplog.messages == ["notification_senseless"]


async def test_a_pending_payment_needs_nothing(desk):
    desk.tell("pending")
    await desk.take()
    assert not desk.entry.asked
