"""Paying, whole: shoppers at a unit, real members, the real sandbox provider; the test plays the pump."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest

from grid_config.commands import read_order
from grid_config.identifiers import new_number, number_of, number_text, order_of, order_text
from grid_config.orders import Order, decode_order
from grid_config.outcomes import OrderStatus, Refund, Verdict
from infra.payment import signatures
from infra.payment.port import payment_id
from infra.settings import secret as read_secret
from processing_units.edge.application import Application
from processing_units.payments import inquiry
from processing_units.payments.payments import Payments
from processing_units.payments.routes import routes as payment_routes
from processing_units.sales import waiters
from processing_units.sales.routes import hot_calls
from processing_units.sales.routes import routes as sales_routes
from tests.fixtures.grid import Cluster
from tests.fixtures.provider import ProviderProcess, listening
from tests.fixtures.sales_unit import SalesUnit, sales_units

TOTAL = {"amount": "3500.00", "currency": "RUB"}
NOTIFICATIONS = "/payments/sandbox/notifications"


@dataclass
class Shop:
    """A unit with its payments room at the address that the provider notifies, and one event on sale."""

    unit: SalesUnit
    app: Application
    process: ProviderProcess
    provider: httpx.AsyncClient
    event_id: str
    pump: asyncio.Task[None] | None = None

    @property
    def event(self) -> int:
        number = number_of(self.event_id)
        assert number is not None
        return number

    def start_pump(self) -> None:
        self.pump = asyncio.create_task(self._pump())

    async def stop_pump(self) -> None:
        if self.pump is not None:
            self.pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.pump
            self.pump = None

    async def _pump(self) -> None:
        """What PostgreSQL's side does: everything is durable a moment later, and what is paid gets its tickets."""
        while True:
            paid = [order.order for order in await self.orders() if order.status == OrderStatus.PAID]
            await self.unit.durable(self.event, *((order, Verdict.CONFIRMED) for order in paid))
            await asyncio.sleep(0.05)

    async def orders(self) -> list[Order]:
        return [order for order in [await self.order(text) for text in list(self.known)] if order is not None]

    async def order(self, order_id: str) -> Order:
        numbers = order_of(order_id)
        assert numbers is not None
        answer = await self.unit.batchers.ask(self.event, read_order(numbers[1], 0))
        return decode_order(answer.body)

    async def begin(self, seat: str = "1-1") -> "Purchase":
        shopper = self.client(new_number())
        answer = await shopper.post(f"/events/{self.event_id}/orders", json={"seats": [seat]})
        assert answer.status_code == 201, answer.text
        order_id = answer.json()["order_id"]
        self.known.add(order_id)
        return Purchase(self, shopper, order_id)

    def client(self, account: int) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.unit.tokens.issue(account, [])[0]}"} if account else {}
        transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 1))
        return httpx.AsyncClient(transport=transport, base_url="http://shop/api/v1", headers=headers, timeout=30)

    async def states(self) -> str:
        states: str = (await self.client(0).get(f"/events/{self.event_id}/seats")).json()["states"]
        return states

    async def behave(self, **how: str) -> None:
        assert (await self.provider.post("/behaviour", json=how)).status_code == 200

    async def ledger(self, payment: str) -> dict[str, Any]:
        view: dict[str, Any] = (await self.provider.get(f"/payments/{payment}")).json()
        return view

    def __post_init__(self) -> None:
        self.known: set[str] = set()


@dataclass
class Purchase:
    """A shopper with an order."""

    shop: Shop
    shopper: httpx.AsyncClient
    order_id: str
    payment_id: str = ""
    redirect_url: str = ""

    async def ask(self, **changes: object) -> httpx.Response:
        body = {"provider": "sandbox", "method": "card", "return_url": "/orders/" + self.order_id} | changes
        return await self.shopper.post(f"/orders/{self.order_id}/payments", json=body)

    async def start(self, method: str = "card") -> dict[str, Any]:
        answer = await self.ask(method=method)
        assert answer.status_code == 201, answer.text
        started: dict[str, Any] = answer.json()
        self.payment_id, self.redirect_url = started["payment_id"], started["redirect_url"]
        return started

    async def decide(self, outcome: str, **more: float) -> int:
        answer = await self.shop.provider.post(self.redirect_url + "/outcome", json={"outcome": outcome} | more)
        return answer.status_code

    async def read(self) -> dict[str, Any]:
        answer = await self.shopper.get(f"/orders/{self.order_id}")
        assert answer.status_code == 200
        view: dict[str, Any] = answer.json()
        return view

    async def wait_for(self, status: str) -> dict[str, Any]:
        answer = await self.shopper.get(f"/orders/{self.order_id}?wait_for={status}&timeout=10")
        view: dict[str, Any] = answer.json()
        assert view["status"] == status, view
        return view

    async def status_codes(self, count: int = 1) -> list[int]:
        """The shop's answers to notifications of this payment, when there are so many."""
        async with asyncio.timeout(15):
            while True:
                codes = [one["status_code"] for one in (await self.shop.ledger(self.payment_id))["notifications"]]
                if len(codes) >= count:
                    return codes
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProviderProcess]:
    process = ProviderProcess(tmp_path_factory.mktemp("provider"))
    process.start()
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture
async def shop(grid_members: Cluster, process: ProviderProcess) -> AsyncIterator[Shop]:
    theirs = process.settings
    settings = grid_members.settings(
        site=theirs.site, provider_url=theirs.provider_url, provider_secret_file=theirs.provider_secret_file
    )  # fmt: skip
    async with sales_units(settings) as [unit], httpx.AsyncClient(base_url=theirs.provider_url, trust_env=False) as provider:
        payments = Payments(settings, unit.batchers, unit.waiters, unit.metrics)
        unit.parts.payments = payments
        unit.parts.orders._inquire = payments.inquire
        app = Application([*sales_routes, *payment_routes], unit.metrics, hot=hot_calls(unit.parts))
        app.state.parts = unit.parts
        shop = Shop(unit, app, process, provider, await unit.publish())
        shop.start_pump()
        async with listening(app, theirs.site):
            yield shop
        await shop.stop_pump()
        await shop.behave(create="ok", capture="ok", refund="ok")
        await payments.stop()


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


async def test_the_providers_and_their_methods_are_listed(shop):
    assert (await shop.client(0).get("/payment-providers")).json() == [
        {"provider": "sandbox", "title": "Песочница · Sandbox", "methods": ["card", "sbp"]}
    ]
