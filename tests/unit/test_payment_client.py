"""The client of the sandbox provider: a clear yes or no is told apart from knowing nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from infra.payment import signatures
from infra.payment.connections import NoAnswer, Reply
from infra.payment.port import (
    Forged,
    LedgerLine,
    Notification,
    PaymentState,
    ProviderAway,
    ProviderRefused,
    Unintelligible,
    UnknownPayment,
    payment_id,
)
from infra.payment.sandbox import Sandbox
from infra.settings import Settings

SECRET = b"s" * 32
NOW = 1_800_000_000.0
LEDGER = {
    "status": "authorised",
    "amount": {"amount": "3500.00", "currency": "RUB"},
    "captured": {"amount": "0.00", "currency": "RUB"},
    "refunded": {"amount": "0.00", "currency": "RUB"},
}


@dataclass(frozen=True)
class Request:
    verb: str
    path: str
    content: bytes
    headers: Mapping[str, str]


def said(status: int, document: object = None) -> Reply:
    return Reply(status, orjson.dumps(document))


class Provider:
    """Answers each call with what `answers` has for its path's end; keeps the requests."""

    def __init__(self, tmp_path: Path) -> None:
        secret = tmp_path / "provider"
        secret.write_bytes(SECRET + b"\n")
        secret.chmod(0o600)
        self.requests: list[Request] = []
        self.answers: dict[str, Reply | NoAnswer] = {}
        settings = Settings(provider_secret_file=secret, run_dir=tmp_path, provider_url="http://provider.test")
        self.client = Sandbox(settings, self, lambda: NOW)

    async def call(self, verb: str, address: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        path = urlsplit(address).path
        self.requests.append(Request(verb, path, content, headers))
        answer = self.answers[path.rsplit("/", 1)[-1]]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def provider(tmp_path):
    provider = Provider(tmp_path)
    yield provider
    await provider.client.close()


async def create(provider: Provider):
    return await provider.client.create(
        7,
        order_id="e-o",
        event_id="e",
        amount=350_000,
        method="card",
        return_url="http://shop/x",
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )


async def test_a_payment_is_created_under_the_attempts_number_and_signed(provider):
    provider.answers["payments"] = said(201, {"redirect_url": "http://provider.test/pay/7"})
    assert (await create(provider)).redirect_url == "http://provider.test/pay/7"
    [request] = provider.requests
    assert request.headers["idempotence-key"] == payment_id(7)
    signed = signatures.request_bytes("POST", "/payments", request.content)
    assert signatures.genuine(SECRET, request.headers[signatures.HEADER], signed, NOW)
    assert orjson.loads(request.content) == {
        "amount": {"amount": "3500.00", "currency": "RUB"},
        "method": "card",
        "return_url": "http://shop/x",
        "expires_at": "2027-01-01T00:00:00Z",
        "metadata": {"order_id": "e-o", "event_id": "e"},
    }


@pytest.mark.parametrize(
    "answer",
    [
        NoAnswer("ClientConnectorError"),
        said(500),
        said(503),
        said(429),
        said(302),
        Reply(200, b"<html>"),
        said(200, []),
        said(200, {}),
        said(200, {"redirect_url": "javascript:alert(1)"}),
    ],
    ids=str,
)
async def test_whatever_is_no_clear_answer_means_that_nothing_is_known(provider, answer):
    provider.answers["payments"] = answer
    with pytest.raises(ProviderAway):
        await create(provider)


@pytest.mark.parametrize("status", [400, 401, 409, 422])
async def test_a_clear_no_is_for_good(provider, status):
    provider.answers["payments"] = said(status, {})
    with pytest.raises(ProviderRefused):
        await create(provider)


async def test_the_ledger_is_read(provider):
    provider.answers[payment_id(7)] = said(200, LEDGER | {"status": "captured", "captured": LEDGER["amount"]})
    assert await provider.client.query(7) == PaymentState("captured", 350_000, 350_000, 0)


@pytest.mark.parametrize("change", [{"status": "odd"}, {"amount": 5}, {"captured": None}])
async def test_a_ledger_that_makes_no_sense_means_that_nothing_is_known(provider, change):
    provider.answers[payment_id(7)] = said(200, LEDGER | change)
    with pytest.raises(ProviderAway):
        await provider.client.query(7)


LISTED = LEDGER | {"payment_id": payment_id(7), "method": "sbp", "metadata": {"order_id": "o"}}
SINCE, UNTIL = datetime.fromtimestamp(NOW - 60, UTC), datetime.fromtimestamp(NOW, UTC)


async def test_the_ledger_is_listed(provider):
    provider.answers["payments"] = said(200, {"payments": [LISTED], "next": None})
    listed = [line async for line in provider.client.ledger_lines(SINCE, UNTIL)]
    assert listed == [LedgerLine(7, "o", "sbp", PaymentState("authorised", 350_000, 0, 0))]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"payments": []},
        {"payments": 5, "next": None},
        {"payments": [LISTED | {"payment_id": "x"}], "next": None},
        {"payments": [LISTED | {"metadata": None}], "next": None},
        {"payments": [LISTED | {"status": "odd"}], "next": None},
        {"payments": [], "next": {"since": "soon", "after": ""}},
        {"payments": [], "next": {"since": repr(NOW - 60), "after": ""}},
        {"payments": [], "next": [1, 2]},
    ],
)
async def test_a_list_that_makes_no_sense_means_that_nothing_is_known(provider, page):
    provider.answers["payments"] = said(200, page)
    with pytest.raises(ProviderAway):
        _ = [line async for line in provider.client.ledger_lines(SINCE, UNTIL)]


