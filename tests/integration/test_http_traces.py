"""What stays behind when everything was tried, failures too: no log of the whole system has a secret or somebody's data in it.

The other tests over HTTP may have run before on the same system; what they left in the logs is looked at as well.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import secret
from tests.fixtures.http import Site, eventually
from tests.fixtures.shop import PASSWORD, person, unique

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET_FILES_MIN = 3
# Whatever the tests register has such an address or such a telephone number.
PERSONAL = (re.compile(r"[\w.+-]+@example\.(?:org|com)"), re.compile(r"\+79\d{9}"), re.compile("Ёлкина"))
STATEMENTS = re.compile(r"\b(?:INSERT INTO|UPDATE \w+ SET|SELECT \w+.* FROM)\b")


def logs(site: Site) -> Iterator[tuple[str, str]]:
    """(name, text) of every log, rotated ones too."""
    for path in sorted((site.system.run_dir / "logs").iterdir()):
        yield path.name, path.read_text(errors="replace")


def secrets_of(site: Site) -> dict[str, str]:
    """Every secret of the run directory by its file; of a password file the password."""
    found = {"admin.json": site.system.administrator["password"]}
    files = [path for path in (site.system.run_dir / "secrets").iterdir() if path.is_file()]
    assert len(files) >= SECRET_FILES_MIN
    for path in files:
        found[path.name] = _text(path)
    return found


def _text(path: Path) -> str:
    content = secret(path)
    text = content.decode(errors="replace") if content.isascii() else content.hex()
    return text.rsplit(":", 1)[-1].strip()


async def test_no_log_has_a_secret_or_personal_data_in_it(site: Site):
    marked = {what: unique(f"{what}-") for what in ("password", "surname", "login", "token", "key", "title", "search", "header")}
    registering = person(password=marked["password"], surname=marked["surname"], login=marked["login"])
    anyone, admin = site.anyone(), await site.admin()
    await anyone.call("POST", "/accounts", 201, registering)
    session = await anyone.call("POST", "/sessions", 201, {"login": registering["phone"], "password": marked["password"]})
    shopper = site.anyone(token=session["token"])
    event_id = await site.on_sale()

    # what goes well
    order = await shopper.hold(event_id, {"seats": ["1-1"]}, key=marked["key"])
    payment = await site.pay(shopper, order["order_id"])
    await shopper.order_when(order["order_id"], "confirmed")
    # what does not: wrong passwords, what is taken, bodies that are wrong where the secret stands, tokens in strange places
    await anyone.answer("POST", "/sessions", {"login": registering["email"], "password": marked["password"] + "x"})
    await anyone.answer("POST", "/accounts", registering)
    await anyone.answer("POST", "/accounts", registering | {"phone": registering["password"], "email": registering["password"]})
    await anyone.answer("POST", "/accounts", {"password": [registering["password"]], "surname": {marked["surname"]: 1}})
    await anyone.answer("POST", "/sessions", content=json.dumps(registering).encode()[:-1], headers={"Content-Type": "application/json"})
    await anyone.answer("GET", "/account", headers={"Authorization": f"Bearer {marked['token']}"})
    await anyone.answer("GET", "/events", params={"q": marked["search"], "cursor": marked["token"], "token": session["token"]})
    await anyone.answer("GET", f"/orders/{marked['token']}", headers={"X-Forwarded-For": marked["header"]})
    await anyone.answer("POST", "/payments/sandbox/notifications", registering, headers={"front-row-sandbox-signature": marked["header"]})
    await admin.answer("POST", "/admin/artists", {"name": marked["title"], "occupation": None})
    async with site.provider_that(create="down"):
        other = await shopper.hold(event_id, {"seats": ["1-2"]})
        wanted = {"provider": "sandbox", "method": "card", "return_url": f"/{marked['token']}"}
        await shopper.answer("POST", f"/orders/{other['order_id']}/payments", wanted)
    await shopper.call("DELETE", "/sessions/current", 204)
    await eventually(lambda: site.ledger(payment), lambda ledger: ledger["captured"] == order["total"])

    personal = {name: registering[name] for name in ("email", "phone", "login")}
    tokens = {"session": session["token"], "administrator": admin.http.headers["authorization"].removeprefix("Bearer ")}
    forbidden = {**marked, **personal, **tokens, **secrets_of(site), "everybody's password": PASSWORD}
    for name, text in logs(site):
        assert text or name.startswith("postgres"), f"{name} is empty"
        told = [what for what, value in forbidden.items() if value in text]
        assert told == [], f"{name} tells {told}"


async def test_no_log_has_anybodys_data_of_any_test(site: Site):
    for name, text in logs(site):
        for pattern in PERSONAL:
            assert pattern.findall(text) == [], name
        assert STATEMENTS.findall(text) == [], name


async def test_accounts_and_passwords_are_not_to_be_found_in_the_audit_log(site: Site):
    lines = await site.rows("SELECT DISTINCT detail::text FROM audit", database="front_row_audit")
    text = "\n".join(line for (line,) in lines)
    assert PASSWORD not in text
    assert [found for pattern in PERSONAL for found in pattern.findall(text)] == []


async def test_passwords_are_kept_as_argon2_only(site: Site):
    registering = person()
    await site.anyone().call("POST", "/accounts", 201, registering)
    statement = "SELECT body::text FROM accounts WHERE login = %s"
    rows = await eventually(lambda: site.rows(statement, registering["login"]), lambda rows: rows)
    assert "$argon2id$" in rows[0][0]
    assert registering["password"] not in rows[0][0]
