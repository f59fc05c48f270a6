"""What providers tell: notifications, signed by them or by anybody, and answers to our calls."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from grid_config.commands import settle
from grid_config.identifiers import order_of, order_text
from infra.payment import money, signatures
from infra.payment.connections import Reply
from infra.payment.port import (
    METHODS,
    STATUSES,
    Forged,
    Notification,
    ProviderAway,
    ProviderRefused,
    Unintelligible,
    attempt_of,
    payment_id,
)
from infra.payment.sandbox import Sandbox
from infra.settings import Settings
from processing_units.payments.settlement import METHOD_CODES, RESULTS
from tests.fuzz.target import Target, answer_of

SECRET = b"the provider's secret in tests"
NOW = 1_790_000_000
LINE = b"\n"


class Scripted:
    """Connections to a provider that answers what it is told to."""

    reply = Reply(200, b"")

    async def call(self, verb: str, url: str, content: bytes, headers: Mapping[str, str]) -> Reply:  # noqa: ARG002 - as Calls has it
        return self.reply

    async def close(self) -> None:
        """There is nothing to close."""


CALLS = Scripted()


def _provider() -> Sandbox:
    """The real client."""
    with tempfile.NamedTemporaryFile() as file:  # for this user alone
        file.write(SECRET)
        file.flush()
        return Sandbox(Settings(provider_secret_file=Path(file.name)), CALLS, lambda: float(NOW))


PROVIDER = _provider()


def told(**changes: Any) -> bytes:
    """A notification's body."""
    payment = {
        "payment_id": payment_id(2**62 + 1), "status": "captured", "amount": {"amount": "3500.00", "currency": "RUB"}, "method": "card",
        "metadata": {"order_id": order_text(5, 6), "event_id": "x"}, "captured": {"amount": "0.00", "currency": "RUB"},
        "refunded": {"amount": "0.00", "currency": "RUB"},
    }  # fmt: skip
    return json.dumps({"payment": payment | changes}, ensure_ascii=False).encode()


def _read_signed(data: bytes) -> None:
    """The provider's own words, whatever they are: understood and fit to be told to an inventory, or not understood."""
    try:
        notice = PROVIDER.verify({signatures.HEADER: signatures.sign(SECRET, data, NOW)}, data)
    except Unintelligible:
        return
    _fits(notice)


def _fits(notice: Notification) -> None:
    assert attempt_of(payment_id(notice.attempt)) == notice.attempt
    assert money.read(money.written(notice.amount)) == notice.amount
    order_of(notice.order_id)
    result = RESULTS.get(notice.status)
    if result is not None:
        assert settle(6, notice.attempt, result, notice.amount, PROVIDER.name, METHOD_CODES[notice.method], bytes(16))


def _read_anybodys(data: bytes) -> None:
    """A header, a line end and a body: forged, unless the signature is the one of exactly this body at this time."""
    header, _, body = data.partition(LINE)
    text = header.decode("latin-1")
    try:
        PROVIDER.verify({signatures.HEADER: text}, body)
    except Forged:
        return
    except Unintelligible:
        pass
    at = int(text.partition("t=")[2].partition(",")[0])
    assert abs(at - NOW) <= signatures.WINDOW_SECONDS
    assert signatures.sign(SECRET, body, at).partition("v1=")[2] == text.partition("v1=")[2]


def _read_answer(data: bytes) -> None:
    """Two digits of a status, then the body of an answer: known, refused, or nothing is known."""
    status = 100 * (2 + data[0] % 4) + data[1] % 30 if len(data) > 1 else 200
    CALLS.reply = Reply(status, data[2:])
    try:
        state = answer_of(PROVIDER.query(5))
    except (ProviderAway, ProviderRefused):
        return
    assert state.status in STATUSES
    assert all(0 <= sum_ < 2**63 for sum_ in (state.amount, state.captured, state.refunded))


def _read_money(data: bytes) -> None:
    try:
        value = orjson.loads(data)
        kopecks = money.read(value)
    except ValueError:
        return
    assert money.written(kopecks) == value


SUMS = (b'{"amount": "3500.00", "currency": "RUB"}', b'{"amount":"9999999999999999.99","currency":"RUB"}')
BODIES = (told(), told(status="pending", method="sbp"), told(metadata={"order_id": ""}), *(told(method=method) for method in METHODS))
SIGNED = tuple(signatures.sign(SECRET, body, NOW).encode() + LINE + body for body in BODIES)

TARGETS = (
    Target("notification", _read_signed, BODIES),
    Target("forged-notification", _read_anybodys, SIGNED),
    Target("provider-answer", _read_answer, tuple(b"\0\0" + orjson.dumps(orjson.loads(body)["payment"]) for body in BODIES)),
    Target("money", _read_money, SUMS),
)
