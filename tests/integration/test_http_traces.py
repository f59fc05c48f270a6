"""What stays behind when everything was tried, failures too: no log of the whole system has a secret or somebody's data in it.

The other tests over HTTP may have run before on the same system; what they left in the logs is looked at as well.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from grid_config.identifiers import new_number
from infra.payment.signatures import HEADER, sign
from infra.settings import secret
from tests.fixtures.http import PROMPTLY, Site, eventually
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import PASSWORD, person, plan, unique

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET_FILES_MIN = 3
# Whatever the tests register has such an address or such a telephone number.
PERSONAL = (re.compile(r"[\w.+-]+@example\.(?:org|com)"), re.compile(r"\+79\d{9}"), re.compile("Ёлкина"))
MARKED = (
    "password", "surname", "name", "login", "token", "key", "title", "search", "header", "form", "cookie", "plan", "notification", "row",
)  # fmt: skip
PROCESSES = ("member", "unit", "pump", "worker", "provider", "postgres")
HEADERS = (
    "User-Agent", "Referer", "Origin", "Accept", "Accept-Language", "If-None-Match", "If-Match", "Idempotency-Key", "Last-Event-ID",
    "X-Request-Id", "Cookie", "Content-Type", "Forwarded", "Host",
)  # fmt: skip
JSON = {"Content-Type": "application/json"}
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
    marked = {what: unique(f"{what}-") for what in MARKED}
    registering = person(password=marked["password"], surname=marked["surname"], name=marked["name"], login=marked["login"])
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
    wrong = (
        ("/sessions", {"login": registering["email"], "password": marked["password"] + "x"}),
        ("/accounts", registering),
        ("/accounts", registering | {"phone": registering["password"], "email": registering["password"]}),
        ("/accounts", {"password": [registering["password"]], "surname": {marked["surname"]: 1}}),
    )
    for path, body in wrong:
        assert marked["password"] not in (await anyone.answer("POST", path, body)).text
    cut = json.dumps(registering).encode()[:-1]
    assert marked["password"] not in (await anyone.answer("POST", "/sessions", content=cut, headers=JSON)).text
    await anyone.answer("GET", "/account", headers={"Authorization": f"Bearer {marked['token']}"})
    await anyone.answer("GET", "/events", params={"q": marked["search"], "cursor": marked["token"], "token": session["token"]})
    await anyone.answer("GET", f"/orders/{marked['token']}", headers={"X-Forwarded-For": marked["header"]})
    await anyone.answer("POST", "/payments/sandbox/notifications", registering, headers={"front-row-sandbox-signature": marked["header"]})
    await admin.answer("POST", "/admin/artists", {"name": marked["title"], "occupation": None})
    async with site.provider_that(create="down"):
        other = await shopper.hold(event_id, {"seats": ["1-2"]})
        wanted = {"provider": "sandbox", "method": "card", "return_url": f"/{marked['token']}"}
        await shopper.answer("POST", f"/orders/{other['order_id']}/payments", wanted)
    await fill_in_forms(site, marked)
    await rave(site, marked, session["token"])
    await spoil_plans(site, marked)
    await tell_lies(site, marked, order, payment)
    await refuse_in_the_database(site, marked)
    await shopper.call("DELETE", "/sessions/current", 204)
    await eventually(lambda: site.ledger(payment), lambda ledger: ledger["captured"] == order["total"])

    personal = {name: registering[name] for name in ("email", "phone", "login")}
    tokens = {"session": session["token"], "administrator": admin.http.headers["authorization"].removeprefix("Bearer ")}
    forbidden = {**marked, **personal, **tokens, **secrets_of(site), "everybody's password": PASSWORD}
    told = {name for name, _ in logs(site)}
    assert {name for name in PROCESSES if not any(log.startswith(name) for log in told)} == set(), "every process has its log"
    for name, text in logs(site):
        assert text or name.startswith("postgres"), f"{name} is empty"
        found = [what for what, value in forbidden.items() if value in text]
        assert found == [], f"{name} tells {found}"
    # The figures of every process, and the audit log, in which a title or a reason has no business either.
    for address in site.urls["ops"]:
        figures = (await site.apart.get(f"{address}/metrics")).text
        assert [what for what, value in forbidden.items() if value in figures] == [], address
    lines = "\n".join(map(str, await site.rows("SELECT a::text FROM audit a", database="front_row_audit")))
    assert [what for what, value in forbidden.items() if value in lines] == []


async def fill_in_forms(site: Site, marked: dict[str, str]) -> None:
    """The pages' forms, wrong ones and right ones, as a browser sends them."""
    cookies = {"front_row_session": marked["cookie"]}
    async with httpx.AsyncClient(base_url=site.urls["site"], cookies=cookies, timeout=30, verify=False, trust_env=False) as browser:
        for path, fields in (
            ("/sign-in", {"login": marked["form"], "password": marked["form"]}),
            ("/register", person(password=marked["form"], surname=marked["form"]) | {"consent": "on"}),
            ("/register", {"email": marked["form"], "phone": marked["form"], "password": "short"}),
            ("/register", {marked["form"]: marked["form"]}),
            (f"/events/{marked['form']}/orders", {"seats": marked["form"]}),
        ):
            assert (await browser.post(path, data=fields)).status_code < 500
        assert (await browser.get(f"/?q={marked['form']}&lang={marked['form']}")).status_code < 500


