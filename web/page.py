"""How a page is made: in one language, escaped, closed to strangers, without a script or a style of its own.

`Visit` says whom a page is for; `html` is the page's text, which may be kept and shown to others on the same visit, and
`answer` sends it.
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from processing_units.edge.identity import session_of
from web.words import LANGUAGES, Speech, speech_of

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "front_row_language"
LANGUAGE_SECONDS = 365 * 86_400
# `form-action` also holds for where a form's answer redirects to, and a payment provider's page redirects on to a bank's that
# nobody here can name: so no form of ours ends at a provider, see `web.orders`.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "vary": "accept-language, cookie, accept-encoding",
}
GZIP_LEVEL = 6
SHARED = "private, no-cache"  # may be kept by the browser, but is asked for again
OWN = "no-store"  # somebody's own affairs: also the back button asks for them again


def _environment(say: Speech) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(say.translations, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    environment.filters |= {"number": say.number, "spoken": _spoken(say)}
    environment.globals |= {"say": say, "languages": list(LANGUAGES.values())}
    return environment


def _spoken(say: Speech) -> Callable[[str], Markup]:
    """A filter for what people wrote: marked with its language where that is not the page's, so that it is read aloud rightly."""

    def spoken(text: str) -> Markup:
        language = say.language_of(text)
        return Markup('<span lang="{}">{}</span>').format(language, text) if language else escape(text)

    return spoken


_environments = {code: _environment(say) for code, say in LANGUAGES.items()}


@dataclass(frozen=True, slots=True)
class Visit:
    """Whom a page is for. `address` is the page's own path and query without the language, `back` where signing in leads."""

    say: Speech
    signed_in: bool
    address: str
    back: str

    @classmethod
    def of(cls, request: Request, address: str | None = None, back: str | None = None) -> Self:
        """The visit of a request; `address` for pages that also answer forms, `back` for those that are not worth returning to."""
        path = _address_of(request) if address is None else address
        return cls(say_to(request), session_of(request) is not None, path, path if back is None else back)

    @property
    def back_query(self) -> str:
        return f"?back={quote(self.back, safe='/')}" if self.back != "/" else ""

    def address_in(self, code: str) -> str:
        """The same page in another language."""
        return f"{self.address}{'&' if '?' in self.address else '?'}lang={code}"


def say_to(request: Request) -> Speech:
    """The language of a request: asked for, remembered in the cookie, or the browser's own."""
    headers = request.headers
    return speech_of(request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), headers.get("accept-language", ""))


def html(template: str, visit: Visit, told: Mapping[str, Any]) -> str:
    """The page's text."""
    page = _environments[visit.say.code].get_template(template)
    return page.render(visit=visit, signed_in=visit.signed_in, **told)


class Ready(NamedTuple):
    """A page that is kept for many: as it is, and compressed."""

    text: bytes
    gzipped: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        encoded = text.encode()
        return cls(encoded, gzip.compress(encoded, compresslevel=GZIP_LEVEL, mtime=0))


def kept_answer(request: Request, visit: Visit, ready: Ready) -> Response:
    """Send a page that was made for many."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return answer(request, visit, ready.text, caching=SHARED)
    response = answer(request, visit, ready.gzipped, caching=SHARED)
    response.headers["content-encoding"] = "gzip"
    return response


def answer(request: Request, visit: Visit, text: str | bytes, status: int = 200, caching: str = OWN) -> Response:
    """Send a page, and remember the language if it was asked for."""
    response = HTMLResponse(text, status, HEADERS | {"content-language": visit.say.code, "cache-control": caching})
    if request.query_params.get("lang") == visit.say.code:
        response.set_cookie(LANGUAGE_COOKIE, visit.say.code, LANGUAGE_SECONDS, httponly=True, samesite="lax")
    return response


def shown(request: Request, template: str, visit: Visit, status: int = 200, **told: Any) -> Response:
    """Make a page and send it; it is kept nowhere."""
    return answer(request, visit, html(template, visit, told), status)


def _address_of(request: Request) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return request.url.path + (f"?{urlencode(asked)}" if asked else "")
