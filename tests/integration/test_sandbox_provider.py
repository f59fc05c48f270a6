"""The sandbox provider as the process that `infra/up` starts: what it does with money, and how it tells the shop of it."""

import asyncio
import signal
from datetime import UTC, datetime

import pytest

from infra.payment.port import (
    Forged,
    LedgerLine,
    Notification,
    PaymentState,
    ProviderAway,
    ProviderRefused,
    Status,
    UnknownPayment,
    payment_id,
)
from infra.payment.sandbox import Sandbox
from infra.sandbox.api import PAGE_PAYMENTS
from tests.fixtures.provider import listening, until
from tests.fixtures.sandbox import ORDER_ID, SUM, Shop, attempt, begin, process, provider, service, shop

__all__ = ["attempt", "process", "provider", "service", "shop"]  # fixtures


@pytest.mark.parametrize("method", ["card", "sbp"])
async def test_an_approved_payment_is_notified_taken_and_sent_back(service, attempt, shop, provider, method):
    first: Status = "authorised" if method == "card" else "captured"
    assert await begin(provider, attempt, method=method) == f"{service.process.settings.provider_url}/pay/{payment_id(attempt)}"
    assert await provider.query(attempt) == PaymentState("pending", SUM, 0, 0)
    assert (await service.outcome(attempt, "approve")).status_code == 200
    await until(lambda: shop.statuses == [first])
    assert shop.heard[0] == Notification(attempt, ORDER_ID, first, SUM, method)
    assert await provider.capture(attempt, SUM) == PaymentState("captured", SUM, SUM, 0)
    assert await provider.refund(attempt, attempt, SUM) == PaymentState("captured", SUM, SUM, SUM)
    assert await provider.refund(attempt, attempt, SUM) == PaymentState("captured", SUM, SUM, SUM)
    with pytest.raises(ProviderRefused):
        await provider.refund(attempt, attempt + 1, 1)
    view = await service.ledger(attempt)
    assert view["captured"] == view["refunded"] == view["amount"] == {"amount": "3500.00", "currency": "RUB"}
    assert view["notifications"][0]["status_code"] == 200


async def test_creating_again_with_the_same_number_is_the_same_payment(service, attempt, provider):
    assert await begin(provider, attempt) == await begin(provider, attempt)


async def test_declined_and_cancelled_payments_take_nothing(service, attempt, shop, provider):
    await begin(provider, attempt)
    await begin(provider, attempt + 1)
    assert (await service.outcome(attempt, "decline")).status_code == 200
    assert (await provider.cancel(attempt)).status == "declined"
    assert (await provider.cancel(attempt + 1)).status == "cancelled"
    assert (await provider.cancel(attempt + 1)).status == "cancelled"
    assert (await provider.cancel(attempt + 2)).status == "cancelled"
    assert (await service.outcome(attempt + 1, "approve")).status_code == 409
    await until(lambda: sorted(shop.statuses) == ["cancelled", "declined"])


async def test_a_captured_payment_is_told_to_whoever_cancels_it(service, attempt, shop, provider):
    await begin(provider, attempt, method="sbp")
    await service.outcome(attempt, "approve")
    assert await provider.cancel(attempt) == PaymentState("captured", SUM, SUM, 0)


async def test_a_payment_that_nobody_began_is_unknown(service, attempt, provider):
    with pytest.raises(UnknownPayment):
        await provider.query(attempt)


async def test_its_ledger_lists_money_oldest_first_however_much_there_is(service, attempt, provider):
    began, many = datetime.now(UTC), [1_000_000 + attempt * 1_000 + number for number in range(PAGE_PAYMENTS + 3)]
    for each in many:
        await begin(provider, each, method="sbp")
        await service.outcome(each, "approve")
    between = datetime.now(UTC)
    await begin(provider, attempt)
    await service.outcome(attempt, "approve")
    await begin(provider, attempt + 1)

    listed = [line async for line in provider.ledger_lines(began, between)]
    assert [line.attempt for line in listed] == many
    assert {line.state for line in listed} == {PaymentState("captured", SUM, SUM, 0)}
    since = [line async for line in provider.ledger_lines(between, datetime.now(UTC))]
    assert since == [LedgerLine(attempt, ORDER_ID, "card", PaymentState("authorised", SUM, 0, 0))]
    await service.behave(query="down")
    with pytest.raises(ProviderAway):
        _ = [line async for line in provider.ledger_lines(began, between)]


async def test_notifications_are_repeated_until_the_shop_says_200(service, attempt, shop, provider):
    shop.answers = [503, 400, 500]
    await begin(provider, attempt)
    await service.outcome(attempt, "approve")
    await until(lambda: len(shop.heard) == 4)
    await asyncio.sleep(0.3)
    assert shop.statuses == ["authorised"] * 4
    view = await service.ledger(attempt)
    assert [one["status_code"] for one in view["notifications"]] == [503, 400, 500, 200]
    assert all(datetime.fromisoformat(one["at"]) for one in view["notifications"])


async def test_every_delivery_is_signed_anew_and_one_that_was_changed_is_forged(service, attempt, shop, provider):
    shop.answers = [503]
    await begin(provider, attempt)
    await service.outcome(attempt, "approve")
    await until(lambda: len(shop.raw) == 2)
    headers, body = shop.raw[0]
    assert provider.verify(headers, body) == shop.heard[0]
    with pytest.raises(Forged):
        provider.verify(headers, body.replace(b"3500.00", b"0001.00"))
    with pytest.raises(Forged):
        Sandbox(service.process.settings, clock=lambda: datetime.now(UTC).timestamp() + 301).verify(headers, body)


