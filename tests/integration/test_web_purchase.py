"""A whole purchase by pages alone, without a script: from registering to the tickets, and everything that may go wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio

from tests.fixtures.http import Site, eventually
from tests.fixtures.pages import Browser, Page
from tests.fixtures.shop import plan

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLOOR = {
    "position": {"x": 0, "y": 200},
    "rectangle": {"width": 200, "height": 100},
    "area": "Танцпол",
    "capacity": 40,
    "category": "Балкон",
}


@pytest_asyncio.fixture(loop_scope="session")
async def browser(site: Site) -> AsyncIterator[Browser]:
    """Somebody who has just registered."""
    async with Browser(site) as fresh:
        await fresh.register()
        yield fresh


async def bought(browser: Browser, event_id: str, **typed: str) -> Page:
    """The page of a new order for the best seats."""
    page = await browser.get(f"/events/{event_id}")
    return await browser.follow(page.form(f"/events/{event_id}/orders"), **{"category": "Партер", "quantity": "2"} | typed)


def id_of(page: Page) -> str:
    return page.by_id["order"]["data-order"]


async def provider_page(browser: Browser, page: Page, method: str) -> str:
    """Begin to pay; the address of the provider's page."""
    form = page.form(f"/orders/{id_of(page)}/payments", method=method)
    leaving = Page(await browser.fill(form, 200))
    seconds, _, address = leaving.refresh.partition(";url=")
    assert seconds == "0"
    assert address in leaving.links
    return address


