"""What an inventory needs of an event's document: its plan laid out, and its terms of sale by category index."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from data_writers.database import Link
from data_writers.readings import Sale, read_hall
from grid_config.identifiers import number_of
from grid_config.layout import Layout
from grid_config.plan import SeatingPlan
from grid_config.terms import NOT_SOLD, Terms
from infra.payment import money

logger = logging.getLogger("data_pumps.terms")

LAYOUTS_MAX = 64  # encoded, about 6 bytes a seat


class NoPlan(Exception):  # noqa: N818 - named as what it says
    """The plan that the event is sold by is in no row (yet): its document is on its way."""


class EncodedLayout(NamedTuple):
    """A layout as a restore carries it, and the names of its categories by index."""

    encoded: bytes
    categories: tuple[str, ...]


class Layouts:
    """Layouts by hall and version, laid out once: some ten microseconds a seat, in a thread."""

    def __init__(self, main: Link) -> None:
        self._main = main
        self._known: OrderedDict[tuple[int, int], asyncio.Task[EncodedLayout]] = OrderedDict()

    async def of(self, hall: int, version: int) -> EncodedLayout:
        """The layout of a version of a hall. NoPlan, Away."""
        key = (hall, version)
        task = self._known.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._known[key] = asyncio.create_task(self._load(hall, version))
            while len(self._known) > LAYOUTS_MAX:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return await asyncio.shield(task)

    async def _load(self, hall: int, version: int) -> EncodedLayout:
        body = await read_hall(self._main, hall, version)
        if body is not None and body.get("version") != version:
            # The hall moved on before this version was drained; it keeps its former plans in documents of their own.
            copy = number_of(body.get("earlier", {}).get(str(version), ""))
            body = await read_hall(self._main, copy, 1) if copy else None
        if body is None:
            raise NoPlan(f"hall {hall}, version {version}")
        return await asyncio.to_thread(_laid_out, body["plan"])


def _laid_out(plan: Mapping[str, Any]) -> EncodedLayout:
    layout = Layout.from_plan(SeatingPlan.model_validate(plan))
    return EncodedLayout(layout.encode(), tuple(layout.categories))


def terms_of(sale: Sale, categories: tuple[str, ...], hold_ms: int) -> Terms:
    """The terms of a published event's document. KeyError or ValueError when it does not say what it must."""
    body = sale.body
    prices = body["prices"]
    return Terms(
        opens_at=_ms(body["sale_opens_at"]),
        closes_at=_ms(body["sale_closes_at"]) if body.get("sale_closes_at") else 0,
        starts_at=_ms(body["starts_at"]),
        limit=body.get("per_customer_limit") or 0,
        orphan_rule=bool(body.get("orphan_rule")),
        on_sale=body["status"] == "published",
        hold_ms=hold_ms,
        prices=tuple(money.read(prices[name]) if name in prices else NOT_SOLD for name in categories),
    )


def _ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
