"""Pages on a slow network and under the keyboard: what is on its way is said, and nobody loses their place when something changes."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_browser_hall import BOX, PITCH, click_seat, seat_at, small_hall
from tests.fixtures.browser import Visit, Window
from tests.fixtures.http import Site, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
FOCUSED = "document.activeElement.className || document.activeElement.id"


async def held_back(window: Window, address: str) -> asyncio.Event:
    """The answers of an address wait for this event, as on a slow network."""
    comes = asyncio.Event()

    async def wait(route: Route) -> None:
        await comes.wait()
        await route.continue_()

    await window.page.route(address, wait)
    return comes


async def test_while_the_map_is_on_its_way_the_page_says_so_and_its_forms_can_be_filled_in(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    page = window.page
    comes = await held_back(window, f"**/events/{event_id}/hall")
    await window.open(f"/events/{event_id}")
    await expect(page.locator("#hall-coming")).to_contain_text("on its way")
    await page.locator("#best-quantity").fill("3")
    comes.set()
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("#best-quantity")).to_be_focused()  # the map waits until the form is left
    await page.locator("#best-quantity").blur()
    await expect(page.locator(".hall-canvas")).to_be_visible()
    await expect(page.locator("#hall-coming")).to_be_hidden()


async def test_a_map_that_does_not_come_leaves_the_forms_and_says_so(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    page = window.page
    await page.clock.install()
    failed: list[str] = []

    async def fail(route: Route) -> None:
        failed.append(route.request.url)
        await route.abort()

    await page.route(f"**/events/{event_id}/hall", fail)
    await window.open(f"/events/{event_id}")

    async def told() -> str:
        await page.clock.fast_forward(500)
        return await page.locator("#hall-coming").inner_text()

    await eventually(told, lambda text: "did not come" in text)
    await page.unroute(f"**/events/{event_id}/hall")
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.locator(".hall-canvas")).to_be_visible()
    assert len(failed) > 1
    window.faults.clear()  # the browser's console names each call that failed, and ours why there is no map


async def test_the_keyboard_goes_from_the_seats_to_the_choice_and_stays_with_what_is_answered(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    fast, slow = await box_office.shoppers(2)
    window = await visit(shopper=slow)
    page, keys = window.page, window.page.keyboard
    await window.open_hall(event_id)
    await page.get_by_role("button", name="List").press("Enter")
    await page.locator(".hall-zone").press("Enter")
    await page.get_by_role("button", name="Row 2, seat 4,").press("Enter")
    await keys.press("Escape")
    assert await page.evaluate(FOCUSED) == "hall-basket"

    comes = await held_back(window, f"**/events/{event_id}/orders")
    hold = page.locator(".hall-hold")
    await page.route("**/seats/stream", lambda route: route.abort())
    await hold.press("Enter")
    await expect(hold).to_have_text("Holding the places…")
    await expect(hold).to_be_focused()
    await fast.hold(event_id, {"seats": ["2-4"]})
    comes.set()
    await expect(page.locator(".hall-way").first).to_be_visible()
    assert await page.evaluate(FOCUSED) == "hall-alert"
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator(".hall-items li")).to_have_count(1)
    assert await page.evaluate(FOCUSED) == "hall-alert"  # where the button was: Tab goes on from here
    window.faults.clear()  # the browser's console names the refused call


async def test_escape_leads_from_the_map_to_the_whole_hall_and_then_to_the_choice(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(reduced_motion="reduce")
    picture = await window.open_hall(event_id)
    page = window.page
    await click_seat(page, picture, 1, 1)
    canvas = page.locator(".hall-canvas")
    await page.mouse.move(*await picture.at(seat_at(1, 1), BOX, PITCH))
    await page.mouse.wheel(0, -300)
    await expect(canvas).to_have_class("hall-canvas hall-canvas-hand hall-canvas-near")
    await canvas.press("Escape")
    await expect(canvas).to_have_class("hall-canvas hall-canvas-hand")
    await canvas.press("Escape")
    assert await page.evaluate(FOCUSED) == "hall-basket"
