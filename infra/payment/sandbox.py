"""The client of the sandbox provider, as a client of a real one would be written."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson

from infra.clock import Clock, clock_of
from infra.payment import money, signatures
from infra.payment.connections import Calls, Connections, NoAnswer, Reply
from infra.payment.port import (
    METHODS,
    STATUSES,
    Forged,
    LedgerLine,
    Method,
    Notification,
    PaymentState,
    ProviderAway,
    ProviderRefused,
    Redirect,
    Unintelligible,
    UnknownPayment,
    attempt_of,
    payment_id,
)
from infra.payment.trust import trust
from infra.settings import Settings, secret

# The whole of one call: a shopper waits for `create`, so this stays well under the 15 s that a cancellation at the deadline has.
CALL_SECONDS = 5.0
CONNECT_SECONDS = 2.5  # a lost first packet is sent again after one second
# Calls under way at once; further ones wait for a connection, inside the same five seconds.
CONNECTIONS_MAX = 128


class Sandbox:
    """The provider at `settings.provider_url`; the secret is read once, at the start.

    Calls raise what `PaymentProvider` says: ProviderAway, ProviderRefused, UnknownPayment; `verify` Forged and Unintelligible.
    """

    name = "sandbox"
    title = "Песочница · Sandbox"
    methods: tuple[Method, ...] = METHODS

    def __init__(self, settings: Settings, calls: Calls | None = None, clock: Clock | None = None) -> None:
        self._secret = secret(settings.provider_secret_file)
        self._clock = clock or clock_of(settings)
        self._address = settings.provider_url.rstrip("/")
        self._calls = calls or Connections(
            CONNECTIONS_MAX, trust(settings.run_dir), seconds=CALL_SECONDS, connect_seconds=CONNECT_SECONDS
        )  # fmt: skip

    async def create(
        self, attempt: int, *, order_id: str, event_id: str, amount: int, method: Method, return_url: str, expires_at: datetime
    ) -> Redirect:
        answer = await self._call(
            "POST",
            "/payments",
            {
                "amount": money.written(amount),
                "method": method,
                "return_url": return_url,
                "expires_at": expires_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "metadata": {"order_id": order_id, "event_id": event_id},
            },
            {"idempotence-key": payment_id(attempt)},
        )
        address = answer.get("redirect_url")
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise ProviderAway("an answer without an address to pay at")
        return Redirect(address)

    async def query(self, attempt: int) -> PaymentState:
        return _state(await self._call("GET", f"/payments/{payment_id(attempt)}"))

    async def capture(self, attempt: int, amount: int) -> PaymentState:
        return _state(await self._call("POST", f"/payments/{payment_id(attempt)}/capture", {"amount": money.written(amount)}))

    async def cancel(self, attempt: int) -> PaymentState:
        try:
            return _state(await self._call("POST", f"/payments/{payment_id(attempt)}/cancel"))
        except UnknownPayment:
            # Never begun there, so nobody can pay it: as good as cancelled.
            return PaymentState("cancelled", 0, 0, 0)
        except ProviderRefused:
            # Too late: the money is taken. The ledger says so better than a refusal does.
            return await self.query(attempt)

    async def refund(self, attempt: int, refund_id: int, amount: int) -> PaymentState:
        body = {"refund_id": payment_id(refund_id), "amount": money.written(amount)}
        return _state(await self._call("POST", f"/payments/{payment_id(attempt)}/refunds", body))

    async def ledger_lines(self, since: datetime, until: datetime) -> AsyncIterator[LedgerLine]:
        at: tuple[float, str] | None = (since.timestamp(), "")
        while at is not None:
            asked = urlencode({"since": repr(at[0]), "after": at[1], "until": repr(until.timestamp())})
            lines, at = _page(await self._call("GET", f"/payments?{asked}"), at)
            for line in lines:
                yield line

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notification:
        if not signatures.genuine(self._secret, headers.get(signatures.HEADER), body, self._clock()):
            raise Forged("the signature is missing, wrong or old")
        try:
            return _notification(orjson.loads(body)["payment"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unintelligible(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        await self._calls.close()

    async def _call(
        self, verb: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """One signed call. Everything but a clear yes or no is ProviderAway."""
        content = b"" if body is None else orjson.dumps(body)
        signature = signatures.sign(self._secret, signatures.request_bytes(verb, path, content), self._clock())
        sent = {"content-type": "application/json", signatures.HEADER: signature, **(headers or {})}
        try:
            reply = await self._calls.call(verb, self._address + path, content, sent)
        except NoAnswer as error:
            raise ProviderAway(f"{verb} {path}: {error}") from error
        return _yes(reply, f"{verb} {path}")


def _yes(reply: Reply, what: str) -> dict[str, Any]:
    if reply.status == HTTPStatus.NOT_FOUND:
        raise UnknownPayment(what)
    if 400 <= reply.status < 500 and reply.status not in (408, 425, 429):
        raise ProviderRefused(f"{what}: {reply.status}")
    if not 200 <= reply.status < 300:
        raise ProviderAway(f"{what}: {reply.status}")
    try:
        answer = orjson.loads(reply.body)
    except ValueError as error:
        raise ProviderAway(f"{what}: not JSON") from error
    if not isinstance(answer, dict):
        raise ProviderAway(f"{what}: not an object")
    return answer


def _state(answer: dict[str, Any]) -> PaymentState:
    try:
        status = STATUSES[STATUSES.index(answer["status"])]
        return PaymentState(status, money.read(answer["amount"]), money.read(answer["captured"]), money.read(answer["refunded"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ProviderAway(f"an answer that makes no sense: {error}") from error


def _page(page: dict[str, Any], asked: tuple[float, str]) -> tuple[list[LedgerLine], tuple[float, str] | None]:
    """The lines of a page, and where the next one begins; None after the last."""
    try:
        following = page["next"] and (float(page["next"]["since"]), str(page["next"]["after"]))
        if following and following <= asked:
            raise ValueError("it does not go on")
        return [_line(payment) for payment in page["payments"]], following or None
    except (ValueError, KeyError, TypeError) as error:
        raise ProviderAway(f"a ledger that makes no sense: {error}") from error


def _line(payment: dict[str, Any]) -> LedgerLine:
    attempt = attempt_of(payment["payment_id"])
    if attempt is None:
        raise ValueError("a payment without its number")
    return LedgerLine(attempt, str(payment["metadata"]["order_id"]), METHODS[METHODS.index(payment["method"])], _state(payment))


def _notification(payment: dict[str, Any]) -> Notification:
    attempt = attempt_of(payment["payment_id"])
    order_id = payment["metadata"]["order_id"]
    if attempt is None or not isinstance(order_id, str):
        raise ValueError("it names no payment and order")
    return Notification(
        attempt=attempt,
        order_id=order_id,
        status=STATUSES[STATUSES.index(payment["status"])],
        amount=money.read(payment["amount"]),
        method=METHODS[METHODS.index(payment["method"])],
    )
