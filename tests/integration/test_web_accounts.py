"""Registering, signing in and out by forms: what was wrong stands beside its field, what was typed is kept, nobody leads away."""

import pytest

from processing_units.accounts.consent import CONSENT_VERSION
from tests.fixtures.http import Site
from tests.fixtures.pages import Browser, Page
from tests.fixtures.shop import PASSWORD, person, unique

pytestmark = pytest.mark.asyncio(loop_scope="session")

SESSION = "front_row_session"


def typed(**changes: str) -> dict[str, str]:
    """What somebody new types into the registration."""
    return {name: str(value) for name, value in person().items() if not name.startswith("consent")} | {"consent": "yes"} | changes


async def refused(browser: Browser, status: int = 422, /, **fields: str) -> Page:
    form = (await browser.get("/register?back=/events/x")).form("/register")
    return Page(await browser.fill(form, status, **fields))


@pytest.mark.parametrize(
    ("field", "wrong", "told"),
    [
        ("surname", "  ", "Напишите фамилию."),
        ("name", "", "Напишите имя."),
        ("phone", "12345", "Напишите номер с кодом страны"),
        ("email", "anna", "Напишите адрес почты"),
        ("login", "ан", "В логине от 3 до 64"),
        ("password", "short", "нужно хотя бы 8 символов"),
        ("password", "password1", "один из самых частых паролей"),
        ("consent", "", "Без вашего согласия"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(site: Site, field: str, wrong: str, told: str):
    async with Browser(site) as browser:
        given = typed(**{field: wrong})
        page = await refused(browser, **given)
    assert page.by_id[field]["aria-invalid"] == "true"
    assert f"{field}-fault" in page.by_id[field]["aria-describedby"]
    assert page.text.count(told) == 2  # above the form with a link to the field, and beside the field
    assert f"#{field}" in page.links
    form = page.form("/register")
    kept = {name: form.fields.get(name, "") for name in ("surname", "name", "phone", "email", "login", "consent")}
    assert kept == {name: given[name] for name in kept}
    assert "password" not in form.fields or form.fields["password"] == ""
    assert given["password"] not in page.html
    assert form.fields["back"] == "/events/x"
    assert SESSION not in browser.cookies


async def test_the_consent_is_read_in_the_page_s_language_and_binds_in_russian(site: Site):
    async with Browser(site, "en") as browser:
        page = await browser.get("/register")
        assert "This is a translation for reading" in page.text
        assert "Consent to the processing of personal data By registering" in page.text
        assert "Согласие на обработку персональных данных Регистрируясь" in page.text
        assert page.form("/register").fields["consent_version"] == CONSENT_VERSION
    async with Browser(site, "ru") as browser:
        page = await browser.get("/register")
        assert page.text.count("Согласие на обработку персональных данных Регистрируясь") == 1
        assert "Consent to the processing" not in page.text


async def test_everything_wrong_is_told_at_once_in_english_too(site: Site):
    async with Browser(site, "en") as browser:
        page = await refused(browser)
    assert "7 fields need another look" in page.text
    assert "Write your surname." in page.text


async def test_what_somebody_has_is_told_beside_it(site: Site):
    async with Browser(site) as first, Browser(site) as second:
        known = await first.register()
        page = await refused(second, 409, **typed(login=known["login"].upper(), email=known["email"]))
    assert page.by_id["login"]["aria-invalid"] == "true"
    assert page.by_id["email"]["aria-invalid"] == "true"
    assert "aria-invalid" not in page.by_id["phone"]


async def test_a_phone_may_be_written_as_people_write_it(site: Site):
    async with Browser(site) as browser:
        known = typed()
        phone = known["phone"]
        form = (await browser.get("/register")).form("/register")
        await browser.fill(form, **known | {"phone": f"8 ({phone[2:5]}) {phone[5:8]}-{phone[8:10]}-{phone[10:]}"})
    async with Browser(site) as browser:
        form = (await browser.get("/sign-in")).form("/sign-in")
        await browser.fill(form, login=phone, password=known["password"])
        assert SESSION in browser.cookies


async def test_signing_in_leads_back_and_signing_out_ends_the_session(site: Site, event_id: str):
    async with Browser(site) as browser:
        known = await browser.register()
        page = await browser.get(f"/events/{event_id}")
        await browser.fill(page.form("/sign-out"))
        assert SESSION not in browser.cookies
        page = await browser.get(f"/events/{event_id}")
        assert f"/sign-in?back=/events/{event_id}" in page.links
        form = (await browser.get(f"/sign-in?back=/events/{event_id}")).form("/sign-in")
        back = await browser.fill(form, login=known["login"], password=known["password"])
        assert back.headers["location"] == f"/events/{event_id}"
        cookie = back.headers["set-cookie"].lower()
        assert {"httponly", "secure", "samesite=lax"} <= {part.strip() for part in cookie.split(";")}
        assert await browser.left_at("/sign-in?back=/orders/x") == "/orders/x"  # somebody who is signed in already
        await browser.post("/sign-out", 303)
        await browser.post("/sign-out", 303)


async def test_a_wrong_password_is_told_and_the_login_kept(site: Site):
    async with Browser(site) as browser:
        form = (await browser.get("/sign-in")).form("/sign-in")
        login = unique("nobody")
        page = Page(await browser.fill(form, 401, login=login, password="not this one"))
        assert "Такого логина с таким паролем нет" in page.text
        assert page.form("/sign-in").fields["login"] == login
        assert "not this one" not in page.html


async def test_guessing_is_slowed_down_by_the_apis_own_limit(site: Site):
    async with Browser(site, address="203.0.113.77") as browser:
        login = unique("guessed")
        form = (await browser.get("/sign-in")).form("/sign-in")
        for _ in range(10):
            await browser.fill(form, 401, login=login, password=unique("wrong "))
        page = Page(await browser.fill(form, 429, login=login, password=PASSWORD))
        assert "Слишком много попыток" in page.text
        assert int(page.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: a=b",
        "evil",
    ],
)
async def test_nobody_is_led_away(site: Site, back: str):
    async with Browser(site) as browser:
        known = typed()
        await browser.post(
            "/register", 303, **known, consent_version=(await browser.get("/register")).form("/register").fields["consent_version"]
        )
        await browser.post("/sign-out", 303)
        sent = await browser.post("/sign-in", 303, login=known["login"], password=known["password"], back=back)
        assert sent.headers["location"] == "/"
        assert "a=b" not in str(sent.headers)


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)


@pytest.mark.parametrize("headers", FOREIGN)
async def test_what_another_site_posts_is_refused(site: Site, event_id: str, headers: dict[str, str]):
    async with Browser(site) as browser:
        known = await browser.register()
        wish = {"key": "k", "category": "Партер", "quantity": "1"}
        posts: list[tuple[str, dict[str, str]]] = [
            ("/sign-in", {"login": known["login"], "password": known["password"]}),
            ("/register", typed()),
            ("/sign-out", {}),
            (f"/events/{event_id}/orders", wish),
            ("/orders/x/payments", {}),
            ("/orders/x/release", {}),
        ]
        for path, fields in posts:
            page = Page(await browser.post(path, 403, headers, **fields))
            assert "с другого сайта" in page.text
        assert SESSION in browser.cookies
        async with site.nothing_changes(event_id):
            await browser.post(f"/events/{event_id}/orders", 403, headers, **wish)


async def test_a_form_that_is_none_is_refused(site: Site):
    async with Browser(site) as browser:
        await browser.post("/sign-in", 400, {"Content-Type": "text/plain"}, login="a")
        await browser.post("/sign-in", 400, {}, login="a" * 20_000)
        await browser.post("/sign-in", 400, {}, **{f"field{number}": "x" for number in range(40)})
