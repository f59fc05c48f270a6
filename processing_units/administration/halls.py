"""Halls: importing seating plans, and what lists tell of them."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from grid_config.client import GridUnavailable, Stale
from grid_config.documents import Documents, Kind, encode_body
from grid_config.identifiers import new_number, number_text
from grid_config.limits import PLAN_FAULTS_MAX
from processing_units.administration.bodies import Hall
from processing_units.administration.shelf import Shelf
from processing_units.catalogue.halls import HallEntry, Halls
from processing_units.catalogue.keys import key_of
from processing_units.edge.problems import Problem, invalid, malformed, unavailable
from processing_units.edge.validation import errors_of

IMPORTS_WAITING_MAX = 8  # plans being read or waiting for it: 16 MiB each at most
SUMMARIES_MAX = 10_000
READS_MAX = 4  # halls being read for a list at a time
DURABLE_SECONDS_MAX = 5.0  # how long a new version waits until PostgreSQL has the former one
DURABLE_PAUSE_SECONDS = 0.05


class HallSummary(NamedTuple):
    """A hall as lists tell it; `seats` and `areas` are how many there are."""

    hall_id: str
    version: int
    name: str
    seats: int
    areas: int


class HallImports:
    """The calls about halls. All raise GridUnavailable; `replace` raises Stale."""

    def __init__(self, documents: Documents, shelf: Shelf) -> None:
        self._documents = documents
        self._shelf = shelf
        self._halls = Halls(documents)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0
        self._reads = asyncio.Semaphore(READS_MAX)
        self._summaries: OrderedDict[int, HallSummary] = OrderedDict()

    async def create(self, body: bytes) -> HallEntry:
        """A new hall from a request's body; Problem `malformed` or `invalid` with the place of every fault."""
        plan = await self._plan(body)
        return await self._put(new_number(), 0, plan, {})

    async def get(self, hall: int) -> HallEntry | None:
        """None when there is no such hall."""
        return await self._halls.get(hall)

    async def replace(self, hall: int, body: bytes, version: int | None) -> HallEntry | None:
        """The hall's next version; None when there is no hall. Stale when `version` is given and not the present one.

        Events keep the plan they were made with: so PostgreSQL gets every version, one after the other.
        """
        if await self._halls.get(hall) is None:
            return None
        plan = await self._plan(body)
        former = await self._durable(hall)
        if former is None:
            return None
        if version is not None and version != former.version:
            raise Stale(number_text(hall), former.version, b"")
        return await self._put(hall, former.version, plan, former.earlier | {str(former.version): await self._copy(former)})

    async def _copy(self, hall: HallEntry) -> str:
        """The id of a new copy of the hall at its present version; nobody lists it, so the catalogue is not told."""
        copy = new_number()
        fields = _fields(copy, 1, hall.plan, {}) | {"copy_of": number_text(hall.hall)}
        await self._documents.put(key_of(Kind.HALL, copy), await asyncio.to_thread(encode_body, fields), expected=0)
        return number_text(copy)

    async def _put(self, hall: int, expected: int, plan: dict[str, Any], earlier: dict[str, str]) -> HallEntry:
        body = await asyncio.to_thread(encode_body, _fields(hall, expected + 1, plan, earlier))
        document = await self._shelf.put(Kind.HALL, hall, body, expected)
        return HallEntry(hall, document.version, document.durable_version, plan, earlier, None)

    async def summaries(self, halls: Sequence[tuple[int, int]]) -> list[HallSummary]:
        """What lists tell of these (hall, version), as far as they are there and no copies."""
        found = await asyncio.gather(*(self._summary(hall, version) for hall, version in halls))
        return [summary for summary in found if summary is not None]

    async def _summary(self, hall: int, version: int) -> HallSummary | None:
        known = self._summaries.get(hall)
        if known is not None and known.version >= version:
            return known
        async with self._reads:
            entry = await self._halls.get(hall)
        if entry is None:
            return None
        seats, areas = _counts(entry.plan)
        summary = HallSummary(number_text(hall), entry.version, entry.plan["name"], seats, areas)
        self._summaries[hall] = summary
        if len(self._summaries) > SUMMARIES_MAX:
            self._summaries.popitem(last=False)
        return summary

    async def _durable(self, hall: int) -> HallEntry | None:
        """The hall once PostgreSQL has its present version. GridUnavailable when that takes too long."""
        clock = asyncio.get_running_loop().time
        until = clock() + DURABLE_SECONDS_MAX
        while (entry := await self._halls.get(hall)) is not None and entry.durable_version < entry.version:
            if clock() > until:
                raise GridUnavailable("the former version is not durable yet")
            await asyncio.sleep(DURABLE_PAUSE_SECONDS)
        return entry

    async def _plan(self, body: bytes) -> dict[str, Any]:
        """The plan in a body, read in a thread, one at a time: it is heavy work and there is no hurry."""
        if self._waiting >= IMPORTS_WAITING_MAX:
            raise unavailable("Other plans are being imported.")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(plan_of, body)
        finally:
            self._waiting -= 1


def _fields(hall: int, version: int, plan: dict[str, Any], earlier: dict[str, str]) -> dict[str, Any]:
    return {"hall_id": number_text(hall), "version": version, "plan": plan, "earlier": earlier}


def plan_of(body: bytes) -> dict[str, Any]:
    """The plan of a body `{"plan": ...}`, as it was given; Problem otherwise. About 10 µs a seat."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise malformed("The body is not JSON.") from None
    try:
        Hall.model_validate(given)
    except ValidationError as error:
        raise _faults(error) from None
    plan: dict[str, Any] = given["plan"]
    return plan


def _faults(error: ValidationError) -> Problem:
    faults = errors_of(error)
    left = len(faults) - PLAN_FAULTS_MAX
    return invalid(faults[:PLAN_FAULTS_MAX], f"{left} more faults are not listed." if left > 0 else "")


def _counts(plan: dict[str, Any]) -> tuple[int, int]:
    seats = sum(len(row["seats"]) for zone in plan["zones"] for row in zone["rows"])
    areas = sum(1 for zone in plan["zones"] for area in zone.get("areas", ()) if area.get("area") is not None)
    return seats, areas
