"""Holding seats over HTTP through both units: races, repeats, limits, the best seats, areas, single seats, the sale's window."""

import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grid_config.identifiers import number_of
from grid_config.limits import AREA_PLACE_FIRST
from processing_units.catalogue.times import moment_of, text_of
from tests.fixtures.http import Site, Visitor, eventually
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import plan, unique

pytestmark = pytest.mark.asyncio(loop_scope="session")

CROWD = 64
FLOOR = {"area": "Танцпол", "category": "Партер", "capacity": 25, "position": {"x": 0, "y": 200}, "width": 200, "height": 80}
LIVE = "SELECT places FROM orders WHERE event = %s AND status::text IN ('held', 'paying', 'paid', 'confirmed')"


def guids(order: dict[str, Any]) -> list[str]:
    return [seat["seat"] for seat in order["seats"]]


async def rush(site: Site, event_id: str, wishes: list[list[str]]) -> tuple[list[dict[str, Any]], list[tuple[list[str], list[str]]]]:
    """A shopper per wish, all at once through both units; the orders, and (wish, seats named as taken) of those refused."""
    crowd = await site.shoppers(len(wishes))
    doors = [site.elsewhere(shopper, number % 2) for number, shopper in enumerate(crowd)]
    asked = (door.answer("POST", f"/events/{event_id}/orders", {"seats": wish}) for door, wish in zip(doors, wishes, strict=True))
    answers = await asyncio.gather(*asked)
    orders = [answer.json() for answer in answers if answer.status_code == 201]
    others = [(wish, answer) for wish, answer in zip(wishes, answers, strict=True) if answer.status_code != 201]
    return orders, [(wish, check_problem(answer, "seat_taken")["seats"]) for wish, answer in others]


async def test_of_64_shoppers_after_the_same_seats_one_gets_them(site: Site, event_id: str):
    orders, refused = await rush(site, event_id, [["1-2", "1-3"]] * CROWD)
    assert [guids(order) for order in orders] == [["1-2", "1-3"]]
    assert refused == [(["1-2", "1-3"], ["1-2", "1-3"])] * (CROWD - 1)
    seats = await site.anyone(1).seats(event_id)
    assert (seats["states"], seats["counts"]["held"]) == (".hh......."[:10], 2)
    lines = await eventually(lambda: site.audit(event_id), lambda lines: sum(line["status"] == "seat_taken" for line in lines) == CROWD - 1)
    assert len({line["account"] for line in lines if line["status"] == "seat_taken"}) == CROWD - 1
    assert all(line["ip"] and line["at"] for line in lines)


async def test_in_a_rush_no_seat_is_promised_twice_and_nobody_gets_half(site: Site):
    event_id = await site.on_sale(plan(4, 10))
    dice = random.Random(64)
    everything = [f"{row}-{seat}" for row in range(1, 5) for seat in range(1, 11)]
    orders, refused = await rush(site, event_id, [dice.sample(everything, dice.randint(1, 4)) for _ in range(CROWD)])
    held = [seat for order in orders for seat in guids(order)]
    assert len(held) == len(set(held))
    assert len(orders) + len(refused) == CROWD
    for wish, taken in refused:
        assert taken
        assert set(taken) <= set(wish) & set(held)
    states = await site.anyone().states(event_id)
    assert {seat for seat, state in zip(everything, states, strict=True) if state == "h"} == set(held)
    places = await eventually(lambda: site.rows(LIVE, number_of(event_id)), lambda rows: len(rows) == len(orders))
    assert sorted(place for (of_order,) in places for place in of_order) == sorted(everything.index(seat) for seat in held)


async def test_one_key_through_both_units_makes_one_order(site: Site, shopper: Visitor, event_id: str):
    key = unique("key ")
    doors = [site.elsewhere(shopper, number % 2) for number in range(16)]
    wish, headers = {"seats": ["2-4", "2-5"]}, {"Idempotency-Key": key}
    answers = await asyncio.gather(*(door.answer("POST", f"/events/{event_id}/orders", wish, headers=headers) for door in doors))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert await shopper.states(event_id) == "........hh"


async def test_a_repeat_tells_how_the_order_stands_at_any_unit(site: Site, shopper: Visitor, event_id: str):
    key, elsewhere = unique("key"), site.elsewhere(shopper, 1)
    order = await shopper.hold(event_id, {"seats": ["1-1", "1-2"]}, key=key)
    turned = await elsewhere.hold(event_id, {"seats": ["1-2", "1-1"]}, 200, key=key)
    assert turned | {"seconds_left": 0} == order | {"seconds_left": 0}
    await shopper.call("DELETE", f"/orders/{order['order_id']}", 204)
    assert (await elsewhere.hold(event_id, {"seats": ["1-1", "1-2"]}, 200, key=key))["status"] == "released"
    assert await shopper.states(event_id) == "." * 10
    other = {"Idempotency-Key": key}
    async with site.nothing_changes(event_id):
        for wish in ({"seats": ["1-1"]}, {"best_available": {"category": "Партер", "quantity": 2}}):
            await elsewhere.problem("POST", f"/events/{event_id}/orders", 409, "idempotency_key_reused", wish, headers=other)


