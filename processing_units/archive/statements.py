"""The archive's SQL, from its file: blocks `-- name --`, each with a description and one statement."""

import re
from pathlib import Path
from typing import LiteralString, cast

_BLOCK = re.compile(r"^-- (\w+) --$", re.MULTILINE)
_FILE = Path(__file__).with_name("queries.sql")


def load(path: Path = _FILE) -> dict[str, LiteralString]:
    """Statement by name. The file is ours and nothing is ever put into it: psycopg may trust it as it trusts a literal."""
    _, *parts = _BLOCK.split(path.read_text())
    return {name: cast("LiteralString", text.strip()) for name, text in zip(parts[0::2], parts[1::2], strict=True)}
