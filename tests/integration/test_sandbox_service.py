"""The sandbox provider as an HTTP service: whom it believes, what it refuses, the page where people pay, its figures."""

from datetime import UTC, datetime

import pytest

from infra.payment import signatures
from infra.payment.port import payment_id
from infra.settings import secret as read_secret
from tests.fixtures.provider import until
from tests.fixtures.sandbox import attempt, begin, process, provider, service, shop

__all__ = ["attempt", "process", "provider", "service", "shop"]  # fixtures


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


async def test_only_the_shop_sees_the_list_of_payments_and_nobody_asks_for_more_than_he_signed(service, attempt, provider):
    secret = read_secret(service.process.settings.provider_secret_file)

    async def asked(path: str, signed: str) -> int:
        signature = signatures.sign(secret, signatures.request_bytes("GET", signed, b""), datetime.now(UTC).timestamp())
        status: int = (await service.http.get(path, headers={signatures.HEADER: signature})).status_code
        return status

    everything, some = "/payments?since=0&until=9000000000", "/payments?since=1&until=2"
    assert (await service.http.get(everything)).status_code == 401
    assert await asked(everything, everything) == 200
    assert await asked(everything, some) == await asked(everything, "/payments") == 401
    for senseless in ("/payments?since=0", "/payments?since=nan&until=5", "/payments?since=0&until=5&after=" + "x" * 14):
        assert await asked(senseless, senseless) == 422


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
