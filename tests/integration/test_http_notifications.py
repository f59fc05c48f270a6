"""Notifications that nobody should believe, over HTTP: forged, cut, replayed, of another payment, lying, endless. And genuine ones that
come again, late, or in the wrong order: each takes effect once.
"""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from grid_config.identifiers import new_number, number_of, order_of, order_text
from infra.payment.port import payment_id
from infra.payment.signatures import HEADER, sign
from infra.settings import secret
from processing_units.edge.validation import BODY_BYTES_MAX
from tests.fixtures.http import PROMPTLY, Site, Visitor, eventually
from tests.fixtures.problems import check_problem

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/payments/sandbox/notifications"
REPLAYS = 40
Order = dict[str, Any]


def told(payment: dict[str, Any], order: Order, status: str = "captured", **changes: Any) -> bytes:
    """A notification's body, as the provider writes it."""
    whole = {
        "payment_id": payment["payment_id"], "status": status, "amount": order["total"], "method": "card",
        "metadata": {"order_id": order["order_id"], "event_id": order["event_id"]},
    }  # fmt: skip
    return json.dumps({"event": f"payment.{status}", "payment": whole | changes}).encode()


def signed(site: Site, body: bytes, at: float | None = None) -> str:
    return sign(secret(site.system.run_dir / "secrets" / "provider"), body, time.time() if at is None else at)


async def notify(site: Site, body: bytes, header: str | None, unit: int = 0) -> httpx.Response:
    headers = [] if header is None else [(HEADER.encode(), header.encode("latin-1"))]
    return await site.anyone(unit).http.post(PATH, content=body, headers=headers)


async def kept(site: Site, event_id: str, order: Order) -> dict[str, Any]:
    """Everything that a purchase leaves behind, save the seconds that run."""
    numbers, shopper = order_of(order["order_id"]), await site.shopper()
    assert numbers is not None
    return {
        "order": await shopper.order(order["order_id"]) | {"seconds_left": 0},
        "seats": await site.anyone(1).seats(event_id),
        "payments": await site.rows("SELECT * FROM payments WHERE (event, order_no) = (%s, %s) ORDER BY payment", *numbers),
        "tickets": await site.rows("SELECT * FROM tickets WHERE (event, order_no) = (%s, %s) ORDER BY place", *numbers),
        "refunds": await site.rows("SELECT * FROM refunds WHERE (event, order_no) = (%s, %s)", *numbers),
        "audit": [line for line in await site.audit(event_id) if line["order_id"] == order["order_id"]],
    }


async def bought(site: Site, shopper: Visitor, event_id: str, seat: str) -> tuple[Order, dict[str, Any]]:
    """An order that is confirmed and charged, and its payment."""
    order = await shopper.hold(event_id, {"seats": [seat]})
    payment = await site.pay(shopper, order["order_id"])
    await shopper.order_when(order["order_id"], "confirmed")
    await eventually(lambda: site.ledger(payment), lambda ledger: ledger["captured"] == order["total"])
    await site.audit(event_id, ["held", "paying", "paid", "confirmed"])
    return order, payment


async def began(site: Site, payment: dict[str, Any]) -> None:
    """The start of a payment has come to PostgreSQL."""
    number = number_of(payment["payment_id"])
    await eventually(lambda: site.rows("SELECT 1 FROM payments WHERE payment = %s", number), lambda rows: rows)


