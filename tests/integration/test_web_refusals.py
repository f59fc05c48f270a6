"""Orders that are refused without scripts because there is no way through just now: the page says when there may be one."""

import httpx
import pytest

from processing_units.edge.rate import ORDERS
from tests.fixtures.pages import Page
from tests.fixtures.shop import Client, Shop, shop

__all__ = ["shop"]  # a fixture
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def sent(shopper: Client, event_id: str, language: str = "ru") -> httpx.Response:
    """The answer to the form for the best seats of an event, always the same one."""
    headers = {"Accept-Language": language, "Origin": "http://shop", "Sec-Fetch-Site": "same-origin"}
    form = {"key": "k1", "category": "Партер", "quantity": "1"}
    return await shopper.http.post(f"http://shop/events/{event_id}/orders", data=form, headers=headers)


async def published_without_an_entry(shop: Shop, admin: Client) -> str:
    """An event that everybody knows and that no member has yet: nobody brings it. Its id."""
    made = await admin.call("POST", "/admin/events", 201, await shop.event_body(admin))
    await admin.problem("POST", f"/admin/events/{made['event_id']}/publish", 503, "unavailable")
    return str(made["event_id"])


async def test_while_an_event_cannot_be_reached_the_page_says_when_to_try_again_and_keeps_the_order_one(shop: Shop):
    shopper, admin = await shop.shopper(), await shop.admin()
    shop.hand.rests = True
    try:
        event_id = await published_without_an_entry(shop, admin)
        answer = await sent(shopper, event_id)
        page = Page(answer)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert "Магазин сейчас недоступен" in page.text
        assert "через 1 секунду" in page.text
        assert "try again in 1 second." in Page(await sent(shopper, event_id, "en")).text
        # Nobody knows whether an order was made: the form finds it when it is sent once more.
        assert page.form(f"/events/{event_id}/orders").fields["key"] == "k1"
    finally:
        shop.hand.rests = False


async def test_who_orders_too_fast_is_told_for_how_long_to_wait(shop: Shop):
    shopper = await shop.shopper()
    event_id = await shop.event(await shop.admin(), per_customer_limit=1)
    token = str(shopper.http.headers["Authorization"]).removeprefix("Bearer ")
    hasty = shop.anyone(0, token, "203.0.113.9")
    for _ in range(3 * ORDERS.burst):
        answer = await sent(hasty, event_id)
        if answer.status_code == 429:
            break
    page = Page(answer)
    assert int(answer.headers["retry-after"]) >= 1
    assert f"Подождите {answer.headers['retry-after']} секунд" in page.text
    assert f"/events/{event_id}/orders" in {form.action for form in page.forms}
