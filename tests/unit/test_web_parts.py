"""Parts of the pages by themselves: where posts come from, what is kept, what people type."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from grid_config.identifiers import ticket_text
from processing_units.catalogue.events import EventEntry, PublishedEvent
from processing_units.catalogue.free import Counts
from processing_units.catalogue.plans import made
from processing_units.sales.availability import Seats
from tests.fixtures.shop import plan
from web.event_views import area_views, category_views
from web.kept import Kept
from web.listing import Search
from web.order_views import places_of, refund_of, standing_of, tickets_of
from web.origin import is_ours
from web.palette import DARK, LIGHT
from web.registration import phone_of
from web.words import LANGUAGES


def posted(**headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": [(b"host", b"shop:8000"), *given]})


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin", "origin": "http://shop:8000"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"origin": "http://shop:8000"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site", "origin": "http://shop:8000"}, False),
        ({"origin": "http://shop:8001"}, False),
        ({"origin": "http://shop:8000.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
    ],
)
def test_a_post_comes_from_here_or_from_no_page(headers: dict[str, str], ours: bool):
    assert is_ours(posted(**headers)) is ours


class TestKept:
    async def test_who_asks_at_once_shares_one_page(self):
        made_pages: list[int] = []

        async def make() -> int:
            await asyncio.sleep(0)
            made_pages.append(1)
            return len(made_pages)

        kept: Kept[int] = Kept(age_seconds=60)
        assert await asyncio.gather(*(kept.of("page", make) for _ in range(100))) == [1] * 100
        assert await kept.of("page", make) == 1
        assert await kept.of("another", make) == 2

    async def test_an_old_page_is_made_anew(self):
        pages = iter(range(10))

        async def make() -> int:
            return next(pages)

        kept: Kept[int] = Kept(age_seconds=0)
        assert [await kept.of("page", make) for _ in range(3)] == [0, 1, 2]

    async def test_what_fails_is_told_to_all_and_not_kept(self):
        answers: list[Any] = [ConnectionError("away"), "page"]

        async def make() -> str:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return str(answer)

        kept: Kept[str] = Kept()
        told = await asyncio.gather(*(kept.of("page", make) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(each, ConnectionError) for each in told)
        assert await kept.of("page", make) == "page"

    async def test_the_oldest_goes_first(self):
        calls: list[str] = []

        def maker(name: str) -> Any:
            async def make() -> str:
                calls.append(name)
                return name

            return make

        kept: Kept[str] = Kept(age_seconds=60, pages_max=2)
        for name in ("a", "b", "c", "c", "a"):
            await kept.of(name, maker(name))
        assert calls == ["a", "b", "c", "a"]

    async def test_one_who_goes_away_takes_nobody_with_him(self):
        gate = asyncio.Event()

        async def make() -> str:
            await gate.wait()
            return "page"

        kept: Kept[str] = Kept()
        leaving, staying = (asyncio.create_task(kept.of("page", make)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        gate.set()
        assert await staying == "page"


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("+7 916 123-45-67", "+79161234567"),
        ("8 (916) 123-45-67", "+79161234567"),
        ("79161234567", "+79161234567"),
        ("+44 20 7946 0958", "+442079460958"),
        ("916 123 45 67", "9161234567"),
        ("none", "none"),
    ],
)
def test_a_phone_is_read_as_people_write_it(typed: str, phone: str):
    assert phone_of(typed) == phone


class TestSearch:
    def test_days_are_moscows_and_the_last_one_counts(self):
        query = Search.of({"q": " бах ", "from": "2031-05-18", "to": "2031-05-18"}).query()
        assert query.q == "бах"
        assert query.from_ is not None
        assert query.to is not None
        assert (query.from_.isoformat(), query.to.isoformat()) == ("2031-05-17T21:00:00+00:00", "2031-05-18T20:59:59.999000+00:00")

    @pytest.mark.parametrize("text", ["tomorrow", "2031-02-30", "1", "99999-01-01", "9999-12-31", "0001-01-01"])
    def test_a_day_that_is_none_is_a_fault_and_left_out(self, text: str):
        search = Search.of({"from": text, "to": text})
        assert search.faults == {"from", "to"}
        assert (search.query().from_, search.query().to) == (None, None)

    def test_its_address_is_itself(self):
        assert Search.of({}).address() == "/"
        assert Search.of({"q": "a&b", "city": "", "cursor": "x"}).address("y") == "/?q=a%26b&cursor=y"


def event_with(document: dict[str, Any], **prices: str) -> PublishedEvent:
    body: dict[str, Any] = {
        "title": "Вечер", "artist_ids": [], "description": "", "city": "", "address": "", "status": "published",
        "starts_at": "2030-01-01T16:00:00Z", "sale_opens_at": "2029-01-01T16:00:00Z", "sale_closes_at": None,
        "hall_id": "0" * 12 + "1", "hall_version": 1, "per_customer_limit": None,
        "prices": {category: {"amount": amount, "currency": "RUB"} for category, amount in prices.items()},
    }  # fmt: skip
    return PublishedEvent(EventEntry.of(1, 1, body), made(1, hash(str(document)), document), ())


def test_free_places_are_counted_by_category_with_its_areas():
    floor = {"area": "Танцпол", "capacity": 40, "category": "Балкон"}
    document = plan(rows=3, areas=(floor,))
    event = event_with(document, Партер="3500.00", Балкон="1500.50")
    seats = Seats(1, 7, Counts(9, 2, 3, 1, (30,)), b"..h.s" + b"..x.." + b"s.sh.")
    stalls, balcony = category_views(event, seats, LANGUAGES["ru"])
    assert (stalls.name, stalls.free, stalls.color, stalls.has_seats) == ("Партер", 3, LIGHT[0], True)
    assert (balcony.name, balcony.free, balcony.color, balcony.dark_color) == ("Балкон", 4 + 2 + 30, LIGHT[1], DARK[1])
    assert [(area.name, area.free) for area in area_views(event, seats, LANGUAGES["ru"])] == [("Танцпол", 30)]
    assert [view.free for view in category_views(event, None, LANGUAGES["ru"])] == [None, None]


def test_what_has_no_price_is_not_offered():
    event = event_with(plan(), Партер="3500.00")
    assert [view.name for view in category_views(event, None, LANGUAGES["ru"])] == ["Партер"]


def test_a_box_is_no_row_in_an_order_and_on_its_tickets():
    document = plan(rows=2, seats=2)
    document["zones"][0]["rows"][0]["row_label"] = "Ложа %s"
    layout = made(1, 1, document).layout
    places = [
        {
            "seat": f"{row}-{number}",
            "area": None,
            "zone": "Основная",
            "row": row,
            "number": number,
            "category": "Партер",
            "price": {"amount": "10.00"},
        }
        for row, number in (("1", "1"), ("1", "2"), ("2", "1"))
    ]
    order = {"seats": places, "tickets": [{"ticket_id": ticket_text(1, 1, place), "status": "valid"} for place in range(3)]}

    def told(lines: list[dict[str, str]]) -> list[str]:
        return [line["which"].replace("\u00a0", " ") for line in lines]

    assert told(places_of(order, layout, LANGUAGES["ru"])) == ["Ложа 1, места 1, 2", "ряд 2, место 1"]
    assert told(places_of(order, layout, LANGUAGES["en"])) == ["Ложа 1, seats 1, 2", "row 2, seat 1"]
    assert told(tickets_of(order, layout, LANGUAGES["ru"])) == ["Ложа 1, место 1", "Ложа 1, место 2", "ряд 2, место 1"]


@pytest.mark.parametrize(
    ("status", "tickets", "text"),
    [
        ("expired", [], "Your money is on its way back"),
        ("cancelled", ["cancelled"], "Your money is on its way back"),
        ("confirmed", ["cancelled", "cancelled"], "Your money is on its way back"),
        ("confirmed", ["cancelled", "valid"], "The money for the cancelled tickets is on its way back"),
        ("confirmed", ["valid"], "A payment that did not fit this order is on its way back"),
        ("held", [], "A payment that did not fit this order is on its way back"),
    ],
)
def test_whose_money_goes_back_is_told_which_money(status: str, tickets: list[str], text: str):
    order = {"status": status, "refund": "pending", "tickets": [{"status": ticket} for ticket in tickets], "expires_at": None}
    assert refund_of(order, LANGUAGES["en"]).startswith(text)
    assert refund_of(order | {"refund": "none"}, LANGUAGES["en"]) == ""


@pytest.mark.parametrize("status", ["released", "expired", "declined"])
def test_no_ended_order_says_at_once_that_nothing_was_charged_and_that_money_goes_back(status: str):
    order = {"status": status, "refund": "done", "expires_at": None}
    for language in LANGUAGES.values():
        with_money, without = standing_of(order, language), standing_of(order | {"refund": "none"}, language)
        assert with_money.title == without.title
        assert with_money.text != without.text
