"""What must be true of the machine before anything starts: Java, disk, programs and free ports. Standard library only."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.stop import Stop

LEAST_JAVA = 17
LEAST_POSTGRES = 15
LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Java:
    """A Java development kit: its home, for Maven and for the members."""

    home: Path
    version: int

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"


def find_java(environment: Mapping[str, str] = os.environ) -> Java | None:
    """The first kit of `LEAST_JAVA` or later: JAVA_HOME, the one on PATH, then those under /usr/lib/jvm. None: install one.

    Stop when JAVA_HOME names one that is too old: somebody chose it, so nothing else is taken behind their back.
    """
    chosen = environment.get("JAVA_HOME")
    if chosen:
        kit = _kit(Path(chosen))
        if kit is None or kit.version < LEAST_JAVA:
            found = f"is {kit.version}" if kit else "holds no development kit"
            raise Stop(f"wrong Java: {LEAST_JAVA} or later is needed, JAVA_HOME={chosen} {found}")
        return kit
    homes = []
    compiler = shutil.which("javac", path=environment.get("PATH"))
    if compiler:
        homes.append(Path(compiler).resolve().parent.parent)
    homes += sorted(Path("/usr/lib/jvm").glob("java-*-openjdk-*"))
    kits = [kit for kit in map(_kit, homes) if kit and kit.version >= LEAST_JAVA]
    return kits[0] if kits else None


def _kit(home: Path) -> Java | None:
    if not os.access(home / "bin" / "javac", os.X_OK):
        return None
    release = home / "release"  # every kit says its version there; starting a JVM to ask takes a third of a second
    text = release.read_text(errors="replace") if release.exists() else _asked(home)
    found = re.search(r'(?:JAVA_VERSION="|version ")(?:1\.)?(\d+)', text)
    return Java(home, int(found[1])) if found else None


def _asked(home: Path) -> str:
    return subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False, timeout=30).stderr


def find_postgres() -> Path | None:
    """The directory of the newest PostgreSQL server binaries of `LEAST_POSTGRES` or later; None when there are none."""
    homes = [Path(home) / "bin" for home in sorted(Path("/usr/lib/postgresql").glob("*"), key=_number, reverse=True)]
    server = shutil.which("postgres")
    if server:
        homes.append(Path(server).resolve().parent)
    for home in homes:
        if all(os.access(home / program, os.X_OK) for program in ("postgres", "initdb")) and _postgres_version(home) >= LEAST_POSTGRES:
            return home
    return None


def _number(path: Path) -> int:
    return int(path.name) if path.name.isdigit() else 0


def _postgres_version(home: Path) -> int:
    if _number(home.parent):
        return _number(home.parent)
    text = subprocess.run([home / "postgres", "--version"], capture_output=True, text=True, check=False, timeout=30).stdout
    found = re.search(r"(\d+)(?:\.\d+)?\s*(?:\(|$)", text.strip())
    return int(found[1]) if found else 0


def check_disk(place: Path, least: int = LEAST_FREE_BYTES) -> None:
    """Stop unless the disk of `place` (or of its nearest existing parent) has `least` bytes left."""
    existing = place.absolute()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < least:
        raise Stop(f"no disk: {free / (1 << 30):.1f} GiB free at {existing}, {least / (1 << 30):.0f} GiB is needed")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_ports(wanted: Iterable[tuple[int, str]]) -> None:
    """Stop unless every (port, what it is for) can be listened on; the message names all that are taken."""
    taken = [f"{port} ({use})" for port, use in wanted if not is_free(port)]
    if taken:
        ports = "port" if len(taken) == 1 else "ports"
        raise Stop(f"{ports} taken: {', '.join(taken)}; infra/up --port P takes P to P+60 instead, infra/status shows what runs here")
