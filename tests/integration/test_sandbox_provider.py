"""The sandbox provider as the process that `infra/up` starts, with a shop in the test's place that hears its notifications."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.payment import signatures
from infra.payment.port import Forged, Method, Notification, PaymentState, ProviderAway, ProviderRefused, Status, UnknownPayment, payment_id
from infra.payment.sandbox import Sandbox
from infra.sandbox.service import NOTIFICATIONS_PATH
from infra.settings import secret as read_secret
from tests.fixtures.provider import ProviderProcess, listening, until

SUM = 350_000
ORDER_ID, EVENT_ID = "0000000000001-0000000000002", "0000000000001"


NUMBERS = itertools.count(1)


@dataclass
class Shop:
    """Answers notifications with `answers`, one after the other, then 200; keeps every genuine one of its payments.

    What other tests left behind is answered with 200 and forgotten.
    """

    provider: Sandbox
    attempt: int  # its payments are this one and the next few
    answers: list[int] = field(default_factory=list)
    heard: list[Notification] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        told = self.provider.verify(request.headers, body)
        if told.attempt not in range(self.attempt, self.attempt + 5):
            return Response(status_code=200)
        self.heard.append(told)
        self.raw.append((dict(request.headers), body))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    def site(self) -> Starlette:
        return Starlette(routes=[Route(NOTIFICATIONS_PATH, self.take, methods=["POST"])])

    @property
    def statuses(self) -> list[str]:
        return [notification.status for notification in self.heard]


@dataclass
class Service:
    """A client for programs of a running provider."""

    process: ProviderProcess
    http: httpx.AsyncClient

    async def ledger(self, attempt: int) -> dict[str, Any]:
        answer = await self.http.get(f"/payments/{payment_id(attempt)}")
        assert answer.status_code == 200
        view: dict[str, Any] = orjson.loads(answer.content)
        return view

    async def outcome(self, attempt: int, outcome: str, **more: float) -> httpx.Response:
        return await self.http.post(f"/pay/{payment_id(attempt)}/outcome", json={"outcome": outcome} | more)

    async def behave(self, **how: str) -> None:
        assert (await self.http.post("/behaviour", json=how)).status_code == 200


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProviderProcess]:
    process = ProviderProcess(tmp_path_factory.mktemp("provider"))
    process.start()
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture
def attempt() -> int:
    """A payment's number of the test's own; the next four are too."""
    return next(NUMBERS) * 10


@pytest.fixture
async def provider(process: ProviderProcess) -> AsyncIterator[Sandbox]:
    client = Sandbox(process.settings)
    yield client
    await client.close()


@pytest.fixture
async def shop(process: ProviderProcess, provider: Sandbox, attempt: int) -> AsyncIterator[Shop]:
    shop = Shop(provider, attempt)
    async with listening(shop.site(), process.settings.site):
        yield shop


@pytest.fixture
async def service(process: ProviderProcess) -> AsyncIterator[Service]:
    async with httpx.AsyncClient(base_url=process.settings.provider_url, trust_env=False) as http:
        service = Service(process, http)
        yield service
        await service.behave(create="ok", capture="ok", refund="ok")


async def begin(provider: Sandbox, attempt: int, method: Method = "card") -> str:
    redirect = await provider.create(
        attempt,
        order_id=ORDER_ID,
        event_id=EVENT_ID,
        amount=SUM,
        method=method,
        return_url="http://shop.test/orders/1",
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    return redirect.redirect_url


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


@pytest.mark.parametrize(
    "refused",
    [
        ("/behaviour", b'{"create": "maybe"}', 422),
        ("/behaviour", b'{"steal": "ok"}', 422),
        ("/behaviour", b"{", 400),
        ("/pay/{payment}/outcome", b'{"outcome": "bless"}', 422),
        ("/pay/{payment}/outcome", b'{"outcome": "late"}', 422),
        ("/pay/{payment}/outcome", b'{"outcome": "late", "after_seconds": -1}', 422),
        ("/pay/{payment}/outcome", b'{"outcome": "approve", "x": 1}', 422),
        ("/pay/{payment}/outcome", b"x" * 70_000, 400),
        ("/pay/nobody/outcome", b'{"outcome": "approve"}', 404),
    ],
)
async def test_bad_requests_are_refused_with_a_problem(service, attempt, provider, refused):
    path, body, status = refused
    await begin(provider, attempt)
    answer = await service.http.post(path.format(payment=payment_id(attempt)), content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await provider.query(attempt)).status == "pending"


async def test_the_shops_calls_must_be_signed_by_the_shop(service, attempt, provider):
    await begin(provider, attempt)
    for path in (
        "/payments",
        f"/payments/{payment_id(attempt)}/capture",
        f"/payments/{payment_id(attempt)}/cancel",
        f"/payments/{payment_id(attempt)}/refunds",
    ):
        assert (await service.http.post(path, content=b"{}")).status_code == 401
    secret = read_secret(service.process.settings.provider_secret_file)
    stolen = signatures.sign(
        secret, signatures.request_bytes("POST", f"/payments/{payment_id(attempt + 1)}/cancel", b""), datetime.now(UTC).timestamp()
    )
    answer = await service.http.post(f"/payments/{payment_id(attempt)}/cancel", headers={signatures.HEADER: stolen})
    assert answer.status_code == 401
    assert (await provider.query(attempt)).status == "pending"


async def test_people_pay_on_a_page_and_come_back(service, attempt, shop, provider):
    page = await begin(provider, attempt)
    shown = await service.http.get(page, headers={"accept-language": "en"})
    assert shown.status_code == 200
    assert "₽3,500.00" in shown.text
    assert 'lang="en"' in shown.text
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.test" in policy
    assert "frame-ancestors 'none'" in policy
    assert "К оплате" in (await service.http.get(page, params={"lang": "ru"})).text
    for choice in ("later", "approve", "approve"):
        back = await service.http.post(page, content=f"choice={choice}")
        assert (back.status_code, back.headers["location"]) == (303, "http://shop.test/orders/1")
    await until(lambda: shop.statuses == ["authorised"])
    assert "Payment accepted" in (await service.http.get(page, params={"lang": "en"})).text
    assert (await service.http.post(page, content="choice=decline")).status_code == 409


async def test_the_page_of_a_cancelled_or_unknown_payment_says_so(service, attempt, provider):
    page = await begin(provider, attempt)
    await provider.cancel(attempt)
    assert (await service.http.post(page, content="choice=approve")).status_code == 409
    assert "cancelled" in (await service.http.get(page, params={"lang": "en"})).text
    assert (await service.http.get("/pay/nobody")).status_code == 404
    assert (await service.http.post(page.replace(payment_id(attempt), "nobody"), content="choice=approve")).status_code == 404


async def test_operations_are_told(service):
    assert (await service.http.get("/readyz")).status_code == 200
    assert "sandbox_notifications_waiting " in (await service.http.get("/metrics")).text
