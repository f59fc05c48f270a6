"""The pages of a running unit: in two languages, escaped, closed to strangers, without anything foreign."""

import httpx
import pytest

from tests.fixtures.http import Site, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def page(site: Site, path: str, *, language: str = "ru", token: str = "") -> httpx.Response:
    headers = {"Accept-Language": language} | ({"Cookie": f"front_row_session={token}"} if token else {})
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
        answer = await browser.get(site.urls["site"] + path, headers=headers)
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return answer


def token_of(visitor: Visitor) -> str:
    return str(visitor.http.headers["Authorization"]).removeprefix("Bearer ")


async def test_what_is_on_sale_is_listed_in_both_languages(site: Site):
    await site.on_sale(title="Ночь <script>alert(1)</script> симфонии")
    for language, words in (("ru", "Билеты в продаже"), ("en", "On sale now")):
        shown = await page(site, "/", language=language)
        assert shown.status_code == 200
        assert shown.headers["content-language"] == language
        assert words in shown.text
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;" in shown.text


async def test_the_style_is_our_own(site: Site):
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(site.urls["site"] + "/static/site.css")
    assert answer.status_code == 200
    assert "http" not in answer.text


async def test_a_shopper_who_comes_back_from_paying_reads_what_became_of_the_order(site: Site, shopper: Visitor, event_id: str):
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    path = f"/orders/{order['order_id']}"
    assert "Места за вами до" in (await page(site, path, token=token_of(shopper))).text
    await site.pay(shopper, order["order_id"], method="sbp")
    await shopper.order_when(order["order_id"], "confirmed")
    assert "Paid, the tickets are yours." in (await page(site, path, language="en", token=token_of(shopper))).text


async def test_an_order_is_shown_to_nobody_else(site: Site, event_id: str):
    owner, stranger = await site.shoppers(2)
    order = await owner.hold(event_id, {"seats": ["1-2"]})
    path = f"/orders/{order['order_id']}"
    assert (await page(site, path, token=token_of(stranger))).status_code == 404
    assert (await page(site, path)).status_code == 401
    assert (await page(site, "/orders/none", token=token_of(stranger))).status_code == 404
