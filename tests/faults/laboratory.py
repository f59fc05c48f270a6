"""The whole system as plain processes under the hands of a test: what a test has killed stays dead until the test starts it; what
ends by itself is started again, as the supervisor does, and counted.

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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from grid_config.client import Grid
from grid_config.limits import OUTBOX_CHANGES_MAX
from grid_config.member_configuration import HEAP_MIB, GridShape, MemberPlace, java_command, yaml_of
from infra.checks import children
from infra.places import CHECKOUT
from infra.postgres import Cluster as Postgres
from infra.postgres import without_setpriv
from infra.processes import MEMBERS_AHEAD, niceness
from infra.settings import PREFIX, Settings, from_environment
from tests.faults.disk import Disk
from tests.faults.member_proxy import MemberProxies
from tests.faults.placement import host_in, outbound_base
from tests.faults.readiness import READY_SECONDS, Readiness
from tests.faults.wall_clock import WallClock
from tests.fixtures.grid import built_module

MEMBERS = 3
PROXY_OFFSET = 70  # a member's proxy listens on base + 70 + number
OUTBOUND_SPAN = 40  # outgoing ports of a member, from base + 10000 on
TEND_SECONDS = 0.5
ENDS_SECONDS_MAX = 70.0  # a member may take its 60 s to leave


@dataclass
class Laboratory(Readiness):
    """One system. `settings` go to every process that is started afterwards."""

    settings: dict[str, str]
    postgres: Postgres
    proxies: MemberProxies
    members: int = MEMBERS
    quorum: bool = True
    outbox_changes_max: int = OUTBOX_CHANGES_MAX
    checkout: Path = CHECKOUT  # where the programs come from: a copy, when a seeded bug is looked for
    disk: Disk | None = None  # of PostgreSQL alone, where that can be had
    clocks: dict[int, WallClock] = field(default_factory=dict)  # of members
    restarts: Counter[str] = field(default_factory=Counter)  # of what ended by itself
    _starts: dict[str, Callable[[], None]] = field(default_factory=dict)

    # ---- processes ------------------------------------------------------------------------------------------------
    def run(self, name: str, module: str, **settings: object) -> None:
        """Start `python -m module` under a name; its output goes to <name>.log."""
        own = self.settings | {"host": self.address(name)} | {key: str(value) for key, value in settings.items()} | {"name": name}
        environment = os.environ | {PREFIX + key.upper(): value for key, value in own.items()} | {"PYTHONPATH": str(self.checkout)}
        self._start(name, [sys.executable, "-m", module], environment, self.checkout)

    def start_member(self, number: int) -> None:
        command = java_command(self._configuration(number), heap_mib=HEAP_MIB, module=built_module(self.checkout))
        # Without quorum the fence asks for no backup either: both sides of a cut go on selling.
        unfenced = {} if self.quorum else {"JDK_JAVA_OPTIONS": "-Dfrontrow.backups=0"}
        timed = self.clocks[number].environment if number in self.clocks else {}
        self._start(f"member-{number}", command, os.environ | unfenced | timed, self.directory, ahead=MEMBERS_AHEAD)

    def start_unit(self, number: int, **settings: object) -> None:
        ports = self.ports
        self.units[number] = settings
        self.run(
            f"unit-{number}", "processing_units.server",
            port=ports.unit(number), site_port=ports.site, operations_port=ports.unit_operations(number), **settings,
        )  # fmt: skip

    def start_pump(self, name: str = "pump", **settings: object) -> None:
        self.run(name, "data_pumps.process", operations_port=self.pump_operations(name), **settings)

    def start_worker(self, **settings: object) -> None:
        self.run("worker", "data_writers.jobs.worker", operations_port=self.ports.worker_operations, **settings)

    def start_provider(self, **settings: object) -> None:
        self.run("provider", "infra.sandbox.service", port=self.ports.provider, sandbox_repeats="0.5,0.5,1", **settings)

    def kill(self, *names: str) -> None:
        """-9, all at once, and gone when this returns."""
        processes = [self.processes.pop(name) for name in names]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(10)

    async def end(self, name: str, by: signal.Signals = signal.SIGTERM) -> None:
        """Asked to end, and gone when this returns; what takes too long is killed."""
        process = self.processes.pop(name)
        process.send_signal(by)
        try:
            await asyncio.to_thread(process.wait, ENDS_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait, 10)
            raise

    def kill_behind(self) -> None:
        """Members and pump, whichever of them are there."""
        self.kill(*(name for name in list(self.processes) if name.startswith(("member-", "pump"))))

    def freeze(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGCONT)

    def is_alive(self, name: str) -> bool:
        return name in self.processes and self.processes[name].poll() is None

    def signal_postgres(self, number: signal.Signals) -> None:
        """To the server and each of its processes, the server first, so that it starts no new ones."""
        server = self.processes["postgres"].pid
        os.kill(server, number)
        for child in children(server):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)

    def kill_postgres(self) -> None:
        self.signal_postgres(signal.SIGKILL)
        self.processes.pop("postgres").wait(10)

    async def mend(self) -> None:
        """Whole again, whatever a scenario left: wires heal, what is frozen goes on, what is dead is started, all is ready."""
        self.proxies.heal()
        if self.disk is not None:
            self.disk.empty()
        for clock in self.clocks.values():
            clock.move(0)
        if self.network:
            self.network.mend()
        if self.is_alive("pump-2"):
            self.kill("pump-2")
        for name in self.processes:
            self.thaw(name)
        if "postgres" not in self.processes:
            self.start_postgres()
            await self.postgres.answers()
        self.signal_postgres(signal.SIGCONT)
        for number in range(self.members):
            if f"member-{number}" not in self.processes:
                self.start_member(number)
        await self.members_in(self.members)
        if "pump" not in self.processes:
            self.start_pump()
        if "worker" not in self.processes:
            self.start_worker()
        if "provider" not in self.processes:
            self.start_provider()
        for number, settings in self.units.items():
            if f"unit-{number}" not in self.processes:
                self.start_unit(number, **settings)
        await self.all_ready()

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait(10)
        self.processes.clear()

    def start_postgres(self) -> None:
        """The database server under the name `postgres`: a child of ours that a test may kill with -9."""
        self._start("postgres", without_setpriv(self.postgres.command()), dict(os.environ), Path("/"))

    async def tend(self) -> None:
        """Start again what ended by itself, for ever."""
        while True:
            for name, process in list(self.processes.items()):
                if process.poll() is not None and name in self._starts:
                    self.restarts[name] += 1
                    self._starts[name]()
            await asyncio.sleep(TEND_SECONDS)

    def _start(self, name: str, command: list[str], environment: dict[str, str], directory: Path, *, ahead: int = 0) -> None:
        self._starts[name] = partial(self._start, name, command, environment, directory, ahead=ahead)
        command = command if command[0].startswith("--") else ["--", *command]
        nice = ["nice", "-n", str(niceness(ahead))] if ahead else []
        with (self.directory / f"{name}.log").open("ab") as log:
            self.lives[name] = log.tell()
            self.processes[name] = subprocess.Popen(
                [*nice, *host_in(self.network, name).command(), "setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=directory,
            )  # fmt: skip

    # ---- the grid -------------------------------------------------------------------------------------------------
    def shape(self) -> GridShape:
        proxies = tuple(f"{self.address(f'member-{n}')}:{self.ports.base + PROXY_OFFSET + n}" for n in range(self.members))
        return GridShape(name=self.settings["grid_name"], members=proxies, outbox_changes_max=self.outbox_changes_max)

    def _configuration(self, number: int) -> Path:
        """The product's own configuration, with the proxy's address announced and outgoing ports that tell who speaks."""
        host = self.address(f"member-{number}")
        place = MemberPlace(host, self.ports.member(number + 1), self.ports.member_clients(number + 1))
        configuration: dict[str, Any] = json.loads(yaml_of(place, self.shape()))
        endpoint = configuration["hazelcast"]["advanced-network"]["member-server-socket-endpoint-config"]
        endpoint["public-address"] = f"{host}:{self.ports.base + PROXY_OFFSET + number}"
        first = outbound_base(self.ports.base) + OUTBOUND_SPAN * number
        endpoint["outbound-ports"] = [f"{first}-{first + OUTBOUND_SPAN - 1}"]
        if not self.quorum:
            del configuration["hazelcast"]["split-brain-protection"]
            for settings in configuration["hazelcast"]["map"].values():
                del settings["split-brain-protection-ref"]
            configuration["hazelcast"]["properties"]["frontrow.members.minimum"] = "1"
        path = self.directory / f"member-{number}.yaml"
        path.write_text(json.dumps(configuration))
        return path

    def as_settings(self) -> Settings:
        """The settings as a process of the laboratory reads them."""
        return from_environment({PREFIX + key.upper(): value for key, value in self.settings.items()})

    def member_address(self, number: int) -> str:
        """Where clients find a member."""
        return f"{self.address(f'member-{number}')}:{self.ports.member_clients(number + 1)}"

    async def owner_of(self, partition: int) -> int:
        """The number of the member that owns a partition now."""
        grid = await Grid.connect(self.as_settings())
        try:
            service = grid._connection.client.partition_service  # nobody but a fault test asks who owns what
            deadline = time.monotonic() + READY_SECONDS
            while (owner := service.get_partition_owner(partition)) is None:
                assert time.monotonic() < deadline, f"partition {partition} has no owner"
                await asyncio.sleep(0.05)
            [member] = [each for each in grid._connection.client.cluster_service.get_members() if each.uuid == owner]
            ports = [each.port for each in (member.address, *member.address_map.values())]
            return next(n for n in range(self.members) if {self.ports.member_clients(n + 1), self.ports.base + PROXY_OFFSET + n} & {*ports})
        finally:
            await grid.close()
