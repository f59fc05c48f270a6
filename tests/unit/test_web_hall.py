"""The hall's script: what it says is what its list of words tells the translators."""

import json
import re
from pathlib import Path

import orjson

from infra.places import CHECKOUT

HALL = CHECKOUT / "web" / "static" / "hall"
_STRING = r'"(?:[^"\\]|\\.)*"'
_spoken = re.compile(rf"\bsay\(\s*({_STRING})|\?\? ({_STRING})\);$|^  \w+:\s+({_STRING}),$", re.MULTILINE)
_plural = re.compile(rf"@type {{Plural}} \*/ export const \w+ = (\[{_STRING}, {_STRING}\])")


def told() -> set[str | tuple[str, ...]]:
    words = orjson.loads((HALL / "words.json").read_bytes())
    return {tuple(word) if isinstance(word, list) else word for word in words}


def sources() -> list[tuple[Path, str]]:
    return [(path, path.read_text()) for path in sorted(HALL.glob("*.js"))]


def test_everything_the_hall_says_is_in_its_list_of_words_and_nothing_else():
    texts = {
        json.loads(next(filter(None, found))) for path, source in sources() for found in _spoken.findall(source) if _is_told(path, found)
    }
    plurals = {tuple(json.loads(found)) for _, source in sources() for found in _plural.findall(source)}
    assert told() == (texts - {""}) | plurals


def test_the_hall_takes_nothing_from_elsewhere():
    for path, source in sources():
        assert re.findall(r"https?://", source) == [], path.name
        assert "innerHTML" not in source


def _is_told(path: Path, found: tuple[str, ...]) -> bool:
    """Of tables and defaults only those of the refusals are sentences."""
    return bool(found[0]) or path.name == "refusals.js"
