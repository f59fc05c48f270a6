"""Halls in the grid: every version of a plan can be had, because an event keeps the one it was published with.

The document of a hall has its present plan and, in `earlier`, the ids of documents that hold its former plans. Such a copy
is a hall document like any other, with `copy_of` instead of a life of its own; it is written before the hall moves on, so
that a version is never lost; a copy that nobody points to (its writer died) is harmless.
"""

import asyncio
from typing import Any, NamedTuple

from grid_config.documents import Documents, Kind, decode_body
from grid_config.identifiers import number_of, number_text
from processing_units.catalogue.keys import key_of

IN_THREAD_BYTES_MIN = 32_768  # a smaller body is decoded faster than a thread is asked


class HallEntry(NamedTuple):
    """A hall's document: its plan at its present version, and the ids of copies of the former ones by version."""

    hall: int
    version: int
    durable_version: int
    plan: dict[str, Any]
    earlier: dict[str, str]
    copy_of: str | None


class Halls:
    """Reads halls. Raises GridUnavailable."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, hall: int) -> HallEntry | None:
        """The hall as it stands; None when there is none: a copy is no hall."""
        entry = await self._entry(hall)
        return None if entry is None or entry.copy_of else entry

    async def plan(self, hall: int, version: int) -> dict[str, Any]:
        """A version's plan. LookupError when there is no such version."""
        entry = await self._entry(hall)
        if entry is not None and entry.version != version:
            copy = number_of(entry.earlier.get(str(version), ""))
            entry = await self._entry(copy) if copy else None
        if entry is None:
            raise LookupError(f"hall {number_text(hall)} has no version {version}")
        return entry.plan

    async def _entry(self, hall: int) -> HallEntry | None:
        document = await self._documents.get(key_of(Kind.HALL, hall))
        if document is None:
            return None
        body = document.body
        fields = await asyncio.to_thread(decode_body, body) if len(body) >= IN_THREAD_BYTES_MIN else decode_body(body)
        return HallEntry(hall, document.version, document.durable_version, fields["plan"], fields.get("earlier", {}), fields.get("copy_of"))
