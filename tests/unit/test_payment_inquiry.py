"""When a shopper is back and the notification is not, the provider is asked: late, seldom, and in the background."""

import asyncio

import pytest

from grid_config.commands import Command
from grid_config.outcomes import OrderStatus, Outcome
from infra.payment.plugins import Providers
from infra.payment.port import PaymentState, ProviderAway
from processing_units.payments import inquiry
from processing_units.payments.inquiry import BETWEEN_SECONDS, Inquiry
from processing_units.payments.settlement import Settlement
from processing_units.sales.waiters import Waiters
from tests.fixtures.payments import ATTEMPT, EVENT, TOTAL, FakeProvider, ScriptedEntry, an_order, paying


class Page:
    """A shopper's page that waits for an order."""

    def __init__(self) -> None:
        self.entry = ScriptedEntry()
        self.provider = FakeProvider()
        self.provider.payments[ATTEMPT] = PaymentState("authorised", TOTAL, 0, 0)
        self.now = 0.0
        batchers = self.entry.batchers
        settlement = Settlement(batchers, Waiters(self.entry.metrics))
        self.inquiry = Inquiry(batchers, Providers([self.provider]), settlement, self.entry.metrics, lambda: self.now)
        self.entry.on(Command.READ_ORDER, Outcome.ACCEPTED, paying())
        self.entry.on(Command.SETTLE, Outcome.ACCEPTED, paying(status=OrderStatus.PAID))

    async def wait(self, order=None, event=EVENT) -> None:
        self.inquiry.begin(event, order or paying())
        await asyncio.sleep(0.05)


@pytest.fixture
def page(monkeypatch) -> Page:
    monkeypatch.setattr(inquiry, "GRACE_SECONDS", 0.01)
    return Page()


async def test_what_the_provider_knows_is_settled(page):
    await page.wait()
    assert page.provider.calls == ["query"]
    assert page.entry.count(Command.SETTLE) == 1


async def test_a_notification_that_came_meanwhile_spares_the_question(page):
    page.entry.on(Command.READ_ORDER, Outcome.ACCEPTED, paying(status=OrderStatus.PAID, attempt_open=0))
    await page.wait()
    assert not page.provider.calls


async def test_a_pending_payment_changes_nothing(page):
    page.provider.payments[ATTEMPT] = PaymentState("pending", TOTAL, 0, 0)
    await page.wait()
    assert page.entry.count(Command.SETTLE) == 0


async def test_a_payment_that_the_provider_has_not_heard_of_changes_nothing(page):
    page.provider.payments.clear()
    await page.wait()
    assert page.entry.count(Command.SETTLE) == 0


async def test_an_order_is_asked_about_once_in_a_few_seconds(page):
    for _ in range(20):
        page.inquiry.begin(EVENT, paying())
    await page.wait()
    assert page.provider.calls == ["query"]
    page.now += BETWEEN_SECONDS
    await page.wait()
    assert page.provider.calls == ["query"] * 2


@pytest.mark.parametrize(
    "order", [an_order(), paying(attempt_open=0), paying(status=OrderStatus.CONFIRMED), paying(status=OrderStatus.EXPIRED)]
)
async def test_only_an_open_attempt_is_asked_about(page, order):
    await page.wait(order)
    assert not page.entry.asked


async def test_a_provider_that_is_away_or_gone_troubles_nobody(page):
    page.provider.fault = ProviderAway("down")
    await page.wait()
    page.entry.on(Command.READ_ORDER, Outcome.ACCEPTED, paying(provider="gone"))
    page.now += BETWEEN_SECONDS
    await page.wait(paying(provider="gone"))
    assert page.entry.count(Command.SETTLE) == 0


async def test_inquiries_are_bounded(page, monkeypatch):
    monkeypatch.setattr(inquiry, "ORDERS_MAX", 3)
    for number in range(1, 10):
        page.inquiry.begin(EVENT, paying(order=number))
    await page.wait()
    assert page.provider.calls == ["query"] * 3


async def test_a_stopped_unit_asks_nobody(page, monkeypatch):
    monkeypatch.setattr(inquiry, "GRACE_SECONDS", 60)
    page.inquiry.begin(EVENT, paying())
    await page.inquiry.stop()
    assert not page.provider.calls
