"""What browsers send to the pages: forms and languages."""

from starlette.requests import Request
from starlette.types import Message

from processing_units.edge.problems import Problem
from tests.fuzz.request_targets import refused
from tests.fuzz.target import Target, answer_of
from web.forms import FIELDS_MAX, read_form
from web.words import LANGUAGES, speech_of

FORM = [(b"content-type", b"application/x-www-form-urlencoded")]


def _read_form(data: bytes) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": data}

    try:
        fields = answer_of(read_form(Request({"type": "http", "headers": FORM}, receive)))
    except Problem as problem:
        refused(problem)
        return
    assert len(fields) <= FIELDS_MAX
    assert all((name + value).encode() is not None for name, value in fields.items()), "half of a surrogate pair has no UTF-8"


def _read_language(data: bytes) -> None:
    text = data.decode("latin-1")
    assert speech_of(text, text, text) in LANGUAGES.values()


FORMS = (b"login=anna&password=a+long+sentence&back=%2Forders%2Fx", "name=Ёлка&consent=on".encode(), b"name=%D0%81&name=")

TARGETS = (
    Target("form", _read_form, FORMS),
    Target("accept-language", _read_language, (b"ru-RU,ru;q=0.9,en;q=0.8", b"en;q=1.0", b"*", b"kk-KZ, de;q=0")),
)
