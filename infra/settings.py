"""What a process is told by its environment: read once, typed, frozen.

Every variable begins with `FRONT_ROW_`, followed by the name of a field here; `infra/up` writes them for the processes it
starts. Secrets come from files of mode 600 named here, never from the repository; they are read where they are used and not
printed.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

PREFIX = "FRONT_ROW_"
PORT_MAX = 65_535
MEMBERS_MAX_MOST = 13  # half of them are backups, and Hazelcast keeps six at most
_DAY_SECONDS = 86_400.0

# (least, most) of every number; of each number in a list.
LIMITS: Mapping[str, tuple[float, float]] = {
    "port": (0, PORT_MAX),
    "site_port": (0, PORT_MAX),
    "operations_port": (0, PORT_MAX),
    "members_max": (1, MEMBERS_MAX_MOST),
    "hold_seconds": (0.001, _DAY_SECONDS),  # inventories count milliseconds
    "live_orders_max": (1, 10_000_000),
    "payment_starts_per_second": (0.001, 1_000_000.0),
    "sandbox_repeats": (0.001, _DAY_SECONDS),
}
_NEVER_EMPTY = {"grid_members", "payment_providers", "sandbox_repeats"}
_is_provider = re.compile(r"[a-z0-9][a-z0-9-]{0,31}").fullmatch  # it stands in addresses


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings. Ports are TCP ports on `host`; times are in seconds; 0 as a port means: do not listen.

    ValueError names the variable of a value beyond its limits.
    """

    host: str = "127.0.0.1"
    run_dir: Path = Path(".run")
    name: str = "process"  # this process's own name, as the supervisor knows it
    port: int = 0  # this process's own port (a unit's own address, the provider's port)
    site_port: int = 0  # the port that all units share
    operations_port: int = 0  # /livez, /readyz, /metrics
    site: str = "http://127.0.0.1:8000"  # the address that shoppers know
    provider_url: str = "http://127.0.0.1:8021"
    grid_members: tuple[str, ...] = ("127.0.0.1:8051",)  # client addresses of grid members
    grid_name: str = "front-row"
    members_max: int = 3
    hold_seconds: float = 300.0
    database_url: str = field(default="", repr=False)
    archive_url: str = field(default="", repr=False)  # the read-only role of the archive
    audit_database_url: str = field(default="", repr=False)
    session_secret_file: Path = Path(".run/secrets/session")
    provider_secret_file: Path = Path(".run/secrets/provider")
    trusted_addresses: tuple[str, ...] = ("127.0.0.0/8", "::1/128")  # spared by limits per address
    live_orders_max: int = 200_000
    payment_providers: tuple[str, ...] = ("sandbox",)  # plug-ins by name, in the order in which shoppers see them
    payment_starts_per_second: float = 1_000.0  # of one unit; the acquirer's contract says how much all units together may
    # The gaps between the sandbox provider's tries to notify: eagerly at first, for the shop's short pauses, then ever more
    # seldom, as acquirers do. The last one repeats.
    sandbox_repeats: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
    clock_file: Path | None = None  # for tests: how many milliseconds this system's clocks are ahead (infra/clock.py)

    def __post_init__(self) -> None:
        for name in _NEVER_EMPTY:
            if not getattr(self, name):
                raise ValueError(f"{variable_of(name)} must name at least one")
        for name, (least, most) in LIMITS.items():
            given = getattr(self, name)
            for number in given if isinstance(given, tuple) else (given,):
                if not least <= number <= most:  # so that what is no number at all does not pass either
                    written = f"{number:.9g}" if isinstance(number, float) else str(number)  # a whole number may be too long for a float
                    raise ValueError(f"{variable_of(name)} must lie between {least:.9g} and {most:.9g}, not {written}")
        for provider in self.payment_providers:
            if not _is_provider(provider):
                raise ValueError(f"{variable_of('payment_providers')}: {provider!r} is no provider's name (a-z, 0-9 and dashes)")

    @property
    def members_min(self) -> int:
        """The smallest cluster that may sell."""
        return majority_of(self.members_max)


def majority_of(members_max: int) -> int:
    """How many members of a grid of at most so many must be there before anything is sold (architecture.md, 12)."""
    return members_max // 2 + 1


def variable_of(name: str) -> str:
    """The variable that gives a field of Settings."""
    return PREFIX + name.upper()


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in an environment. ValueError names the variable that makes no sense."""
    given: dict[str, object] = {}
    for each in fields(Settings):
        text = environment.get(variable_of(each.name))
        if text is None:
            continue
        parse, what = _READINGS[each.type]
        try:
            given[each.name] = parse(text)
        except ValueError:
            raise ValueError(f"{variable_of(each.name)}={text!r} is not {what}") from None
    return Settings(**given)  # type: ignore[arg-type]  # the names are the fields' own


def of_process() -> Settings:
    """The settings of this process, for its `main`: one that makes no sense ends it with one line."""
    try:
        return from_environment()
    except ValueError as error:
        raise SystemExit(str(error)) from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


# By a field's type: how its text is read, and what it should have been.
_READINGS: Mapping[object, tuple[Callable[[str], object], str]] = {
    str: (str, "a text"),
    Path: (Path, "a path"),
    Path | None: (Path, "a path"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    tuple[str, ...]: (_listed, "a list with commas"),
    tuple[float, ...]: (_numbers, "a list of numbers with commas"),
}


def secret(path: Path) -> bytes:
    """The content of a secret file; PermissionError when others may read it."""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} may be read by others; its mode must be 600")
    return path.read_bytes().strip()
