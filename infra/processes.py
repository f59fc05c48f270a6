"""The table of processes that make one running system, and how the supervisor is told about each."""

import hashlib
import os
import resource
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grid_config.member_configuration import HEAP_MIB, GridShape, MemberPlace, java_command, yaml_of
from infra.machine import Java
from infra.places import CHECKOUT, Places
from infra.ports import UNIT_SLOTS, Ports
from infra.postgres import Cluster
from infra.settings import PREFIX
from infra.stop import Stop

HOST = "127.0.0.1"
MEMBERS_AHEAD = 5  # a stalled member costs a pause for everybody, a stalled unit only its own shoppers (architecture.md, 12)

# What a process of ours must not inherit from whoever typed infra/up: its settings come from its own configuration alone.
PRIVATE_VARIABLES = ("FRONT_ROW_", "DATABASE_URL", "AUDIT_DATABASE_URL", "ARCHIVE_DATABASE_URL", "AUDIT_ARCHIVE_DATABASE_URL", "PG")

PROGRAM = """\
[program:{name}]
command = {command}
environment = {environment}
directory = {directory}
autostart = false
autorestart = true
startsecs = {start_seconds}
startretries = 1000
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
stopasgroup = false
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""

_BELOW = ("infra/settings.py", "infra/clock.py", "infra/logs.py")  # every process of ours
# What each role runs: when one of these files changes, `infra/up` replaces the processes of that role.
SOURCES = {
    "unit": ("processing_units", "web", "grid_config", "infra/payment", *_BELOW),
    "pump": ("data_pumps", "data_writers", "grid_config", "infra/payment", *_BELOW),
    "worker": ("data_writers", "grid_config", "infra/payment", *_BELOW),
    "provider": ("infra/sandbox", "infra/payment", *_BELOW),
}
SOURCE_KINDS = {".py", ".sql", ".html", ".css", ".js", ".json"}


@dataclass(frozen=True, slots=True)
class Databases:
    """Where the rows are: URLs for the writers' role and for the archive's, which only reads."""

    main: str
    audit: str
    archive: str
    audit_archive: str


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One running system as it was asked for."""

    places: Places
    ports: Ports
    members: int
    members_max: int
    units: int
    hold_seconds: float
    databases: Databases
    cluster: Cluster | None  # None: the databases are somebody else's
    java: Java
    member_home: Path  # as member_build.ensure_built gives it
    clock_file: Path | None = None  # for tests: what moves every process's clock (infra/clock.py)
    heap_mib: int = HEAP_MIB  # of each member


@dataclass(frozen=True, slots=True)
class Process:
    """One process; `wanted` tells whether `infra/up` starts it, the others are slots to grow into."""

    name: str
    role: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    wanted: bool = True
    stop_signal: str = "TERM"
    stop_seconds: int = 15
    start_seconds: int = 5
    dies_by: str = "KILL"  # the signal it gets when the supervisor dies
    ahead: int = 0  # how many steps of priority it stands before the others
    files: Mapping[Path, str] = field(default_factory=dict)  # what must stand where before it starts

    def program(self, places: Places) -> str:
        """The supervisor's configuration of this process."""
        directory = "/" if self.role == "postgres" else str(CHECKOUT)
        return PROGRAM.format(
            name=self.name, command=_escaped(shlex.join(self._whole_command())), environment=_environment(self.environment),
            directory=_escaped(directory), start_seconds=self.start_seconds, stop_signal=self.stop_signal,
            stop_seconds=self.stop_seconds, log=_escaped(str(places.logs / f"{self.name}.log")),
        )  # fmt: skip

    def _whole_command(self) -> list[str]:
        command = list(self.command)
        bound = ["setpriv", "--pdeathsig", self.dies_by]
        command = [*bound, *command[1:]] if command[0] == "setpriv" else [*bound, "--", *command]
        nice = niceness(self.ahead)
        return ["nice", "-n", str(nice), *command] if nice else command


def niceness(ahead: int) -> int:
    """The niceness of a process `ahead` steps before the ordinary: below zero where that is permitted, else the others step back."""
    may_lead = os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20 + MEMBERS_AHEAD
    return -ahead if may_lead else MEMBERS_AHEAD - ahead


def table(plan: Blueprint) -> list[Process]:
    """Every process of the system, in the order in which they are started."""
    processes = [] if plan.cluster is None else [_postgres(plan.cluster)]
    processes += [_member(plan, number) for number in range(1, plan.members_max + 1)]
    processes += [_provider(plan), _pump(plan), _worker(plan)]
    processes += [_unit(plan, number) for number in range(1, UNIT_SLOTS + 1)]
    return processes


def role_of(name: str) -> str:
    return name.partition("-")[0]


