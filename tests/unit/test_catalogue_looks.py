"""Looks at the catalogue's index: for whoever misses something sooner, for a crowd not oftener."""

import asyncio
import contextlib

import pytest

from processing_units.catalogue import looks
from processing_units.catalogue.looks import BETWEEN_SECONDS, Looks
from processing_units.metrics import Metrics

SELDOM = 60.0  # by itself, a look comes no more in this test


class Index:
    """What is looked at: it tells when each look began, and may be away or slow."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.away = False
        self.answer_seconds = 0.0
        self.looks = Looks(self.look, Metrics())

    async def look(self) -> None:
        self.began.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.answer_seconds)
        if self.away:
            raise ConnectionError


@pytest.fixture
async def index():
    index = Index()
    following = asyncio.create_task(index.looks.run())
    yield index
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following


@pytest.fixture
def seldom(monkeypatch):
    monkeypatch.setattr(looks, "POLL_SECONDS", SELDOM)


async def test_looks_follow_one_another_when_nobody_asks(index, monkeypatch):
    monkeypatch.setattr(looks, "POLL_SECONDS", 0.06)
    await asyncio.sleep(0.5)
    assert 3 <= len(index.began) <= 9


async def test_who_misses_something_brings_the_next_look_forward(index, seldom):
    await asyncio.sleep(0.1)
    assert len(index.began) == 1
    assert await index.looks.next(1.0)
    assert len(index.began) == 2


async def test_a_look_that_has_begun_is_too_old_for_who_comes_now(index, seldom):
    index.answer_seconds = 0.1
    await asyncio.sleep(0.02)
    came = asyncio.get_running_loop().time()
    assert await index.looks.next(1.0)
    assert len(index.began) == 2
    assert index.began[1] > came


async def test_an_avalanche_shares_looks_with_a_pause_between_them(index, seldom):
    asked = []
    for _ in range(100):
        asked += [asyncio.create_task(index.looks.next(1.0)) for _ in range(10)]
        await asyncio.sleep(0.005)

    assert all(await asyncio.gather(*asked))
    gaps = [after - before for before, after in zip(index.began, index.began[1:], strict=False)]
    assert min(gaps) > BETWEEN_SECONDS * 0.9
    assert len(index.began) <= (index.began[-1] - index.began[0]) / BETWEEN_SECONDS + 2


async def test_a_grid_that_is_away_is_told_and_asked_no_oftener_for_it(index, seldom, monkeypatch):
    monkeypatch.setattr(looks, "RETRY_SECONDS", 0.3)
    index.away = True
    assert not await index.looks.next(1.0)
    failed = len(index.began)
    assert not await index.looks.next(0.1)
    assert len(index.began) == failed
    index.away = False
    assert await index.looks.next(1.0)


async def test_a_slow_look_is_not_waited_for_longer_than_asked(index, seldom):
    index.answer_seconds = 5.0
    began = asyncio.get_running_loop().time()
    assert not await index.looks.next(0.1)
    assert asyncio.get_running_loop().time() - began < 1.0