async def test_a_notification_survives_the_death_of_the_provider_and_the_absence_of_the_shop(service, attempt, provider):
    await begin(provider, attempt)
    await service.outcome(attempt, "approve")
    await asyncio.sleep(0.3)
    assert {one["status_code"] for one in (await service.ledger(attempt))["notifications"]} == {None}
    service.process.end(signal.SIGKILL)
    shop = Shop(provider, attempt)
    async with listening(shop.site(), service.process.settings.site):
        await asyncio.to_thread(service.process.start)
        await until(lambda: shop.statuses == ["authorised"])
    assert (await provider.query(attempt)).status == "authorised"


async def test_a_late_approval_survives_a_restart(service, attempt, shop, provider):
    await begin(provider, attempt, method="sbp")
    assert (await service.outcome(attempt, "late", after_seconds=1)).status_code == 200
    await asyncio.to_thread(service.process.end, signal.SIGKILL)
    assert not shop.heard
    await asyncio.to_thread(service.process.start)
    await until(lambda: shop.statuses == ["captured"])


async def test_twice_reordered_and_wrong_amount(service, attempt, shop, provider):
    await begin(provider, attempt + 1)
    await service.outcome(attempt + 1, "twice")
    await until(lambda: len(shop.heard) == 2)
    assert shop.heard[0] == shop.heard[1]
    shop.heard.clear()
    await begin(provider, attempt + 2)
    await service.outcome(attempt + 2, "reordered")
    await until(lambda: shop.statuses == ["captured", "authorised"])
    assert await provider.capture(attempt + 2, SUM) == PaymentState("captured", SUM, SUM, 0)
    shop.heard.clear()
    await begin(provider, attempt + 3)
    await service.outcome(attempt + 3, "wrong_amount")
    await until(lambda: len(shop.heard) == 1)
    assert shop.heard[0].amount == (await provider.query(attempt + 3)).amount != SUM


async def test_never_is_never(service, attempt, shop, provider):
    await begin(provider, attempt)
    assert (await service.outcome(attempt, "never")).status_code == 200
    await asyncio.sleep(0.3)
    assert (await provider.cancel(attempt)).status == "cancelled"
    await asyncio.sleep(0.2)
    assert not shop.heard


async def test_misbehaviour_on_demand(service, attempt, shop, provider):
    await service.behave(create="down")
    with pytest.raises(ProviderAway):
        await begin(provider, attempt)
    await service.behave(create="ok", capture="fail", refund="fail_times:1")
    await begin(provider, attempt)
    await service.outcome(attempt, "approve")
    with pytest.raises(ProviderRefused):
        await provider.capture(attempt, SUM)
    await service.behave(capture="ok")
    await provider.capture(attempt, SUM)
    with pytest.raises(ProviderAway):
        await provider.refund(attempt, attempt, SUM)
    assert (await provider.refund(attempt, attempt, SUM)).refunded == SUM


async def test_what_is_broken_or_slow_is_done_all_the_same(service, attempt, shop, provider):
    await service.behave(create="broken", refund="broken")
    with pytest.raises(ProviderAway):
        await begin(provider, attempt, method="sbp")
    await service.behave(create="ok")
    await begin(provider, attempt, method="sbp")
    await service.outcome(attempt, "approve")
    with pytest.raises(ProviderAway):
        await provider.refund(attempt, attempt, SUM)
    await service.behave(refund="ok", query="slow:0.3")
    asked = asyncio.get_running_loop().time()
    assert await provider.query(attempt) == PaymentState("captured", SUM, SUM, SUM)
    assert asyncio.get_running_loop().time() - asked > 0.3
    await service.behave(query="ok")


async def test_only_the_shop_is_lied_to(service, attempt, shop, provider):
    await begin(provider, attempt, method="sbp")
    await service.behave(notify="sum:-100", query="sum:-100")
    await service.outcome(attempt, "approve")
    await until(lambda: [one.amount for one in shop.heard] == [SUM - 100])
    assert await provider.query(attempt) == PaymentState("captured", SUM - 100, SUM - 100, 0)
    assert (await service.ledger(attempt))["captured"] == {"amount": "3500.00", "currency": "RUB"}
    await service.behave(query="unknown")
    with pytest.raises(UnknownPayment):
        await provider.query(attempt)
    assert (await provider.cancel(attempt)).status == "cancelled"
    await service.behave(notify="ok", query="ok")
    assert (await provider.cancel(attempt)).status == "captured"


async def test_notifications_come_late_again_and_in_another_order(service, attempt, shop, provider):
    await begin(provider, attempt)
    await service.behave(notify="times:2")
    await service.outcome(attempt, "approve")
    await until(lambda: shop.statuses == ["authorised"] * 2)
    await service.behave(notify="late:0.2")
    await provider.capture(attempt, SUM)
    await until(lambda: shop.statuses[2:] == ["captured"])
    await service.behave(notify="reordered")
    await provider.refund(attempt, attempt, SUM)
    await until(lambda: shop.statuses[3:] == ["captured", "authorised"])
    await service.behave(notify="ok")
