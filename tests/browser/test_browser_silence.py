"""Connections that die without a word: a unit that froze, a phone that slept, a network that went away. The page finds out by itself."""

import contextlib
import os
import signal
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.test_browser_hall import BOX, PITCH, seat_at, small_hall
from tests.browser.test_browser_live import forgive_lost_connections, state_told, teller
from tests.fixtures.browser import HallPicture, Visit, Window
from tests.fixtures.http import Site, Visitor, eventually
from tests.fixtures.network import network_to

pytestmark = pytest.mark.asyncio(loop_scope="session")
TRUE_SECONDS = 60.0  # until the page shows the truth again, on a busy machine too


@contextlib.contextmanager
def frozen_units(site: Site, *numbers: int) -> Iterator[None]:
    """Units that keep their connections and say nothing on them, until the end of the block."""
    pids = [site.system.pids("unit")[f"unit-{number + 1}"] for number in numbers]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def passes(window: Window) -> None:
    """Some time on the page's clock, which hurries by: five times as fast as the answers come."""
    await window.page.clock.fast_forward(400)


async def knows(window: Window, picture: HallPicture, row: int, number: int) -> None:
    """Until the page shows that somebody holds this seat."""
    await eventually(lambda: _later_told(window, picture, row, number), lambda told: "somebody is buying it" in told, TRUE_SECONDS)


async def _later_told(window: Window, picture: HallPicture, row: int, number: int) -> str:
    await passes(window)
    return await state_told(window, picture, row, number)


async def is_warned(window: Window) -> bool:
    """Whether the page says by now that it is not current."""
    await passes(window)
    return await window.page.locator(".hall-stale .hall-stale-note", has_text="The connection is gone").count() > 0


async def opened(visit: Visit, event_id: str, shopper: Visitor | None = None) -> tuple[Window, HallPicture]:
    """The event's page, in a window whose clock may be moved on."""
    window = await visit(shopper=shopper)
    await window.page.clock.install()
    return window, await window.open_hall(event_id)


async def test_while_all_units_are_frozen_the_page_says_so_and_asks_again_for_what_was_wished(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    shopper, other = await box_office.shoppers(2)
    window, picture = await opened(visit, event_id, shopper)
    note = window.page.locator(".hall-stale-note")
    await expect(note).to_be_empty()
    await window.page.mouse.click(*await picture.at(seat_at(1, 1), BOX, PITCH))
    with frozen_units(box_office, 0, 1):
        await eventually(lambda: is_warned(window), bool)
        await window.page.get_by_role("button", name="Hold these places").click()
        await expect(window.page.locator(".hall-status")).to_contain_text("Holding")
        await window.page.clock.fast_forward(13_000)
        await expect(window.page.locator(".hall-status")).to_contain_text("asking again")
    await window.page.wait_for_url("**/orders/*")
    assert (await box_office.anyone().states(event_id)).count("h") == 1
    await window.open_hall(event_id)
    await other.hold(event_id, {"seats": ["2-3"]})
    await knows(window, picture, 2, 3)
    await expect(note).to_be_empty()
    forgive_lost_connections(window)


async def test_a_frozen_unit_hides_nothing_from_the_page_without_its_saying_so(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    shopper = await box_office.shopper()
    window, picture = await opened(visit, event_id)
    frozen = await teller(box_office)
    rest = box_office.elsewhere(shopper, 1 - frozen)

    async def is_told_or_warned() -> bool:
        return await is_warned(window) or "somebody is buying it" in await state_told(window, picture, 2, 2)

    with frozen_units(box_office, frozen):
        await rest.hold(event_id, {"seats": ["2-2"]})
        await eventually(is_told_or_warned, bool)
    await knows(window, picture, 2, 2)
    await expect(window.page.locator(".hall-stale-note")).to_be_empty()
    forgive_lost_connections(window)


async def test_a_stream_whose_connection_died_without_a_word_is_opened_anew(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    other = await box_office.shopper()
    window = await visit()
    await window.page.clock.install()
    async with network_to(box_office.urls["site"]) as network:
        await window.page.goto(f"{network.address}/events/{event_id}")
        picture = HallPicture(window.page)
        await window.page.locator(".hall-canvas").scroll_into_view_if_needed()
        await other.hold(event_id, {"seats": ["1-1"]})
        await knows(window, picture, 1, 1)
        async with window.page.expect_request("**/seats/stream", timeout=1_000 * TRUE_SECONDS):
            network.silence()
            await other.hold(event_id, {"seats": ["1-5"]})  # nobody tells the page of it
            await knows(window, picture, 1, 5)
        await other.hold(event_id, {"seats": ["2-5"]})
        await knows(window, picture, 2, 5)
        await expect(window.page.locator(".hall-stale-note")).to_be_empty()
        await window.page.goto("about:blank")
    forgive_lost_connections(window)


async def test_the_waiting_page_says_when_nobody_answers_it_and_what_became_of_the_payment(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    shopper = await box_office.shopper()
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    payment = await box_office.start_to_pay(shopper, order["order_id"])
    window = await visit(shopper=shopper)
    await window.page.clock.install()
    await window.open(f"/orders/{order['order_id']}")
    away = window.page.locator("#away")
    await expect(window.page.locator("#order[data-status=paying]")).to_be_visible()
    with frozen_units(box_office, 0, 1):
        await window.page.clock.fast_forward(31_000)
        await expect(away).to_be_visible()
    await box_office.decide(payment, "approve")
    await window.page.clock.fast_forward(5_000)
    await expect(window.page.locator("#order[data-status=confirmed]")).to_be_visible()
    await expect(away).to_be_hidden()
    forgive_lost_connections(window)


async def test_where_no_stream_answers_the_seats_are_asked_for(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    other = await box_office.shopper()
    window = await visit()
    await window.page.clock.install()

    async def swallow(_: object) -> None:
        """As if the request had got lost on the way."""

    await window.page.route("**/seats/stream", swallow)
    picture = await window.open_hall(event_id)
    await other.hold(event_id, {"seats": ["3-3"]})
    await knows(window, picture, 3, 3)
    await window.page.unroute("**/seats/stream")
    await teller(box_office)  # the page asks for a stream again by itself
    forgive_lost_connections(window)


async def test_a_browser_that_is_offline_says_so_at_once_and_is_current_when_it_is_back(box_office: Site, visit: Visit):
    event_id = await small_hall(box_office)
    other = await box_office.shopper()
    window, picture = await opened(visit, event_id)
    await teller(box_office)
    await window.page.context.set_offline(True)
    note = window.page.locator(".hall-stale-note")
    await expect(note).to_contain_text("The connection is gone", timeout=2_000)
    await other.hold(event_id, {"seats": ["1-8"]})
    await window.page.context.set_offline(False)
    await knows(window, picture, 1, 8)
    await expect(note).to_be_empty()
    await expect(window.page.locator(".hall-status")).to_contain_text("is current again")
    forgive_lost_connections(window)
