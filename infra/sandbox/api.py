"""The calls of the shop (signed) and of programs that play the shopper or the fault."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.payment import money, signatures
from infra.payment.port import attempt_of
from infra.sandbox.bank import Bank, Conflict, Down
from infra.sandbox.ledger import Payment
from infra.sandbox.manners import lied, slowness
from infra.sandbox.notifier import Notifier
from infra.sandbox.requests import Behaviour, Creation, Decision, Listing, Refusal, Returning, Taking, parse, read_body

PAGE_PAYMENTS = 200  # some fifty KiB

Endpoint = Callable[[Request], Awaitable[Response]]


class ShopApi:
    """`address` is the provider's own, as shoppers reach it; `secret` is shared with the shop. A Refusal is answered."""

    def __init__(self, bank: Bank, notifier: Notifier, address: str, secret: bytes) -> None:
        self._bank = bank
        self._notifier = notifier
        self._address = address
        self._secret = secret

    def routes(self) -> list[Route]:
        return [
            Route("/payments", _answering(self._as_told("create", self.create)), methods=["POST"]),
            Route("/payments", _answering(self._as_told("query", self.show_ledger)), methods=["GET"]),
            Route("/payments/{payment_id}", _answering(self.show), methods=["GET"]),
            Route("/payments/{payment_id}/capture", _answering(self._as_told("capture", self.capture)), methods=["POST"]),
            Route("/payments/{payment_id}/cancel", _answering(self._as_told("cancel", self.cancel)), methods=["POST"]),
            Route("/payments/{payment_id}/refunds", _answering(self._as_told("refund", self.refund)), methods=["POST"]),
            Route("/pay/{payment_id}/outcome", _answering(self.decide), methods=["POST"]),
            Route("/behaviour", _answering(self.behave), methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        wanted = parse(Creation, await self._signed_body(request))
        key = request.headers.get("idempotence-key")
        if attempt_of(key) is None or key is None:
            raise Refusal(422, "invalid", "Idempotence-Key must be 13 characters of base 32.")
        asked = wanted.amount.kopecks()
        payment, new = self._bank.create(
            Payment(
                payment_id=key,
                order_id=wanted.metadata.order_id,
                event_id=wanted.metadata.event_id,
                method=wanted.method,
                status="pending",
                asked=asked,
                amount=asked,
                captured=0,
                refunded=0,
                silent=0,
                return_url=wanted.return_url,
                expires_at=wanted.expires_at.timestamp(),
                created_at=self._bank.clock(),
            )
        )
        return self._told(payment, 201 if new else 200)

    async def show(self, request: Request) -> Response:
        """The ledger's view of a payment; anybody who knows its id may see it. The shop hears what it was decided that it hears."""
        return await (self._as_told("query", self._show_shop) if self._is_signed(request, b"") else self._show)(request)

    async def show_ledger(self, request: Request) -> Response:
        """A page of the payments whose money is there. Only the shop may see it, and hears what it was decided that it hears."""
        if not self._is_signed(request, b""):
            raise Refusal(401, "not_signed", "The call is not signed by the shop.")
        wanted = parse(Listing, orjson.dumps(dict(request.query_params)))
        how = self._bank.ledger.behaviour("query")
        page = [] if how == "unknown" else self._bank.ledger.with_money(wanted.since, wanted.after, wanted.until, PAGE_PAYMENTS)
        following = {"since": repr(page[-1].created_at), "after": page[-1].payment_id} if len(page) == PAGE_PAYMENTS else None
        return _json({"payments": [_document(lied(payment, how)) for payment in page], "next": following})

    async def _show(self, request: Request) -> Response:
        return self._told(self._payment(request))

    async def _show_shop(self, request: Request) -> Response:
        return self._told(lied(self._known(request), self._bank.ledger.behaviour("query")))

    async def capture(self, request: Request) -> Response:
        body = await self._signed_body(request)
        payment = self._bank.capture(self._known(request), parse(Taking, body).amount.kopecks())
        self._notifier.wake()
        return self._told(payment)

    async def cancel(self, request: Request) -> Response:
        await self._signed_body(request)
        payment = self._bank.cancel(self._known(request))
        self._notifier.wake()
        return self._told(payment)

    async def refund(self, request: Request) -> Response:
        wanted = parse(Returning, await self._signed_body(request))
        payment = self._bank.refund(self._known(request), wanted.refund_id, wanted.amount.kopecks())
        self._notifier.wake()
        return self._told(payment)

    async def decide(self, request: Request) -> Response:
        decision = parse(Decision, await read_body(request))
        if decision.outcome == "late" and decision.after_seconds is None:
            raise Refusal(422, "invalid", "late needs after_seconds.", errors=[{"field": "after_seconds", "message": "required"}])
        payment = self._bank.decide(self._payment(request), decision.outcome, decision.after_seconds or 0.0)
        self._notifier.wake()
        return self._told(payment)

    async def behave(self, request: Request) -> Response:
        """Change the behaviour for what follows; the whole of it is answered."""
        wanted = parse(Behaviour, await read_body(request))
        for what, how in wanted.model_dump(exclude_none=True).items():
            self._bank.ledger.behave(what, how)
        now = {what: self._bank.ledger.behaviour(what) for what in Behaviour.model_fields}
        return _json(now)

    async def _signed_body(self, request: Request) -> bytes:
        body = await read_body(request)
        if not self._is_signed(request, body):
            raise Refusal(401, "not_signed", "The call is not signed by the shop.")
        return body

    def _is_signed(self, request: Request, body: bytes) -> bool:
        target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        signed = signatures.request_bytes(request.method, target, body)
        return signatures.genuine(self._secret, request.headers.get(signatures.HEADER), signed, self._bank.clock())

    def _as_told(self, call: str, endpoint: Endpoint) -> Endpoint:
        """The endpoint, misbehaving as it was told to."""

        async def answer(request: Request) -> Response:
            how = self._bank.ledger.behaviour(call)
            if how == "down":
                raise Down
            response = await endpoint(request)
            if how == "broken":
                raise Refusal(500, "broken", "Broken, as was asked for.")
            await asyncio.sleep(slowness(how))
            return response

        return answer

    def _known(self, request: Request) -> Payment:
        """A payment as the shop may ask for it."""
        if self._bank.ledger.behaviour("query") == "unknown":
            raise Refusal(404, "not_found", "There is no such payment, as was asked for.")
        return self._payment(request)

    def _payment(self, request: Request) -> Payment:
        payment = self._bank.ledger.payment(request.path_params["payment_id"])
        if payment is None:
            raise Refusal(404, "not_found", "There is no such payment.")
        return payment

    def _told(self, payment: Payment, status_code: int = 200) -> Response:
        deliveries = self._bank.ledger.deliveries(payment.payment_id)
        return _json(
            _document(payment)
            | {
                "redirect_url": f"{self._address}/pay/{payment.payment_id}",
                "notifications": [{"at": _moment(at), "status_code": status_code} for at, status_code in deliveries],
            },
            status_code,
        )


def _document(payment: Payment) -> dict[str, object]:
    return {
        "payment_id": payment.payment_id,
        "status": payment.status,
        "method": payment.method,
        "amount": money.written(payment.amount),
        "captured": money.written(payment.captured),
        "refunded": money.written(payment.refunded),
        "metadata": {"order_id": payment.order_id, "event_id": payment.event_id},
    }


def _answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint with its refusals made answers."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            return refusal.response()
        except Conflict as conflict:
            return Refusal(409, conflict.code, conflict.detail, payment_status=conflict.payment.status).response()
        except Down:
            return Refusal(503, "unavailable", "Out of order, as was asked for.").response()

    return answer


def _json(document: object, status_code: int = 200) -> Response:
    return Response(orjson.dumps(document), status_code, media_type="application/json")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
