"""Who listens to the stream of the seats at a unit, and comes back with the number of the last event, as browsers do."""

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping

import httpx

from tests.faults.history import History, Seen

SILENT_SECONDS = 5.0  # then the connection is given up: whoever is cut off is told nothing
AGAIN_SECONDS = 0.2


class Listener:
    """One client, until `stop`; `now` is the last that he was told. All of it is in the history."""

    def __init__(self, http: httpx.AsyncClient, history: History, event_id: str, unit: int) -> None:
        self.now: Seen | None = None
        self._http = http
        self._history = history
        self._path = f"/events/{event_id}/seats/stream"
        self._unit = unit
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Raises what ended it before, if anything did: a listener who fell over has seen nothing since."""
        self._task.cancel()
        (ended,) = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                await self._connection()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _connection(self) -> None:
        headers = {"Last-Event-ID": str(self.now.version)} if self.now else {}
        async with self._http.stream("GET", self._path, headers=headers, timeout=SILENT_SECONDS) as answer:
            if answer.status_code != 200:
                return
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if not line and fields:
                    self._take(fields)
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value

    def _take(self, event: Mapping[str, str]) -> None:
        told = json.loads(event["data"])
        if event["event"] == "snapshot":
            states = str(told["states"])
        else:
            assert self.now is not None, "changes, and no snapshot before them"
            changed = dict(told["changes"])
            states = "".join(changed.get(seat, state) for seat, state in enumerate(self.now.states))
        areas = tuple(told["areas_free"]) if "areas_free" in told else self.now.areas_free if self.now else ()
        self.now = Seen(self._unit, time.monotonic(), int(told["version"]), states, areas)
        self._history.seen.append(self.now)
