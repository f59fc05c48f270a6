"""Waiting until members are one grid, partitions rest and processes are ready, by what they write into their logs and answer."""

import asyncio
import contextlib
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.ports import Ports
from tests.faults.network import Network
from tests.faults.placement import host_in

READY_SECONDS = 120.0
MOVES_BEGIN, MOVES_END = "Repartitioning cluster data", "All migration tasks have been completed"
RESTING_SECONDS = 1.0  # after a member has come, the moves begin within a quarter of a second


@dataclass
class Readiness:
    """Of the processes of one system, as far as they are known. `units`: by number, with the settings of its own."""

    directory: Path
    ports: Ports
    network: Network | None = field(default=None, kw_only=True)  # of hosts; None: every process is here
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, kw_only=True)
    units: dict[int, dict[str, object]] = field(default_factory=dict, kw_only=True)
    lives: dict[str, int] = field(default_factory=dict, kw_only=True)  # where in its log a process's present life begins

    def address(self, name: str) -> str:
        """Where the process of that name listens."""
        return host_in(self.network, name).address

    def log(self, name: str) -> str:
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def pump_operations(self, name: str = "pump") -> int:
        return self.ports.pump_operations if name == "pump" else self.ports.pump_operations + 3

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
        """The newest list of members in its log and what it has said since; empty while it is still starting."""
        said = (self.directory / f"{name}.log").read_bytes()[self.lives[name] :].decode(errors="replace")
        lists = said.rfind("Members {size:")
        return said[lists:] if lists >= 0 else ""

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
