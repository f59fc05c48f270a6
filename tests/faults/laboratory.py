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

import httpx

from grid_config.client import Grid
from grid_config.member_configuration import HEAP_MIB, GridShape, MemberPlace, java_command, yaml_of
from infra.checks import children
from infra.places import CHECKOUT
from infra.ports import Ports
from infra.postgres import Cluster as Postgres
from infra.postgres import without_setpriv
from infra.processes import MEMBERS_AHEAD, niceness
from infra.settings import PREFIX, from_environment
from tests.faults.member_proxy import MemberProxies
from tests.faults.network import Network
from tests.faults.placement import host_in, outbound_base
from tests.fixtures.grid import built_module

MEMBERS = 3
PROXY_OFFSET = 70  # a member's proxy listens on base + 70 + number
OUTBOUND_SPAN = 40  # outgoing ports of a member, from base + 10000 on
READY_SECONDS = 120.0
TEND_SECONDS = 0.5
ENDS_SECONDS_MAX = 70.0  # a member may take its 60 s to leave
MOVES_BEGIN, MOVES_END = "Repartitioning cluster data", "All migration tasks have been completed"
RESTING_SECONDS = 1.0  # after a member has come, the moves begin within a quarter of a second


@dataclass
class Laboratory:
    """One system. `settings` go to every process that is started afterwards."""

    directory: Path
    ports: Ports
    settings: dict[str, str]
    postgres: Postgres
    proxies: MemberProxies
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    members: int = MEMBERS
    quorum: bool = True
    network: Network | None = None  # of hosts; None: every process is here
    checkout: Path = CHECKOUT  # where the programs come from: a copy, when a seeded bug is looked for
    restarts: Counter[str] = field(default_factory=Counter)  # of what ended by itself
    units: dict[int, dict[str, object]] = field(default_factory=dict)  # by number, with the settings of its own
    _starts: dict[str, Callable[[], None]] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """Where the process of that name listens."""
        return host_in(self.network, name).address

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
        self._start(f"member-{number}", command, os.environ | unfenced, self.directory, ahead=MEMBERS_AHEAD)

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

    def pump_operations(self, name: str = "pump") -> int:
        return self.ports.pump_operations if name == "pump" else self.ports.pump_operations + 3

    def start_provider(self, **settings: object) -> None:
        self.run("provider", "infra.sandbox.service", port=self.ports.provider, sandbox_repeats="0.5,0.5,1", **settings)

    def kill(self, *names: str) -> None:
        """-9, all at once, and gone when this returns."""
        processes = [self.processes.pop(name) for name in names]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(10)

    async def end(self, name: str) -> None:
        """SIGTERM, and gone when this returns; what takes too long is killed."""
        process = self.processes.pop(name)
        process.terminate()
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
            self.processes[name] = subprocess.Popen(
                [*nice, *host_in(self.network, name).command(), "setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=directory,
            )  # fmt: skip

    # ---- the grid -------------------------------------------------------------------------------------------------
    def shape(self) -> GridShape:
        proxies = tuple(f"{self.address(f'member-{n}')}:{self.ports.base + PROXY_OFFSET + n}" for n in range(self.members))
        return GridShape(name=self.settings["grid_name"], members=proxies)

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

    def member_address(self, number: int) -> str:
        """Where clients find a member."""
        return f"{self.address(f'member-{number}')}:{self.ports.member_clients(number + 1)}"

    async def owner_of(self, partition: int) -> int:
        """The number of the member that owns a partition now."""
        grid = await Grid.connect(from_environment({PREFIX + key.upper(): value for key, value in self.settings.items()}))
        try:
            service = grid._client.partition_service  # nobody but a fault test asks who owns what
            deadline = time.monotonic() + READY_SECONDS
            while (owner := service.get_partition_owner(partition)) is None:
                assert time.monotonic() < deadline, f"partition {partition} has no owner"
                await asyncio.sleep(0.05)
            [member] = [each for each in grid._client.cluster_service.get_members() if each.uuid == owner]
            ports = [each.port for each in (member.address, *member.address_map.values())]
            return next(n for n in range(self.members) if {self.ports.member_clients(n + 1), self.ports.base + PROXY_OFFSET + n} & {*ports})
        finally:
            await grid.close()

    async def members_in(self, count: int, seconds: float = READY_SECONDS) -> None:
        """Until each live member says that so many are in the cluster."""
        deadline = time.monotonic() + seconds
        for name in [name for name in self.processes if name.startswith("member-")]:
            while f"Members {{size:{count}," not in self._last_life(name):
                assert time.monotonic() < deadline, f"{name} does not see {count} members:\n{self.log(name)[-3000:]}"
                await asyncio.sleep(0.05)

    def partitions_move(self) -> bool:
        """Whether partitions are on their way to another member; the master's log tells when they begin and end."""
        lives = [self._last_life(name) for name in self.processes if name.startswith("member-")]
        return any(life.rfind(MOVES_BEGIN) > life.rfind(MOVES_END) for life in lives)

    async def partitions_rest(self, seconds: float = READY_SECONDS) -> None:
        """Until none of them has been on its way for a while."""
        deadline = time.monotonic() + seconds
        resting_since = time.monotonic()
        while time.monotonic() < resting_since + RESTING_SECONDS:
            if self.partitions_move():
                resting_since = time.monotonic()
            assert resting_since < deadline, f"partitions are still on their way after {seconds} s"
            await asyncio.sleep(0.05)

    def _last_life(self, name: str) -> str:
        """The newest list of members in its log; empty while it is still starting."""
        said = self.log(name)
        lists = said.rfind("Members {size:")
        return said[lists:] if lists > said.rfind("] is STARTING") else ""

    # ---- readiness ------------------------------------------------------------------------------------------------
    async def ready(self, port: int, seconds: float = READY_SECONDS) -> None:
        """Until /readyz of the process with this operations port is good."""
        address = self.address(next((f"unit-{number}" for number in self.units if self.ports.unit_operations(number) == port), "pump"))
        deadline, said = time.monotonic() + seconds, "no answer"
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = await client.get(f"http://{address}:{port}/readyz")
                    if answer.status_code == 200:
                        return
                    said = answer.text
                assert time.monotonic() < deadline, f"port {port} is not ready after {seconds} s: {said}"
                await asyncio.sleep(0.1)

    async def all_ready(self) -> None:
        await self.ready(self.pump_operations())
        for number in self.units:
            await self.ready(self.ports.unit_operations(number))
