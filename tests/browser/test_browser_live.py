"""Pages that stay true while others buy, and while the processing unit that tells them of it dies."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.test_browser_hall import BOX, PITCH, SEATS, click_seat, seat_at, small_hall
from tests.browser.test_browser_purchases import approve, confirmed
from tests.fixtures.browser import Visit, Window
from tests.fixtures.http import Site, eventually
from tests.fixtures.shop import plan

pytestmark = pytest.mark.asyncio(loop_scope="session")
BACK_SECONDS = 60.0  # until a killed unit answers again, on a busy machine too
SOON_MS = 5_000  # within which a shopper sees what another one did
FLOOR = {
    "area": "Танцпол", "capacity": 5, "category": "Партер", "shape": "rectangle", "position": {"x": 25, "y": 130},
    "rectangle": {"width": 175, "height": 60}, "text": {"text": "Танцпол", "position": {"x": 87, "y": 30}},
}  # fmt: skip
# Everything that the page ever said of a connection that is gone, however briefly.
WATCH_COMPLAINTS = """() => {
  const hall = document.getElementById("hall");
  window.complaints_ = 0;
  new MutationObserver(() => hall.classList.contains("hall-stale") && window.complaints_++).observe(hall, {attributes: true});
}"""


async def teller(site: Site) -> int:
    """The number of the unit that serves the one stream that is open."""

    async def listeners() -> list[float]:
        """Of the units that run."""
        return [await _listeners(site, number) for number in range(len(site.units))]

    return (await eventually(listeners, lambda told: sum(told) == 1)).index(1)


async def _listeners(site: Site, number: int) -> float:
    try:
        return (await site.figures(number)).total("front_row_stream_clients")
    except httpx.TransportError:
        return 0


@contextlib.asynccontextmanager
async def killed_unit(site: Site, number: int, event_id: str) -> AsyncIterator[None]:
    """Kill a unit with SIGKILL; after the block it is back, and knows the event."""
    os.kill(site.system.pids("unit")[f"unit-{number + 1}"], signal.SIGKILL)
    try:
        yield
    finally:
        await eventually(lambda: _knows(site, number, event_id), bool, BACK_SECONDS)


async def _knows(site: Site, number: int, event_id: str) -> bool:
    try:
        return (await site.anyone(number).answer("GET", f"/events/{event_id}/seats")).is_success
    except httpx.TransportError:
        return False


async def state_told(window: Window, picture: Any, row: int, number: int) -> str:
    """What the map's tooltip says of a seat."""
    await window.page.mouse.move(*await picture.at(seat_at(row, number), BOX, PITCH))
    return await window.page.locator(".hall-tooltip").inner_text()


def forgive_lost_connections(window: Window) -> None:
    """The browser's console names each connection that broke; nothing else may have gone wrong."""
    assert all("net::ERR" in fault for fault in window.faults), window.faults
    window.faults.clear()


async def test_the_unit_that_tells_of_the_seats_dies_and_the_page_misses_nothing(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    buyer, other = await box_office.shoppers(2)
    window = await visit(shopper=buyer)
    picture = await window.open_hall(event_id)
    page = window.page
    for number in (3, 4):
        await click_seat(page, picture, 1, number)
    await page.evaluate(WATCH_COMPLAINTS)
    dying = await teller(box_office)
    rest = box_office.elsewhere(other, 1 - dying)

    async with killed_unit(box_office, dying, event_id):
        await rest.hold(event_id, {"seats": ["2-2"]})  # nobody tells the page of it just now
        assert await teller(box_office) == 1 - dying
        await eventually(lambda: state_told(window, picture, 2, 2), lambda told: "somebody is buying it" in told)
        await rest.hold(event_id, {"seats": ["2-3"]})
        await eventually(lambda: state_told(window, picture, 2, 3), lambda told: "somebody is buying it" in told)

        await page.get_by_role("button", name="Hold these places").click()
        await page.wait_for_url("**/orders/*")
        await page.locator(".pay button").first.click()
        await approve(page)
        await confirmed(page)
    assert (await box_office.anyone(1 - dying).states(event_id))[: SEATS + 3] == "..ss....." + "hh"
    forgive_lost_connections(window)


async def test_a_page_that_missed_nothing_while_its_unit_was_away_says_nothing(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit()
    await window.page.clock.install()
    await window.open_hall(event_id)
    await window.page.evaluate(WATCH_COMPLAINTS)
    dying = await teller(box_office)
    async with killed_unit(box_office, dying, event_id):
        assert await teller(box_office) == 1 - dying
        await window.page.clock.fast_forward(10_000)
        await expect(window.page.locator(".hall-stale-note")).to_be_hidden()
        assert await window.page.evaluate("window.complaints_") == 0
    forgive_lost_connections(window)


async def test_an_order_sent_to_a_unit_that_dies_is_sent_again_and_made_once(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    picture = await window.open_hall(event_id)
    page = window.page
    await click_seat(page, picture, 3, 1)
    dying = await teller(box_office)
    async with killed_unit(box_office, dying, event_id):
        await page.get_by_role("button", name="Hold these places").click()
        await page.wait_for_url("**/orders/*")
        await expect(page.locator("#order[data-status=held]")).to_be_visible()
    assert (await box_office.anyone().states(event_id)).count("h") == 1
    forgive_lost_connections(window)


async def test_the_waiting_page_hears_of_the_payment_though_units_die(box_office: Site, visit: Visit):
    """The page waits at one unit or the other: each dies in turn, and comes back."""
    event_id = await small_hall(box_office)
    shopper = await box_office.shopper()
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    payment = await box_office.start_to_pay(shopper, order["order_id"])
    window = await visit(shopper=shopper)
    await window.open(f"/orders/{order['order_id']}")
    await expect(window.page.locator("#order[data-status=paying]")).to_be_visible()
    for dying in range(len(box_office.units)):
        async with killed_unit(box_office, dying, event_id):
            pass
    await box_office.decide(payment, "approve")
    await confirmed(window.page)
    forgive_lost_connections(window)


async def test_standing_places_go_live(box_office: Site, visit: Visit):
    event_id = await box_office.on_sale(plan(areas=(FLOOR,)))
    fast, slow = await box_office.shoppers(2)
    winner, loser = await visit(shopper=fast), await visit("en", slow)
    for window in (winner, loser):
        await window.open_hall(event_id)
    place = loser.page.get_by_role("group", name="Танцпол")
    for _ in range(4):
        await place.get_by_role("button", name="One more").click()
    await expect(place.locator(".hall-free")).to_have_text("5 places free")

    for _ in range(2):
        await winner.page.get_by_role("group", name="Танцпол").get_by_role("button", name="One more").click()
    await winner.page.locator(".hall-hold").click()
    await winner.page.wait_for_url("**/orders/*")

    await expect(place.locator(".hall-free")).to_have_text("3 places free", timeout=SOON_MS)
    await expect(loser.page.locator(".hall-alert")).to_contain_text("Places left for you: 3")
    await expect(loser.page.locator(".hall-total")).to_contain_text("3 tickets")
    await place.get_by_role("button", name="One more").click()
    await expect(loser.page.locator(".hall-status")).to_contain_text("places left: 3")
    await loser.page.locator(".hall-hold").click()
    await loser.page.wait_for_url("**/orders/*")
    told = await box_office.anyone().call("GET", f"/events/{event_id}", 200)
    assert told["areas"][0]["free"] == 0
