"""Every refusal of an order on real members: its problem document, and that nothing changed."""

import asyncio
import time

import pytest

from grid_config.attempts import KEYS
from grid_config.identifiers import new_number, number_of, number_text
from tests.fixtures.sales_orders import cluster, event, order, problem, shopper, states, unit, units
from tests.fixtures.sales_unit import plan

__all__ = ["cluster", "event", "shopper", "unit", "units"]  # fixtures

UNTRUSTED = "203.0.113.7"


async def test_the_window_of_the_sale(unit, shopper):
    now = int(time.time() * 1000)
    early = await unit.publish(opens_at=now + 60_000)
    refused = await problem(shopper.post(f"/events/{early}/orders", json={"seats": ["1-1"]}), 403, "sale_not_open")
    assert refused["opens_at"].endswith("Z")
    late = await unit.publish(closes_at=now - 1_000)
    refused = await problem(shopper.post(f"/events/{late}/orders", json={"seats": ["1-1"]}), 403, "sale_closed")
    assert refused["closed_at"].endswith("Z")


async def test_seats_that_cannot_be_had_are_named(unit, shopper):
    event = await unit.publish(plan(rows=2, seats=5), orphan_rule=True, limit=0)
    await order(shopper, event, {"seats": ["1-1", "1-2"]})
    taken = await problem(shopper.post(f"/events/{event}/orders", json={"seats": ["1-2", "1-3"]}), 409, "seat_taken")
    assert taken["seats"] == ["1-2"]
    wish = {"best_available": {"category": "Партер", "quantity": 4}}
    await problem(shopper.post(f"/events/{event}/orders", json=wish), 409, "not_enough_seats")


async def test_single_seats_are_not_left_over_where_that_is_the_rule(unit, shopper):
    event = await unit.publish(plan(rows=8, seats=20), orphan_rule=True, limit=0)
    refused = await problem(shopper.post(f"/events/{event}/orders", json={"seats": ["1-2"]}), 409, "orphan_seats")
    assert refused["seats"] == ["1-1"]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, ""), ({"seats": []}, "seats"), ({"seats": "1-1"}, "seats"), ({"seats": [1]}, "seats.0"),
        ({"seats": ["1-1", "1-1"]}, "seats.1"), ({"seats": ["1-1", "no-such-seat"]}, "seats.1"), ({"seats": ["1-1"], "areas": []}, "areas"),
        ({"seats": ["1-1"], "areas": [{"area": "Танцпол", "quantity": 1}]}, ""), ({"seats": ["1-1"], "extra": 1}, "extra"),
        ({"seats": None}, "seats"), ({"best_available": {"category": "Партер", "quantity": 0}}, "best_available.quantity"),
        ({"best_available": {"category": "Партер", "quantity": -1}}, "best_available.quantity"),
        ({"best_available": {"category": "Партер", "quantity": True}}, "best_available.quantity"),
        ({"best_available": {"category": "Ложа", "quantity": 1}}, "best_available.category"),
        ({"areas": [{"area": "Танцпол", "quantity": 10**9}]}, "areas.0.quantity"),
        ({"areas": [{"area": "Танцпол", "quantity": 10**30}]}, "areas.0.quantity"),
        ({"areas": [{"area": "Танцпол", "quantity": 1}]}, "areas.0.area"),
        ({"seats": [f"{row}-{n}" for row in (1, 2) for n in range(1, 11)]}, "seats"), ({"seats": ["1-1", "1-1\x00"]}, "seats.1"),
        ([], ""), ([{"seats": ["1-1"]}], ""), ({"seats": ["x" * 1000]}, "seats.0"),
    ],
)  # fmt: skip
async def test_a_wish_that_makes_no_sense_names_its_field_and_changes_nothing(shopper, event, wish, field):
    refused = await problem(shopper.post(f"/events/{event}/orders", json=wish), 422, "invalid")

    assert refused["errors"][0]["field"] == field
    assert all(error["message"] for error in refused["errors"])
    assert "h" not in await states(shopper, event)


