"""Documents with their versions: what an administrator read, and what `If-Match` says of it."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.requests import Request

from grid_config.client import Stale
from processing_units.edge.problems import invalid

_VERSION = re.compile(r'"?([1-9][0-9]{0,17})"?', re.ASCII)


class Versioned(NamedTuple):
    """A document's number, version and fields."""

    number: int
    version: int
    fields: Mapping[str, Any]

    def told(self) -> dict[str, Any]:
        return {**self.fields, "version": self.version}


def checked(found: Versioned, version: int) -> None:
    """Stale unless the document is at this version."""
    if found.version != version:
        raise Stale(str(found.number), found.version, b"")


def version_in(request: Request) -> int:
    """The version in If-Match; Problem `invalid` when it is missing or no version."""
    given = request.headers.get("if-match")
    match = None if given is None else _VERSION.fullmatch(given.strip())
    if match is None:
        raise invalid([("If-Match", "must be the version that was read")])
    return int(match[1])
