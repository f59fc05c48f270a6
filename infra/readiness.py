"""Waiting for what was started, and saying which process and why when it does not come."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from infra.places import Places
from infra.stop import Stop
from infra.supervision import ProcessState, Supervisor

PATIENCE = 120.0
CRASHES_TOLERATED = 4  # a unit may come before the grid it needs; more starts than this in a row are a defect
LOG_LINE_CHARACTERS = 300


async def is_ready(client: httpx.AsyncClient, port: int) -> bool:
    """Whether the process whose operations listen on `port` calls itself ready."""
    try:
        answer = await client.get(f"http://127.0.0.1:{port}/readyz")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


class Watch:
    """Waits for conditions while it looks whether the processes that should bring them about are still there."""

    def __init__(self, supervisor: Supervisor, places: Places) -> None:
        self._supervisor = supervisor
        self._places = places
        self._crashes: dict[str, int] = {}

    async def until(self, name: str, is_so: Callable[[], Awaitable[bool]], *, processes: list[str], within: float = PATIENCE) -> None:
        """Return when `is_so`; Stop when it is not within that many seconds or one of `processes` keeps dying."""
        deadline = time.monotonic() + within
        looked = 0.0
        while not await is_so():
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                self._look_after(processes)
            if time.monotonic() > deadline:
                raise Stop(f"{name} not ready after {within:.0f} s; {self._complaints(processes)}")
            await asyncio.sleep(0.1)

    def _look_after(self, processes: list[str]) -> None:
        for state in self._supervisor.states():
            if state.name not in processes or state.runs:
                continue
            self._crashes[state.name] = self._crashes.get(state.name, 0) + 1
            if self._crashes[state.name] > CRASHES_TOLERATED or state.state == "fatal":
                raise Stop(f"{self._complaint(state)}")

    def _complaints(self, processes: list[str]) -> str:
        down = [state for state in self._supervisor.states() if state.name in processes and not state.runs]
        return "; ".join(map(self._complaint, down)) or f"the logs are in {self._places.logs}"

    def _complaint(self, state: ProcessState) -> str:
        log = self._places.logs / f"{state.name}.log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        last = lines[-1][:LOG_LINE_CHARACTERS] if lines else state.trouble or "no output"
        return f"{state.name} does not stay up ({state.state}): {last} (see {log})"
