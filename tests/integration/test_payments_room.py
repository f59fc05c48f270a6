"""Paying, whole: shoppers at a unit, real members, the real sandbox provider; the test plays the pump."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from grid_config.identifiers import number_text
from grid_config.outcomes import OrderStatus, Refund, Verdict
from processing_units.payments import inquiry
from processing_units.sales import waiters

TOTAL = {"amount": "3500.00", "currency": "RUB"}


@pytest.mark.parametrize("method", ["card", "sbp"])
async def test_a_paid_order_is_confirmed_and_the_provider_hears_200(shop, method):
    purchase = await shop.begin()
    started = await purchase.start(method)
    order = await shop.order(purchase.order_id)
    assert started["payment_id"] == number_text(order.attempt)
    assert (await purchase.read())["status"] == "paying"
    assert await purchase.decide("approve") == 200
    done = await purchase.wait_for("confirmed")
    assert len(done["tickets"]) == 1
    assert await purchase.status_codes() == [200]
    assert (await shop.states())[0] == "s"


async def test_who_waits_is_told_at_once_by_the_unit_that_hears_of_the_money(shop, monkeypatch):
    for pause in ("PAUSE_SECONDS_FIRST", "PAUSE_SECONDS_LAST"):
        monkeypatch.setattr(waiters, pause, 60.0)
    orders, looks = shop.unit.parts.orders, 0
    found = orders._found

    async def counted(*order: int) -> object:
        nonlocal looks
        looks += 1
        return await found(*order)

    monkeypatch.setattr(orders, "_found", counted)
    await shop.stop_pump()
    purchase = await shop.begin()
    await purchase.start()
    waiting = [asyncio.create_task(purchase.wait_for(status)) for status in ("paid", "confirmed")]
    await asyncio.sleep(0.1)
    await purchase.decide("approve")
    assert (await asyncio.wait_for(waiting[0], 5))["status"] == "paid"
    assert looks == 3  # two began to wait, one of them has it
    order = await shop.order(purchase.order_id)
    await shop.unit.durable(shop.event, (order.order, Verdict.CONFIRMED))
    assert (await asyncio.wait_for(waiting[1], 5))["status"] == "confirmed"
    assert looks == 4


async def test_the_provider_hears_503_until_the_outcome_is_durable(shop, monkeypatch):
    monkeypatch.setattr(shop.unit.parts.payments.notices._durability, "_wait_seconds", 0.2)
    await shop.stop_pump()
    purchase = await shop.begin()
    await purchase.start()
    await purchase.decide("approve")
    assert set(await purchase.status_codes(2)) == {503}
    assert (await purchase.read())["status"] == "paid"
    shop.start_pump()
    await purchase.wait_for("confirmed")
    codes = await purchase.status_codes(3)
    async with asyncio.timeout(10):
        while codes[-1] != 200:
            codes = await purchase.status_codes(len(codes) + 1)


async def test_a_declined_payment_gives_the_seats_back(shop):
    purchase = await shop.begin("1-3")
    await purchase.start()
    await purchase.decide("decline")
    await purchase.wait_for("declined")
    assert (await shop.states())[2] == "."
    assert await purchase.status_codes() == [200]


@pytest.mark.parametrize("outcome", ["twice", "reordered"])
async def test_repeated_and_reordered_notifications_are_one_payment(shop, outcome):
    purchase = await shop.begin()
    await purchase.start()
    await purchase.decide(outcome)
    await purchase.wait_for("confirmed")
    assert await purchase.status_codes(2) == [200, 200]
    assert (await shop.order(purchase.order_id)).refund == Refund.NONE


async def test_a_wrong_amount_never_becomes_a_ticket(shop):
    purchase = await shop.begin("1-5")
    await purchase.start()
    await purchase.decide("wrong_amount")
    assert await purchase.status_codes() == [200]
    order = await shop.order(purchase.order_id)
    assert (order.status, order.refund) == (OrderStatus.HELD, Refund.PENDING)
    assert (await shop.states())[4] == "h"


async def test_money_for_a_released_order_is_to_go_back(shop):
    purchase = await shop.begin()
    await purchase.start("sbp")
    assert (await purchase.shopper.delete(f"/orders/{purchase.order_id}")).status_code == 204
    assert await purchase.decide("approve") == 200
    assert await purchase.status_codes() == [200]
    order = await shop.order(purchase.order_id)
    assert (order.status, order.refund) == (OrderStatus.RELEASED, Refund.PENDING)
    assert order.returned_attempts == (order.attempt,)


async def test_a_provider_that_is_down_keeps_the_hold(shop):
    purchase = await shop.begin()
    await shop.behave(create="down")
    refused = await purchase.ask()
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["retry-after"]
    assert (await purchase.read())["status"] == "held"
    await shop.behave(create="ok")
    await purchase.start()
    await purchase.decide("approve")
    await purchase.wait_for("confirmed")


async def test_starting_again_finds_the_same_payment(shop):
    purchase = await shop.begin()
    assert await purchase.start() == await purchase.start()


async def test_many_clicks_at_once_are_one_payment(shop):
    purchase = await shop.begin()
    answers = await asyncio.gather(*(purchase.ask() for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["payment_id"] for answer in answers}) == 1


async def test_another_method_cancels_the_former_payment_first(shop):
    purchase = await shop.begin()
    former = (await purchase.start("card"))["payment_id"]
    later = (await purchase.start("sbp"))["payment_id"]
    assert former != later
    assert (await shop.ledger(former))["status"] == "cancelled"
    await purchase.decide("approve")
    await purchase.wait_for("confirmed")
    assert (await shop.ledger(later))["captured"] == TOTAL


async def test_an_order_of_an_event_that_is_long_over_cannot_be_paid_and_wakes_nobody(shop):
    purchase = await shop.begin()
    order = await shop.order(purchase.order_id)
    archived = SimpleNamespace(order=order._replace(status=OrderStatus.EXPIRED), tickets=())
    shop.unit.shelf.archive[shop.event, order.order] = archived
    shop.unit.begins_at(shop.event, datetime.now(UTC) - timedelta(days=1, minutes=1))
    refused = await purchase.ask()
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_payable")
    assert refused.json()["order_status"] == "expired"
    assert (await shop.order(purchase.order_id)).status == OrderStatus.HELD  # the entry, were it there, has heard nothing


async def test_an_order_that_was_just_paid_is_not_paid_twice(shop):
    purchase = await shop.begin()
    await purchase.start("card")
    await purchase.decide("approve")
    refused = await purchase.ask(method="sbp")
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_payable")
    assert refused.json()["order_status"] in {"paid", "confirmed"}
    assert (await shop.ledger(purchase.payment_id))["status"] == "authorised"


async def test_a_shopper_who_is_back_does_not_need_the_notification(shop, monkeypatch):
    monkeypatch.setattr(inquiry, "GRACE_SECONDS", 0.05)

    async def deaf(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(shop.unit.parts.payments.notices, "take", deaf)
    purchase = await shop.begin()
    await purchase.start()
    await purchase.decide("approve")
    await purchase.wait_for("confirmed")
    assert 200 not in await purchase.status_codes()


async def test_an_ended_order_cannot_be_paid(shop):
    purchase = await shop.begin()
    await purchase.shopper.delete(f"/orders/{purchase.order_id}")
    refused = await purchase.ask()
    assert (refused.status_code, refused.json()["order_status"]) == (409, "released")


async def test_the_providers_and_their_methods_are_listed(shop):
    assert (await shop.client(0).get("/payment-providers")).json() == [
        {"provider": "sandbox", "title": "Песочница · Sandbox", "methods": ["card", "sbp"]}
    ]
