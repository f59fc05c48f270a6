"""Buying over HTTP, whole: what the shopper is told, what the provider's ledger says, what PostgreSQL and the audit log keep."""

import asyncio
import json
import time
from typing import Any

import pytest

from grid_config.identifiers import number_of, order_of
from infra.payment.signatures import HEADER, sign
from infra.settings import secret
from tests.fixtures.http import Site, Visitor, eventually
from tests.fixtures.problems import check_problem

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDER_ROW = "SELECT status::text, refund::text, account, total, places, prices, host(ip) FROM orders WHERE (event, order_no) = (%s, %s)"
TICKET_ROWS = "SELECT place, status::text FROM tickets WHERE (event, order_no) = (%s, %s) ORDER BY place"
PAYMENT_ROWS = """SELECT payment, provider, method::text, amount, captured, refunded FROM payments
                  WHERE (event, order_no) = (%s, %s) ORDER BY started_at"""
NOTHING = "0.00"


def numbers(order: dict[str, Any]) -> tuple[int, int]:
    found = order_of(order["order_id"])
    assert found is not None
    return found


async def kept(site: Site, payment: dict[str, Any]) -> tuple[str, str]:
    ledger = await site.ledger(payment)
    return ledger["captured"]["amount"], ledger["refunded"]["amount"]


async def ledger_once(site: Site, payment: dict[str, Any], captured: str, refunded: str = NOTHING) -> dict[str, Any]:
    """The provider's view, once it has taken and given back these sums and nobody owes it an answer."""

    def settled(ledger: dict[str, Any]) -> bool:
        return (ledger["captured"]["amount"], ledger["refunded"]["amount"]) == (captured, refunded)

    return await eventually(lambda: site.ledger(payment), settled)


@pytest.mark.parametrize("method", ["card", "sbp"])
async def test_a_purchase_from_the_free_seat_to_the_ticket(site: Site, shopper: Visitor, event_id: str, method: str):
    order = await shopper.hold(event_id, {"seats": ["1-1", "2-3"]})
    assert (order["status"], order["event_id"], order["refund"]) == ("held", event_id, "none")
    assert order["total"] == {"amount": "5000.50", "currency": "RUB"}
    assert (order["payment"], order["tickets"]) == (None, [])
    assert 0 < order["seconds_left"] <= site.hold_seconds
    assert await shopper.states(event_id) == "h...." + "..h.."

    payment = await site.start_to_pay(shopper, order["order_id"], method)
    paying = await shopper.order(order["order_id"])
    assert paying["status"] == "paying"
    assert paying["payment"] == {"payment_id": payment["payment_id"], "provider": "sandbox", "method": method, "open": True}
    assert paying["expires_at"][:19] == payment["expires_at"][:19]

    await site.decide(payment, "approve")
    done = await shopper.order_when(order["order_id"], "confirmed")
    assert (done["expires_at"], done["seconds_left"]) == (None, 0)
    assert done["seats"] == order["seats"]
    assert done["total"] == order["total"]
    assert done["payment"] == paying["payment"] | {"open": False}
    assert [ticket["status"] for ticket in done["tickets"]] == ["valid"] * 2
    seats = await shopper.seats(event_id)
    assert (seats["states"], seats["counts"]) == ("s...." + "..s..", {"free": 8, "held": 0, "sold": 2, "closed": 0})

    ledger = await ledger_once(site, payment, "5000.50")
    assert ledger["status"] == "captured"
    noted = await eventually(lambda: site.ledger(payment), lambda ledger: ledger["notifications"])  # a moment after the shop has answered
    assert {note["status_code"] for note in noted["notifications"]} == {200}


async def test_a_purchase_is_in_the_database_with_its_money_and_its_tickets(site: Site, shopper: Visitor, event_id: str):
    account = number_of((await shopper.call("GET", "/account", 200))["account_id"])
    order = await shopper.hold(event_id, {"seats": ["1-2", "2-1"]})
    payment = await site.pay(shopper, order["order_id"])
    await shopper.order_when(order["order_id"], "confirmed")
    await ledger_once(site, payment, "5000.50")

    key = numbers(order)
    assert await site.rows(ORDER_ROW, *key) == [("confirmed", "none", account, 500_050, [1, 5], [350_000, 150_050], "127.0.0.1")]
    assert await site.rows(TICKET_ROWS, *key) == [(1, "valid"), (5, "valid")]
    taken = (number_of(payment["payment_id"]), "sandbox", "card", 500_050, 500_050, 0)
    await eventually(lambda: site.rows(PAYMENT_ROWS, *key), lambda rows: rows == [taken])


