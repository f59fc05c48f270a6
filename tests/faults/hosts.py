"""A host of our own on this machine: a network namespace with an address; what can be run, or listen, there."""

import ctypes
import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMESPACES = Path("/run/netns")
COMMAND_SECONDS_MAX = 20.0
CLONE_NEWNET = 0x40000000


class NoHostsError(RuntimeError):
    """This machine does not let us have hosts, or one of their parts; the message says what was refused."""


@dataclass(frozen=True, slots=True)
class Host:
    """Where a process runs and what address it listens on. Without a namespace: here, on loopback."""

    address: str = "127.0.0.1"
    namespace: str | None = None

    def command(self) -> list[str]:
        """What goes before a command that is to run there; the process is the same."""
        return [] if self.namespace is None else ["nsenter", f"--net={NAMESPACES / self.namespace}", "--"]

    def socket(self, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
        """A socket of that host, for whatever thread; this one is there for the time of the call alone."""
        if self.namespace is None:
            return socket.socket(socket.AF_INET, kind)
        with Path("/proc/thread-self/ns/net").open() as back, (NAMESPACES / self.namespace).open() as there:
            _go_to(there.fileno())
            try:
                return socket.socket(socket.AF_INET, kind)
            finally:
                _go_to(back.fileno())


HERE = Host()


def run(*command: str, text: str = "") -> None:
    """A command that is done at once, with `text` to read; NoHostsError says what it refused."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS_MAX)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoHostsError(f"{' '.join(command)}: {error}") from error
    if done.returncode:
        raise NoHostsError(f"{' '.join(command)} ({' '.join(text.split())}): {done.stderr.strip() or done.returncode}")


def _go_to(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")
