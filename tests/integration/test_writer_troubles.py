"""An entry whose changes do not follow one another is told once and tried slowly; the others sell on."""

import asyncio

import pytest

from data_pumps.drain import Drained
from grid_config.outcomes import OrderStatus
from tests.fixtures.behind import Behind, until

pytest_plugins = ["tests.fixtures.behind"]
WATCHED_SECONDS = 3.5  # after a first try: others after 1 and 3 s


async def test_missing_changes_are_an_alarm_once_and_a_pause_that_grows(back: Behind, monkeypatch: pytest.MonkeyPatch) -> None:
    leaky, sound = await back.publish(), await back.publish()
    drain, tries = back.parts.pump._drain, []
    whole = drain.next

    async def leaking(event: int, most: int) -> Drained | None:
        drained = await whole(event, most)
        if event == leaky and drained is not None and drained.batch is not None:
            tries.append(event)
            drained = drained._replace(batch=drained.batch._replace(records=drained.batch.records[1:]))
        return drained

    with monkeypatch.context() as patched:
        patched.setattr(drain, "next", leaking)
        held = await back.hold(leaky, (1,))
        await until(lambda: len(tries) > 0)
        await asyncio.sleep(WATCHED_SECONDS)
        tried = len(tries)
        await until(lambda: len(tries) > 1)
        bought = await back.buy(sound, (1,))
        await back.stands(sound, bought, OrderStatus.CONFIRMED)
        alarms = await back.rows("SELECT kind, event FROM alarms")

    async def is_written() -> bool:
        return await back.rows("SELECT status FROM orders WHERE order_no = %s", held.order) == [("held",)]

    await until(is_written)
    assert tried <= 3
    assert alarms == [("changes_missing", leaky)]
    assert (back.parts.figures.registry.get_sample_value("front_row_pump_troubles_total", {"kind": "changes_missing"}) or 0) >= tried
