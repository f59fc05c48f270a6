"""What a process is told by its environment: read once, typed, frozen.

Every variable begins with `FRONT_ROW_`; `infra/up` writes them for the processes it starts. Secrets come from files of
mode 600 named here, never from the repository; they are read where they are used and not printed.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "FRONT_ROW_"


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings. Ports are TCP ports on `host`; times are in seconds; 0 as a port means: do not listen."""

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

    @property
    def members_min(self) -> int:
        """The smallest cluster that may sell: a majority of `members_max` (architecture.md, 12)."""
        return self.members_max // 2 + 1

    @property
    def backups(self) -> int:
        return self.members_max // 2


_LISTS = {"grid_members", "trusted_addresses"}
_INTEGERS = {"port", "site_port", "operations_port", "members_max", "live_orders_max"}
_PATHS = {"run_dir", "session_secret_file", "provider_secret_file"}


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. ValueError names the variable that makes no sense."""
    given: dict[str, object] = {}
    for name in Settings.__dataclass_fields__:
        variable = PREFIX + name.upper()
        text = environment.get(variable)
        if text is None:
            continue
        try:
            given[name] = _parse(name, text)
        except ValueError as error:
            raise ValueError(f"{variable}={text!r}: {error}") from error
    return Settings(**given)  # type: ignore[arg-type]  # the names are the fields' own


def _parse(name: str, text: str) -> object:
    if name in _LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in _INTEGERS:
        return int(text)
    if name == "hold_seconds":
        return float(text)
    return Path(text) if name in _PATHS else text


def secret(path: Path) -> bytes:
    """The content of a secret file; PermissionError when others may read it."""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} may be read by others; its mode must be 600")
    return path.read_bytes().strip()