async def test_every_step_of_a_purchase_has_an_audit_line(site: Site, shopper: Visitor, event_id: str):
    account_id = (await shopper.call("GET", "/account", 200))["account_id"]
    client = site.anyone(token=shopper.http.headers["authorization"].removeprefix("Bearer "), address="203.0.113.7")
    order = await client.hold(event_id, {"seats": ["1-1"]})
    await site.pay(client, order["order_id"])
    await client.order_when(order["order_id"], "confirmed")
    lines = [line for line in await site.audit(event_id, ["confirmed"]) if line["order_id"] == order["order_id"]]
    assert [line["status"] for line in lines] == ["held", "paying", "paid", "confirmed"]
    assert {(line["ip"], line["account"]) for line in lines} == {("203.0.113.7", account_id)}
    moments = [line["at"] for line in lines]
    assert moments == sorted(moments)


async def test_a_decline_gives_the_seats_back_and_takes_no_money(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-1", "1-2"]})
    payment = await site.pay(shopper, order["order_id"], "decline")
    declined = await shopper.order_when(order["order_id"], "declined")
    assert (declined["tickets"], declined["expires_at"]) == ([], None)
    assert await shopper.states(event_id) == "." * 10
    await eventually(lambda: site.ledger(payment), lambda ledger: [note["status_code"] for note in ledger["notifications"]] == [200])
    assert await kept(site, payment) == (NOTHING, NOTHING)
    assert (await site.rows(ORDER_ROW, *numbers(order)))[0][0] == "declined"
    assert await site.rows(TICKET_ROWS, *numbers(order)) == []
    assert [line["order_id"] for line in await site.audit(event_id, ["declined"]) if line["status"] == "declined"] == [order["order_id"]]


@pytest.mark.parametrize("outcome", ["twice", "reordered"])
async def test_notifications_may_come_twice_and_in_the_wrong_order(site: Site, shopper: Visitor, event_id: str, outcome: str):
    order = await shopper.hold(event_id, {"seats": ["1-4"]})
    payment = await site.pay(shopper, order["order_id"], outcome)
    done = await shopper.order_when(order["order_id"], "confirmed")
    ledger = await eventually(lambda: site.ledger(payment), lambda ledger: len(ledger["notifications"]) >= 2)
    assert {note["status_code"] for note in ledger["notifications"]} == {200}
    await ledger_once(site, payment, "3500.00")
    assert await shopper.order(order["order_id"]) == done
    assert await site.rows(TICKET_ROWS, *numbers(order)) == [(3, "valid")]
    lines = [line["status"] for line in await site.audit(event_id, ["confirmed"]) if line["order_id"] == order["order_id"]]
    assert lines == ["held", "paying", "paid", "confirmed"]


@pytest.mark.parametrize(("method", "taken"), [("card", NOTHING), ("sbp", "3501.00")])
async def test_a_wrong_sum_goes_back_and_buys_nothing(site: Site, shopper: Visitor, event_id: str, method: str, taken: str):
    order = await shopper.hold(event_id, {"seats": ["1-5"]})
    payment = await site.pay(shopper, order["order_id"], "wrong_amount", method)
    after = await eventually(lambda: shopper.order(order["order_id"]), lambda now: now["refund"] == "done")
    assert after["status"] in {"held", "expired"}
    assert after["tickets"] == []
    ledger = await ledger_once(site, payment, taken, taken)
    assert ledger["status"] == ("cancelled" if method == "card" else "captured")
    assert await shopper.states(event_id) in {"." * 10, "....h....."}


async def test_a_refund_that_fails_is_tried_again(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-5"]})
    async with site.provider_that(refund="fail_times:1"):
        payment = await site.pay(shopper, order["order_id"], "wrong_amount", "sbp")
        await ledger_once(site, payment, "3501.00", "3501.00")


async def test_a_card_that_cannot_be_charged_in_the_end_gives_the_seats_back(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    async with site.provider_that(capture="fail"):
        payment = await site.pay(shopper, order["order_id"])
        declined = await eventually(lambda: shopper.order(order["order_id"]), lambda now: now["status"] == "declined")
    assert [ticket["status"] for ticket in declined["tickets"]] == ["cancelled"]
    assert await shopper.states(event_id) == "." * 10
    assert (await kept(site, payment))[0] == NOTHING
    await shopper.hold(event_id, {"seats": ["1-1"]})


async def test_a_forged_notification_is_refused_and_changes_nothing(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-4"]})
    payment = await site.start_to_pay(shopper, order["order_id"])
    body = notification(payment, order, "captured")
    key = secret(site.system.run_dir / "secrets" / "provider")
    genuine, now = sign(key, body, time.time()), time.time()
    before = await shopper.order(order["order_id"])
    async with site.nothing_changes(event_id):
        for forged in (
            None,
            "",
            "t=1,v1=" + "0" * 64,
            sign(b"another secret", body, now),
            sign(key, body, now - 3600),
            sign(key, body, now + 3600),
            sign(key, notification(payment, order, "authorised"), now),
            genuine[:-1] + ("0" if genuine[-1] != "0" else "1"),
            "\u00e9",
        ):
            headers = {} if forged is None else {HEADER.encode(): forged.encode("latin-1")}
            answer = await site.anyone().http.post("/payments/sandbox/notifications", content=body, headers=headers)
            check_problem(answer, "malformed")
    after = await shopper.order(order["order_id"])
    assert after | {"seconds_left": 0} == before | {"seconds_left": 0}
    assert await site.rows("SELECT status::text FROM payments WHERE payment = %s AND captured > 0", number_of(payment["payment_id"])) == []


def notification(payment: dict[str, Any], order: dict[str, Any], status: str) -> bytes:
    told = {
        "payment_id": payment["payment_id"],
        "status": status,
        "amount": order["total"],
        "method": "card",
        "metadata": {"order_id": order["order_id"], "event_id": order["event_id"]},
    }
    return json.dumps({"event": f"payment.{status}", "payment": told}).encode()


async def test_a_released_order_is_cancelled_at_the_provider(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["2-1"]})
    payment = await site.start_to_pay(shopper, order["order_id"])
    await shopper.call("DELETE", f"/orders/{order['order_id']}", 204)
    assert (await shopper.order(order["order_id"]))["status"] == "released"
    assert await shopper.states(event_id) == "." * 10
    await eventually(lambda: site.ledger(payment), lambda ledger: ledger["status"] == "cancelled")
    await site.decide(payment, "approve", 409)
    assert await kept(site, payment) == (NOTHING, NOTHING)


async def test_a_bought_order_stays_bought(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["2-2"]})
    await site.pay(shopper, order["order_id"])
    done = await shopper.order_when(order["order_id"], "confirmed")
    async with site.nothing_changes(event_id):
        refused = await shopper.problem("DELETE", f"/orders/{order['order_id']}", 409, "order_not_releasable")
        assert refused["order_status"] == "confirmed"
        wanted = {"provider": "sandbox", "method": "card", "return_url": "/"}
        refused = await shopper.problem("POST", f"/orders/{order['order_id']}/payments", 409, "order_not_payable", wanted)
        assert refused["order_status"] == "confirmed"
    assert await shopper.order(order["order_id"]) == done


async def test_while_the_provider_is_down_the_seats_stay_held(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["2-3"]})
    wanted = {"provider": "sandbox", "method": "card", "return_url": "/"}
    async with site.provider_that(create="down"), site.nothing_changes(event_id):
        await shopper.problem("POST", f"/orders/{order['order_id']}/payments", 503, "unavailable", wanted)
        after = await shopper.order(order["order_id"])
        assert after["status"] == "held"
        assert after["expires_at"] == order["expires_at"]
    await site.pay(shopper, order["order_id"])
    await shopper.order_when(order["order_id"], "confirmed")


async def test_another_method_ends_the_former_payment(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["2-4"]})
    card = await site.start_to_pay(shopper, order["order_id"], "card")
    again = await site.start_to_pay(site.elsewhere(shopper, 1), order["order_id"], "card")
    assert again == card
    sbp = await site.start_to_pay(site.elsewhere(shopper, 1), order["order_id"], "sbp")
    assert sbp["payment_id"] != card["payment_id"]
    assert sbp["expires_at"] == card["expires_at"]
    assert (await site.ledger(card))["status"] == "cancelled"
    await site.decide(card, "approve", 409)
    await site.decide(sbp, "approve")
    done = await shopper.order_when(order["order_id"], "confirmed")
    assert done["payment"]["payment_id"] == sbp["payment_id"]
    assert (await kept(site, card), await kept(site, sbp)) == ((NOTHING, NOTHING), ("1500.50", NOTHING))


