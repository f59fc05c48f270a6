"""Where one running system keeps its files: everything follows from its run directory."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes; PostgreSQL and the supervisor add a suffix while they bind


@dataclass(frozen=True, slots=True)
class Places:
    """The paths below a run directory. Nothing is made here except by `prepare`."""

    run_dir: Path

    @classmethod
    def of(cls, run_dir: str | None) -> "Places":
        """`run_dir` as given on the command line, else RUN_DIR (both relative to the caller's directory), else the checkout's .run."""
        given = run_dir or os.environ.get("RUN_DIR")
        return cls(Path(given).absolute() if given else CHECKOUT / ".run")

    @property
    def state(self) -> Path:
        return self.run_dir / "state.json"

    @property
    def urls(self) -> Path:
        return self.run_dir / "urls.json"

    @property
    def administrator(self) -> Path:
        return self.run_dir / "admin.json"

    @property
    def logs(self) -> Path:
        return self.run_dir / "logs"

    @property
    def secrets(self) -> Path:
        return self.run_dir / "secrets"

    @property
    def postgres(self) -> Path:
        return self.run_dir / "postgres"

    @property
    def member(self) -> Path:
        """The members' configuration files."""
        return self.run_dir / "member"

    @property
    def sandbox(self) -> Path:
        """The sandbox provider's ledger."""
        return self.run_dir / "sandbox"

    @property
    def supervisor(self) -> Path:
        return self.run_dir / "supervisor"

    @property
    def supervisor_configuration(self) -> Path:
        return self.supervisor / "supervisord.conf"

    @property
    def programs(self) -> Path:
        """One configuration file per process of the supervisor."""
        return self.supervisor / "programs"

    @property
    def supervisor_socket(self) -> Path:
        beside = self.supervisor / "socket"
        return beside if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH else short_place(self.run_dir) / "supervisor"

    def prepare(self) -> None:
        """Make the directories; what holds secrets or control is for this user alone."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        for place in (self.logs, self.member):
            place.mkdir(exist_ok=True)
        for place in (self.secrets, self.supervisor, self.programs):
            place.mkdir(mode=0o700, exist_ok=True)
        if not self.supervisor_socket.parent.exists():
            self.supervisor_socket.parent.mkdir(mode=0o700)


def short_place(run_dir: Path) -> Path:
    """A directory with a short name, the same one every time, for what cannot live below `run_dir`: sockets under a long path,
    data that another user must reach.
    """
    mark = hashlib.sha256(os.fsencode(run_dir)).hexdigest()[:10]
    return Path("/var/tmp") / f"front-row-{os.getuid()}-{mark}"  # noqa: S108  # made with mode 0700 or owned by the server's user