async def rave(site: Site, marked: dict[str, str], token: str) -> None:
    """What no client of ours sends: marks in every header and part of an address, and no HTTP at all."""
    anyone, mark = site.anyone(), marked["header"]
    for name in HEADERS:
        for path in ("/events", "/account", "/admin/audit", f"/orders/{mark}", f"/events/{mark}/seats"):
            assert (await anyone.answer("GET", path, headers={name: mark, "Authorization": f"Bearer {token}{mark}"})).status_code < 500
    await anyone.answer("POST", "/sessions", {"login": mark, "password": mark, mark: mark})
    await anyone.answer("DELETE", f"/orders/{mark}", headers={"Authorization": f"Basic {mark}"})
    for sent in (f"{mark} /{mark} HTTP/1.1\r\n\r\n", f"GET /{mark} HTTP/1.1\r\n{mark}\r\n\r\n", f"GET /{mark} HTTP/9.9\r\n\r\n"):
        async with site.connection() as (reader, writer), asyncio.timeout(PROMPTLY):
            writer.write(sent.encode())
            await reader.read()


async def spoil_plans(site: Site, marked: dict[str, str]) -> None:
    admin, mark = await site.admin(), marked["plan"]
    for spoilt in (plan() | {"zones": mark}, plan() | {"categories": [{"name": mark}]}, {mark: mark}, plan() | {"name": [mark]}):
        check_problem(await admin.answer("POST", "/admin/halls", {"plan": spoilt}), "invalid")
    check_problem(await admin.answer("POST", "/admin/halls", content=f'{{"plan": "{mark}'.encode(), headers=JSON), "malformed")
    await admin.answer("GET", "/admin/audit", params=dict.fromkeys(("account", "ip", "status", "event", "from", "cursor"), mark))
    assert (await admin.call("GET", "/admin/audit", 200, params={"ip": f"fe80::1%{mark}"}))["items"] == []


async def tell_lies(site: Site, marked: dict[str, str], order: dict[str, Any], payment: dict[str, Any]) -> None:
    """Notifications: forged, and the provider's own that make no sense."""
    mark = marked["notification"]
    key = secret(site.system.run_dir / "secrets" / "provider")
    genuine = {
        "payment_id": payment["payment_id"], "status": "captured", "amount": order["total"], "method": "card",
        "metadata": {"order_id": order["order_id"]},
    }  # fmt: skip
    lies: tuple[Any, ...] = ({"payment": mark}, {mark: mark}, {"payment": {"payment_id": mark}})
    for name in genuine:
        lies += ({"payment": genuine | {name: mark}}, {"payment": genuine | {name: {"amount": mark, "currency": mark, "order_id": mark}}})
    for told in lies:
        body = json.dumps(told).encode()
        for header in (mark, f"t=1,v1={mark}", sign(key, body, time.time())):
            answer = await site.anyone().http.post("/payments/sandbox/notifications", content=body, headers={HEADER: header})
            assert answer.status_code in {200, 400}


async def refuse_in_the_database(site: Site, marked: dict[str, str]) -> None:
    """An account that PostgreSQL will not have, because its e-mail is there already: the row is quoted by the error, and by no log."""
    email = f"{marked['row']}@mail.example.net"
    await site.rows(
        "INSERT INTO accounts (account, version, login, email) VALUES (%s, 1, %s, %s) RETURNING 1", new_number(), unique("row"), email
    )
    await site.anyone().call("POST", "/accounts", 201, person(email=email))
    await eventually(lambda: site.rows("SELECT 1 FROM set_aside WHERE starts_with(document, 'account:')"), lambda rows: rows)


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
