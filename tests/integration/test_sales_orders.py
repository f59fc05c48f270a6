"""Orders on real members: holding, racing, repeating, waiting, ending."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from grid_config.commands import read_order, start_payment
from grid_config.identifiers import new_number, number_text
from grid_config.orders import decode_order
from grid_config.outcomes import Method, Verdict
from processing_units.sales import waiters
from tests.fixtures.sales_orders import cluster, event, numbers_of, order, problem, shopper, states, unit, units
from tests.fixtures.sales_unit import paid, plan

__all__ = ["cluster", "event", "shopper", "unit", "units"]  # fixtures


async def test_a_hold_has_the_shape_of_the_contract(shopper, event):
    held = await order(shopper, event, {"seats": ["1-1", "3-2"]})

    assert held["event_id"] == event
    assert held["order_id"].startswith(event + "-")
    assert (held["status"], held["payment"], held["tickets"], held["refund"]) == ("held", None, [], "none")
    assert held["seats"][1] == {
        "seat": "3-2", "category": "Балкон", "zone": "Основная", "row": "3", "number": "2", "area": None,
        "price": {"amount": "1500.50", "currency": "RUB"},
    }  # fmt: skip
    assert held["total"] == {"amount": "5000.50", "currency": "RUB"}
    assert 298 <= held["seconds_left"] <= 300
    assert held["expires_at"].endswith("Z")
    assert (await shopper.get(f"/orders/{held['order_id']}")).json() | {"seconds_left": 300} == held | {"seconds_left": 300}


async def test_a_place_in_an_area_is_told_by_its_area(unit, shopper):
    event = await unit.publish(plan(area=25))
    held = await order(shopper, event, {"areas": [{"area": "Танцпол", "quantity": 2}]})

    assert [place["area"] for place in held["seats"]] == ["Танцпол"] * 2
    assert {place["seat"] for place in held["seats"]} == {None}


async def test_what_one_unit_acknowledged_every_unit_shows_at_once(units, event):
    first, second = units
    async with first.client() as here, second.client() as there:
        for number in range(1, 9):
            await order(here, event, {"seats": [f"1-{number}"]})
            assert (await states(there, event)).count("h") == number


async def test_sixty_four_shoppers_after_the_same_seats_one_wins_each(units, event):
    seats = ["3-1", "3-2", "3-3", "3-4"]
    shoppers = [units[number % 2].client() for number in range(64)]

    async def claim(shopper, seat):
        return seat, (await shopper.post(f"/events/{event}/orders", json={"seats": [seat]})).status_code

    answers = await asyncio.gather(*[claim(shopper, seat) for shopper in shoppers for seat in seats])
    for seat in seats:
        assert sorted(status for which, status in answers if which == seat) == [201] + [409] * 63
    assert (await states(shoppers[0], event)).count("h") == 4
    await asyncio.gather(*[shopper.aclose() for shopper in shoppers])


async def test_all_or_nothing_when_baskets_overlap(units, event):
    shoppers = [units[number % 2].client() for number in range(20)]

    async def claim(number):
        wish = {"seats": [f"1-{1 + (number + step) % 10}" for step in range(3)]}
        return await shoppers[number].post(f"/events/{event}/orders", json=wish)

    answers = await asyncio.gather(*map(claim, range(20)))
    held = [place["seat"] for answer in answers if answer.status_code == 201 for place in answer.json()["seats"]]
    assert len(held) == len(set(held)) == (await states(shoppers[0], event)).count("h")
    for answer in answers:
        if answer.status_code == 409:
            assert set(answer.json()["seats"]) <= set(held)
    await asyncio.gather(*[shopper.aclose() for shopper in shoppers])


async def test_nobody_outruns_the_limit(units):
    event = await units[0].publish(limit=3)
    units[1].shelf = units[0].shelf
    account = new_number()
    async with units[0].client(account) as here, units[1].client(account) as there:
        answers = await asyncio.gather(
            *[[here, there][seat % 2].post(f"/events/{event}/orders", json={"seats": [f"1-{seat}"]}) for seat in range(1, 11)]
        )
        assert sorted(answer.status_code for answer in answers) == [201] * 3 + [403] * 7
        refused = await problem(here.post(f"/events/{event}/orders", json={"seats": ["2-1"]}), 403, "limit_exceeded")
    assert (refused["limit"], refused["held_or_bought"]) == (3, 3)


async def test_one_key_sent_many_times_makes_one_order(units, event):
    account = new_number()
    async with units[0].client(account) as here, units[1].client(account) as there:
        path, key = f"/events/{event}/orders", {"Idempotency-Key": "k"}
        answers = await asyncio.gather(*[[here, there][n % 2].post(path, json={"seats": ["2-7"]}, headers=key) for n in range(16)])
        assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
        assert len({answer.json()["order_id"] for answer in answers}) == 1
        await problem(here.post(path, json={"seats": ["2-8"]}, headers=key), 409, "idempotency_key_reused")
    async with units[0].client() as other:
        await order(other, event, {"seats": ["2-9"]}, **{"Idempotency-Key": "k"})


async def test_the_same_wish_in_another_order_is_the_same_request(shopper, event):
    first = await order(shopper, event, {"seats": ["1-1", "1-2"]}, **{"Idempotency-Key": "k"})
    again = await order(shopper, event, {"seats": ["1-2", "1-1"]}, 200, **{"Idempotency-Key": "k"})

    assert again["order_id"] == first["order_id"]


async def test_a_repeat_is_answered_with_the_order_as_it_stands(shopper, event):
    first = await order(shopper, event, {"seats": ["1-1"]}, **{"Idempotency-Key": "k"})
    await shopper.delete(f"/orders/{first['order_id']}")
    again = await order(shopper, event, {"seats": ["1-1"]}, 200, **{"Idempotency-Key": "k"})

    assert (again["status"], again["expires_at"], again["seconds_left"]) == ("released", None, 0)


@pytest.mark.parametrize("key", ["", "k" * 65, "ключ", "a\tb"])
async def test_a_key_that_is_none_is_invalid(shopper, event, key):
    headers = {"Idempotency-Key": key.encode()}
    refused = await problem(shopper.post(f"/events/{event}/orders", json={"seats": ["1-1"]}, headers=headers), 422, "invalid")

    assert refused["errors"][0]["field"] == "Idempotency-Key"


async def test_a_released_seat_is_the_next_shopper_s(unit, shopper, event):
    held = await order(shopper, event, {"seats": ["1-5"]})
    path = f"/orders/{held['order_id']}"
    async with unit.client() as other:
        await problem(other.delete(path), 404, "not_found")
        await problem(other.get(path), 404, "not_found")
        assert (await shopper.delete(path)).status_code == 204
        assert (await shopper.delete(path)).status_code == 204
        assert (await shopper.get(path)).json()["status"] == "released"
        await order(other, event, {"seats": ["1-5"]})


async def test_a_hold_lapses_and_the_shopper_is_told(unit, shopper):
    event = await unit.publish(hold_ms=600)
    held = await order(shopper, event, {"seats": ["4-1"]})
    await asyncio.sleep(0.7)
    async with unit.client() as other:
        await order(other, event, {"seats": ["4-1"]})

    assert (await shopper.get(f"/orders/{held['order_id']}")).json()["status"] == "expired"


async def test_waiting_ends_when_the_time_is_up_or_the_status_is_reached(unit, shopper, event):
    held = await order(shopper, event, {"seats": ["1-6"]})
    path, began = f"/orders/{held['order_id']}", time.monotonic()
    assert (await shopper.get(path, params={"wait_for": "confirmed", "timeout": 0.5})).json()["status"] == "held"
    assert 0.45 < time.monotonic() - began < 3
    waiting = asyncio.create_task(shopper.get(path, params={"wait_for": "confirmed", "timeout": 20}))
    numbers = numbers_of(held)
    account = decode_order((await unit.batchers.ask(numbers[0], read_order(numbers[1], 0))).body).account
    await paid(unit, held["order_id"], account)
    await unit.durable(numbers[0], (numbers[1], Verdict.CONFIRMED))
    told = (await asyncio.wait_for(waiting, 10)).json()

    assert (told["status"], told["tickets"]) == ("confirmed", [{"ticket_id": f"{held['order_id']}-5", "status": "valid"}])
    assert told["payment"] | {"payment_id": ""} == {"payment_id": "", "provider": "sandbox", "method": "sbp", "open": False}
    assert (await states(shopper, event))[5] == "s"
    refused = await problem(shopper.delete(path), 409, "order_not_releasable")
    assert refused["order_status"] == "confirmed"


async def test_an_end_ends_the_waiting_too_and_the_unit_that_brings_it_tells_at_once(shopper, event, monkeypatch):
    monkeypatch.setattr(waiters, "PAUSE_SECONDS_FIRST", 60.0)
    held = await order(shopper, event, {"seats": ["1-6"]})
    path = f"/orders/{held['order_id']}"
    waiting = asyncio.create_task(shopper.get(path, params={"wait_for": "confirmed", "timeout": 20}))
    await asyncio.sleep(0.1)
    await shopper.delete(path)

    assert (await asyncio.wait_for(waiting, 5)).json()["status"] == "released"


async def test_who_waits_for_a_paying_order_wakes_the_payments_room(unit, event):
    account = new_number()
    async with unit.client(account) as shopper:
        held = await order(shopper, event, {"seats": ["1-1"]})
        numbers = numbers_of(held)
        await unit.batchers.ask(numbers[0], start_payment(numbers[1], account, bytes(16), 1, Method.CARD, "sandbox"))
        told = await shopper.get(f"/orders/{held['order_id']}", params={"wait_for": "confirmed", "timeout": 0.2})
    assert (told.json()["status"], told.json()["payment"]["method"]) == ("paying", "card")
    assert set(unit.shelf.inquiries) == {numbers[1]}


async def test_an_order_that_has_left_the_grid_comes_from_the_archive(unit, event):
    account, gone = new_number(), new_number()
    async with unit.client(account) as shopper:
        held = await order(shopper, event, {"seats": ["1-1"]})
        number, live = numbers_of(held)
        view = decode_order((await unit.batchers.ask(number, read_order(live, account))).body)
        ended = view._replace(order=gone, status=4)
        unit.shelf.archive[number, gone] = SimpleNamespace(order=ended, tickets=((0, "used"),))
        order_id = f"{event}-{number_text(gone)}"
        told = (await shopper.get(f"/orders/{order_id}")).json()
        assert (told["status"], told["tickets"]) == ("confirmed", [{"ticket_id": f"{order_id}-0", "status": "used"}])
        await problem(shopper.delete(f"/orders/{order_id}"), 409, "order_not_releasable")
    async with unit.client() as other:
        await problem(other.get(f"/orders/{order_id}"), 404, "not_found")


async def test_availability_is_compressed_and_not_sent_twice(shopper, event):
    plain = await shopper.get(f"/events/{event}/seats", headers={"Accept-Encoding": "identity"})
    packed = await shopper.get(f"/events/{event}/seats", headers={"Accept-Encoding": "gzip"})
    known = await shopper.get(f"/events/{event}/seats", headers={"If-None-Match": plain.headers["etag"]})

    assert (plain.json(), packed.headers["content-encoding"]) == (packed.json(), "gzip")
    assert (known.status_code, known.content) == (304, b"")
    await order(shopper, event, {"seats": ["1-1"]})
    changed = await shopper.get(f"/events/{event}/seats", headers={"If-None-Match": plain.headers["etag"]})
    assert (changed.status_code, changed.json()["counts"]) == (200, {"free": 39, "held": 1, "sold": 0, "closed": 0})
