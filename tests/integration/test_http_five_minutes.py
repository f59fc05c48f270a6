"""Five minutes are five minutes: a whole system with holds of 300 seconds, whose clocks the tests move.

Every process of it, its three members too, reads how far it is ahead from one file, so that the minutes pass for all of them
at once. Nobody asks anything while the clocks move: what happens then happens by itself. Its databases are not its own.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from grid_config.identifiers import order_of
from infra.postgres import Cluster
from processing_units.catalogue.times import moment_of
from tests.fixtures.clock import Hands
from tests.fixtures.http import PROMPTLY, Site, eventually
from tests.fixtures.shop import plan
from tests.fixtures.system import RunningSystem, running_system
from tests.fixtures.taps import tapped

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(420)]

THEIRS = ("somebodys_sales", "somebodys_audit")
HOLD = timedelta(seconds=300)
JUST_BEFORE = timedelta(seconds=20)  # enough for a busy machine to look around before the time is up
JUST_AFTER = timedelta(seconds=0.5)
STANDING = "SELECT status::text, created_at, deadline_at, ended_at FROM orders WHERE (event, order_no) = (%s, %s)"


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return Hands(tmp_path_factory.mktemp("clock") / "ahead")


@pytest.fixture(scope="module")
def system(hands: Hands, cluster: Cluster) -> Iterator[RunningSystem]:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        for name in THEIRS:
            connection.execute(f"CREATE DATABASE {name}")
    arguments = ("--no-demo", "--units", "1", "--clock-file", str(hands.file))
    databases = (cluster.url(THEIRS[0]), cluster.url(THEIRS[1]))
    with running_system(*arguments, hold_seconds=HOLD.total_seconds(), databases=databases) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(system: RunningSystem) -> AsyncIterator[Site]:
    running = Site(system)
    yield running
    await running.close()


async def standing(site: Site, order: dict[str, Any], status: str) -> tuple[datetime, datetime | None, datetime | None]:
    """(created, deadline, ended) of the order's row once it has this status."""
    key = order_of(order["order_id"])
    assert key is not None
    rows = await eventually(lambda: site.rows(STANDING, *key), lambda rows: rows and rows[0][0] == status)
    _, created, deadline, ended = rows[0]
    return created, deadline, ended


async def audited(site: Site, order: dict[str, Any], last: str) -> list[dict[str, Any]]:
    """The order's audit lines, oldest first, once the last of them is there."""
    return [line for line in await site.audit(order["event_id"], [last]) if line["order_id"] == order["order_id"]]


async def test_databases_that_are_named_are_used_and_none_is_made(system: RunningSystem, site: Site):
    assert not (system.run_dir / "postgres").exists()
    assert "postgres" not in {process["role"] for process in system.status()["processes"]}
    administrators = await eventually(lambda: site.rows("SELECT login FROM accounts"), bool)
    assert administrators == [(site.administrator[0],)]


async def test_a_hold_stands_for_its_300_seconds_and_not_for_one_more(site: Site, hands: Hands):
    event_id = await site.on_sale(plan(1, 6))
    shopper, other = await site.shoppers(2)
    order = await shopper.hold(event_id, {"seats": ["1-1", "1-2"]})
    ends = moment_of(order["expires_at"])
    assert HOLD.total_seconds() - 1 <= order["seconds_left"] <= HOLD.total_seconds()
    assert abs(ends - hands.now() - HOLD) < timedelta(seconds=PROMPTLY)

    async with tapped(site.anyone(), event_id) as tap:
        await hands.move_to(ends - JUST_BEFORE)

        refused = await other.problem("POST", f"/events/{event_id}/orders", 409, "seat_taken", {"seats": ["1-2", "1-3"]})
        assert refused["seats"] == ["1-2"]
        held = await shopper.order(order["order_id"])
        assert (held["status"], held["expires_at"]) == ("held", order["expires_at"])
        assert 0 < held["seconds_left"] <= JUST_BEFORE.total_seconds()
        assert await other.states(event_id) == tap.told == "hh...."
        created, deadline, ended = await standing(site, order, "held")
        assert (deadline, ended) == (created + HOLD, None)

        await hands.move_to(ends + JUST_AFTER)

        await tap.until(lambda tap: tap.told == "......", PROMPTLY)  # and nobody has asked
    _, _, ended = await standing(site, order, "expired")
    assert ended is not None
    assert ends <= ended < ends + timedelta(seconds=PROMPTLY)
    told = await shopper.order(order["order_id"])
    assert (told["status"], told["expires_at"], told["seconds_left"]) == ("expired", None, 0)
    lines = await audited(site, order, "expired")
    assert [line["status"] for line in lines] == ["held", "expired"]
    assert moment_of(lines[1]["at"]) - moment_of(lines[0]["at"]) >= HOLD
    assert all(line["ip"] and line["account"] == lines[0]["account"] for line in lines)
    taken = await other.hold(event_id, {"seats": ["1-2", "1-3"]})
    assert moment_of(taken["expires_at"]) - ends >= HOLD


async def test_a_payment_has_300_seconds_from_its_start_whatever_was_left_of_the_hold(site: Site, hands: Hands):
    event_id = await site.on_sale(plan(1, 6))
    shopper, other = await site.shoppers(2)
    order = await shopper.hold(event_id, {"seats": ["1-1"]})
    await hands.move_to(moment_of(order["expires_at"]) - JUST_BEFORE)

    began = hands.now()
    payment = await site.start_to_pay(shopper, order["order_id"])
    await site.decide(payment, "never")
    ends = moment_of(payment["expires_at"])
    assert began - JUST_AFTER <= ends - HOLD <= hands.now() + JUST_AFTER

    await hands.move_to(ends - JUST_BEFORE)
    await other.problem("POST", f"/events/{event_id}/orders", 409, "seat_taken", {"seats": ["1-1"]})
    assert (await shopper.order(order["order_id"]))["status"] == "paying"
    assert (await site.ledger(payment))["status"] == "pending"

    await hands.move_to(ends + JUST_AFTER)
    await shopper.order_when(order["order_id"], "expired")
    assert (await site.ledger(payment))["status"] == "cancelled"
    assert await other.states(event_id) == "......"
    assert [line["status"] for line in await audited(site, order, "expired")] == ["held", "paying", "expired"]
    await other.hold(event_id, {"seats": ["1-1"]})


async def test_the_members_stay_together_while_all_their_clocks_move(system: RunningSystem, site: Site, hands: Hands):
    before = system.pids("member")
    started = time.monotonic()

    await hands.move_to(hands.now() + HOLD)

    await asyncio.sleep(max(0.0, started + 6.0 - time.monotonic()))  # twice as long as they need to find one clock apart
    grid = system.status()["grid"]
    assert (grid["members"], grid["healthy"]) == (3, True)
    assert system.pids("member") == before
    assert (await site.anyone().call("GET", "/events", 200))["items"]
