"""The model's counterexamples, played to the real grid: at some step it does not do what the broken model did, and all promises hold.

All of them at once, each on an event of its own, because a member's death and a total loss take seconds: a fault strikes when
every replay has come to it. `tests/model/README.md` says which ones cannot be played.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from data_writers.readings import read_event
from grid_config.answers import decode_status
from grid_config.client import GridUnavailable
from grid_config.commands import STATUS, drop_entry
from grid_config.outcomes import EntryState
from infra.postgres import Cluster as Postgres
from tests.faults.grid_scenarios import BACKUP_BEGINS, BACKUP_FORMAT
from tests.faults.traces.leavers import BEGINS_IN
from tests.faults.traces.members import MEMBERS, wired_members
from tests.faults.traces.replay import Replay, kept_traces
from tests.faults.traces.verdict import broken, shown_as_free, unrecorded
from tests.faults.traces.world import World, world
from tests.fixtures.behind import until
from tests.fixtures.database import fresh_databases

pytestmark = pytest.mark.asyncio(loop_scope="module")

# By what strikes them; the beginnings of the steps that the real grid must not do.
QUIET = {
    "ack-before-commit": ["pump 0 acknowledges"],
    "provider-early": ["notification 0"],
    "resend": [],  # the model was stuck at the end, the real pump is not
}
DEATH = {
    "repeat-no-barrier": ["hold 0 repeated"],
    "drain-no-barrier": ["pump 0 drains", "pump 0 COMMITs"],
    "no-base-check": ["M1 gets a barrier"],
    "ack-base": ["M1 gets changes h1"],
}
LOSS = {
    "no-incarnation": ["pump 0 COMMITs"],
    "restore-no-c": ["reader 0 skips (c)", "reader 0 (d) opens"],
    "entry-seq": ["reader 1 (c) position", "reader 1 (d) opens"],
    "same-life": ["unit asks"],
}
CUT = {"no-fence": ["hold 0"]}
LEAVE = {
    "leave-early": ["leaver 0 lets it go"],
    "nobody-wakes": [],  # the model was stuck at the end, the real reader is woken
}
NOT_PLAYED = {"late-snapshot", "fresh-life", "tenure", "doubt", "latest-copy", "tenure-by-clock", "merge-keeps-tenure"}
FORGOTTEN_COPY = "forgotten-copy"
EXPECTED = QUIET | DEATH | LOSS | LEAVE | CUT


class Played(NamedTuple):
    """How a replay went: the steps that were refused, the promises that did not hold at its last step and at the end."""

    refused: list[str]
    broken: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Played]]:
    directory: Path = tmp_path_factory.mktemp("traces")
    with wired_members(directory) as members:
        async with fresh_databases(cluster) as databases, world(members, databases) as here:
            early = await _quiet(here) | await _forgotten_copy(here) | await _death(here) | await _loss(here)
            yield early | await _leave(here) | await _cut(here)


async def _quiet(here: World) -> dict[str, Played]:
    replays = [Replay(name, here) for name in QUIET]
    for replay in replays:
        await replay.begin()
        await replay.play()
    return await _ended(replays)


async def _forgotten_copy(here: World) -> dict[str, Played]:
    """A shut entry is dropped and its backup never hears of it. The model lets a resynchronisation take the copy away; does the grid?"""
    event = await here.published()
    owner, partition = await here.owner_of(event), here.back.grid.partition_of(event)
    snapshot = await read_event(here.link, event)
    assert snapshot is not None
    restored = await here.back.inventories.ask_anew(event, await here.back.parts.reader._command(snapshot))
    here.cluster.keep(owner, partition, BACKUP_BEGINS.pack(BACKUP_FORMAT, event))
    with pytest.raises(GridUnavailable):
        await here.once.ask(event, drop_entry(restored.incarnation))
    here.cluster.lose_first(owner, partition)
    with pytest.raises(GridUnavailable):
        await here.once.ask(event, STATUS)
    here.cluster.let_all_pass()

    async def confirmed_as_absent() -> bool:
        """Only a backup that has no copy confirms it."""
        with contextlib.suppress(GridUnavailable):
            return decode_status((await here.once.ask(event, STATUS)).outcomes[0][1]).state == EntryState.ABSENT
        return False

    try:
        await until(confirmed_as_absent)
    except AssertionError:
        return {FORGOTTEN_COPY: Played([], ["the backup keeps the copy of an entry that is gone"])}
    return {FORGOTTEN_COPY: Played([], [])}


async def _death(here: World) -> dict[str, Played]:
    replays = [Replay(name, here) for name in DEATH]
    victim = 0
    for replay in replays:
        await replay.begin(victim)
        await replay.play()
    here.cluster.kill(victim)
    here.cluster.let_all_pass()
    for replay in replays:
        await replay.struck()
        await replay.play()
    told = await _ended(replays)
    here.cluster.start(victim)
    await asyncio.to_thread(here.cluster.wait_for_members, MEMBERS)
    return told


async def _loss(here: World) -> dict[str, Played]:
    replays = [Replay(name, here) for name in LOSS]
    for replay in replays:
        await replay.begin()
        await replay.play()
        rows = {number for (number,) in await here.back.rows("SELECT order_no FROM orders WHERE event = %s", replay.event)}
        replay.lost = {number for number, wanted in enumerate(replay.orders) if wanted.held and wanted.number not in rows}
    for number in range(MEMBERS):
        here.cluster.kill(number)
    for number in range(MEMBERS):
        here.cluster.start(number)
    await asyncio.to_thread(here.cluster.wait_for_members, MEMBERS)
    await until(lambda: here.back.grid.members() == MEMBERS, 60)
    for replay in replays:
        await replay.struck()
        await replay.play()
    return await _ended(replays)


async def _leave(here: World) -> dict[str, Played]:
    """Clocks are moved a day ahead by each of them, so that the next one's event begins later."""
    replays = [Replay(name, here) for name in LEAVE]
    for replay in replays:
        await replay.begin(begins_in=BEGINS_IN)
        await replay.play()
    return await _ended(replays)


async def _cut(here: World) -> dict[str, Played]:
    """The last act: nobody heals the cut."""
    ((name, _),) = CUT.items()
    replay = Replay(name, here)
    await replay.begin(0)
    async with here.asked_at(0) as cut_off, here.asked_at(1) as others:
        here.cluster.proxies.cut(0, members=MEMBERS)
        replay.sides = cut_off, others
        await replay.struck()
        await replay.play()
    return {name: Played(replay.refused, shown_as_free(replay))}


async def _ended(replays: list[Replay]) -> dict[str, Played]:
    told = {}
    for replay in replays:
        early = [sentence async for sentence in unrecorded(replay)]
        await replay.over()
        told[replay.name] = Played(replay.refused, early + await broken(replay))
    return told


@pytest.mark.parametrize("name", EXPECTED)
async def test_the_real_grid_does_not_do_it(name: str, played: dict[str, Played]):
    assert played[name].broken == []
    refused = played[name].refused
    assert len(refused) == len(EXPECTED[name]), refused
    assert all(step.startswith(begin) for step, begin in zip(refused, EXPECTED[name], strict=True)), refused


async def test_a_copy_whose_owner_has_let_the_entry_go_goes_too(played: dict[str, Played]):
    assert played[FORGOTTEN_COPY].broken == []


async def test_every_counterexample_is_played_or_it_is_said_why_not():
    assert kept_traces() == EXPECTED.keys() | NOT_PLAYED
