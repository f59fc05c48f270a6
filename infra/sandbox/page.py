"""The page on which people pay: amount, order, three buttons, in Russian and English.

No script is needed and none but our own runs; the address's number is the only key to it, and it is guessed by nobody.
"""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from infra.sandbox.bank import Bank, Conflict
from infra.sandbox.ledger import Payment
from infra.sandbox.notifier import Notifier
from infra.sandbox.requests import Refusal, read_body
from infra.sandbox.words import LANGUAGES, WORDS, language_of, order_text, sum_text

HERE = Path(__file__).parent


class PayPage:
    """Where people pay: what is to be paid, a button per choice, and back to the shop."""

    def __init__(self, bank: Bank, notifier: Notifier) -> None:
        self._bank = bank
        self._notifier = notifier
        templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
        )
        self._template = templates.get_template("pay.html")

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/pay/{payment_id}", self.show, methods=["GET"]),
            Route("/pay/{payment_id}", self.choose, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]

    async def show(self, request: Request) -> Response:
        payment = self._bank.ledger.payment(request.path_params["payment_id"])
        return self._page(request, payment, 404 if payment is None else 200)

    async def choose(self, request: Request) -> Response:
        """A button: decide, and back to the shop. What the shop has cancelled is told here instead."""
        payment = self._bank.ledger.payment(request.path_params["payment_id"])
        try:
            choice = _choice(await read_body(request))
        except Refusal as refusal:
            return refusal.response()
        if payment is None:
            return self._page(request, None, 404)
        try:
            if choice in ("approve", "decline"):
                self._bank.decide(payment, "approve" if choice == "approve" else "decline")
                self._notifier.wake()
            elif choice != "later":
                return self._page(request, payment, 422)
        except Conflict as conflict:
            return self._page(request, conflict.payment, 409)
        return RedirectResponse(payment.return_url, 303, _headers(payment))

    def _page(self, request: Request, payment: Payment | None, status_code: int) -> Response:
        language = language_of(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        seconds_left = 0 if payment is None else max(0, int(payment.expires_at - self._bank.clock()))
        page = self._template.render(
            payment=payment,
            words=WORDS[language],
            language=language,
            languages=LANGUAGES,
            seconds_left=seconds_left,
            shop=payment and urlsplit(payment.return_url).netloc,
            sum=lambda kopecks: sum_text(kopecks, language),
            order=payment and order_text(payment),
        )
        return HTMLResponse(page, status_code, _headers(payment))


def _choice(body: bytes) -> str:
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=8).get("choice", [""])[0]
    except ValueError:
        return ""


def _headers(payment: Payment | None) -> dict[str, str]:
    """Nothing foreign is loaded or framed; the form may go nowhere but here and, by the redirect that follows, to the shop."""
    forms = "'self'"
    if payment is not None:
        shop = urlsplit(payment.return_url)
        forms += f" {shop.scheme}://{shop.netloc}"
    return {
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action {forms}"
        ),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
    }
