"""The pages' libraries: taken as the lock file says, made into modules that a browser finds without an import map."""

import json
from pathlib import Path

import pytest

from infra import libraries
from infra.libraries import ensure_vendored
from infra.stop import Stop

MODULE = 'import{a as t}from"beside";import "beside";export{t as a};var from="a \\"from\\" b";'
NPM = """#!/bin/sh
[ "$1 $2" = "ci --ignore-scripts" ] || exit 1
echo "$*" >> calls
"""


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A web directory with one library, which imports another, and a tool for developers; its npm has brought them already."""
    packages = {"": {}, "node_modules/one": {}, "node_modules/beside": {}, "node_modules/tool": {"dev": True}}
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    (tmp_path / "static").mkdir()
    for name in ("one", "beside", "tool"):
        place = tmp_path / "node_modules" / name
        (place / "dist").mkdir(parents=True)
        (place / "dist" / f"{name}.min.mjs").write_text(MODULE)
        (place / "LICENSE").write_text("May be used.")
    npm = tmp_path / "npm"
    npm.write_text(NPM)
    npm.chmod(0o755)
    monkeypatch.setattr(libraries, "npm_tool", lambda _name: str(npm))
    return tmp_path


def test_what_pages_use_is_copied_with_its_licence_and_imports_its_neighbours(web: Path):
    ensure_vendored(web)
    vendor = web / "static" / "vendor"
    assert {path.name for path in vendor.glob("[a-z]*")} == {"one.js", "one.LICENSE", "beside.js", "beside.LICENSE"}
    told = (vendor / "one.js").read_text()
    assert 'from"./beside.js"' in told
    assert 'import "./beside.js"' in told
    assert '\\"from\\" b' in told


def test_npm_is_asked_again_only_when_the_lock_file_has_changed(web: Path):
    for _ in range(2):
        ensure_vendored(web)
    lock = web / "package-lock.json"
    assert (web / "calls").read_text().count("\n") == 1
    lock.write_text(lock.read_text() + "\n")
    ensure_vendored(web)
    assert (web / "calls").read_text().count("\n") == 2


def test_an_npm_that_fails_is_told_in_a_line(web: Path):
    (web / "npm").write_text("#!/bin/sh\necho 'no such registry' >&2\nexit 1\n")
    with pytest.raises(Stop, match="no such registry"):
        ensure_vendored(web)
