"""A disk of PostgreSQL's own, which a test can make full: a file system in memory whose size is changed while it is used."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
ROOMY_MIB = 8192  # taken only as far as it is written to
MOUNT_SECONDS_MAX = 10


def why_not() -> str:
    """Why this machine gives us no disk of our own; empty when it does."""
    return "" if os.geteuid() == 0 and _may_mount() else "only root may mount a file system"


def _may_mount() -> bool:
    """Root in a container often may not: tried in a mount namespace that ends with the trial."""
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False, timeout=MOUNT_SECONDS_MAX
    )
    return tried.returncode == 0


FILLING_TRIES = 10


@dataclass(frozen=True)
class Disk:
    """What is mounted at `place`, an empty folder."""

    place: Path

    def mount(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={ROOMY_MIB}m,mode=0755", "tmpfs", str(self.place))

    def fill(self) -> None:
        """From now on no file can grow. What files have already may be written anew, as everywhere."""
        for tries_left in reversed(range(FILLING_TRIES)):
            room = os.statvfs(self.place)
            try:
                self._resize((room.f_blocks - room.f_bfree) * room.f_frsize)
                break
            except OSError:  # files have grown since: no disk is smaller than what is on it
                if not tries_left:
                    raise

    def empty(self) -> None:
        """There is room again, for what is there and more."""
        self._resize(ROOMY_MIB * MIB)

    def unmount(self) -> None:
        _run("umount", "--lazy", str(self.place))

    def _resize(self, size: int) -> None:
        """`size` in bytes."""
        _run("mount", "-o", f"remount,size={size}", str(self.place))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MOUNT_SECONDS_MAX)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
