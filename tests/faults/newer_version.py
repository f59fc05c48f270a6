"""The tree once more under another version's number: what a system is changed to while it sells."""

import asyncio
import re
import shutil
import threading
from pathlib import Path

from infra.places import CHECKOUT
from tests.faults.buggy_copy import NOT_COPIED
from tests.faults.laboratory import Laboratory
from tests.fixtures.grid import built_module

VERSIONS = {"grid_config/member/pom.xml": r"(<version>[\d.]+)(</version>)", "pyproject.toml": r'(?m)^(version = "[\d.]+)(")'}

_making = threading.Lock()  # members and units may be renewed side by side: the second waits for the first one's copy


async def change_version(laboratory: Laboratory) -> None:
    """What is started from now on is of the other one of two versions, which is made and built when it is first wanted."""
    newer = laboratory.directory / "newer"
    await asyncio.to_thread(_copy, newer)
    laboratory.checkout = CHECKOUT if laboratory.checkout == newer else newer


def _copy(place: Path) -> None:
    with _making:
        if not place.exists():
            _make(place)


def _make(place: Path) -> None:
    draft = place.with_suffix(".draft")
    shutil.copytree(CHECKOUT, draft, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
    for name, pattern in VERSIONS.items():
        path = draft / name
        text, changed = re.subn(pattern, r"\1.1\2", path.read_text(), count=1)
        assert changed == 1, f"no version in {name}"
        path.write_text(text)
    built_module(draft)
    draft.rename(place)
