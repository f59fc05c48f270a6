"""The member jar: built by Maven when its sources have changed, kept by the content they were built from.

Members run from `target/built/<content>/target/`, laid out as Maven lays out the module, never from where Maven writes, so that
a rebuild takes no jar from under a running member.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from infra.machine import Java
from infra.places import CHECKOUT
from infra.stop import Stop

MODULE = CHECKOUT / "grid_config" / "member"
JAR = "front-row-member.jar"
KEPT_BUILDS = 4
MAVEN_SECONDS = 600
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def ensure_built(java: Java, module: Path = MODULE) -> Path:
    """A module directory (with `target/` jar and libraries) built from the sources as they are. Stop with Maven's first error."""
    home = module / "target" / "built" / content_of(sources(module))
    if home.exists():
        return home
    with (module / "pom.xml").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # Maven's target directory takes one build at a time
        if not home.exists():
            run_maven(java, ["-Dmaven.test.skip=true", "package"], module)
            _keep(module / "target", home)
    return home


def sources(module: Path) -> list[Path]:
    """What the jar is made from: the POM and everything under src/main."""
    return [module / "pom.xml", *sorted(path for path in (module / "src" / "main").rglob("*") if path.is_file())]


def content_of(paths: Iterable[Path]) -> str:
    """A short name for the content (and names) of these files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(path.name) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def run_maven(java: Java, arguments: list[str], module: Path = MODULE) -> str:
    """Maven's output. Offline first, which saves seconds, then with the network; Stop with the errors it printed."""
    environment = os.environ | {"JAVA_HOME": str(java.home)}
    said = ""
    for network in (["--offline"], []):
        command = ["mvn", "--batch-mode", "--no-transfer-progress", "-Dstyle.color=never", *network, *arguments]
        done = subprocess.run(
            command, cwd=module, env=environment, capture_output=True, text=True, check=False,
            timeout=MAVEN_SECONDS, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = done.stdout + done.stderr
        if done.returncode == 0:
            return said
        if "offline" not in said and "resolve" not in said:  # the sources are at fault, the network would not help
            break
    raise Stop(f"Maven failed: {_first_error(said)}")


def _first_error(said: str) -> str:
    lines = [ESCAPES.sub("", line) for line in said.splitlines()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if line.startswith("[ERROR]")]
    return next((error for error in errors if error and "COMPILATION" not in error), said.strip()[-300:])


def _keep(target: Path, home: Path) -> None:
    """Copy Maven's result under its content's name, and forget the oldest such copies."""
    draft = home.with_name(f".{home.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(target / "lib", draft / "target" / "lib")
    shutil.copy2(target / JAR, draft / "target" / JAR)
    draft.rename(home)
    builds = sorted((path for path in home.parent.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for old in builds[:-KEPT_BUILDS]:
        shutil.rmtree(old, ignore_errors=True)
