"""Documents on real members: versions, claims, tombstones, what the pump drains, and the catalogue's index."""

import asyncio

import pytest

from grid_config.client import Grid, GridRefused, GridUnavailable, Stale
from grid_config.documents import Documents, Kind, marker_keys, number_body
from grid_config.identifiers import new_number, number_text

HALL = {"name": "Дворец спорта", "plan": {"zones": ["A" * 2_000]}}


@pytest.fixture
def documents(grid: Grid) -> Documents:
    return Documents(grid)


def hall_key() -> str:
    return f"hall:{number_text(new_number())}"


async def test_what_was_put_is_read_with_its_version(documents: Documents):
    key = hall_key()
    first = await documents.put_fields(key, HALL, expected=0)
    second = await documents.put_fields(key, HALL | {"city": "Казань"}, expected=1)
    found = await documents.get(key)

    assert (first.version, second.version) == (1, 2)
    assert found is not None
    assert (found.version, found.fields) == (2, HALL | {"city": "Казань"})


async def test_nobody_overwrites_what_he_has_not_read(documents: Documents):
    key = hall_key()
    await documents.put_fields(key, HALL, expected=0)
    changed = await documents.put_fields(key, HALL | {"city": "Омск"}, expected=1)

    with pytest.raises(Stale) as stale:
        await documents.put_fields(key, HALL | {"city": "Пермь"}, expected=1)
    with pytest.raises(Stale):
        await documents.put_fields(key, HALL, expected=0)

    assert (stale.value.version, stale.value.body) == (2, changed.body)


async def test_of_64_writers_of_the_same_version_one_wins(documents: Documents):
    key = hall_key()
    await documents.put_fields(key, HALL, expected=0)
    tries = [documents.put_fields(key, {"writer": number}, expected=1) for number in range(64)]
    answers = await asyncio.gather(*tries, return_exceptions=True)

    winners = [number for number, answer in enumerate(answers) if not isinstance(answer, Stale)]
    found = await documents.get(key)
    assert found is not None
    assert len(winners) == 1
    assert found.fields == {"writer": winners[0]}


async def test_the_same_put_again_is_where_it_left_the_document(documents: Documents):
    key = hall_key()
    first = await documents.put_fields(key, HALL, expected=0)
    again = await documents.put_fields(key, HALL, expected=0)

    assert (again.version, again.body) == (first.version, first.body)


async def test_a_hall_of_16_megabytes_of_plan_fits(documents: Documents):
    key = hall_key()
    body = bytes([0]) + b"x" * (16 * 2**20 - 1)
    await documents.put(key, body, expected=0)
    found = await documents.get(key)

    assert found is not None
    assert found.body == body
    with pytest.raises(GridRefused):
        await documents.put(key, body + b"x", expected=1)


async def test_a_document_that_never_was_is_absent(documents: Documents):
    assert await documents.get(hall_key()) is None


async def test_the_pump_drains_every_version_until_it_is_acknowledged(grid: Grid, documents: Documents):
    key = hall_key()
    await documents.put_fields(key, HALL, expected=0)
    drained = await documents.drain(key)
    assert drained is not None
    assert (drained.version, drained.fields) == (1, HALL)
    assert key in await dirty_documents(grid)

    await documents.put_fields(key, HALL | {"city": "Тула"}, expected=1)
    await documents.acknowledge(key, 1)
    drained = await documents.drain(key)
    assert drained is not None
    assert drained.version == 2

    await documents.acknowledge(key, 2)
    assert await documents.drain(key) is None
    assert key not in await dirty_documents(grid)


async def test_a_removed_document_is_gone_for_readers_and_a_tombstone_for_the_pump(documents: Documents):
    key = hall_key()
    await documents.put_fields(key, HALL, expected=0)
    await documents.remove(key, expected=1)
    await documents.remove(key, expected=1)  # the answer was lost

    assert await documents.get(key) is None
    tombstone = await documents.drain(key)
    assert tombstone is not None
    assert (tombstone.version, tombstone.is_gone) == (2, True)

    await documents.acknowledge(key, 2)
    assert await documents.drain(key) is None
    assert await documents.get(key) is None


async def test_removing_a_version_nobody_has_read_is_stale(documents: Documents):
    key = hall_key()
    await documents.put_fields(key, HALL, expected=0)
    await documents.put_fields(key, {}, expected=1)

    with pytest.raises(Stale):
        await documents.remove(key, expected=1)


async def test_a_restored_document_is_durable_and_never_replaces_a_living_one(grid: Grid, documents: Documents):
    key = hall_key()
    body = (await documents.put_fields(hall_key(), HALL, expected=0)).body

    assert await documents.restore(key, 7, body)
    assert not await documents.restore(key, 9, body)

    found = await documents.get(key)
    assert found is not None
    assert (found.version, found.durable_version) == (7, 7)
    assert key not in await dirty_documents(grid)
    assert (await documents.put_fields(key, {}, expected=7)).version == 8


