"""Installs the Debian packages that a command needs and the machine lacks. Standard library only: it runs before .venv exists.

python -m infra.packages up|test|bench|fuzz|audit
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.machine import check_disk, find_java, find_postgres
from infra.stop import Stop, run_command

CREATECLUSTER = Path("/etc/postgresql-common/createcluster.conf")
ROOT = Path(__file__).resolve().parent.parent
DISK_FOR_PACKAGES = 2 << 30


@dataclass(frozen=True, slots=True)
class Need:
    """Something a command needs: whether it is there, and the packages that bring it, the preferred one first."""

    name: str
    is_met: Callable[[], bool]
    packages: tuple[str, ...]


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _programs_of_root(*names: str) -> Callable[[], bool]:
    """For what only root can use: nobody else lacks it."""
    return lambda: os.geteuid() != 0 or all(shutil.which(name) for name in names)


def _has_venv() -> bool:
    """Debian's python3 has the modules but not pip's wheel until python3-venv is there; an existing .venv needs neither."""
    if os.access(ROOT / ".venv" / "bin" / "python", os.X_OK):
        return True
    return subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0


def _has_postgres() -> bool:
    own = not (os.environ.get("DATABASE_URL") and os.environ.get("AUDIT_DATABASE_URL"))
    return not own or find_postgres() is not None


def _has_go() -> bool:
    return shutil.which("go") is not None or Path("/usr/local/go/bin/go").exists()


def _has_chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium-headless-shell", "chromium"))


CERTIFICATES = Need("certificates", lambda: Path("/etc/ssl/certs/ca-certificates.crt").exists(), ("ca-certificates",))
VENV = Need("Python's venv", _has_venv, ("python3-venv",))
JAVA = Need("Java", lambda: find_java() is not None, ("openjdk-17-jdk-headless", "openjdk-21-jdk-headless"))
MAVEN = Need("Maven", _program("mvn"), ("maven",))
POSTGRES = Need("PostgreSQL", _has_postgres, ("postgresql-15", "postgresql"))
POSTGRES_FOR_TESTS = Need("PostgreSQL", lambda: find_postgres() is not None, ("postgresql-15", "postgresql"))
WRK = Need("wrk", _program("wrk"), ("wrk",))
GO = Need("Go", _has_go, ("golang-go",))
NODE = Need("Node's libatomic", lambda: ctypes.util.find_library("atomic") is not None, ("libatomic1",))
CHROMIUM = Need("Chromium", _has_chromium, ("chromium-headless-shell", "chromium"))
FONTS = Need("a font", Path("/usr/share/fonts/truetype/dejavu").exists, ("fonts-dejavu-core",))

CLOCKS = Need("libfaketime", lambda: any(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), ("libfaketime",))
WIRES = Need("wires between hosts", _programs_of_root("ip", "tc"), ("iproute2",))
CUTS = Need("cuts of those wires", _programs_of_root("iptables-restore"), ("iptables",))

UP = (CERTIFICATES, VENV, JAVA, MAVEN, POSTGRES, NODE)
TEST = (CERTIFICATES, VENV, JAVA, MAVEN, POSTGRES_FOR_TESTS, NODE, WRK, GO, CHROMIUM, FONTS, CLOCKS, WIRES, CUTS)
BENCH = (CERTIFICATES, VENV, JAVA, MAVEN, POSTGRES_FOR_TESTS, NODE, WRK)
FUZZ = (CERTIFICATES, VENV)
AUDIT = (CERTIFICATES, VENV, JAVA, MAVEN, NODE)
COMMANDS = {"up": UP, "test": TEST, "bench": BENCH, "fuzz": FUZZ, "audit": AUDIT}


def main() -> int:
    needs = COMMANDS[sys.argv[1]]
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return 0
    started = time.monotonic()
    print(f"  Debian packages for {', '.join(need.name for need in missing)} ...", flush=True)
    install(missing)
    print(f"  Debian packages are there ({time.monotonic() - started:.1f} s)", flush=True)
    return 0


def install(missing: list[Need]) -> None:
    """Install what `missing` names through apt; Stop when there is no apt, no right to use it, or it fails."""
    wanted = " ".join(need.packages[0] for need in missing)
    if shutil.which("apt-get") is None:
        raise Stop(f"missing here and this is not Debian: {', '.join(need.name for need in missing)}")
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    if prefix and shutil.which("sudo") is None:
        raise Stop(f"as root, please: apt-get install --no-install-recommends {wanted}")
    check_disk(Path("/var"), DISK_FOR_PACKAGES)
    _apt(prefix, "update")
    packages = [_available(need) for need in missing]
    if any(name.startswith("postgresql") for name in packages):
        _keep_debian_from_starting_a_cluster(prefix)
    _apt(prefix, "install", "--yes", "--no-install-recommends", *packages)
    still = [need.name for need in missing if not need.is_met()]
    if still:
        raise Stop(f"apt installed {' '.join(packages)}, but still missing: {', '.join(still)}")


def _available(need: Need) -> str:
    for name in need.packages:
        shown = subprocess.run(["apt-cache", "show", "--no-all-versions", name], capture_output=True, check=False)
        if shown.returncode == 0 and shown.stdout:
            return name
    raise Stop(f"this Debian has no package for {need.name}: none of {', '.join(need.packages)}")


def _keep_debian_from_starting_a_cluster(prefix: list[str]) -> None:
    if CREATECLUSTER.exists():
        return
    subprocess.run([*prefix, "mkdir", "-p", str(CREATECLUSTER.parent)], check=True)
    subprocess.run([*prefix, "tee", str(CREATECLUSTER)], input=b"create_main_cluster = false\n", stdout=subprocess.DEVNULL, check=True)


def _apt(prefix: list[str], *arguments: str) -> None:
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=sys.stdin)
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.startswith("E:")]
        raise Stop(f"apt-get {arguments[0]} failed: {'; '.join(lines) or done.stderr.strip()[-300:]}")


if __name__ == "__main__":
    run_command(f"infra/{sys.argv[1]}", main)
