"""Holds, releases, payments, reads and replays through two units, with time-outs as unknown: linearizable."""

from collections import Counter
from pathlib import Path

import pytest

from tests.fixtures.judge import Judge
from tests.fixtures.system import RunningSystem
from tests.linearizability.history import History
from tests.linearizability.rush import open_hall, rush


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_rush_through_two_units_is_linearizable(system: RunningSystem, judge: Judge, tmp_path: Path, seed: int) -> None:
    units = [f"{unit}/api/v1" for unit in system.urls["units"]]
    assert len(units) >= 2
    hall = await open_hall(units[:2], system.administrator)
    history = History(hall.event_id, system.hold_seconds)
    await rush(hall, history, shoppers=8, seconds=5, seed=seed)
    history.save(tmp_path / "history.json")

    told = judge.judge(history.calls, drawing=tmp_path / "broken.html", seconds=30)
    assert told.verdict == "ok", str(told)

    outcomes = Counter((call["op"], call["result"]["outcome"] if call["result"] else "unknown") for call in history.calls)
    enough = {
        ("hold", "ok"): 15,
        ("hold", "seat_taken"): 20,
        ("hold", "unknown"): 2,
        ("release", "ok"): 8,
        ("read", "ok"): 15,
        ("pay", "ok"): 1,
    }
    assert all(outcomes[kind] >= least for kind, least in enough.items()), outcomes