async def test_a_signature_is_whole_and_of_this_very_body(site: Site, shopper: Visitor, event_id: str):
    order, other = await shopper.hold(event_id, {"seats": ["1-1"]}), await shopper.hold(event_id, {"seats": ["1-3"]})
    payment, another = await site.start_to_pay(shopper, order["order_id"]), await site.start_to_pay(shopper, other["order_id"])
    body = told(payment, order)
    genuine = signed(site, body)
    at, digits = genuine.removeprefix("t=").split(",v1=")
    forged = [genuine[:length] for length in range(0, len(genuine), 7)]
    forged += [
        signed(site, told(another, other)),  # of another payment
        signed(site, told(payment, order, "authorised")),  # of what this one said before
        signed(site, told(payment, order, amount=other["total"] | {"amount": "1.00"})),
        signed(site, body + b" "), signed(site, b""), signed(site, body, time.time() - 310), signed(site, body, time.time() + 360),
        sign(b"the secret of another environment", body, time.time()),
        f"t={at},v1={digits.upper()}", f"t=0{at},v1={digits}", f"t=+{at},v1={digits}", f"{genuine}x", f"{genuine},{genuine}",
        f"v1={digits},t={at}", f"t={at},v1={digits},v1={digits}", f"t={at},v0={digits}", f"t=,v1={digits}", "t=\u00b2,v1=" + digits,
    ]  # fmt: skip
    await began(site, payment)
    before = await kept(site, event_id, order)
    for header in forged:
        answer = await notify(site, body, header)
        assert answer.status_code == 400, header
        check_problem(answer, "malformed")
    for changed in (b"", body[:-1], body + b"\n", body.replace(b"captured", b"declined"), body * 2):
        check_problem(await notify(site, changed, genuine), "malformed")
    assert await kept(site, event_id, order) == before


async def test_two_signatures_are_none(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    body = told(await site.start_to_pay(shopper, order["order_id"]), order)
    genuine = signed(site, body)
    for headers in ([genuine, "x"], ["x", genuine], [genuine, genuine]):
        sent = [(HEADER, value) for value in headers]
        answer = await site.anyone().http.post(PATH, content=body, headers=sent)
        assert answer.status_code in {200, 400}
        assert answer.status_code == 400 or headers[0] == genuine, "of several the first counts"


async def test_a_replay_after_the_settlement_has_no_effect(site: Site, shopper: Visitor, event_id: str):
    order, payment = await bought(site, shopper, event_id, "1-1")
    before = await kept(site, event_id, order)
    body = told(payment, order)
    header = signed(site, body)
    answers = await asyncio.gather(*(notify(site, body, header, number % 2) for number in range(REPLAYS)))
    assert {answer.status_code for answer in answers} == {200}
    assert await kept(site, event_id, order) == before


@pytest.mark.parametrize("status", ["pending", "authorised", "captured", "declined", "cancelled"])
async def test_what_was_said_before_changes_nothing_afterwards(site: Site, shopper: Visitor, event_id: str, status: str):
    order, payment = await bought(site, shopper, event_id, "1-2")
    before = await kept(site, event_id, order)
    body = told(payment, order, status)
    assert (await notify(site, body, signed(site, body))).status_code == 200
    assert await kept(site, event_id, order) == before


async def test_a_replay_for_an_order_that_was_let_go_buys_nothing(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-2"]})
    payment = await site.pay(shopper, order["order_id"], "decline")
    await shopper.order_when(order["order_id"], "declined")
    for status in ("declined", "cancelled"):
        body = told(payment, order, status)
        assert (await notify(site, body, signed(site, body))).status_code == 200
    assert (await shopper.order(order["order_id"]))["status"] == "declined"
    assert await shopper.states(event_id) == "." * 10


async def test_money_of_one_payment_buys_one_order(site: Site, shopper: Visitor, event_id: str):
    order, payment = await bought(site, shopper, event_id, "1-1")
    before = await kept(site, event_id, order)
    other = await shopper.hold(event_id, {"seats": ["1-5"]})
    await site.start_to_pay(shopper, other["order_id"])
    body = told(payment, other)  # said to be for another order of the same price
    assert (await notify(site, body, signed(site, body))).status_code == 200
    told_of_it = await eventually(lambda: shopper.order(other["order_id"]), lambda now: now["refund"] == "failed")
    assert told_of_it["tickets"] == []
    now = await kept(site, event_id, order)
    assert (now["order"], now["tickets"], now["refunds"]) == (before["order"], before["tickets"], before["refunds"])
    assert (await site.ledger(payment))["refunded"]["amount"] == "0.00", "what has paid for tickets stays"
    _, number = order_of(other["order_id"]) or (0, 0)
    assert await site.rows("SELECT 1 FROM alarms WHERE kind = 'refund_failed' AND order_no = %s", number)


@pytest.mark.parametrize("amount", ["0.00", "0.01", "3499.99", "3500.01", "350000.00", "9999999999999999.99"])
async def test_an_amount_that_lies_buys_nothing(site: Site, shopper: Visitor, event_id: str, amount: str):
    order = await shopper.hold(event_id, {"seats": ["1-4"]})
    payment = await site.start_to_pay(shopper, order["order_id"])
    body = told(payment, order, amount={"amount": amount, "currency": "RUB"})
    assert (await notify(site, body, signed(site, body))).status_code == 200
    after = await eventually(lambda: shopper.order(order["order_id"]), lambda now: now["refund"] in {"done", "failed"})
    assert after["status"] in {"held", "expired"}
    assert after["tickets"] == []
    assert (await site.ledger(payment))["captured"]["amount"] == "0.00"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": {"amount": "3500.00", "currency": "USD"}}, {"amount": {"amount": "-3500.00", "currency": "RUB"}}, {"amount": "3500.00"},
        {"amount": {"amount": "3500.0", "currency": "RUB"}}, {"amount": {"amount": 3500, "currency": "RUB"}}, {"amount": None},
        {"status": "refunded"}, {"method": "cash"}, {"payment_id": "x"}, {"payment_id": None}, {"metadata": []},
        {"metadata": {"order_id": 5}},
    ],
)  # fmt: skip
async def test_signed_nonsense_is_an_alarm_and_buys_nothing(site: Site, shopper: Visitor, event_id: str, changes: dict[str, Any]):
    order = await shopper.hold(event_id, {"seats": ["1-4"]})
    payment = await site.start_to_pay(shopper, order["order_id"])
    await began(site, payment)
    before, alarms = await kept(site, event_id, order), (await site.figures()).total("front_row_payment_alarms_total")
    body = told(payment, order, **changes)
    assert (await notify(site, body, signed(site, body))).status_code == 200
    assert await kept(site, event_id, order) == before
    assert (await site.figures()).total("front_row_payment_alarms_total") == alarms + 1


