"""The statements of the writers and the reader: named blocks in the files beside this one, no query text in Python.

A block begins with `-- name --` and a line that says what it is for. Parameters are psycopg's, `%(name)s`.
"""

import re
from pathlib import Path
from typing import LiteralString, cast

_BLOCK = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


def load(family: str) -> dict[str, LiteralString]:
    """The statements of one file by name; ValueError when a name is given twice."""
    text = (Path(__file__).parent / f"{family}.sql").read_text()
    parts = _BLOCK.split(text)[1:]
    names = parts[0::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{family}.sql gives a name twice: {names}")
    return {name: cast("LiteralString", statement.strip()) for name, statement in zip(names, parts[1::2], strict=True)}
