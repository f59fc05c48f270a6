"""What the payments room refuses, from shoppers and from who says to be a provider, and that it changes nothing."""

import time

import orjson
import pytest

from grid_config.commands import read_order
from grid_config.identifiers import new_number, order_text
from infra.payment import signatures
from infra.payment.port import payment_id
from infra.settings import secret as read_secret
from tests.fixtures.payments_room import Shop

TOTAL = {"amount": "3500.00", "currency": "RUB"}
NOTIFICATIONS = "/payments/sandbox/notifications"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"method": "cash"}, "method"),
        ({"return_url": "https://evil.example/x"}, "return_url"),
        ({"return_url": "//evil.example/x"}, "return_url"),
        ({"return_url": "/\\evil.example/x"}, "return_url"),
        ({"return_url": ""}, "return_url"),
        ({"return_url": 7}, "return_url"),
        ({"return_url": "/" + "x" * 3000}, "return_url"),
        ({"card_number": "4111111111111111"}, "card_number"),
    ],
)
async def test_senseless_requests_name_their_field(shop, changes, field):
    purchase = await shop.begin()
    refused = await purchase.ask(**changes)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert (await purchase.read())["status"] == "held"


async def test_other_peoples_and_unknown_orders_are_not_found(shop):
    purchase = await shop.begin()
    body = {"provider": "sandbox", "method": "card", "return_url": "/"}
    stranger = shop.client(new_number())
    for order_id in (purchase.order_id, order_text(shop.event, new_number()), order_text(new_number(), new_number()), "x", "%00"):
        assert (await stranger.post(f"/orders/{order_id}/payments", json=body)).status_code == 404
    assert (await shop.client(0).post(f"/orders/{purchase.order_id}/payments", json=body)).status_code == 401


async def test_what_is_not_json_is_malformed(shop):
    purchase = await shop.begin()
    for content, kind in ((b"{", "application/json"), (b"{}", "text/plain"), (b" " * 70_000, "application/json")):
        answer = await purchase.shopper.post(f"/orders/{purchase.order_id}/payments", content=content, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


async def test_forged_notifications_change_nothing(shop):
    purchase = await shop.begin("1-4")
    await purchase.start()
    body = {"payment": {"payment_id": purchase.payment_id, "status": "captured", "amount": TOTAL}}
    for content in (orjson.dumps(body), b"", b"\xff", b"x" * 60_000):
        for headers in ({}, {signatures.HEADER: f"t=1,v1={'0' * 64}"}):
            answer = await shop.client(0).post(NOTIFICATIONS, content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert (await purchase.read())["status"] == "paying"


async def test_notifications_for_a_provider_that_is_not_ours_are_not_found(shop):
    assert (await shop.client(0).post("/payments/nobody/notifications", content=b"{}")).status_code == 404


async def notify(shop: Shop, **changes: object) -> int:
    """A notification that the provider has really signed."""
    payment = {
        "payment_id": payment_id(new_number()), "status": "captured", "amount": TOTAL, "method": "card",
        "metadata": {"order_id": order_text(shop.event, new_number())},
    }  # fmt: skip
    body = orjson.dumps({"payment": payment | changes})
    signature = signatures.sign(read_secret(shop.process.settings.provider_secret_file), body, time.time())
    return (await shop.client(0).post(NOTIFICATIONS, content=body, headers={signatures.HEADER: signature})).status_code


async def test_signed_nonsense_is_never_a_fault(shop, caplog):
    for changes in (
        {"metadata": {"order_id": "x"}},
        {"metadata": None},
        {"status": "odd"},
        {"payment_id": "x"},
        {"amount": {"amount": "-1"}},
    ):
        assert await notify(shop, **changes) == 200
    assert not [record for record in caplog.records if record.message == "request_failed"]


async def test_money_for_an_order_in_no_record_is_recorded(shop, caplog):
    before = (await shop.unit.batchers.ask(shop.event, read_order(1, 0))).seq
    assert await notify(shop) == 200
    assert (await shop.unit.batchers.ask(shop.event, read_order(1, 0))).durable_seq > before
    assert "money_without_order" in caplog.messages


async def test_money_for_an_event_that_is_not_in_the_grid_is_to_be_told_again(shop):
    assert await notify(shop, metadata={"order_id": order_text(new_number(), new_number())}) == 503
