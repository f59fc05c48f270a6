"""Secret files of a run directory: made once, random, mode 600, never printed."""

import os
import secrets
from pathlib import Path


def ensure(path: Path, size: int = 32) -> str:
    """The secret in `path` (URL-safe text of `size` random bytes), made when it is not there."""
    if not path.exists():
        write(path, secrets.token_urlsafe(size))
    return path.read_text().strip()


def write(path: Path, text: str) -> None:
    """Write a file that only this user may read; a reader sees the old or the whole new content."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
