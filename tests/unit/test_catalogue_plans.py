"""Plans in the unit: laid out once, bounded, and never in the way."""

import asyncio
import gzip
from typing import Any

import orjson
import pytest

from processing_units.catalogue.plans import Plans, PlansFull, made
from tests.fixtures.shop import plan


class Hall:
    """Brings plans of ten seats; counts how often."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.away = False

    async def fetch(self, hall: int, version: int) -> dict[str, Any]:
        self.asked.append((hall, version))
        await asyncio.sleep(0.01)
        if self.away:
            raise ConnectionError("away")
        return plan()


def test_a_plan_keeps_every_field_and_is_compressed_once():
    document = plan() | {"x-own": [1, 1.0, None, {"ё": "\u2028"}]}
    first = made(2**62, 3, document)

    assert orjson.loads(first.json) == document
    assert gzip.decompress(first.gzipped) == first.json
    assert first.etag == made(2**62, 3, document).etag != made(2**62, 4, document).etag
    assert first.layout.categories == ["Партер", "Балкон"]


async def test_all_who_want_a_plan_share_one_load():
    hall = Hall()
    plans = Plans(hall.fetch)

    found = await asyncio.gather(*(plans.load(1, 1, set()) for _ in range(50)))

    assert hall.asked == [(1, 1)]
    assert {id(each) for each in found} == {id(plans.get(1, 1))}


async def test_versions_are_different_plans():
    hall = Hall()
    plans = Plans(hall.fetch)
    await asyncio.gather(plans.load(1, 1, set()), plans.load(1, 2, set()))

    assert plans.get(1, 1) is not plans.get(1, 2)
    assert plans.get(1, 3) is None


async def test_at_the_bound_plans_of_events_that_are_over_go():
    plans = Plans(Hall().fetch, seats_max=25)
    for version in (1, 2):
        await plans.load(1, version, {(1, 2)})

    await plans.load(1, 3, {(1, 2), (1, 3)})

    assert plans.get(1, 1) is None
    assert plans.get(1, 2) is not None
    assert plans.seats == 20
    with pytest.raises(PlansFull):
        await plans.load(1, 4, {(1, 2), (1, 3), (1, 4)})
    assert plans.seats == 20


async def test_a_load_that_failed_is_tried_again():
    hall = Hall()
    plans = Plans(hall.fetch)
    hall.away = True
    with pytest.raises(ConnectionError):
        await plans.load(1, 1, set())
    hall.away = False

    assert (await plans.load(1, 1, set())).key == (1, 1)


async def test_whoever_stops_waiting_for_a_plan_takes_it_from_nobody():
    hall = Hall()
    plans = Plans(hall.fetch)
    impatient = asyncio.create_task(plans.load(1, 1, set()))
    patient = asyncio.create_task(plans.load(1, 1, set()))
    await asyncio.sleep(0)
    impatient.cancel()

    assert (await patient).key == (1, 1)
    assert hall.asked == [(1, 1)]