async def test_a_payment_that_was_never_begun_is_unknown(provider):
    provider.answers[payment_id(7)] = said(404)
    with pytest.raises(UnknownPayment):
        await provider.client.query(7)


async def test_cancelling_what_was_never_begun_is_as_good_as_cancelled(provider):
    provider.answers["cancel"] = said(404)
    assert await provider.client.cancel(7) == PaymentState("cancelled", 0, 0, 0)


async def test_cancelling_too_late_tells_that_the_money_is_taken(provider):
    provider.answers["cancel"] = said(409, {})
    provider.answers[payment_id(7)] = said(200, LEDGER | {"status": "captured", "captured": LEDGER["amount"]})
    assert (await provider.client.cancel(7)).status == "captured"


async def test_captures_and_refunds_name_their_sums(provider):
    provider.answers["capture"] = said(200, LEDGER)
    provider.answers["refunds"] = said(200, LEDGER)
    await provider.client.capture(7, 350_000)
    await provider.client.refund(7, 9, 100)
    assert orjson.loads(provider.requests[0].content) == {"amount": {"amount": "3500.00", "currency": "RUB"}}
    assert orjson.loads(provider.requests[1].content) == {"refund_id": payment_id(9), "amount": {"amount": "1.00", "currency": "RUB"}}


def notification(**changes: object) -> bytes:
    payment = {
        "payment_id": payment_id(7), "status": "authorised", "amount": {"amount": "3500.00", "currency": "RUB"}, "method": "card",
        "metadata": {"order_id": "e-o", "event_id": "e"},
    }  # fmt: skip
    return orjson.dumps({"event": "payment.authorised", "payment": payment | changes})


def signed(body: bytes, at: float = NOW, secret: bytes = SECRET) -> dict[str, str]:
    return {signatures.HEADER: signatures.sign(secret, body, at)}


async def test_a_signed_notification_is_understood(provider):
    body = notification()
    assert provider.client.verify(signed(body), body) == Notification(7, "e-o", "authorised", 350_000, "card")


async def test_forged_and_overheard_notifications_are_refused(provider):
    body = notification()
    for headers in ({}, signed(body, secret=b"guess"), signed(body, NOW - 301), signed(body + b" ")):
        with pytest.raises(Forged):
            provider.client.verify(headers, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"payment": 5}',
        b'{"payment": {}}',
        notification(payment_id="forged"),
        notification(payment_id=7),
        notification(status="odd"),
        notification(status=None),
        notification(amount="5"),
        notification(method="cash"),
        notification(metadata=None),
        notification(metadata={}),
        notification(metadata={"order_id": 5}),
        b"\xff\xfe",
    ],
)
async def test_signed_nonsense_is_the_providers_but_says_nothing(provider, body):
    with pytest.raises(Unintelligible):
        provider.client.verify(signed(body), body)
