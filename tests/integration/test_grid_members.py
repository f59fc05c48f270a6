"""The grid itself: what members say of themselves, and what is left when one dies, freezes, leaves or comes back."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from grid_config.client import Grid, GridUnavailable
from grid_config.documents import Documents, marker_keys
from grid_config.limits import FORMAT_VERSION
from tests.fixtures.grid import Cluster, mark_restored, members
from tests.fixtures.system import free_base

# A member's death or leave is noticed at once, by its connections: 1.0-1.5 s where the machine has nothing else to do.
# The bound is the heartbeat time-out, which must not be what it takes, on a machine as busy as it likes.
PAUSE_SECONDS_MAX = 5.0
FREEZE_SECONDS_MAX = 15.0  # there, but deaf: heartbeat time-out and one repeat are 7 s; the rest is for a busy machine


Answer = TypeVar("Answer")


@pytest.fixture
def mortals(tmp_path: Path) -> Iterator[Cluster]:
    """Three members to do harm to."""
    with members(3, free_base(), tmp_path) as cluster:
        yield cluster


async def connection(cluster: Cluster) -> Grid:
    return await Grid.connect(cluster.settings())


async def until(so: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not so():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.02)


async def patiently(ask: Callable[[], Awaitable[Answer]], seconds: float = 60.0) -> Answer:
    """Ask again while the grid cannot say: copies are being made."""
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(GridUnavailable):
                return await ask()


async def test_every_member_says_what_it_speaks_and_how_many_it_sees(grid: Grid):
    tests = await grid.self_test()

    assert len(tests) == 3
    assert {(test.version, test.members, test.minimum) for test in tests} == {("0.1.0", 3, 2)}
    assert all(test.lowest_format <= FORMAT_VERSION <= test.highest_format for test in tests)
    assert all(abs(test.clock - time.time() * 1000) < 2_000 for test in tests)
    assert (grid.members(), grid.is_ready) == (3, True)


async def test_partitions_are_computed_here_as_the_members_do(grid: Grid):
    service = grid._connection.client.partition_service
    keys: tuple[int | str, ...] = ("event:1", "index:catalogue", 1, 2**62 + 7, *marker_keys(grid.partition_count)[:9])
    for key in keys:
        assert grid.partition_of(key) == await service.get_partition_id(key)
    assert [grid.partition_of(key) for key in marker_keys(grid.partition_count)] == list(range(grid.partition_count))


async def test_an_ended_session_is_remembered_until_it_would_have_expired(grid: Grid):
    now = int(time.time())
    await grid.end_session("ended-for-long", now + 3_600)
    await grid.end_session("ended-for-a-second", now + 1)
    assert {"ended-for-long": now + 3_600, "ended-for-a-second": now + 1}.items() <= (await grid.ended_sessions()).items()

    await asyncio.sleep(2.1)
    assert "ended-for-a-second" not in await grid.ended_sessions()


async def test_nobody_there_is_told_within_the_time_asked_for(tmp_path: Path):
    from infra.settings import Settings

    began = time.monotonic()
    with pytest.raises(GridUnavailable):
        await Grid.connect(Settings(grid_members=("127.0.0.1:9",), grid_name="nobody"), seconds=1.0)
    assert time.monotonic() - began < 3


async def test_a_killed_member_costs_a_short_pause_and_nothing_that_was_answered(mortals: Cluster):
    async with load(mortals) as shop:
        mortals.kill(1)
        await asyncio.sleep(4)
        assert shop.grid.members() == 2
    assert shop.longest_seconds < PAUSE_SECONDS_MAX
    await shop.assert_nothing_lost()

    hinted = {key for hints in await shop.grid.hints() for key in hints.dirty_documents}
    assert hinted == set(shop.versions), "the heirs know what is to be drained"
    mortals.restart(1)
    await until(lambda: shop.grid.members() == 3, 60)
    await shop.grid.close()


async def test_a_frozen_member_is_left_behind_and_comes_back_empty_handed(mortals: Cluster):
    async with load(mortals) as shop:
        mortals.freeze(2)
        await asyncio.sleep(9)
        mortals.thaw(2)
    assert shop.longest_seconds < FREEZE_SECONDS_MAX
    await shop.assert_nothing_lost()
    await until(lambda: shop.grid.members() == 3, 60)
    await shop.assert_nothing_lost()
    await shop.grid.close()


async def test_a_member_that_leaves_hands_its_entries_over(mortals: Cluster):
    async with load(mortals) as shop:
        assert await asyncio.to_thread(mortals.terminate, 0) in (0, 143)
    assert shop.longest_seconds < PAUSE_SECONDS_MAX
    await shop.assert_nothing_lost()
    await shop.grid.close()


async def test_a_member_alone_sells_nothing_and_two_do(mortals: Cluster):
    grid = await connection(mortals)
    await mark_restored(grid)
    mortals.kill(1)
    await until(lambda: grid.members() == 2, 30)
    await patiently(lambda: Documents(grid).put_fields("hall:two", {}, expected=0))
    mortals.kill(2)

    with pytest.raises(GridUnavailable):
        await Documents(grid).put_fields("hall:one", {}, expected=0)
    await until(lambda: not grid.is_ready, 30)
    await grid.close()


async def test_after_all_have_died_the_documents_are_lost_and_said_to_be(mortals: Cluster):
    grid = await connection(mortals)
    await mark_restored(grid)
    await Documents(grid).put_fields("hall:lost", {}, expected=0)
    for number in range(3):
        mortals.kill(number)
    await until(lambda: grid.members() == 0, 30)
    for number in range(3):
        mortals.start(number)
    await asyncio.to_thread(mortals.wait_for_members, 3)
    await until(lambda: grid.members() == 3, 60)

    with pytest.raises(GridUnavailable, match="restored"):
        await Documents(grid).get("hall:lost")
    assert await Documents(grid).marker(0) is None
    await grid.close()


class Shop:
    """Writes documents as fast as it can and remembers every version that was answered."""

    def __init__(self, grid: Grid, writers: int = 16) -> None:
        self.grid = grid
        self.documents = Documents(grid)
        self.versions = dict.fromkeys((f"hall:{number}" for number in range(writers)), 0)
        self.longest_seconds = 0.0

    async def write(self, key: str) -> None:
        """Version after version, each the next number. Ends when it is cancelled."""
        for version in itertools.count(1):
            began = time.monotonic()
            await self._put(key, version)
            self.versions[key] = version
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)
            await asyncio.sleep(0.002)

    async def _put(self, key: str, version: int) -> None:
        document = await patiently(lambda: self.documents.put_fields(key, {"version": version}, expected=version - 1))
        assert document.version == version

    async def assert_nothing_lost(self) -> None:
        for key, version in self.versions.items():
            found = await patiently(partial(self.documents.get, key))
            assert found is not None, f"{key} is lost"
            assert found.version >= version > 10, key
            assert found.fields["version"] == found.version


@contextlib.asynccontextmanager
async def load(cluster: Cluster) -> AsyncIterator[Shop]:
    """Writers before, during and after what the block does to the cluster."""
    grid = await connection(cluster)
    await mark_restored(grid)
    shop = Shop(grid)
    writers = [asyncio.create_task(shop.write(key)) for key in shop.versions]
    await asyncio.sleep(1)
    shop.longest_seconds = 0.0
    yield shop
    await asyncio.sleep(1)
    for writer in writers:
        assert not writer.done(), writer.exception()
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    print(f"longest call {shop.longest_seconds:.2f} s, {sum(shop.versions.values())} versions, errors {dict(shop.grid.errors)}")
