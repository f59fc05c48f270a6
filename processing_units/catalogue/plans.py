"""Seating plans in the unit: encoded, compressed and laid out once per (hall, version), however many events use them."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from typing import Any

import orjson

from grid_config.identifiers import number_text
from grid_config.layout import Layout
from grid_config.plan import SeatingPlan

PLAN_SEATS_MAX = 2_000_000  # in all plans of a unit: twenty of the largest, about 700 MiB; a city's halls are a tenth of it
LOADS_MAX = 2  # plans being laid out at a time: each holds the interpreter for tens of milliseconds

PlanKey = tuple[int, int]  # hall, version


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of a hall. `json` is the plan as it was imported, `gzipped` the same compressed."""

    hall: int
    version: int
    json: bytes
    gzipped: bytes
    etag: str
    layout: Layout

    @property
    def key(self) -> PlanKey:
        return self.hall, self.version


def made(hall: int, version: int, document: dict[str, Any]) -> Plan:
    """The plan of a valid plan document; takes about 10 µs a seat, so call it in a thread."""
    # Sorted, so that a plan that came back from PostgreSQL (whose jsonb has an order of its own) is the same bytes.
    encoded = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    layout = Layout.from_plan(SeatingPlan.model_validate(document))
    compressed = gzip.compress(encoded, zlib.Z_DEFAULT_COMPRESSION, mtime=0)
    return Plan(hall, version, encoded, compressed, f'"{number_text(hall)}-{version}"', layout)


class PlansFull(Exception):  # noqa: N818 - a bound that is reached, not a mistake
    """The plans of upcoming events alone are more than a unit keeps."""


class Plans:
    """The plans that events need. `fetch(hall, version)` brings a plan document from the grid."""

    def __init__(self, fetch: Callable[[int, int], Awaitable[dict[str, Any]]], seats_max: int = PLAN_SEATS_MAX) -> None:
        self._fetch = fetch
        self._seats_max = seats_max
        self._plans: dict[PlanKey, Plan] = {}
        self._loading: dict[PlanKey, asyncio.Task[Plan]] = {}
        self._room = asyncio.Semaphore(LOADS_MAX)

    def get(self, hall: int, version: int) -> Plan | None:
        """The plan if it is here, else None."""
        return self._plans.get((hall, version))

    @property
    def seats(self) -> int:
        """Seats in all plans that are kept."""
        return sum(len(plan.layout.seats) for plan in self._plans.values())

    async def load(self, hall: int, version: int, needed: Container[PlanKey]) -> Plan:
        """The plan, brought from the grid if it is not here. At the bound, plans that are not `needed` go; PlansFull if none is left."""
        key = (hall, version)
        plan = self._plans.get(key)
        if plan is not None:
            return plan
        task = self._loading.get(key)
        if task is None:
            task = self._loading[key] = asyncio.create_task(self._load(key))
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        plan = await asyncio.shield(task)
        self._keep(plan, needed)
        return plan

    async def _load(self, key: PlanKey) -> Plan:
        async with self._room:
            document = await self._fetch(*key)
            return await asyncio.to_thread(made, *key, document)

    def _keep(self, plan: Plan, needed: Container[PlanKey]) -> None:
        room = self._seats_max - self.seats - len(plan.layout.seats)
        for key in list(self._plans):
            if room >= 0:
                break
            if key not in needed:
                room += len(self._plans.pop(key).layout.seats)
        if room < 0 and plan.key not in self._plans:
            raise PlansFull
        self._plans[plan.key] = plan
