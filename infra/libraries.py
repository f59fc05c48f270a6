"""The pages' libraries from npm: installed by web/package-lock.json, copied into web/static/vendor, where browsers get them from us.

`python -m infra.libraries` also installs what checks the pages. A copied file is a whole module. The names it imports become its
neighbours' files: a browser knows no names without an import map, and an inline map would be a script that the pages' content
security policy refuses.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.places import CHECKOUT
from infra.stop import Stop, run_command

WEB = CHECKOUT / "web"
NPM_SECONDS = 300
_imported_name = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])([a-z@][^"']*)\2""")


def ensure_vendored(web: Path = WEB) -> None:
    """What pages load from `static/vendor` is there, as the lock file says. Stop when npm cannot bring it."""
    _ensure(web, web / "static" / "vendor" / ".made-from", ["--omit=dev"])


def ensure_development(web: Path = WEB) -> None:
    """As `ensure_vendored`, and `node_modules` has what checks the pages: the type checker, the accessibility rules."""
    _ensure(web, web / "node_modules" / ".made-from", [])
    ensure_vendored(web)


def npm_tool(name: str) -> str:
    """`node` or `npm`, from where Python's packages brought them."""
    return str(Path(sys.executable).parent / name)


def _ensure(web: Path, mark: Path, options: list[str]) -> None:
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if _is_made(mark, wanted):
        return
    with (web / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # one npm at a time
        if _is_made(mark, wanted):
            return
        _install(web, options)
        _vendor(web, wanted)
        mark.write_text(wanted)


def _is_made(mark: Path, wanted: str) -> bool:
    return mark.exists() and mark.read_text() == wanted


def _install(web: Path, options: list[str]) -> None:
    command = [npm_tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run(
            command, cwd=web, env=environment, capture_output=True, text=True, check=False, timeout=NPM_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as late:
        raise Stop(f"npm did not bring the pages' libraries within {NPM_SECONDS} s") from late
    if done.returncode:
        raise Stop(f"npm could not bring the pages' libraries: {(done.stderr or done.stdout).strip()[-400:]}")


def _vendor(web: Path, wanted: str) -> None:
    vendor = web / "static" / "vendor"
    draft = vendor.with_name(f".vendor.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, module in _modules(web):
        (draft / f"{name}.js").write_text(f"// @ts-nocheck\n{_imported_name.sub(_neighbour, module.read_text())}")
        shutil.copy2(module.parent.parent / "LICENSE", draft / f"{name}.LICENSE")
    (draft / ".made-from").write_text(wanted)
    shutil.rmtree(vendor, ignore_errors=True)
    draft.rename(vendor)


def _modules(web: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of every package that pages use, also through another one."""
    for place, package in json.loads((web / "package-lock.json").read_text())["packages"].items():
        if place and not package.get("dev"):
            name = place.rpartition("node_modules/")[2]
            yield name, web / place / "dist" / f"{name}.min.mjs"


def _neighbour(found: re.Match[str]) -> str:
    before, quote, name = found.groups()
    return f"{before}{quote}./{name}.js{quote}"


def main() -> int:
    ensure_development()
    return 0


if __name__ == "__main__":
    run_command("infra/test", main)
