"""The hall on the event's page, as shoppers use it: seats others choose, seats that are lost, orders that get no answer."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.fixtures.browser import Visit
from tests.fixtures.http import Site
from tests.fixtures.shop import person, plan

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROWS, SEATS = 3, 8
ROWS_MORE, SEATS_MORE = 20, 40  # a phone shows its seats too small to be touched one by one
PITCH = 25.0
BOX = (25.0, 30.0, 25.0 * SEATS, 30.0 * ROWS)  # of the seats of `plan(ROWS, SEATS)`
BOX_MORE = (25.0, 30.0, 25.0 * SEATS_MORE, 30.0 * ROWS_MORE)


def seat_at(row: int, number: int) -> tuple[float, float]:
    return 25.0 * number, 30.0 * row


async def small_hall(site: Site, **changes: Any) -> str:
    """An event in a hall so small that single seats can be chosen at first sight; its id."""
    return await site.on_sale(plan(ROWS, SEATS), **changes)


async def click_seat(page: Page, picture: Any, row: int, number: int) -> None:
    await page.mouse.click(*await picture.at(seat_at(row, number), BOX, PITCH))


async def test_two_shoppers_after_one_seat_see_each_other_and_the_second_is_offered_its_neighbours(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    fast, slow = await box_office.shoppers(2)
    winner, loser = await visit(shopper=fast), await visit("ru", slow)
    first, second = await winner.open_hall(event_id), await loser.open_hall(event_id)
    for window, picture in ((winner, first), (loser, second)):
        for number in (4, 5):
            await click_seat(window.page, picture, 2, number)
        await expect(window.page.locator(".hall-items li")).to_have_count(2)

    await winner.page.get_by_role("button", name="Hold these places").click()
    await winner.page.wait_for_url("**/orders/*")

    alert = loser.page.locator(".hall-alert")
    await expect(alert).to_contain_text("4, 5")
    await expect(loser.page.locator(".hall-items li")).to_have_count(0)
    await loser.page.mouse.move(*await second.at(seat_at(2, 4), BOX, PITCH))
    words = await loser.page.evaluate("JSON.parse(document.getElementById('hall-words').textContent)")
    await expect(loser.page.locator(".hall-tooltip")).to_contain_text(words["somebody is buying it"])

    await alert.locator(".hall-way").first.click()
    await expect(loser.page.locator(".hall-items li")).to_have_count(2)
    await loser.page.locator(".hall-hold").click()
    await loser.page.wait_for_url("**/orders/*")
    states = await box_office.anyone().states(event_id)
    assert states.count("h") == 4
    assert states[SEATS : 2 * SEATS][3:5] == "hh"


async def test_a_lost_seat_is_replaced_by_one_beside_those_that_are_kept(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    fast, slow = await box_office.shoppers(2)
    window = await visit(shopper=slow)
    picture = await window.open_hall(event_id)
    for number in (3, 4, 5):
        await click_seat(window.page, picture, 2, number)
    await fast.hold(event_id, {"seats": ["2-5"]})
    offer = window.page.locator(".hall-way").first
    await expect(offer).to_contain_text("Row 2, seat 2")
    await expect(offer).to_contain_text("beside yours")
    await offer.click()
    await expect(window.page.locator(".hall-items li")).to_have_count(3)
    await expect(window.page.locator(".hall-alert")).to_be_empty()


async def test_a_seat_that_the_order_itself_finds_taken_is_told_the_same_way(box_office: Site, visit: Visit):
    """The page cannot know everything in time: here it hears nothing after its first look at the seats."""
    event_id = await small_hall(box_office)
    fast, slow = await box_office.shoppers(2)
    window = await visit(shopper=slow)
    await window.page.route("**/seats/stream", lambda route: route.abort())
    picture = await window.open_hall(event_id)
    await window.page.route("**/seats", lambda route: route.abort())
    for number in (3, 4):
        await click_seat(window.page, picture, 2, number)
    await fast.hold(event_id, {"seats": ["2-4"]})
    await window.page.locator(".hall-hold").click()
    await expect(window.page.locator(".hall-alert")).to_contain_text("Row 2, seat 4")
    await expect(window.page.locator(".hall-way").first).to_contain_text("Row 2, seat 2")
    await expect(window.page.locator(".hall-stale-note")).to_be_visible()
    window.faults.clear()  # the browser's console names every call that failed


async def test_an_answer_that_was_lost_is_asked_for_again_and_finds_the_same_order(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    picture = await window.open_hall(event_id)
    await click_seat(window.page, picture, 1, 1)
    lost: list[str] = []

    async def lose_the_first(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        answer = await route.fetch()
        lost.append((await answer.json())["order_id"])
        await route.abort()

    await window.page.route("**/api/v1/events/*/orders", lose_the_first)
    await window.page.locator(".hall-hold").click()
    await window.page.wait_for_url("**/orders/*")
    assert window.page.url.endswith(lost[0])
    window.faults.clear()  # the browser tells of the connection that was cut


async def test_an_answer_that_was_lost_with_the_page_is_asked_for_by_the_next_one(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(shopper=await box_office.shopper())
    picture = await window.open_hall(event_id)
    await click_seat(window.page, picture, 1, 1)
    made: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def never_answer(route: Route) -> None:
        answer = await route.fetch()
        made.set_result((await answer.json())["order_id"])

    await window.page.route("**/api/v1/events/*/orders", never_answer, times=1)
    await window.page.locator(".hall-hold").click()
    order_id = await made
    await window.page.reload()
    await window.page.wait_for_url(f"**/orders/{order_id}")


async def test_the_basket_survives_a_reload_and_signing_in(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    somebody = person()
    await box_office.anyone().call("POST", "/accounts", 201, somebody)
    window = await visit()
    page = window.page
    picture = await window.open_hall(event_id)
    await click_seat(page, picture, 1, 2)
    await page.get_by_role("button", name="List").click()
    await page.reload()
    await expect(page.locator(".hall-list")).to_be_visible()
    await expect(page.locator(".hall-items li")).to_contain_text("Row 1, seat 2")
    await page.locator(".hall-hold").click()
    await page.locator("#login").fill(somebody["login"])
    await page.locator("#password").fill(somebody["password"])
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/events/{event_id}")
    await expect(page.locator(".hall-items li")).to_contain_text("Row 1, seat 2")
    await page.get_by_role("button", name="Hold these places").click()
    await page.wait_for_url("**/orders/*")


async def test_no_more_places_than_one_customer_may_have(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office, per_customer_limit=2)
    window = await visit(shopper=await box_office.shopper())
    picture = await window.open_hall(event_id)
    for number in (1, 2, 3):
        await click_seat(window.page, picture, 1, number)
    await expect(window.page.locator(".hall-alert")).to_contain_text("At most 2 tickets")
    await expect(window.page.locator(".hall-items li")).to_have_count(2)


async def test_a_choice_that_leaves_a_single_seat_is_explained_with_a_way_out(box_office: Site, visit: Visit):
    event_id = await box_office.on_sale(plan(ROWS_MORE, SEATS_MORE), orphan_rule=True)
    window = await visit(shopper=await box_office.shopper())
    await window.open_hall(event_id)
    await window.page.get_by_role("button", name="List").click()
    await window.page.locator(".hall-zone").click()
    for number in (2, 3):
        await window.page.get_by_role("button", name=f"Row 1, seat {number},").click()
    await window.page.locator(".hall-hold").click()
    await expect(window.page.locator(".hall-alert")).to_contain_text("Row 1, seat 1")
    await window.page.locator(".hall-way").click()
    await window.page.locator(".hall-hold").click()
    await window.page.wait_for_url("**/orders/*")
    window.faults.clear()  # the browser's console names every refused call


async def test_a_sale_opens_by_itself_at_its_time(box_office: Site, visit: Visit):
    opens = datetime.now(UTC) + timedelta(seconds=5)
    event_id = await small_hall(box_office, sale_opens_at=opens.isoformat())
    window = await visit(shopper=await box_office.shopper())
    picture = await window.open_hall(event_id)
    await click_seat(window.page, picture, 1, 1)
    hold = window.page.get_by_role("button", name="Hold these places")
    if datetime.now(UTC) < opens - timedelta(seconds=1):
        await expect(hold).to_be_disabled()
        await expect(window.page.locator(".hall-hint").last).to_contain_text("00:0")
    await expect(hold).to_be_enabled()
    await hold.click()
    await window.page.wait_for_url("**/orders/*")
    assert datetime.now(UTC) >= opens


async def test_places_of_a_standing_area_are_counted(box_office: Site, visit: Visit):
    floor = {
        "area": "Танцпол", "capacity": 5, "category": "Партер", "shape": "rectangle", "position": {"x": 25, "y": 130},
        "rectangle": {"width": 175, "height": 60}, "text": {"text": "Танцпол", "position": {"x": 87, "y": 30}},
    }  # fmt: skip
    event_id = await box_office.on_sale(plan(ROWS, SEATS, areas=(floor,)))
    window = await visit(shopper=await box_office.shopper())
    await window.open_hall(event_id)
    area = window.page.get_by_role("group", name="Танцпол")
    for _ in range(2):
        await area.get_by_role("button", name="One more").click()
    await expect(window.page.locator(".hall-total")).to_contain_text("2 tickets")
    await window.page.locator(".hall-hold").click()
    await window.page.wait_for_url("**/orders/*")
    told = await box_office.anyone().call("GET", f"/events/{event_id}", 200)
    assert told["areas"][0]["free"] == 3


async def test_two_fingers_bring_the_hall_nearer(box_office: Site, visit: Visit):
    event_id = await box_office.on_sale(plan(ROWS_MORE, SEATS_MORE))
    window = await visit(phone=True)
    picture = await window.open_hall(event_id)
    x, y = await picture.at(seat_at(8, 5), BOX_MORE, PITCH)
    fingers = await window.page.context.new_cdp_session(window.page)
    for kind, apart in (("touchStart", 20), *(("touchMove", 20 + 12 * step) for step in range(1, 9))):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        await fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(window.page.locator(".hall-canvas")).to_have_class("hall-canvas hall-canvas-near")
    await window.page.touchscreen.tap(x, y)
    await expect(window.page.locator(".hall-items li")).to_contain_text("Row 8, seat 5")
    await expect(window.page.locator(".hall-items li")).to_have_count(1)


async def test_a_long_touch_tells_of_a_seat_and_takes_nothing(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit(phone=True)
    picture = await window.open_hall(event_id)
    x, y = await picture.at(seat_at(2, 3), BOX, PITCH)
    finger = await window.page.context.new_cdp_session(window.page)
    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    await expect(window.page.locator(".hall-tooltip")).to_contain_text("Row 2, seat 3")
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(window.page.locator(".hall-items li")).to_have_count(0)


async def test_places_for_wheelchairs_and_companions_say_so(box_office: Site, visit: Visit):
    hall = plan(ROWS, SEATS)
    first, second, *_ = hall["zones"][0]["rows"][0]["seats"]
    first["type"], second["type"] = "wheelchair", "companion"
    event_id = await box_office.on_sale(hall)
    window = await visit()
    picture = await window.open_hall(event_id)
    await window.page.mouse.move(*await picture.at(seat_at(1, 1), BOX, PITCH))
    await expect(window.page.locator(".hall-tooltip")).to_contain_text("wheelchair place")
    await window.page.get_by_role("button", name="List").click()
    await window.page.locator(".hall-zone").click()
    await expect(window.page.get_by_role("button", name="Row 1, seat 2, 3,500\u00a0₽, companion's seat")).to_be_visible()


async def test_a_tab_that_nobody_sees_lets_its_connection_go(box_office: Site, visit: Visit):
    """A browser has six connections to a site: many tabs of one shopper must not stop each other."""
    event_id = await small_hall(box_office)
    window = await visit()
    others = [await window.page.context.new_page() for _ in range(7)]

    async def open_and_leave(page: Page) -> None:
        await page.goto(f"{box_office.urls['site']}/events/{event_id}", wait_until="commit")
        await page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange'))"
        )

    await asyncio.gather(*map(open_and_leave, others))
    await window.open_hall(event_id)
    await asyncio.gather(*(page.close() for page in others))


async def test_a_chosen_seat_of_the_list_looks_chosen_while_the_mouse_is_still_on_it(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    window = await visit()
    await window.open_hall(event_id)
    await window.page.get_by_role("button", name="List").click()
    await window.page.locator(".hall-zone").click()
    seat = window.page.locator(".hall-seat").first
    await seat.click()
    await expect(seat).to_have_attribute("aria-pressed", "true")
    ink = await window.page.evaluate("getComputedStyle(document.body).color")
    await expect(seat).to_have_css("background-color", ink)