async def test_an_acknowledgement_of_another_life_changes_nothing(documents: Documents):
    key = hall_key()
    await documents.restore(key, 3, (await documents.put_fields(hall_key(), HALL, expected=0)).body)
    await documents.put_fields(key, {}, expected=3)
    await documents.acknowledge(key, 5)

    drained = await documents.drain(key)
    assert drained is not None
    assert (drained.version, drained.durable_version) == (4, 3)


async def test_a_login_is_claimed_by_one_account_until_its_time_is_over(documents: Documents):
    login, first, second = f"login:{new_number()}", new_number(), new_number()

    assert await documents.claim(login, first, ttl_ms=400) == 1
    assert await documents.claim(login, first, ttl_ms=400) == 1
    assert await documents.claim(login, second, ttl_ms=400) is None

    await asyncio.sleep(0.5)
    assert await documents.get(login) is None
    assert await documents.claim(login, second, ttl_ms=60_000) == 1


async def test_a_kept_claim_outlives_its_time_and_a_released_one_is_free(documents: Documents):
    login, first, second = f"login:{new_number()}", new_number(), new_number()
    await documents.claim(login, first, ttl_ms=300)

    assert await documents.keep_claim(login, first)
    assert await documents.keep_claim(login, first)
    assert not await documents.keep_claim(login, second)
    await asyncio.sleep(0.4)
    assert await documents.claim(login, second, ttl_ms=300) is None

    await documents.release_claim(login, second)
    await documents.release_claim(login, first)
    assert await documents.claim(login, second, ttl_ms=300) == 1


async def test_a_claim_whose_time_was_over_can_still_be_kept(documents: Documents):
    login, account = f"login:{new_number()}", new_number()
    await documents.claim(login, account, ttl_ms=1)
    await asyncio.sleep(0.05)

    assert await documents.keep_claim(login, account)


async def test_the_sweep_finds_overdue_claims_and_the_pump_clears_them(grid: Grid, documents: Documents):
    login = f"login:{new_number()}"
    await documents.claim(login, new_number(), ttl_ms=1)
    await asyncio.sleep(0.05)
    await grid.sweep_hints()
    assert login in await dirty_documents(grid)

    assert await documents.drain(login) is None
    await grid.sweep_hints()
    assert login not in await dirty_documents(grid)


async def test_the_index_tells_what_is_new_since_a_version(documents: Documents):
    before = await documents.since(0)
    hall, event = new_number(), new_number()
    await documents.touch(Kind.HALL, hall, 1)
    await documents.touch(Kind.EVENT, event, 1)
    await documents.touch(Kind.HALL, hall, 2)
    await documents.touch(Kind.HALL, hall, 1)  # late: no news

    news = await documents.since(before.version)
    assert news.items == ((Kind.EVENT, event, 1), (Kind.HALL, hall, 2))
    assert (await documents.since(news.version)).items == ()
    assert set(news.items) <= set((await documents.since(0)).items)
    assert set(news.items) <= set((await documents.since(news.version + 1)).items), "a version of another life: everything"


async def test_the_index_is_no_document_and_documents_are_no_index(grid: Grid, documents: Documents):
    await documents.touch(Kind.HALL, new_number(), 1)
    with pytest.raises(GridRefused):
        await documents.put("index:catalogue", b"\0{}", expected=0)


async def test_without_its_partitions_marker_absent_means_unavailable(grid: Grid, documents: Documents):
    key = hall_key()
    partition = grid.partition_of(key)
    marker = marker_keys(grid.partition_count)[partition]
    assert grid.partition_of(marker) == partition
    standing = await documents.get(marker)
    assert standing is not None
    await documents.remove(marker, expected=standing.version)

    with pytest.raises(GridUnavailable):
        await documents.get(key)
    with pytest.raises(GridUnavailable):
        await documents.put_fields(key, HALL, expected=0)

    await documents.put_marker(partition, 1)
    await documents.put_marker(partition, 1)
    assert await documents.get(key) is None
    assert await documents.marker(partition) == 1


async def test_a_request_over_a_minute_old_is_not_carried_out(grid: Grid):
    import time

    late = Documents(grid, clock=lambda: time.time() - 61)
    with pytest.raises(GridUnavailable):
        await late.put(f"login:{new_number()}", number_body(1), expected=0)


async def dirty_documents(grid: Grid) -> set[str]:
    return {key for hints in await grid.hints() for key in hints.dirty_documents}


async def test_all_that_postgresql_has_to_know_is_found_a_part_at_a_time(documents: Documents):
    """And no claim or marker; of a tombstone the key, until PostgreSQL has it."""
    keys = [f"{kind}:{number_text(new_number())}" for kind in ("artist", "hall", "event", "account") for _ in range(40)]
    await asyncio.gather(*(documents.put_fields(key, {"name": "Anna"}, expected=0) for key in keys))
    await documents.claim(f"login:{keys[0]}", 1, ttl_ms=60_000)
    parts = [part async for part in documents.durable_keys()]
    found = [key for part in parts for key in part]

    assert set(keys) <= set(found)
    assert len(found) == len(set(found))
    assert {key.partition(":")[0] for key in found} == {"artist", "hall", "event", "account"}
    assert max(map(len, parts)) < len(found) / 4
