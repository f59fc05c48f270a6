"""Events whose inventories have left the grid: a unit answers for them without asking, and nobody brings them back for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from grid_config.commands import read_order
from grid_config.identifiers import new_number, number_of, number_text, order_of
from grid_config.orders import decode_order
from grid_config.outcomes import OrderStatus
from processing_units.sales.left import last_version
from tests.fixtures.grid import Cluster
from tests.fixtures.sales_unit import SalesUnit, plan, sales_units


@pytest.fixture
async def unit(grid_members: Cluster) -> AsyncIterator[SalesUnit]:
    async with sales_units(grid_members.settings()) as (unit,):
        yield unit


async def asked_for(unit: SalesUnit) -> set[int]:
    """Events that somebody missed in the grid since this was asked last."""
    return {event for told in await unit.grid.hints() for event in told.wanted_events}


async def test_all_its_seats_are_closed_and_nobody_asks_the_grid(unit: SalesUnit):
    event = unit.long_over(plan(rows=2, seats=5, area=30))
    await asked_for(unit)
    async with unit.client(0) as visitor:
        seats = await visitor.get(f"/events/{event}/seats")
        again = await visitor.get(f"/events/{event}/seats", headers={"If-None-Match": seats.headers["etag"]})

    number = number_of(event)
    assert number is not None
    version = last_version(unit.shelf.events[number])
    closed = {"free": 0, "held": 0, "sold": 0, "closed": 10}
    assert seats.json() == {"version": version, "counts": closed, "areas_free": [0], "states": "x" * 10}
    assert again.status_code == 304
    assert number not in await asked_for(unit)


async def test_a_hold_is_refused_and_noted_as_for_every_closed_sale(unit: SalesUnit):
    event = unit.long_over()
    number = number_of(event)
    assert number is not None
    await asked_for(unit)
    async with unit.client() as shopper:
        refused = await shopper.post(f"/events/{event}/orders", json={"seats": ["1-1"]})
        senseless = await shopper.post(f"/events/{event}/orders", json={"seats": ["no such seat"]})

    entry = unit.shelf.events[number].entry
    assert (refused.status_code, refused.json()["code"]) == (403, "sale_closed")
    assert datetime.fromisoformat(refused.json()["closed_at"]) == entry.starts_at
    assert senseless.status_code == 422
    assert number not in await asked_for(unit)


async def test_its_orders_are_in_the_archive(unit: SalesUnit):
    event = await unit.publish()
    account = new_number()
    async with unit.client(account) as shopper:
        held = (await shopper.post(f"/events/{event}/orders", json={"seats": ["1-1"]})).json()
        numbers = order_of(held["order_id"])
        assert numbers is not None
        live = decode_order((await unit.batchers.ask(numbers[0], read_order(numbers[1], account))).body)
        bought = live._replace(status=OrderStatus.CONFIRMED)
        unit.shelf.archive[numbers] = SimpleNamespace(order=bought, tickets=((0, "used"),))
        unit.begins_at(numbers[0], datetime.now(UTC) - timedelta(days=1, minutes=1))

        told = (await shopper.get(f"/orders/{held['order_id']}")).json()
        kept = await shopper.delete(f"/orders/{held['order_id']}")

    assert (told["status"], [ticket["status"] for ticket in told["tickets"]]) == ("confirmed", ["used"])
    assert (kept.status_code, kept.json()["code"]) == (409, "order_not_releasable")


async def test_an_event_is_not_over_before_its_day_is(unit: SalesUnit):
    event = await unit.publish()
    number = number_of(event)
    assert number is not None
    unit.begins_at(number, datetime.now(UTC) - timedelta(hours=23, minutes=59))
    async with unit.client() as shopper:
        seats = (await shopper.get(f"/events/{event}/seats")).json()
        unknown = await shopper.get(f"/orders/{event}-{number_text(new_number())}")

    assert seats["counts"]["free"] == 40
    assert unknown.status_code == 404
