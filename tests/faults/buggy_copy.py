"""A copy of the tree with a bug planted in it."""

import asyncio
import shutil
import subprocess
from pathlib import Path

from infra.places import CHECKOUT

PATCHES = Path(__file__).parent / "seeded_bugs"
NOT_COPIED = (".venv", ".run", ".git", ".hypothesis", ".*_cache", ".schemathesis", "__pycache__", "node_modules", "htmlcov")
BUILD_SECONDS_MAX = 240


async def plant(bug: str, place: Path) -> Path:
    """The copy, below `place`, with `seeded_bugs/<bug>.patch` applied and the members' jar built anew if Java was touched."""
    copy = place / "tree"
    await asyncio.to_thread(shutil.copytree, CHECKOUT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
    patch = PATCHES / f"{bug}.patch"
    applied = await _run(["git", "apply", "--verbose", str(patch)], copy)
    assert applied.returncode == 0, f"the seeded bug {bug!r} no longer fits the tree; make its patch anew:\n{applied.stderr}"
    if ".java" in patch.read_text():
        built = await _run(["mvn", "-o", "-q", "-B", "-DskipTests", "-Dmaven.test.skip=true", "package"], copy / "grid_config" / "member")
        assert built.returncode == 0, f"the copy with {bug!r} does not build:\n{built.stdout[-3000:]}"
    return copy


async def _run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run, command, cwd=directory, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS_MAX
    )
