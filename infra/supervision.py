"""The process supervisor of a run directory: supervisor 4.3, spoken to by XML-RPC over a Unix socket of mode 0700.

It restarts what dies. Each process is one configuration file, so processes come and go while the others run.
"""

import contextlib
import http.client
import os
import pwd
import resource
import subprocess
import sys
import time
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

from infra.places import CHECKOUT, Places
from infra.processes import PRIVATE_VARIABLES
from infra.stop import Stop

ANSWERS_WITHIN = 10.0
OPEN_FILES = 65_536
CONFIGURATION = """\
[supervisord]
logfile = {logs}/supervisor.log
logfile_maxbytes = 5MB
logfile_backups = 2
loglevel = info
pidfile = {home}/pid
directory = {checkout}
minfds = {open_files}
identifier = front-row
{user}
[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files = {programs}/*.conf
"""


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What the supervisor says of one process: `state` in its words, in lower case; no pid when it does not run."""

    name: str
    state: str
    pid: int | None
    seconds: int  # in this state
    trouble: str

    @property
    def runs(self) -> bool:
        return self.state in {"starting", "running"}


class Supervisor:
    """The supervisor over one run directory. Every call is short: it waits for the supervisor, not for a process."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._socket = places.supervisor_socket

    def _ask(self, method: str, *arguments: Any) -> Any:
        """Call the supervisor. A new connection each time: the library's transport does not recover from a refused one."""
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")  # type: ignore[no-untyped-call]
        with contextlib.closing(transport):
            proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)

    def runs(self) -> bool:
        try:
            return bool(self._ask("getState")["statecode"] == 1)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def start(self) -> None:
        """Start the supervisor itself, with whatever programs are configured; none of them begins by itself."""
        self._write_configuration()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE_VARIABLES)}
        program = Path(sys.executable).with_name("supervisord")
        done = subprocess.run(
            [program, "-c", self._places.supervisor_configuration],
            env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=30, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise Stop(f"the supervisor did not start: {' '.join((done.stdout + done.stderr).split())[-300:]}")
        _until(self.runs, "the supervisor does not answer")

    def _write_configuration(self) -> None:
        places = self._places
        hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        open_files = OPEN_FILES if hard_limit == resource.RLIM_INFINITY else min(OPEN_FILES, hard_limit)
        user = f"user = {pwd.getpwuid(os.geteuid()).pw_name}\n" if os.geteuid() == 0 else ""
        text = CONFIGURATION.format(
            logs=places.logs, home=places.supervisor, checkout=CHECKOUT, open_files=open_files, user=user,
            socket=self._socket, programs=places.programs,
        )  # fmt: skip
        places.supervisor_configuration.write_text(text)

    def configure(self, programs: dict[str, str]) -> list[str]:
        """Make the configured processes exactly `programs` (name → configuration). What left is stopped; what is new is known
        but not started. Returns the names whose configuration changed: they run on as before until `replace`.
        """
        for path in self._places.programs.glob("*.conf"):
            if path.stem not in programs:
                path.unlink()
        for name, text in programs.items():
            self._write_program(name, text)
        if not self.runs():
            return []
        added, changed, removed = self._ask("reloadConfig")[0]
        for name in removed:
            self.stop(name, within=30)
            self._ask("removeProcessGroup", name)
        for name in added:
            self._ask("addProcessGroup", name)
        return list(changed)

    def _write_program(self, name: str, text: str) -> None:
        path = self._places.programs / f"{name}.conf"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # URLs may carry passwords
            file.write(text)

    def add(self, name: str, text: str) -> None:
        """Add one process while the others run, and start it."""
        self._write_program(name, text)
        self._ask("reloadConfig")
        self._ask("addProcessGroup", name)
        self.begin(name)

    def remove(self, name: str, within: float = 30) -> None:
        """Stop one process and forget it, while the others run."""
        self.stop(name, within)
        (self._places.programs / f"{name}.conf").unlink(missing_ok=True)
        self._ask("reloadConfig")
        self._ask("removeProcessGroup", name)

    def replace(self, name: str, within: float = 30) -> None:
        """Stop a process whose configuration changed and start it as it is configured now."""
        self.renew(name, within)
        self.begin(name)

    def renew(self, name: str, within: float) -> None:
        """Stop a process, if it runs; when it is started again, it is as it is configured now."""
        self.stop(name, within)
        self._ask("removeProcessGroup", name)
        self._ask("addProcessGroup", name)

    def begin(self, name: str) -> None:
        """Start a process unless it runs; whether it stays up is seen in `states`."""
        with _ignoring(Faults.ALREADY_STARTED):
            self._ask("startProcess", name, False)

    def stop(self, name: str, within: float) -> None:
        """Stop a process by its own stop signal; SIGKILL when it has not gone `within` that many seconds."""
        self.ask_to_stop([name])
        self.wait_stopped([name], within)

    def ask_to_stop(self, names: list[str]) -> None:
        for name in names:
            with _ignoring(Faults.NOT_RUNNING, Faults.BAD_NAME):
                self._ask("stopProcess", name, False)

    def wait_stopped(self, names: list[str], within: float) -> None:
        deadline = time.monotonic() + within
        while left := [state for state in self.states() if state.name in names and state.pid]:
            if time.monotonic() > deadline:
                for state in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(state.pid or 0, 9)
                deadline += ANSWERS_WITHIN
            time.sleep(0.05)

    def states(self) -> list[ProcessState]:
        """Every configured process; Stop when the supervisor does not answer."""
        try:
            return [_state(told) for told in self._ask("getAllProcessInfo")]
        except (OSError, http.client.HTTPException) as error:
            raise Stop(f"the supervisor of {self._places.run_dir} does not answer ({error})") from error

    def shut_down(self) -> None:
        """Stop every process and the supervisor; returns when it is gone."""
        pid = int(self._ask("getPID"))
        self._ask("shutdown")
        _until(lambda: not _is_alive(pid), "the supervisor does not end", within=60)


def _state(told: dict[str, Any]) -> ProcessState:
    seconds = int(told["now"]) - int(told["start"] or told["now"])
    return ProcessState(told["name"], told["statename"].lower(), int(told["pid"]) or None, seconds, told["spawnerr"])


@contextlib.contextmanager
def _ignoring(*faults: int) -> Any:
    try:
        yield
    except xmlrpc.client.Fault as fault:
        if fault.faultCode not in faults:
            raise Stop(f"the supervisor refused: {fault.faultString}") from fault


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _until(is_so: Any, complaint: str, within: float = ANSWERS_WITHIN) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            raise Stop(f"{complaint} after {within:.0f} s")
        time.sleep(0.03)
