"""Brings the catalogues up to date: `python -m web.messages` after a text on the pages has changed.

It collects the messages of templates, code and the map's words, keeps every translation whose message is still there, and says
what is left to translate.
"""

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import orjson
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.event_page import MAP_WORDS
from web.page import HERE
from web.words import CATALOGUES

_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
_PASSING = tuple(
    f'"{name}:'.encode()
    for name in ("Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By")
)
Message = str | tuple[str, ...]


def extracted() -> Catalog:
    """All messages that the pages can say, English, without translations."""
    catalogue = Catalog(project="Front Row", charset="utf-8", fuzzy=False)
    for message, comments in _messages():
        catalogue.add(message, auto_comments=comments)
    return catalogue


def catalogue_of(language: str) -> Catalog:
    """A language's catalogue as it stands."""
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def untranslated(catalogue: Catalog) -> list[Message]:
    """The messages that lack a translation, or one of its plural forms, or whose translation is a guess."""
    messages = [message for message in catalogue if message.id]
    return [_message(message.id) for message in messages if message.fuzzy or not _is_whole(message.string)]


def written(catalogue: Catalog) -> bytes:
    """The catalogue's file: the same for the same messages, so without times and the names of tools."""
    buffer = BytesIO()
    write_po(buffer, catalogue, no_location=True, sort_output=True, width=0)
    return b"".join(line for line in buffer.getvalue().splitlines(keepends=True) if not line.startswith(_PASSING))


def main() -> int:
    """Update every catalogue; 1 when something is left to translate."""
    template, missing = extracted(), 0
    for language in sorted(path.name for path in CATALOGUES.iterdir()):
        catalogue = catalogue_of(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _path(language).write_bytes(written(catalogue))
        left = untranslated(catalogue)
        missing += len(left)
        print(f"{language}: {len(catalogue)} messages, {len(left)} untranslated")
        for message in left:
            print(f"  {message!r}")
    return 1 if missing else 0


def _messages() -> Iterator[tuple[Message, list[str]]]:
    for _, _, message, comments, _ in extract_from_dir(HERE, _METHODS, _OPTIONS):
        yield message, comments
    for word in orjson.loads(MAP_WORDS.read_bytes()):
        yield _message(word), []


def _message(given: str | Sequence[str]) -> Message:
    return given if isinstance(given, str) else tuple(given)


def _is_whole(translation: str | Sequence[str] | None) -> bool:
    return bool(translation) if isinstance(translation, str) or translation is None else all(translation)


def _path(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


if __name__ == "__main__":
    sys.exit(main())