async def test_what_cannot_be_read_is_malformed(shopper, event):
    path, json_type = f"/events/{event}/orders", {"Content-Type": "application/json"}
    for body in (b'{"seats": [', b"", b"\xff", b'{"seats": ["' + b"x" * 70_000 + b'"]}'):
        await problem(shopper.post(path, content=body, headers=json_type), 400, "malformed")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    await problem(shopper.post(path, content=b"seats=1-1", headers=form), 400, "malformed")


async def test_what_is_not_there_and_who_is_not_signed_in(unit, shopper, event):
    for path in ("/events/none/seats", "/events/0123456789abc/seats", "/orders/none", f"/orders/{event}-0123456789abc", "/nowhere"):
        await problem(shopper.get(path), 404, "not_found")
    for path in ("/events/none/orders", "/events/0123456789abc/orders"):
        await problem(shopper.post(path, json={"seats": ["1-1"]}), 404, "not_found")
    async with unit.client(0) as stranger:
        await problem(stranger.post(f"/events/{event}/orders", json={"seats": ["1-1"]}), 401, "not_signed_in")
        await problem(stranger.get(f"/orders/{event}-0123456789abc"), 401, "not_signed_in")
        await problem(stranger.put(f"/events/{event}/orders"), 405, "method_not_allowed")


@pytest.mark.parametrize("params", [{"wait_for": "rich"}, {"timeout": 31}, {"timeout": -1}, {"timeout": "nan"}, {"timeout": "soon"}])
async def test_a_wait_that_makes_no_sense_is_invalid(shopper, event, params):
    held = await order(shopper, event, {"seats": ["1-1"]})
    await problem(shopper.get(f"/orders/{held['order_id']}", params=params), 422, "invalid")


async def test_an_event_without_its_entry_is_unavailable(unit, shopper, event):
    lost = new_number()
    unit.shelf.events[lost] = unit.shelf.events[number_of(event)]
    await problem(shopper.post(f"/events/{number_text(lost)}/orders", json={"seats": ["1-1"]}), 503, "unavailable")
    await problem(shopper.get(f"/events/{number_text(lost)}/seats"), 503, "unavailable")
    await problem(shopper.get(f"/events/{number_text(lost)}/seats/stream"), 503, "unavailable")


async def test_an_address_that_asks_too_often_is_told_to_wait(unit, event):
    async with unit.client(address=UNTRUSTED) as script:
        answers = [(await script.post(f"/events/{event}/orders", json={"seats": ["1-1"]})).status_code for _ in range(70)]
        await problem(script.post(f"/events/{event}/orders", json={"seats": ["1-1"]}), 429, "too_many_requests")
    assert answers[:2] == [201, 409]
    async with unit.client() as trusted:
        await order(trusted, event, {"seats": ["1-2"]})


async def test_refusals_reach_the_audit_outbox_within_a_tenth_of_a_second_or_two(unit, event):
    account = new_number()
    async with unit.client(account, UNTRUSTED) as shopper, unit.client(0, UNTRUSTED) as stranger:
        await order(shopper, event, {"seats": ["1-1"]})
        await shopper.post(f"/events/{event}/orders", json={"seats": ["1-1"]})
        await shopper.post(f"/events/{event}/orders", json={"seats": ["none"]})
        await shopper.delete(f"/orders/{event}-0123456789abc")
        await stranger.post(f"/events/{event}/orders", json={"seats": ["1-1"]})
    await asyncio.sleep(0.3)
    logged = [record for key in KEYS for record in (await unit.logs.drain(key, 2000)).records]
    mine = [(record.status, record.account, record.order) for record in logged if record.event == number_of(event)]
    assert sorted(mine) == sorted(
        [("seat_taken", account, 0), ("invalid", account, 0), ("not_found", account, number_of("0123456789abc")), ("not_signed_in", 0, 0)]
    )
    assert {record.address for record in logged if record.event == number_of(event)} == {UNTRUSTED}
    assert all(abs(record.at - time.time() * 1000) < 10_000 for record in logged if record.event == number_of(event))
