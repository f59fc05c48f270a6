"""Every page with the accessibility rules of axe-core, in light and dark; and none of them says a fault to the console."""

import pytest
from playwright.async_api import expect

from tests.browser.test_browser_hall import click_seat, small_hall
from tests.fixtures.browser import Visit, Window
from tests.fixtures.http import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def check(window: Window, axe: str) -> None:
    """No rule of axe-core is broken. It goes into a world of its own: the page's own policy admits no foreign script."""
    await window.page.evaluate(axe)
    found = await window.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [
        f"{violation['id']}: {violation['help']}: "
        + "; ".join(node["html"][:160] + " " + (node.get("failureSummary") or "") for node in violation["nodes"][:3])
        for violation in found["violations"]
    ]
    assert told == [], (window.page.url, told)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_accessible(box_office: Site, visit: Visit, axe: str, scheme: str):
    event_id = await small_hall(box_office)
    stranger = await visit("ru", scheme=scheme)
    for path in ("/", "/sign-in", "/register"):
        await stranger.open(path)
        await check(stranger, axe)

    shopper = await box_office.shopper()
    window = await visit(shopper=shopper, scheme=scheme)
    picture = await window.open_hall(event_id)
    await click_seat(window.page, picture, 1, 1)
    await check(window, axe)
    await window.page.get_by_role("button", name="List").click()
    await window.page.locator(".hall-zone").first.click()
    await expect(window.page.locator(".hall-seat").first).to_be_visible()
    await check(window, axe)
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    await expect(window.page.locator(".hall-way").first).to_be_visible()
    await check(window, axe)
    await window.open(f"/orders/{order['order_id']}")
    await check(window, axe)
    await box_office.decide(await box_office.start_to_pay(shopper, order["order_id"]), "approve")
    await shopper.order_when(order["order_id"], "confirmed")
    await window.open(f"/orders/{order['order_id']}")
    await check(window, axe)
    released = await shopper.hold(event_id, {"seats": ["2-1"]})
    await shopper.call("DELETE", f"/orders/{released['order_id']}", 204)
    await window.open(f"/orders/{released['order_id']}")
    await check(window, axe)

    for path in ("/nothing-here", f"/orders/{order['order_id']}"):  # not there, and not a stranger's
        await stranger.page.goto(box_office.urls["site"] + path)
        await check(stranger, axe)
    stranger.faults.clear()  # the browser's console names each refused call


async def test_every_page_is_accessible_on_a_phone(box_office: Site, visit: Visit, axe: str):
    event_id = await small_hall(box_office)
    window = await visit("ru", await box_office.shopper(), phone=True)
    await window.open_hall(event_id)
    await check(window, axe)