async def test_a_shopper_who_pays_twice_at_once_pays_once(site: Site, shopper: Visitor, event_id: str):
    """Eight starts through both units: one attempt, one payment at the provider."""
    order = await shopper.hold(event_id, {"seats": ["2-5"]})
    doors = [site.elsewhere(shopper, number % 2) for number in range(8)]
    started = await asyncio.gather(*(site.start_to_pay(door, order["order_id"]) for door in doors))
    assert len({payment["payment_id"] for payment in started}) == 1
    await site.decide(started[0], "approve")
    await shopper.order_when(order["order_id"], "confirmed")
    assert len(await site.rows(PAYMENT_ROWS, *numbers(order))) == 1


async def test_who_waits_for_a_status_is_answered_when_it_comes_or_when_the_time_is_up(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-3"]})
    path, clock = f"/orders/{order['order_id']}", asyncio.get_running_loop().time
    began = clock()
    assert (await shopper.call("GET", path, 200, params={"wait_for": "confirmed", "timeout": 0.5}))["status"] == "held"
    assert 0.4 < clock() - began < 3
    waiting = asyncio.create_task(site.elsewhere(shopper, 1).call("GET", path, 200, params={"wait_for": "confirmed", "timeout": 20}))
    await site.pay(shopper, order["order_id"])
    assert (await waiting)["status"] == "confirmed"