async def test_what_is_of_another_shop_is_not_taken(site: Site, shopper: Visitor, event_id: str):
    """The same provider's payment of another environment: its event is not ours, so the provider is to keep it and tell again."""
    order = await shopper.hold(event_id, {"seats": ["1-4"]})
    foreign = {"payment_id": payment_id(new_number())}
    body = told(foreign, order, metadata={"order_id": order_text(new_number(), new_number())})
    check_problem(await notify(site, body, signed(site, body)), "unavailable")
    check_problem(await site.anyone().answer("POST", "/payments/other/notifications", content=body), "not_found")
    assert await site.rows("SELECT 1 FROM payments WHERE payment = %s", number_of(foreign["payment_id"])) == []


async def test_bodies_that_are_huge_are_not_even_read(site: Site):
    for length, code in ((BODY_BYTES_MAX + 1, 400), (5_000_000, 400), (BODY_BYTES_MAX, 200)):
        body = b'{"payment": "' + b"x" * (length - 15) + b'"}'
        assert len(body) == length
        assert (await notify(site, body, signed(site, body))).status_code == code
    deep = b"[" * 30_000 + b"]" * 30_000
    assert (await notify(site, deep, signed(site, deep))).status_code == 200


async def test_a_body_that_comes_slowly_holds_up_nobody_and_one_that_never_ends_says_nothing(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-4"]})
    payment = await site.start_to_pay(shopper, order["order_id"])
    body = told(payment, order, "declined")
    length, signature = f"Content-Length: {len(body)}", f"{HEADER}: {signed(site, body)}"
    lines = (f"POST /api/v1{PATH} HTTP/1.1", "Host: shop", "Connection: close", length, signature)
    head = "\r\n".join([*lines, "", ""])
    async with site.connection() as (_, writer):
        writer.write(head.encode() + body[:-1])
        await writer.drain()
    async with site.connection() as (reader, writer), asyncio.timeout(PROMPTLY):
        writer.write(head.encode())
        for start in range(0, len(body), 40):
            assert (await shopper.order(order["order_id"]))["status"] == "paying"
            writer.write(body[start : start + 40])
            await asyncio.sleep(0.05)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    assert (await shopper.order_when(order["order_id"], "declined"))["tickets"] == []