async def test_a_refusal_is_not_remembered_and_keys_are_their_owners(site: Site, event_id: str):
    first, second = await site.shoppers(2)
    key = unique("key")
    order = await first.hold(event_id, {"seats": ["1-1"]}, key=key)
    await second.problem("POST", f"/events/{event_id}/orders", 409, "seat_taken", {"seats": ["1-1"]}, headers={"Idempotency-Key": key})
    await first.call("DELETE", f"/orders/{order['order_id']}", 204)
    assert (await second.hold(event_id, {"seats": ["1-1"]}, key=key))["order_id"] != order["order_id"]
    elsewhere = await site.on_sale()
    await first.hold(elsewhere, {"seats": ["1-1"]}, key=key)


async def test_nobody_outruns_the_limit_through_two_units(site: Site, shopper: Visitor):
    event_id = await site.on_sale(per_customer_limit=3)
    doors = [site.elsewhere(shopper, number % 2) for number in range(10)]
    wishes = [{"seats": [f"{row}-{seat}"]} for row in (1, 2) for seat in range(1, 6)]
    asked = (door.answer("POST", f"/events/{event_id}/orders", wish) for door, wish in zip(doors, wishes, strict=True))
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [403] * 7
    for answer in answers:
        if answer.status_code == 403:
            told = check_problem(answer, "limit_exceeded")
            assert (told["limit"], told["held_or_bought"]) == (3, 3)
    held = next(answer.json()["order_id"] for answer in answers if answer.status_code == 201)
    await shopper.call("DELETE", f"/orders/{held}", 204)
    await site.elsewhere(shopper, 1).hold(event_id, {"best_available": {"category": "Партер", "quantity": 1}})


async def test_what_was_bought_counts_for_the_limit(site: Site, shopper: Visitor):
    event_id = await site.on_sale(per_customer_limit=2)
    order = await shopper.hold(event_id, {"seats": ["1-1", "1-2"]})
    await site.pay(shopper, order["order_id"])
    await shopper.order_when(order["order_id"], "confirmed")
    told = await shopper.problem("POST", f"/events/{event_id}/orders", 403, "limit_exceeded", {"seats": ["1-4"]})
    assert (told["limit"], told["held_or_bought"]) == (2, 2)
    await (await site.shoppers(2))[1].hold(event_id, {"seats": ["1-4"]})


async def test_the_best_available_are_neighbours_who_leave_no_single_seat(site: Site, shopper: Visitor):
    event_id = await site.on_sale(plan(3, 10), per_customer_limit=None)
    taken: set[int] = set()
    for _ in range(3):
        order = await shopper.hold(event_id, {"best_available": {"category": "Партер", "quantity": 3}})
        found = sorted(int(seat["number"]) for seat in order["seats"])
        assert {seat["category"] for seat in order["seats"]} == {"Партер"}
        assert found == list(range(found[0], found[0] + 3))
        assert taken.isdisjoint(found)
        taken |= set(found)
    assert len(taken) == 9
    told = await shopper.problem(
        "POST", f"/events/{event_id}/orders", 409, "not_enough_seats", {"best_available": {"category": "Партер", "quantity": 2}}
    )
    assert told["status"] == 409
    await shopper.hold(event_id, {"best_available": {"category": "Партер", "quantity": 1}})


async def test_the_first_of_the_best_keep_clear_of_single_seats(site: Site, shopper: Visitor):
    event_id = await site.on_sale(plan(2, 10))
    order = await shopper.hold(event_id, {"best_available": {"category": "Партер", "quantity": 4}})
    found = sorted(int(seat["number"]) for seat in order["seats"])
    assert found == list(range(found[0], found[0] + 4))
    assert 1 not in {found[0] - 1, 10 - found[-1]}


async def test_best_available_is_split_when_no_neighbours_are_left(site: Site, event_id: str):
    first, second = await site.shoppers(2)
    await first.hold(event_id, {"seats": ["1-2", "1-4"]})
    order = await second.hold(event_id, {"best_available": {"category": "Партер", "quantity": 3}})
    assert sorted(guids(order)) == ["1-1", "1-3", "1-5"]


async def test_an_area_is_sold_by_count_and_never_beyond_its_capacity(site: Site):
    event_id = await site.on_sale(plan(areas=(FLOOR,)))
    crowd = [site.elsewhere(shopper, number % 2) for number, shopper in enumerate(await site.shoppers(8))]
    wish = {"areas": [{"area": "Танцпол", "quantity": 4}]}
    answers = await asyncio.gather(*(shopper.answer("POST", f"/events/{event_id}/orders", wish) for shopper in crowd))
    orders = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(orders) == 6
    for answer in answers:
        if answer.status_code != 201:
            check_problem(answer, "not_enough_seats")
    price = {"amount": "3500.00", "currency": "RUB"}
    standing = {"seat": None, "category": "Партер", "zone": None, "row": None, "number": None, "area": "Танцпол", "price": price}
    assert all(order["seats"] == [standing] * 4 for order in orders)
    told = await crowd[0].call("GET", f"/events/{event_id}", 200)
    assert told["areas"] == [{"area": "Танцпол", "category": "Партер", "capacity": 25, "free": 1}]
    assert told["seats_free"] == 11
    rows = await eventually(lambda: site.rows(LIVE, number_of(event_id)), lambda rows: len(rows) == 6)
    assert sorted(place - AREA_PLACE_FIRST for (of_order,) in rows for place in of_order) == list(range(24))