async def paid(address: str, outcome: str = "approve") -> None:
    """Press a button on the provider's page, and be sent back."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as elsewhere:
        answer = await elsewhere.post(address, data={"choice": outcome})
        assert answer.status_code == 303, answer.text


async def test_from_registering_to_the_tickets_without_scripts(site: Site):
    event_id = await site.on_sale(title="Вечер без скриптов")
    async with Browser(site) as browser:
        page = await browser.get(f"/events/{event_id}")
        assert f"/register?back=/events/{event_id}" in page.links
        await browser.register(f"/events/{event_id}")
        page = await bought(browser, event_id)
        assert page.by_id["order"]["data-status"] == "held"
        assert "Места пока за вами" in page.text
        assert "ряд 1, места " in page.text
        assert "7 000 ₽" in page.text.replace("\u00a0", " ")
        address = await provider_page(browser, page, "card")
        path = f"/orders/{id_of(page)}"
        waiting = await browser.get(path)
        assert "Ждём вашу оплату" in waiting.text
        assert waiting.refresh == f"2;url={path}?wait=1"
        await paid(address)
        done = await eventually(lambda: browser.get(f"{path}?wait=1"), lambda page: page.by_id["order"]["data-status"] == "confirmed")
        assert "Билеты ваши" in done.text
        assert done.text.count("действителен") == 2
        assert not done.refresh
        assert "The tickets are yours" in (await browser.get(f"{path}?lang=en")).text


async def test_places_of_an_area_are_bought_by_count(site: Site, browser: Browser):
    event_id = await site.on_sale(plan(areas=(FLOOR,)))
    form = (await browser.get(f"/events/{event_id}")).form(f"/events/{event_id}/orders", area="Танцпол")
    page = await browser.follow(form, quantity="3")
    assert "Танцпол, 3 места без номеров" in page.text


async def test_a_double_click_makes_one_order_and_another_wish_another(browser: Browser, event_id: str):
    form = (await browser.get(f"/events/{event_id}")).form(f"/events/{event_id}/orders")
    one, same = await asyncio.gather(*(browser.fill(form, category="Партер", quantity="2") for _ in range(2)))
    assert one.headers["location"] == same.headers["location"]
    other = await browser.fill(form, category="Партер", quantity="1")
    assert other.headers["location"] != one.headers["location"]


@pytest.mark.parametrize("quantity", ["", "0", "11", "two", "1.5", "-1", "٣", "9" * 100])
async def test_how_many_is_a_number_from_1_to_10(browser: Browser, event_id: str, quantity: str):
    form = (await browser.get(f"/events/{event_id}")).form(f"/events/{event_id}/orders")
    page = Page(await browser.fill(form, 422, category="Балкон", quantity=quantity))
    assert "число от 1 до 10" in page.text
    again = page.form(f"/events/{event_id}/orders")
    assert again.fields["category"] == "Балкон"
    assert again.fields["key"] != form.fields["key"]


async def test_what_cannot_be_had_is_told_on_the_page_of_the_event(site: Site, browser: Browser):
    event_id = await site.on_sale(per_customer_limit=4)
    form = (await browser.get(f"/events/{event_id}")).form(f"/events/{event_id}/orders")
    page = Page(await browser.fill(form, 403, category="Партер", quantity="5"))
    assert "не больше 4 мест; у вас уже 0" in page.text
    rest = await site.shopper()
    await rest.hold(event_id, {"seats": ["1-1", "1-2", "1-3", "1-4"]})
    page = Page(await browser.fill(form, 409, category="Партер", quantity="2"))
    assert "Столько свободных мест нет" in page.text
    assert page.form(f"/events/{event_id}/orders").fields["category"] == "Партер"
    page = Page(await browser.fill(form, 422, category="Ложа", quantity="2"))
    assert "Так не получится" in page.text


async def test_before_the_sale_opens_the_form_is_told_when_it_does(site: Site, browser: Browser):
    opens = datetime.now(UTC) + timedelta(days=2)
    event_id = await site.on_sale(sale_opens_at=opens.isoformat())
    page = Page(await browser.post(f"/events/{event_id}/orders", 403, key="k", category="Партер", quantity="1"))
    assert "Продажа ещё не открылась" in page.text


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(site: Site, event_id: str):
    async with Browser(site) as stranger:
        sent = await stranger.post(f"/events/{event_id}/orders", 303, key="k", category="Партер", quantity="1")
        assert sent.headers["location"] == f"/sign-in?back=/events/{event_id}"


async def test_an_order_is_shown_to_nobody_else(site: Site, browser: Browser, event_id: str):
    path = f"/orders/{id_of(await bought(browser, event_id))}"
    async with Browser(site) as stranger:
        page = await stranger.get(path, 401)
        assert f"/sign-in?back={path}" in page.links
        await stranger.register()
        for absent in (path, "/orders/none", f"{path}?wait=1"):
            assert "Такой страницы нет" in (await stranger.get(absent, 404)).text
        await stranger.post(f"{path}/payments", 404, provider="sandbox", method="card")
        await stranger.post(f"{path}/release", 404)
        await stranger.get(f"{path}/payment", 404)
    assert (await browser.get(path)).by_id["order"]["data-status"] == "held"


async def test_a_reload_and_the_back_button_in_the_middle_of_paying_find_the_same_payment(browser: Browser, event_id: str):
    page = await bought(browser, event_id)
    path = f"/orders/{id_of(page)}"
    address = await provider_page(browser, page, "card")
    assert await provider_page(browser, page, "card") == address  # the form again, from the page that the browser kept
    assert (await browser.get(path)).by_id["order"]["data-status"] == "paying"
    resumed = await browser.get(f"{path}/payment")
    assert resumed.refresh == f"0;url={address}"
    assert await browser.left_at(f"{path}/payments") == path  # a reload in the address bar
    other = await provider_page(browser, await browser.get(path), "sbp")
    assert other != address


async def test_places_are_let_go_and_the_page_says_so(site: Site, browser: Browser, event_id: str):
    page = await bought(browser, event_id)
    path = f"/orders/{id_of(page)}"
    over = await browser.follow(page.form(f"{path}/release"))
    assert "Вы отказались от этого заказа" in over.text
    assert f"/events/{event_id}" in over.links
    assert not [form for form in over.forms if form.action.startswith(path)]
    assert await browser.left_at(f"{path}/payment") == path
    late = await browser.fill(page.form(f"{path}/payments", method="card"), 303)
    assert late.headers["location"] == path
    assert (await site.anyone().states(event_id)).count(".") == 10


async def test_a_declined_payment_is_told_with_a_way_back(browser: Browser, event_id: str):
    page = await bought(browser, event_id)
    await paid(await provider_page(browser, page, "card"), "decline")
    path = f"/orders/{id_of(page)}"
    over = await eventually(lambda: browser.get(f"{path}?wait=1"), lambda page: page.by_id["order"]["data-status"] == "declined")
    assert "Оплата не прошла" in over.text
    assert f"/events/{event_id}" in over.links


async def test_an_order_whose_time_is_over_says_so(browser: Browser, event_id: str):
    path = f"/orders/{id_of(await bought(browser, event_id))}"
    over = await eventually(lambda: browser.get(path), lambda page: page.by_id["order"]["data-status"] == "expired")
    assert "Время вышло" in over.text
    assert "Выбрать места снова" in over.text


async def test_with_the_provider_away_the_order_stays_and_the_page_says_so(site: Site, browser: Browser, event_id: str):
    page = await bought(browser, event_id)
    async with site.provider_that(create="down"):
        refused = Page(await browser.fill(page.form(f"/orders/{id_of(page)}/payments", method="card"), 503))
    assert refused.by_id["order"]["data-status"] == "held"
    assert "попробуйте ещё раз" in refused.text
    await browser.post(f"/orders/{id_of(page)}/payments", 422, provider="nobody", method="card")


async def test_every_step_by_page_has_its_audit_line(site: Site, browser: Browser):
    event_id = await site.on_sale(per_customer_limit=2)
    form = (await browser.get(f"/events/{event_id}")).form(f"/events/{event_id}/orders")
    await browser.fill(form, 403, category="Партер", quantity="3")
    page = await bought(browser, event_id)
    await browser.follow(page.form(f"/orders/{id_of(page)}/release"))
    await site.audit(event_id, ["limit_exceeded", "held", "released"])
