"""Registering, signing in and out, on real members and two units."""

import asyncio

import pytest

from grid_config.documents import Documents
from grid_config.identifiers import new_number, number_of
from processing_units.accounts.account import claim_of, claims_of, document_of
from processing_units.accounts.accounts import CLAIM_MS
from processing_units.accounts.person import Registration
from processing_units.catalogue.keys import account_key, login_key
from tests.fixtures.shop import PASSWORD, Shop, person, shop, unique

__all__ = ["shop"]  # a fixture
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_whoever_registers_can_sign_in_by_login_email_and_phone(shop: Shop):
    registering = person()
    told = await shop.anyone().call("POST", "/accounts", 201, registering)

    assert told["login"] == registering["login"]
    for field in ("login", "email", "phone"):
        account = await (await shop.signed_in(registering[field], unit=1)).call("GET", "/account", 200)
        assert account == {
            "account_id": told["account_id"],
            "login": registering["login"],
            "email": registering["email"],
            "phone": registering["phone"],
            "surname": "Ёлкина",
            "name": "Анна",
            "roles": [],
        }


async def test_login_and_email_compare_without_regard_to_case(shop: Shop):
    registering = person()
    await shop.anyone().call("POST", "/accounts", 201, registering)

    await shop.signed_in(registering["login"].upper())
    await shop.signed_in(registering["email"].upper())
    taken = person(login=registering["login"].upper(), email=registering["email"].upper())
    problem = await shop.anyone().problem("POST", "/accounts", 409, "already_registered", taken)
    assert problem["fields"] == ["login", "email"]


@pytest.mark.parametrize("field", ["login", "email", "phone"])
async def test_what_somebody_has_nobody_else_gets(shop: Shop, field: str):
    registering = person()
    await shop.anyone().call("POST", "/accounts", 201, registering)

    problem = await shop.anyone(1).problem("POST", "/accounts", 409, "already_registered", person(**{field: registering[field]}))

    assert problem["fields"] == [field]


async def test_a_refused_registration_leaves_what_it_had_claimed_to_others(shop: Shop):
    registering = person()
    await shop.anyone().call("POST", "/accounts", 201, registering)
    refused = person(phone=registering["phone"])
    await shop.anyone().problem("POST", "/accounts", 409, "already_registered", refused)

    await shop.anyone(1).call("POST", "/accounts", 201, refused | {"phone": person()["phone"]})