async def test_places_of_an_area_are_bought_and_let_go_like_seats(site: Site, shopper: Visitor):
    event_id = await site.on_sale(plan(areas=(FLOOR,)))
    bought = await shopper.hold(event_id, {"areas": [{"area": "Танцпол", "quantity": 2}]})
    await site.pay(shopper, bought["order_id"])
    assert len((await shopper.order_when(bought["order_id"], "confirmed"))["tickets"]) == 2
    let_go = await shopper.hold(event_id, {"areas": [{"area": "Танцпол", "quantity": 3}]})
    await shopper.call("DELETE", f"/orders/{let_go['order_id']}", 204)
    assert (await shopper.call("GET", f"/events/{event_id}", 200))["areas"][0]["free"] == 23


async def test_no_single_seat_may_be_left_where_the_rule_is_on(site: Site):
    event_id = await site.on_sale(plan(2, 14), orphan_rule=True)
    first, second = await site.shoppers(2)
    async with site.nothing_changes(event_id):
        told = await first.problem("POST", f"/events/{event_id}/orders", 409, "orphan_seats", {"seats": ["1-2", "1-3"]})
    assert told["seats"] == ["1-1"]
    await first.hold(event_id, {"seats": ["1-1", "1-2"]})
    told = await second.problem("POST", f"/events/{event_id}/orders", 409, "orphan_seats", {"seats": ["1-4"]})
    assert told["seats"] == ["1-3"]
    await second.hold(event_id, {"seats": ["1-3"]})


async def test_near_the_end_of_a_category_single_seats_may_be_left(site: Site, shopper: Visitor):
    event_id = await site.on_sale(plan(2, 9), orphan_rule=True)
    await shopper.hold(event_id, {"seats": ["1-2"]})


async def test_nothing_is_sold_before_the_sale_opens(site: Site, shopper: Visitor):
    opens_at = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    event_id = await site.on_sale(sale_opens_at=opens_at.isoformat())
    async with site.nothing_changes(event_id):
        told = await shopper.problem("POST", f"/events/{event_id}/orders", 403, "sale_not_open", {"seats": ["1-1"]})
    assert moment_of(told["opens_at"]) == opens_at


async def test_nothing_is_sold_after_the_sale_closed(site: Site, shopper: Visitor):
    closed_at = (datetime.now(UTC) - timedelta(seconds=10)).replace(microsecond=0)
    event_id = await site.on_sale(sale_closes_at=closed_at.isoformat())
    async with site.nothing_changes(event_id):
        told = await shopper.problem("POST", f"/events/{event_id}/orders", 403, "sale_closed", {"seats": ["1-1"]})
    assert moment_of(told["closed_at"]) == closed_at


async def test_an_administrator_moves_the_window_for_every_unit(site: Site, shopper: Visitor):
    event_id = await site.on_sale()
    admin, path = await site.admin(), f"/admin/events/{event_id}"
    version = (await admin.call("GET", path, 200))["version"]
    later = text_of((datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0))
    await admin.call("PATCH", path, 200, {"sale_opens_at": later}, headers={"If-Match": str(version)})
    for unit in range(2):
        told = await site.elsewhere(shopper, unit).problem("POST", f"/events/{event_id}/orders", 403, "sale_not_open", {"seats": ["1-1"]})
        assert told["opens_at"] == later


async def test_availability_is_current_at_either_unit_right_after_every_hold(site: Site, shopper: Visitor):
    event_id = await site.on_sale(per_customer_limit=None)
    wishes = (f"{row}-{seat}" for row in (1, 2) for seat in range(1, 6))
    for unit, (held, seat) in zip(itertools.cycle((0, 1)), enumerate(wishes, 1), strict=False):
        await site.elsewhere(shopper, unit).hold(event_id, {"seats": [seat]})
        assert (await site.anyone(1 - unit).states(event_id)) == "h" * held + "." * (10 - held)


async def test_a_released_seat_is_the_next_shoppers_at_once(site: Site, event_id: str):
    first, second = await site.shoppers(2)
    order = await first.hold(event_id, {"seats": ["1-5", "2-5"]})
    await site.elsewhere(first, 1).call("DELETE", f"/orders/{order['order_id']}", 204)
    await second.hold(event_id, {"seats": ["1-5"]})
    released = await first.order(order["order_id"])
    assert (released["status"], released["expires_at"], released["seconds_left"]) == ("released", None, 0)
    await first.call("DELETE", f"/orders/{order['order_id']}", 204)
    assert await first.states(event_id) == "....h....."
    lines = [line for line in await site.audit(event_id, ["released"]) if line["order_id"] == order["order_id"]]
    assert [line["status"] for line in lines] == ["held", "released"]
