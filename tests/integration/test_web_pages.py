"""The pages of a running unit that anybody may read: the list and its search, an event, and what is not there."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from tests.fixtures.http import Site, eventually
from tests.fixtures.pages import Browser
from tests.fixtures.shop import plan, unique
from web.palette import DARK, LIGHT

pytestmark = pytest.mark.asyncio(loop_scope="session")

STANDING = {
    "position": {"x": 0, "y": 200},
    "shape": "rectangle",
    "rectangle": {"width": 200, "height": 100},
    "area": "Танцпол",
    "capacity": 40,
    "category": "Балкон",
}


async def test_what_is_on_sale_is_listed_in_both_languages(site: Site):
    city = unique("Город ")
    event_id = await site.on_sale(title="Ночь <script>alert(1)</script> симфонии", city=city)
    for language, words in (("ru", "Билеты в продаже"), ("en", "On sale now")):
        async with Browser(site, language) as browser:
            page = await browser.get(f"/?city={city}")
        assert page.headers["content-language"] == language
        assert words in page.text
        assert "<script>alert" not in page.html
        assert "&lt;script&gt;" in page.html
        assert f"/events/{event_id}" in page.links


async def test_the_list_is_searched_by_text_city_and_day(site: Site):
    word, city = unique("слово"), unique("Город ")
    day = datetime(2031, 5, 17, 21, 30, tzinfo=UTC)  # the 18th in Moscow
    event_id = await site.on_sale(title=f"Вечер и {word}", city=city, starts_at=day.isoformat())
    link = f"/events/{event_id}"
    async with Browser(site) as browser:
        for query in (f"q={word.upper()}", f"city={city}", f"q={word}&from=2031-05-18&to=2031-05-18"):
            assert link in (await browser.get(f"/?{query}")).links, query
        for query in (f"q={word}&city=Нигде", f"q={word}&to=2031-05-17", f"q={word}&from=2031-05-19"):
            page = await browser.get(f"/?{query}")
            assert link not in page.links, query
            assert "Ничего не нашлось" in page.text
        page = await browser.get(f"/?city={city}&q={word}&from=tomorrow")
        assert page.forms[0].fields["city"] == city
        assert page.forms[0].fields["from"] == "tomorrow"
        assert page.by_id["search-from"]["aria-describedby"] in page.by_id
        assert link in page.links


async def test_the_list_has_pages(site: Site):
    city = unique("Город ")
    admin = await site.admin()
    first = await site.event_body(admin, city=city)
    for _ in range(25):
        made = await admin.call("POST", "/admin/events", 201, first)
        await admin.call("POST", f"/admin/events/{made['event_id']}/publish", 200)
    await site.on_sale(city=city)
    async with Browser(site) as browser:
        page = await browser.get(f"/?city={city}")
        shown = {link for link in page.links if link.startswith("/events/")}
        following = [link for link in page.links if "cursor=" in link]
        page = await browser.get(following[0])
        shown_next = {link for link in page.links if link.startswith("/events/")}
        assert (len(shown), len(shown_next), shown & shown_next) == (24, 2, set())
        assert any("cursor" not in link and "city=" in link for link in page.links)
        assert "Concerts" in (await browser.get("/?cursor=made-up&lang=en")).text


async def test_an_event_tells_what_when_where_by_whom_and_what_it_costs(site: Site):
    admin = await site.admin()
    artist = {
        "name": unique("Оркестр "), "occupation": "оркестр", "genre": "классика", "biography": "Девяносто музыкантов.",
        "works": [{"title": "Шехеразада", "year": 1888, "kind": "сюита"}],
    }  # fmt: skip
    made = await admin.call("POST", "/admin/artists", 201, artist)
    title = unique("Вечер & ")
    event_id = await site.on_sale(plan(areas=(STANDING,)), title=title, artist_ids=[made["artist_id"]], per_customer_limit=4)
    async with Browser(site) as browser:
        page = await browser.get(f"/events/{event_id}")
        told = (title, str(artist["name"]), "Девяносто музыкантов.", "Шехеразада, 1888", "Москва, ул. Примерная, 1", "Большой концерт")
        for words in (*told, "МСК", "3\u00a0500\u00a0₽", "1\u00a0500,50\u00a0₽"):
            assert " ".join(words.split()) in page.text, words
        assert "свободно 5 мест" in page.text  # of the first row
        assert "свободно 45 мест" in page.text  # of the second and the area
        assert "не больше 4 мест" in page.text
        assert f'fill="{LIGHT[0]}"' in page.html
        assert f'fill="{DARK[1]}"' in page.html
        english = await browser.get(f"/events/{event_id}?lang=en")
        assert "45 places free" in english.text
        assert (await browser.get(f"/events/{event_id}")).headers["content-language"] == "en"  # it is remembered


async def test_the_map_finds_what_it_needs(site: Site):
    event_id = await site.on_sale(per_customer_limit=None)
    async with Browser(site) as browser:
        hall = (await browser.get(f"/events/{event_id}")).by_id["hall"]
        assert hall["data-event"] == event_id
        assert (hall["data-language"], hall["data-signed-in"], hall["data-limit"]) == ("ru", "false", "")
        assert datetime.fromisoformat(hall["data-opens-at"]) < datetime.now(UTC)
        await browser.register()
        page = await browser.get(f"/events/{event_id}")
        assert page.by_id["hall"]["data-signed-in"] == "true"
        words = page.html.partition('id="hall-words">')[2].partition("</script>")[0]
        assert isinstance(orjson.loads(words), dict)


async def test_a_sale_says_when_it_opens_and_that_it_is_over(site: Site):
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    soon = await site.event(await site.admin(), sale_opens_at=later.isoformat())
    over = await site.on_sale(sale_closes_at=(datetime.now(UTC) + timedelta(seconds=0.5)).isoformat())
    async with Browser(site, "en") as browser:
        page = await browser.get(f"/events/{soon}")
        assert "The sale opens on" in page.text
        assert page.by_id["hall"]["data-opens-at"] == later.isoformat().replace("+00:00", "Z")
        page = await eventually(lambda: browser.get(f"/events/{over}"), lambda page: "The sale is closed" in page.text)
        assert not [form for form in page.forms if form.action.endswith("/orders")]


async def test_the_language_switch_keeps_the_page(site: Site, event_id: str):
    async with Browser(site) as browser:
        assert f"/events/{event_id}?lang=en" in (await browser.get(f"/events/{event_id}")).links
        links = (await browser.get("/?q=%D0%B0+b&city=")).links
        assert "/?q=%D0%B0+b&lang=en" in links
        assert "/sign-in?back=/events/x&lang=en" in (await browser.get("/sign-in?back=/events/x")).links


async def test_style_scripts_and_pictures_are_our_own_and_kept_by_browsers(site: Site):
    kinds = {"site.css": "text/css", "order.js": "text/javascript", "forms.js": "text/javascript", "mark.svg": "image/svg+xml"}
    async with httpx.AsyncClient(trust_env=False, base_url=f"{site.urls['site']}/static/") as client:
        for name, kind in kinds.items():
            answer = await client.get(name)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(kind)
            assert answer.headers["content-encoding"] == "gzip"
            assert "max-age" in answer.headers["cache-control"]
            assert "//" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace("// ", "")
            plain = await client.get(name, headers={"Accept-Encoding": "identity"})
            assert (plain.text, "content-encoding" in plain.headers) == (answer.text, False)
            again = await client.get(name, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        for path in ("", "hall", "nothing.js", "../pages.py", "%2e%2e/pages.py", "..%2fpages.py", "/etc/passwd"):
            assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/events/none", "/events/0000000000000", "/sign-out"])
async def test_what_is_not_there_is_a_page_that_says_so(site: Site, path: str):
    async with Browser(site) as browser:
        page = await browser.get(path, 404)
        assert "Страница не найдена" in page.text
        assert "/" in page.links


async def test_programs_are_told_in_problem_documents(site: Site):
    answer = await site.apart.get(f"{site.urls['site']}/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
