"""The whole system as plain processes under the hands of a test: nobody restarts what a test has killed.

Members speak to each other through `MemberProxies`, so that a test can hold back or lose single backup messages. Every
process dies with the test that started it.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from grid_config.member_configuration import GridShape, MemberPlace, java_command, yaml_of
from infra import secrets
from infra.places import CHECKOUT
from infra.ports import Ports
from infra.postgres import AUDIT, MAIN, without_setpriv
from infra.postgres import Cluster as Postgres
from infra.settings import PREFIX
from tests.faults.member_proxy import MemberProxies
from tests.fixtures.grid import build_jar
from tests.fixtures.system import free_base

MEMBERS = 3
PROXY_OFFSET = 70  # a member's proxy listens on base + 70 + number
OUTBOUND_SPAN = 40  # outgoing ports of a member: from base + 1000 + 40 × number
READY_SECONDS = 60.0


@dataclass
class Laboratory:
    """One system. `settings` go to every process that is started afterwards."""

    directory: Path
    ports: Ports
    settings: dict[str, str]
    postgres: Postgres
    proxies: MemberProxies
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    quorum: bool = True
    checkout: Path = CHECKOUT  # where the programs come from: a copy, when a seeded bug is looked for

    # ---- processes ------------------------------------------------------------------------------------------------
    def run(self, name: str, module: str, **settings: object) -> None:
        """Start `python -m module` under a name; its output goes to <name>.log."""
        own = self.settings | {key: str(value) for key, value in settings.items()} | {"name": name}
        environment = os.environ | {PREFIX + key.upper(): value for key, value in own.items()} | {"PYTHONPATH": str(self.checkout)}
        self._start(name, [sys.executable, "-m", module], environment, self.checkout)

    def start_member(self, number: int) -> None:
        self._start(
            f"member-{number}",
            java_command(self._configuration(number), heap_mib=192, module=self.checkout / "grid_config" / "member"),
            dict(os.environ),
            self.directory,
        )

    def start_unit(self, number: int) -> None:
        ports = self.ports
        self.run(
            f"unit-{number}", "processing_units.server",
            port=ports.unit(number), site_port=ports.site, operations_port=ports.unit_operations(number),
        )  # fmt: skip

    def start_pump(self, name: str = "pump") -> None:
        port = self.ports.pump_operations if name == "pump" else self.ports.pump_operations + 3
        self.run(name, "data_pumps.process", operations_port=port)

    def kill(self, name: str) -> None:
        """-9, and gone when this returns."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(10)

    def freeze(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGCONT)

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait(10)
        self.processes.clear()

    def start_postgres(self) -> None:
        """The database server under the name `postgres`: a child of ours that a test may kill with -9."""
        self._start("postgres", without_setpriv(self.postgres.command()), dict(os.environ), Path("/"))

    def _start(self, name: str, command: list[str], environment: dict[str, str], directory: Path) -> None:
        command = command if command[0].startswith("--") else ["--", *command]
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=directory,
            )  # fmt: skip

    # ---- the grid -------------------------------------------------------------------------------------------------
    def shape(self) -> GridShape:
        proxies = tuple(f"127.0.0.1:{self.ports.base + PROXY_OFFSET + n}" for n in range(MEMBERS))
        return GridShape(name=self.settings["grid_name"], members=proxies, members_max=MEMBERS if self.quorum else 1)

    def _configuration(self, number: int) -> Path:
        """The product's own configuration, with the proxy's address announced and outgoing ports that tell who speaks."""
        place = MemberPlace("127.0.0.1", self.ports.member(number + 1), self.ports.member_clients(number + 1))
        configuration: dict[str, Any] = json.loads(yaml_of(place, self.shape()))
        endpoint = configuration["hazelcast"]["advanced-network"]["member-server-socket-endpoint-config"]
        endpoint["public-address"] = f"127.0.0.1:{self.ports.base + PROXY_OFFSET + number}"
        first = outbound_base(self.ports.base) + OUTBOUND_SPAN * number
        endpoint["outbound-ports"] = [f"{first}-{first + OUTBOUND_SPAN - 1}"]
        path = self.directory / f"member-{number}.yaml"
        path.write_text(json.dumps(configuration))
        return path

    async def members_in(self, count: int = MEMBERS, seconds: float = READY_SECONDS) -> None:
        """Until each live member says that so many are in the cluster."""
        deadline = time.monotonic() + seconds
        names = [name for name in self.processes if name.startswith("member-")]
        for name in names:
            while f"Members {{size:{count}," not in self.log(name)[self.log(name).rfind("Members {size:") :]:
                assert time.monotonic() < deadline, f"{name} does not see {count} members:\n{self.log(name)[-3000:]}"
                await asyncio.sleep(0.05)

    # ---- readiness ------------------------------------------------------------------------------------------------
    async def ready(self, port: int, seconds: float = READY_SECONDS) -> None:
        """Until /readyz of the process with this operations port is good."""
        deadline, said = time.monotonic() + seconds, "no answer"
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = await client.get(f"http://127.0.0.1:{port}/readyz")
                    if answer.status_code == 200:
                        return
                    said = answer.text
                assert time.monotonic() < deadline, f"port {port} is not ready after {seconds} s: {said}"
                await asyncio.sleep(0.1)

    async def all_ready(self, units: int = 2) -> None:
        for number in range(1, units + 1):
            await self.ready(self.ports.unit_operations(number))
        await self.ready(self.ports.pump_operations)


