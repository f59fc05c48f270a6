"""Whole purchases in a real browser, to the confirmed order: by mouse, by keyboard alone, on a phone, and with second thoughts."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_browser_hall import BOX, BOX_MORE, PITCH, ROWS_MORE, SEATS_MORE, click_seat, seat_at, small_hall
from tests.fixtures.browser import Visit
from tests.fixtures.http import Site
from tests.fixtures.shop import plan

pytestmark = pytest.mark.asyncio(loop_scope="session")
TABS_MAX = 60


async def approve(page: Page) -> None:
    """On the provider's page: pay, and come back."""
    await page.locator("button[value=approve]").click()
    await page.wait_for_url("**/orders/*")


async def confirmed(page: Page) -> None:
    await expect(page.locator("#order[data-status=confirmed]")).to_be_visible()


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name is focused."""
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        told = await page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent")
        if name in told:
            return
    pytest.fail(f"no {name!r} within {TABS_MAX} stops of the Tab key")


async def test_by_mouse(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit("ru", await box_office.shopper())
    picture = await window.open_hall(event_id)
    page = window.page
    await page.mouse.move(*await picture.at(seat_at(1, 3), BOX, PITCH))
    await expect(page.locator(".hall-tooltip")).to_contain_text("3")
    for number in (3, 4):
        await click_seat(page, picture, 1, number)
    await expect(page.locator(".hall-total")).to_contain_text("7\u00a0000")
    await page.locator(".hall-hold").click()
    await page.wait_for_url("**/orders/*")
    await page.locator(".pay button").first.click()
    await approve(page)
    await confirmed(page)
    assert (await box_office.anyone().states(event_id))[2:4] == "ss"


async def test_by_keyboard_alone(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    await window.open_hall(event_id)
    page, keys = window.page, window.page.keyboard
    await tab_to(page, "List")
    await keys.press("Enter")
    await tab_to(page, "Основная")
    await keys.press("Enter")
    await tab_to(page, "Row 1, seat 1")
    await keys.press("ArrowRight")
    await keys.press("Space")
    await keys.press("ArrowDown")
    await keys.press("Space")
    await expect(page.locator(".hall-status")).to_contain_text("Row 2, seat 2")
    await expect(page.locator(".hall-status")).to_contain_text("2 tickets")
    await tab_to(page, "Hold these places")
    await keys.press("Enter")
    await page.wait_for_url("**/orders/*")
    await tab_to(page, "card")
    await keys.press("Enter")
    await page.wait_for_url("**/pay/**")
    await tab_to(page, "Pay")
    await keys.press("Enter")
    await confirmed(page)
    states = await box_office.anyone().states(event_id)
    assert (states[1], states[9]) == ("s", "s")


async def test_the_map_by_keyboard(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    await window.open_hall(event_id)
    page = window.page
    await tab_to(page, "Map of the hall")
    await page.keyboard.press("+")
    await expect(page.locator(".hall-status")).to_contain_text("seat")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await expect(page.locator(".hall-items li")).to_have_count(1)


async def test_on_a_phone(box_office: Site, visit: Visit):
    event_id = await box_office.on_sale(plan(ROWS_MORE, SEATS_MORE))
    window = await visit("ru", await box_office.shopper(), phone=True, reduced_motion="reduce")
    picture = await window.open_hall(event_id)
    page = window.page
    await page.touchscreen.tap(*await picture.at(seat_at(8, 5), BOX_MORE, PITCH))
    await page.locator(".hall-canvas").tap()  # the first touch brought the seat nearer, into the middle
    await expect(page.locator(".hall-items li")).to_have_count(1)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "the page must not scroll sideways"
    await page.locator(".hall-hold").tap()
    await page.wait_for_url("**/orders/*")
    await page.locator(".pay button").nth(1).tap()
    await approve(page)
    await confirmed(page)


async def test_back_and_reload_in_the_middle_of_paying_lose_nothing(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    picture = await window.open_hall(event_id)
    page = window.page
    await click_seat(page, picture, 3, 3)
    await page.locator(".hall-hold").click()
    await page.wait_for_url("**/orders/*")
    order = page.url
    await page.locator(".pay button").first.click()
    await page.wait_for_url("**/pay/**")
    await page.go_back()
    assert page.url == order
    await page.reload()
    await expect(page.locator("#order[data-status=paying]")).to_be_visible()
    await page.goto(f"{box_office.urls['site']}/events/{event_id}")
    await page.get_by_role("button", name="Go to your order").click()
    await page.wait_for_url(order)
    await page.locator(".pay a.button").click()
    await approve(page)
    await confirmed(page)
    assert (await box_office.anyone().states(event_id)).count("s") == 1