def _postgres(cluster: Cluster) -> Process:
    return Process("postgres", "postgres", tuple(cluster.command()), stop_signal="INT", stop_seconds=60, start_seconds=1, dies_by="INT")


def _member(plan: Blueprint, number: int) -> Process:
    ports = plan.ports
    name = f"member-{number}"
    place = MemberPlace(HOST, ports.member(number), ports.member_clients(number))
    others = tuple(f"{HOST}:{ports.member(slot)}" for slot in range(1, plan.members_max + 1))
    configuration = yaml_of(place, GridShape(grid_name(ports), others, plan.members_max, clock_file=plan.clock_file))
    path = plan.places.member / f"{name}.yaml"
    command = java_command(path, heap_mib=plan.heap_mib, module=plan.member_home, java=str(plan.java.java))
    return Process(
        name, "member", tuple(command), {"FRONT_ROW_SOURCES": _short(configuration.encode())}, wanted=number <= plan.members,
        stop_seconds=70, ahead=MEMBERS_AHEAD, files={path: configuration},
    )  # fmt: skip


def _provider(plan: Blueprint) -> Process:
    return _python(plan, "provider", "infra.sandbox.service", port=plan.ports.provider)


def _pump(plan: Blueprint) -> Process:
    return _python(plan, "pump", "data_pumps.process", operations_port=plan.ports.pump_operations, stop_seconds=30)


def _worker(plan: Blueprint) -> Process:
    return _python(plan, "worker", "data_writers.jobs.worker", operations_port=plan.ports.worker_operations, stop_seconds=30)


def _unit(plan: Blueprint, number: int) -> Process:
    return _python(
        plan, f"unit-{number}", "web.server", wanted=number <= plan.units,
        port=plan.ports.unit(number), site_port=plan.ports.site, operations_port=plan.ports.unit_operations(number),
    )  # fmt: skip


def _python(plan: Blueprint, name: str, module: str, *, wanted: bool = True, stop_seconds: int = 15, **ports: int) -> Process:
    role = role_of(name)
    settings = settings_of(plan, role) | {key: str(port) for key, port in ports.items()} | {"name": name}
    environment = {PREFIX + key.upper(): value for key, value in settings.items()}
    environment |= {"FRONT_ROW_SOURCES": _content(role), "PYTHONUNBUFFERED": "1"}
    command = (sys.executable, "-m", module)
    return Process(name, role, command, environment, wanted=wanted, stop_seconds=stop_seconds)


def settings_of(plan: Blueprint, role: str) -> dict[str, str]:
    """The settings (infra/settings.py) of a role. Only the writers' processes learn how to write to the databases."""
    ports = plan.ports
    settings = {
        "run_dir": str(plan.places.run_dir),
        "site": f"http://{HOST}:{ports.site}",
        "provider_url": f"http://{HOST}:{ports.provider}",
        "grid_name": grid_name(ports),
        "grid_members": ",".join(f"{HOST}:{ports.member_clients(number)}" for number in range(1, plan.members_max + 1)),
        "members_max": str(plan.members_max),
        "hold_seconds": f"{plan.hold_seconds:g}",
        "session_secret_file": str(plan.places.secrets / "session"),
        "provider_secret_file": str(plan.places.secrets / "provider"),
    }
    if plan.clock_file is not None:
        settings["clock_file"] = str(plan.clock_file)
    if role in {"pump", "worker", "migration"}:
        settings |= {"database_url": plan.databases.main, "audit_database_url": plan.databases.audit}
    if role == "unit":
        settings |= {"archive_url": plan.databases.archive, "audit_database_url": plan.databases.audit_archive}
    return settings


def environment_of(plan: Blueprint, role: str) -> dict[str, str]:
    """The environment of a program that is run once with a role's settings."""
    own = {PREFIX + key.upper(): value for key, value in settings_of(plan, role).items()}
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | own


def grid_name(ports: Ports) -> str:
    """Systems of one machine have clusters of different names: a wrong port joins nobody else's grid."""
    return f"front-row-{ports.base}"


def _content(role: str) -> str:
    return _short(*(os.fsencode(path) + b"\0" + path.read_bytes() for path in _sources(role)))


def _short(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


def _sources(role: str) -> Iterable[Path]:
    for name in SOURCES[role]:
        place = CHECKOUT / name
        if place.is_file():
            yield place
            continue
        yield from sorted(path for path in place.rglob("*") if path.suffix in SOURCE_KINDS and "target" not in path.parts)


def _environment(variables: Mapping[str, str]) -> str:
    for name, value in variables.items():
        if '"' in value or "\n" in value:
            raise Stop(f"{name} may hold neither quotes nor line ends")
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in variables.items())


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