def outbound_base(base: int) -> int:
    """The first outgoing port of member 0, away from every listening port of the system."""
    return base + 10_000


@contextlib.asynccontextmanager
async def laboratory(
    directory: Path, *, hold_seconds: float = 60.0, units: int = 2, quorum: bool = True, checkout: Path = CHECKOUT
) -> AsyncIterator[Laboratory]:
    """A whole system, ready to sell, ended with the block. `quorum=False`: members of a grid of at most one, so that nobody
    asks for a majority (the forced double sale)."""
    if checkout == CHECKOUT:
        build_jar()
    ports = Ports(free_base())
    _prepare(directory)
    postgres = Postgres.at(directory / "postgres", directory / "secrets", ports.postgres)
    base = outbound_base(ports.base)

    def speaker(port: int) -> int | None:
        number = (port - base) // OUTBOUND_SPAN
        return number if 0 <= number < MEMBERS else None

    proxies = MemberProxies([ports.member(n + 1) for n in range(MEMBERS)], [ports.base + PROXY_OFFSET + n for n in range(MEMBERS)], speaker)
    settings = {
        "run_dir": str(directory),
        "site": f"http://127.0.0.1:{ports.site}",
        "provider_url": f"http://127.0.0.1:{ports.provider}",
        "grid_name": f"laboratory-{ports.base}",
        "grid_members": ",".join(f"127.0.0.1:{ports.member_clients(n + 1)}" for n in range(MEMBERS)),
        "members_max": str(MEMBERS if quorum else 1),
        "hold_seconds": f"{hold_seconds:g}",
        "session_secret_file": str(directory / "secrets" / "session"),
        "provider_secret_file": str(directory / "secrets" / "provider"),
        "database_url": postgres.url(MAIN),
        "audit_database_url": postgres.url(AUDIT),
        "archive_url": postgres.url(MAIN),
    }
    made = Laboratory(directory, ports, settings, postgres, proxies, quorum=quorum, checkout=checkout)
    await proxies.start()
    try:
        await _begin(made, units)
        yield made
    finally:
        made.stop()
        await proxies.stop()


def _prepare(directory: Path) -> None:
    directory.chmod(0o755)
    (directory / "secrets").mkdir(mode=0o700)
    for name in ("session", "provider"):
        secrets.ensure(directory / "secrets" / name)


async def _begin(made: Laboratory, units: int) -> None:
    for number in range(MEMBERS):
        made.start_member(number)
    await asyncio.to_thread(made.postgres.create)
    made.start_postgres()
    await made.postgres.answers()
    await made.postgres.make_databases()
    await _once(made, "data_writers.migrate")
    await made.members_in()
    made.start_pump()
    made.run("worker", "data_writers.jobs.worker", operations_port=made.ports.worker_operations)
    made.run("provider", "infra.sandbox.service", port=made.ports.provider)
    for number in range(1, units + 1):
        made.start_unit(number)
    await made.all_ready(units)
    administrator = made.directory / "admin.json"
    secrets.write(administrator, json.dumps({"login": "admin", "password": secrets.ensure(made.directory / "secrets" / "administrator")}))
    await _once(made, "processing_units.accounts.first_administrator", str(administrator))


async def _once(made: Laboratory, module: str, *arguments: str) -> None:
    environment = os.environ | {PREFIX + key.upper(): value for key, value in made.settings.items()}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env=environment, cwd=made.checkout,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode == 0, output.decode()[-3000:]
