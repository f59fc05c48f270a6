"""What time does to orders, over HTTP. The orders are all begun at once and then left alone, so that their times pass together."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from grid_config.identifiers import order_of
from processing_units.catalogue.times import moment_of
from tests.fixtures.http import Site, Visitor, eventually
from tests.fixtures.shop import plan

pytestmark = pytest.mark.asyncio(loop_scope="session")

THINKING_SECONDS = 2.0  # between the hold and the start of the payment
SWEEP_SECONDS = 5.0  # within which a deadline is noticed when nobody asks


@dataclass
class LeftAlone:
    """An event, its shopper, orders and payments by what they are meant for, and the deadlines that the answers told."""

    event_id: str
    shopper: Visitor
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: asyncio.Task[Any] | None = None  # somebody who waits for an order to be confirmed

    async def passed(self, moment: str) -> None:
        """Wait until a deadline is over."""
        left = (moment_of(moment) - datetime.now(UTC)).total_seconds()
        await asyncio.sleep(max(0.0, left + 0.05))

    async def now(self, name: str) -> dict[str, Any]:
        return await self.shopper.order(self.orders[name]["order_id"])

    async def once(self, name: str, status: str) -> dict[str, Any]:
        return await eventually(lambda: self.now(name), lambda order: order["status"] == status)

    async def state(self, seat: int) -> str:
        return (await self.shopper.states(self.event_id))[seat]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def left(site: Site) -> LeftAlone:
    """Seats 1-1 and 1-2 held; 1-3 and 1-4 being paid with no answer; 1-5 approved in time; 1-6 approved when it is too late; 1-7 approved
    at once, which its provider tells nobody."""
    shopper = await site.shopper()
    left = LeftAlone(await site.on_sale(plan(1, 10), per_customer_limit=None), shopper)
    for seat, name in enumerate(("asked for", "forgotten", "silent", "switched", "late", "too late", "unheard"), 1):
        left.orders[name] = await shopper.hold(left.event_id, {"seats": [f"1-{seat}"]})
    asked = {"wait_for": "confirmed", "timeout": 30}
    left.waiting = asyncio.create_task(shopper.call("GET", f"/orders/{left.orders['forgotten']['order_id']}", 200, params=asked))
    await asyncio.sleep(THINKING_SECONDS)
    for name in ("silent", "switched", "late", "too late", "unheard"):
        method = "card" if name in {"silent", "unheard"} else "sbp"
        left.payments[name] = await site.start_to_pay(shopper, left.orders[name]["order_id"], method)
    async with site.provider_that(notify=f"late:{site.hold_seconds + 60:g}"):
        await site.decide(left.payments["unheard"], "approve")
    await site.decide(left.payments["silent"], "never")
    await site.decide(left.payments["late"], "late", after_seconds=1.5)
    await site.decide(left.payments["too late"], "late", after_seconds=site.hold_seconds + 60)
    return left


async def test_a_hold_says_when_it_ends(site: Site, left: LeftAlone):
    order = await left.now("forgotten")
    ends = moment_of(order["expires_at"])
    assert order["expires_at"] == left.orders["forgotten"]["expires_at"]
    assert 0 < order["seconds_left"] <= site.hold_seconds - THINKING_SECONDS + 1
    assert abs((ends - datetime.now(UTC)).total_seconds() - order["seconds_left"]) < 1.5


async def test_starting_to_pay_gives_the_whole_time_once(site: Site, left: LeftAlone):
    held, begun = left.orders["switched"], left.payments["switched"]
    given = moment_of(begun["expires_at"]) - moment_of(held["expires_at"])
    assert timedelta(seconds=THINKING_SECONDS) <= given < timedelta(seconds=site.hold_seconds)
    again = await site.start_to_pay(left.shopper, held["order_id"], "card")
    assert again["expires_at"] == begun["expires_at"]


async def test_an_approval_that_comes_late_but_in_time_buys_the_seat(site: Site, left: LeftAlone):
    done = await left.once("late", "confirmed")
    assert [ticket["status"] for ticket in done["tickets"]] == ["valid"]
    assert await left.state(4) == "s"
    await eventually(lambda: site.ledger(left.payments["late"]), lambda ledger: ledger["captured"] == done["total"])


async def test_a_hold_that_ran_out_gives_way_to_the_next_shopper_at_once(site: Site, left: LeftAlone):
    await left.passed(left.orders["asked for"]["expires_at"])
    await (await site.shoppers(2))[1].hold(left.event_id, {"seats": ["1-1"]})
    expired = await left.now("asked for")
    assert (expired["status"], expired["expires_at"], expired["seconds_left"]) == ("expired", None, 0)


async def test_who_waits_is_told_of_the_end_as_soon_as_it_comes(left: LeftAlone):
    assert left.waiting is not None
    assert (await left.waiting)["status"] == "expired"


async def test_a_hold_that_nobody_asks_for_expires_by_itself(site: Site, left: LeftAlone):
    key = order_of(left.orders["forgotten"]["order_id"])
    assert key is not None
    statement = "SELECT status::text, ended_at FROM orders WHERE (event, order_no) = (%s, %s)"
    rows = await eventually(lambda: site.rows(statement, *key), lambda rows: rows and rows[0][0] == "expired")
    over = rows[0][1] - moment_of(left.orders["forgotten"]["expires_at"])
    assert timedelta(0) <= over < timedelta(seconds=SWEEP_SECONDS)
    lines = [line for line in await site.audit(left.event_id, ["expired"]) if line["order_id"] == left.orders["forgotten"]["order_id"]]
    assert [line["status"] for line in lines] == ["held", "expired"]
    assert all(line["ip"] and line["account"] for line in lines)


async def test_an_expired_order_cannot_be_paid_and_need_not_be_released(left: LeftAlone):
    path = f"/orders/{(await left.once('forgotten', 'expired'))['order_id']}"
    wanted = {"provider": "sandbox", "method": "card", "return_url": "/"}
    assert (await left.shopper.problem("POST", f"{path}/payments", 409, "order_not_payable", wanted))["order_status"] == "expired"
    await left.shopper.call("DELETE", path, 204)
    assert (await left.now("forgotten"))["status"] == "expired"


@pytest.mark.parametrize("name", ["silent", "switched", "too late"])
async def test_a_payment_without_an_answer_is_cancelled_at_its_deadline_and_the_seat_is_free(site: Site, left: LeftAlone, name: str):
    await left.passed(left.payments[name]["expires_at"])
    expired = await left.once(name, "expired")
    assert (expired["tickets"], expired["payment"]["open"]) == ([], False)
    seat = int(expired["seats"][0]["number"]) - 1
    assert await left.state(seat) == "."
    ledger = await eventually(lambda: site.ledger(left.payments[name]), lambda ledger: ledger["status"] == "cancelled")
    assert (ledger["captured"]["amount"], ledger["refunded"]["amount"]) == ("0.00", "0.00")
    await site.decide(left.payments[name], "approve", 409)


async def test_who_paid_in_time_keeps_the_seat_though_its_provider_could_not_tell(site: Site, left: LeftAlone):
    await left.passed(left.payments["unheard"]["expires_at"])
    key = order_of(left.orders["unheard"]["order_id"])
    assert key is not None
    statement = "SELECT status::text FROM orders WHERE (event, order_no) = (%s, %s)"  # who looks at the order has its provider asked
    rows = await eventually(lambda: site.rows(statement, *key), lambda rows: rows and rows[0][0] != "paying")
    assert rows[0][0] in {"paid", "confirmed"}
    done = await left.once("unheard", "confirmed")
    ledger = await eventually(lambda: site.ledger(left.payments["unheard"]), lambda ledger: ledger["status"] == "captured")
    assert ledger["captured"] == done["total"]
