"""A copy of the tree with a bug planted in it."""

import asyncio
import shutil
import subprocess
from pathlib import Path

from infra.places import CHECKOUT

PATCHES = Path(__file__).parent / "seeded_bugs"
NOT_COPIED = (".venv", ".run", ".git", ".hypothesis", ".*_cache", ".schemathesis", "__pycache__", "node_modules", "htmlcov")
PATCH_SECONDS_MAX = 60


async def plant(bug: str, place: Path) -> Path:
    """The copy, below `place`, with `seeded_bugs/<bug>.patch` applied; its members are built when they are started."""
    copy = place / "tree"
    await asyncio.to_thread(shutil.copytree, CHECKOUT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
    patch = PATCHES / f"{bug}.patch"
    applied = await _run(["git", "apply", "--verbose", str(patch)], copy)
    assert applied.returncode == 0, f"the seeded bug {bug!r} no longer fits the tree; make its patch anew:\n{applied.stderr}"
    return copy


async def _run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run, command, cwd=directory, capture_output=True, text=True, check=False, timeout=PATCH_SECONDS_MAX
    )
