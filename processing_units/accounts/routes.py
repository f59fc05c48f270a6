"""Registering and signing in, over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grid_config.identifiers import number_text
from processing_units.accounts.account import claim_of
from processing_units.accounts.accounts import AlreadyRegistered
from processing_units.accounts.consent import CONSENT_TEXT, CONSENT_VERSION
from processing_units.accounts.passwords import PasswordsBusy
from processing_units.accounts.person import Registration
from processing_units.catalogue.away import needs
from processing_units.catalogue.times import text_of
from processing_units.edge.identity import SESSION_COOKIE, address_of, require_session
from processing_units.edge.openapi import documented
from processing_units.edge.problems import already_registered, not_signed_in, too_many_requests
from processing_units.edge.rate import ACCOUNTS, SESSIONS
from processing_units.edge.tokens import SESSION_SECONDS
from processing_units.edge.validation import StrictModel, read_json
from processing_units.parts import parts_of

_JSON = "application/json"
_NO_STORE = {"cache-control": "no-store"}
_Text = Annotated[str, Field(max_length=10_000)]


class Consent(BaseModel):
    """The text that a person who registers agrees to."""

    consent_version: str
    text: str


class Registered(BaseModel):
    account_id: str
    login: str


class SignIn(StrictModel):
    """The body of POST /sessions; `login` is a login, an e-mail address or a phone."""

    login: _Text
    password: _Text


class SignedIn(BaseModel):
    token: str
    expires_at: str
    account_id: str
    roles: list[str]


class AccountDescription(BaseModel):
    account_id: str
    login: str
    email: str | None
    phone: str | None
    surname: str
    name: str
    roles: list[str]


@documented(summary="The consent to the processing of personal data", responses={200: Consent}, signed_in=False, tag="accounts")
async def read_consent(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    return _json({"consent_version": CONSENT_VERSION, "text": CONSENT_TEXT}, 200, {})


@documented(
    summary="Register",
    request=Registration,
    responses={201: Registered},
    problems=["malformed", "invalid", "already_registered"],
    signed_in=False,
    tag="accounts",
)
@needs(PasswordsBusy)
async def register(request: Request) -> Response:
    parts, address = parts_of(request), address_of(request)
    parts.rates.take(ACCOUNTS, address)
    person = await read_json(request, Registration)
    try:
        account = await parts.accounts.register(person, address)
    except AlreadyRegistered as taken:
        raise already_registered(taken.fields) from None
    return _json({"account_id": number_text(account), "login": person.login}, 201)


@documented(
    summary="Sign in",
    request=SignIn,
    responses={201: SignedIn},
    problems=["malformed", "invalid", "not_signed_in"],
    signed_in=False,
    tag="accounts",
)
@needs(PasswordsBusy)
async def sign_in(request: Request) -> Response:
    parts, address = parts_of(request), address_of(request)
    parts.rates.take(SESSIONS, address)
    wanted = await read_json(request, SignIn)
    claim, trusted = claim_of(wanted.login)[:400], parts.addresses.is_trusted(address)
    limits = parts.accounts.limits
    wait = limits.wait(claim, address, trusted=trusted)
    if wait:
        raise too_many_requests(round(wait + 0.5))
    signed_in = await parts.accounts.sign_in(wanted.login, wanted.password)
    if signed_in is None:
        limits.failed(claim, address, trusted=trusted)
        raise not_signed_in("There is no such login with this password.")
    limits.succeeded(claim, address)
    account, token, expires_at = signed_in
    response = _json(
        {
            "token": token,
            "expires_at": text_of(datetime.fromtimestamp(expires_at, UTC)),
            "account_id": number_text(account.account),
            "roles": sorted(account.roles),
        },
        201,
    )
    response.set_cookie(SESSION_COOKIE, token, max_age=SESSION_SECONDS, path="/", secure=True, httponly=True, samesite="lax")
    return response


@documented(summary="Sign out", responses={204: None}, tag="accounts")
@needs()
async def sign_out(request: Request) -> Response:
    session = require_session(request)
    await parts_of(request).accounts.sign_out(session)
    response = Response(status_code=204, headers=_NO_STORE)
    response.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


@documented(summary="Who is signed in", responses={200: AccountDescription}, tag="accounts")
@needs()
async def read_account(request: Request) -> Response:
    session = require_session(request)
    account = await parts_of(request).accounts.account(session.account)
    if account is None:
        raise not_signed_in()
    return _json(account.told(), 200)


def _json(content: object, status: int, headers: dict[str, str] = _NO_STORE) -> Response:
    return Response(orjson.dumps(content), status, headers, _JSON)


routes = [
    Route("/api/v1/consent", read_consent, methods=["GET"]),
    Route("/api/v1/accounts", register, methods=["POST"]),
    Route("/api/v1/sessions", sign_in, methods=["POST"]),
    Route("/api/v1/sessions/current", sign_out, methods=["DELETE"]),
    Route("/api/v1/account", read_account, methods=["GET"]),
]
