"""Registering, signing in and signing out by forms. The API's own calls judge and count them."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from processing_units.accounts import routes as accounts
from processing_units.accounts.consent import CONSENT_TEXT, CONSENT_TRANSLATIONS, CONSENT_VERSION
from processing_units.edge.identity import session_of
from processing_units.edge.problems import Problem
from web.back import back_of
from web.calls import call
from web.endpoints import page, refused
from web.forms import read_form
from web.page import Visit, shown
from web.problems import sentence
from web.registration import KEPT_FIELDS, faults_of, person_of

_SIGN_IN_FIELDS = ("login",)


@page
async def show_sign_in(request: Request) -> Response:
    return _shown_to_strangers(request, _sign_in_page)


@page
async def sign_in(request: Request) -> Response:
    """Sign in and go back to where the shopper came from."""
    form = await read_form(request)
    back = back_of(request, form.get("back"))
    try:
        return await _signed_in(request, form.get("login", "").strip(), form.get("password", ""), back)
    except Problem as problem:
        return _sign_in_page(request, back, form, problem)


@page
async def show_registration(request: Request) -> Response:
    return _shown_to_strangers(request, _registration_page)


@page
async def register(request: Request) -> Response:
    """Register, sign in, and go back to where the shopper came from."""
    form = await read_form(request)
    back = back_of(request, form.get("back"))
    person = person_of(form)
    try:
        await call(accounts.register, request, person)
    except Problem as problem:
        return _registration_page(request, back, form, problem)
    try:
        return await _signed_in(request, person["login"], person["password"], back)
    except Problem as problem:  # the account is there; only the way in is busy
        return _sign_in_page(request, back, form, problem)


@page
async def sign_out(request: Request) -> Response:
    """End the session; without one there is nothing to end."""
    left = RedirectResponse("/", 303)
    if session_of(request) is not None:
        _take_cookies(left, await call(accounts.sign_out, request))
    return left


def _shown_to_strangers(request: Request, show: Callable[[Request, str], Response]) -> Response:
    """The page, or for who is signed in already where it would lead."""
    back = back_of(request, request.query_params.get("back"))
    return show(request, back) if session_of(request) is None else RedirectResponse(back, 303)


async def _signed_in(request: Request, login: str, password: str, back: str) -> Response:
    """On to `back` with the session's cookie; Problem when login and password do not let anybody in."""
    entered = RedirectResponse(back, 303)
    _take_cookies(entered, await call(accounts.sign_in, request, {"login": login, "password": password}))
    return entered


def _take_cookies(page: Response, answer: Response) -> None:
    page.raw_headers.extend(header for header in answer.raw_headers if header[0] == b"set-cookie")


def _sign_in_page(request: Request, back: str, form: Mapping[str, str] | None = None, problem: Problem | None = None) -> Response:
    visit = _visit(request, "/sign-in", back)
    notice = sentence(problem, visit.say) if problem else ""
    told: dict[str, Any] = {"back": back, "typed": _kept(form, _SIGN_IN_FIELDS), "notice": notice}
    return refused(request, "sign_in.html", visit, problem, **told) if problem else shown(request, "sign_in.html", visit, **told)


def _registration_page(request: Request, back: str, form: Mapping[str, str] | None = None, problem: Problem | None = None) -> Response:
    """The form, with what was typed and, where it was refused, the reasons: beside their fields, or above them all."""
    visit = _visit(request, "/register", back)
    faults = faults_of(problem, form or {}, visit.say) if problem else {}
    told: dict[str, Any] = {
        "back": back,
        "typed": _kept(form, KEPT_FIELDS),
        "faults": faults,
        "notice": sentence(problem, visit.say) if problem and not faults else "",
        "consent_text": CONSENT_TEXT,
        "consent_translation": CONSENT_TRANSLATIONS.get(visit.say.code, ""),
        "consent_version": CONSENT_VERSION,
    }
    return refused(request, "register.html", visit, problem, **told) if problem else shown(request, "register.html", visit, **told)


def _visit(request: Request, path: str, back: str) -> Visit:
    return Visit.of(request, path if back == "/" else f"{path}?back={quote(back, safe='/')}", back)


def _kept(typed: Mapping[str, str] | None, fields: tuple[str, ...]) -> dict[str, str]:
    """What was typed, for the form to show again; a password is never among it."""
    return {field: (typed or {}).get(field, "") for field in fields}