@pytest.mark.parametrize("contested", [("login", "email", "phone"), ("login",), ("email",), ("phone",), ("email", "phone")])
async def test_of_twelve_who_race_for_the_same_exactly_one_comes_through(shop: Shop, contested: tuple[str, ...]):
    wanted = person()
    racers = [person(surname=f"С{number}") | {field: wanted[field] for field in contested} for number in range(12)]

    answers = await asyncio.gather(*(shop.anyone(n % 2).http.post("/accounts", json=racer) for n, racer in enumerate(racers)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    for answer in answers:
        if answer.status_code == 409:
            assert set(answer.json()["fields"]) <= set(contested)
            assert answer.json()["fields"]


async def test_of_racers_in_a_circle_at_least_one_comes_through(shop: Shop):
    """The first has the second's e-mail, the second the third's phone, the third the first's login."""
    first, second, third = person(), person(), person()
    second["email"], third["phone"], third["login"] = first["email"], second["phone"], first["login"]

    racers = (first, second, third)
    answers = await asyncio.gather(*(shop.anyone(n % 2).http.post("/accounts", json=racer) for n, racer in enumerate(racers)))

    assert [answer.status_code for answer in answers].count(201) >= 1


async def test_a_claim_becomes_permanent_when_the_account_stands(shop: Shop):
    registering = person()
    account = await shop.anyone().call("POST", "/accounts", 201, registering)
    documents = Documents(shop.grid)

    until = asyncio.get_running_loop().time() + 10
    claim = None
    while (claim is None or claim.version < 2) and asyncio.get_running_loop().time() < until:
        claim = await documents.get(login_key(registering["login"]))

    assert claim is not None
    assert claim.version == 2
    assert claim.number == number_of(account["account_id"])


async def test_the_claim_of_an_attempt_that_died_keeps_its_login_until_it_lapses(shop: Shop):
    registering = person()
    await Documents(shop.grid).claim(login_key(registering["login"]), new_number(), ttl_ms=700)

    problem = await shop.anyone().problem("POST", "/accounts", 409, "already_registered", registering)
    assert problem["fields"] == ["login"]
    await asyncio.sleep(0.8)
    await shop.anyone().call("POST", "/accounts", 201, registering)


async def test_an_account_whose_unit_died_before_its_claims_were_permanent_is_finished_by_whoever_meets_them(shop: Shop):
    registering, account, documents = Registration.model_validate(person()), new_number(), Documents(shop.grid)
    fields = document_of(account, registering, "no hash", "127.0.0.1")
    for key in claims_of(fields).values():
        await documents.claim(key, account, ttl_ms=CLAIM_MS)
    await documents.put_fields(account_key(account), fields, expected=0)

    rival = person(login=registering.login, email=registering.email, phone=registering.phone)
    await shop.anyone().problem("POST", "/accounts", 409, "already_registered", rival)

    found = [await documents.get(key) for key in claims_of(fields).values()]
    assert [claim.version for claim in found if claim] == [2, 2, 2]


async def test_an_ended_session_is_dead_in_every_unit_within_a_second(shop: Shop):
    shopper = await shop.shopper()
    token = shopper.http.headers["authorization"].removeprefix("Bearer ")
    elsewhere = shop.anyone(1, token)
    await elsewhere.call("GET", "/account", 200)

    gone = await shopper.response("DELETE", "/sessions/current", 204)

    await shopper.problem("GET", "/account", 401, "not_signed_in")
    await asyncio.sleep(1)
    await elsewhere.problem("GET", "/account", 401, "not_signed_in")
    await elsewhere.problem("DELETE", "/sessions/current", 401, "not_signed_in")
    assert 'front_row_session=""' in gone.headers["set-cookie"]


async def test_a_public_call_with_a_dead_token_is_answered_as_without_one(shop: Shop):
    shopper = await shop.shopper()
    await shopper.response("DELETE", "/sessions/current", 204)

    await shopper.call("GET", "/consent", 200)
    await shopper.call("GET", "/events", 200)
    await shop.anyone(token="made.up").call("GET", "/events", 200)


@pytest.mark.parametrize(
    ("login", "password"), [("nobody-here", PASSWORD), ("", PASSWORD), ("x" * 9_000, ""), ("+79990000000", "x"), ("a\0b", "y")]
)
async def test_an_unknown_login_is_not_told_from_a_wrong_password(shop: Shop, login: str, password: str):
    registering = person()
    await shop.anyone().call("POST", "/accounts", 201, registering)
    wrong = await shop.anyone().problem("POST", "/sessions", 401, "not_signed_in", {"login": registering["login"], "password": "wrong one"})

    unknown = await shop.anyone().problem("POST", "/sessions", 401, "not_signed_in", {"login": login, "password": password})

    assert unknown == wrong


async def test_guessing_one_login_is_slowed_down_and_others_are_not(shop: Shop):
    registering, neighbour = person(), person()
    for somebody in (registering, neighbour):
        await shop.anyone().call("POST", "/accounts", 201, somebody)
    guess = {"login": registering["login"], "password": "wrong one"}
    for _ in range(10):
        await shop.anyone().problem("POST", "/sessions", 401, "not_signed_in", guess)

    stopped = await shop.anyone().response("POST", "/sessions", 429, guess | {"password": PASSWORD})

    assert 1 <= int(stopped.headers["retry-after"]) <= 301
    await shop.signed_in(neighbour["login"])


async def test_the_cookie_is_a_session_too_for_https_only_and_not_for_scripts(shop: Shop):
    registering = person()
    await shop.anyone().call("POST", "/accounts", 201, registering)
    answer = await shop.anyone().response("POST", "/sessions", 201, {"login": registering["login"], "password": PASSWORD})
    cookie, *flags = (part.strip() for part in answer.headers["set-cookie"].split(";"))

    assert {"secure", "httponly", "samesite=lax", "path=/"} <= {flag.lower() for flag in flags}
    account = await shop.anyone(1).call("GET", "/account", 200, headers={"cookie": cookie})
    assert account["login"] == registering["login"]
    assert answer.json()["token"] == cookie.partition("=")[2]


async def test_the_first_administrator_has_both_roles_and_is_made_once(shop: Shop):
    from processing_units.accounts.first_administrator import ensure

    login = unique("root")
    first = await ensure(shop.grid, login, "first password")
    assert await ensure(shop.grid, login.upper(), "first password") == first
    session = await shop.anyone().call("POST", "/sessions", 201, {"login": login, "password": "first password"})
    assert session["roles"] == ["admin", "scanner"]

    assert await ensure(shop.grid, login, "second password") == first
    await shop.anyone().problem("POST", "/sessions", 401, "not_signed_in", {"login": login, "password": "first password"})
    await shop.signed_in(login, "second password")


async def test_no_answer_and_no_document_tells_the_password(shop: Shop):
    registering = person()
    await shop.anyone().call("POST", "/accounts", 201, registering)
    documents = Documents(shop.grid)
    claim = await documents.get(claim_of(registering["login"]))
    assert claim is not None
    account = await documents.get(account_key(claim.number))
    assert account is not None

    assert PASSWORD not in str(account.fields)
    assert "argon2" not in str(await (await shop.signed_in(registering["login"])).call("GET", "/account", 200))
