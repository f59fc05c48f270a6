"""Batches become rows once, whole and in order, however often, late or cut they come."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from data_writers.audit import Audit
from data_writers.batch import Batch, Told
from data_writers.database import Away, Link, NotDurable, check_durability
from data_writers.writer import Gap, Writer
from grid_config.outcomes import OrderStatus, PaymentResult, ReturnReason, Verdict
from tests.fixtures.database import Databases, fresh_databases
from tests.fixtures.outbox import PRICE, Outbox, change_id_at


@dataclass
class Shop:
    """A writer over a fresh pair of databases, and eyes of its own."""

    databases: Databases
    writer: Writer
    main: psycopg.AsyncConnection[Any]
    audit: psycopg.AsyncConnection[Any]

    async def publish(self, outbox: Outbox, seq: int = 0) -> None:
        await self.main.execute("INSERT INTO positions VALUES (%s, %s, %s, %s)", [outbox.event, outbox.incarnation, seq, change_id_at(seq)])

    async def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return await (await self.main.execute(statement, parameters)).fetchall()

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows that a batch may write, in an order of their own."""
        tables = {
            "orders": "event, order_no", "tickets": "event, order_no, place", "payments": "payment", "refunds": "refund",
            "positions": "event", "alarms": "kind, event, order_no",
        }  # fmt: skip
        found = {table: await self.rows(f"SELECT * FROM {table} ORDER BY {order}") for table, order in tables.items()}
        found["alarms"] = [row[2:] for row in found["alarms"]]
        found["jobs"] = await self.rows("SELECT task_name, lock, args FROM procrastinate_jobs ORDER BY 1, 2")
        found["audit"] = await (await self.audit.execute("SELECT * FROM audit ORDER BY source, event, seq, at")).fetchall()
        return found


@asynccontextmanager
async def open_shop(databases: Databases) -> AsyncIterator[Shop]:
    main = await psycopg.AsyncConnection.connect(databases.main, autocommit=True)
    audit = await psycopg.AsyncConnection.connect(databases.audit, autocommit=True)
    async with main, audit, a_writer(databases) as writer:
        yield Shop(databases, writer, main, audit)


@asynccontextmanager
async def a_writer(databases: Databases) -> AsyncIterator[Writer]:
    writer = Writer(Link(databases.main, "test writer"), Audit(Link(databases.audit, "test writer")))
    try:
        yield writer
    finally:
        await writer.close()


@pytest.fixture
async def shop(databases: Databases) -> AsyncIterator[Shop]:
    async with open_shop(databases) as opened:
        yield opened


def a_story() -> Outbox:
    """An event at which everything happens once."""
    outbox = Outbox()
    outbox.purchase((1, 2))
    outbox.release(outbox.hold((3,)))
    outbox.expire(outbox.hold((3, 4)))
    late = outbox.hold((5,))
    outbox.start_payment(late)
    outbox.expire(late, unanswered=True)
    outbox.pay(late, PaymentResult.CAPTURED, retaken=True)
    declined = outbox.hold((6,))
    outbox.start_payment(declined)
    outbox.decline(declined)
    again = outbox.hold((7,))
    outbox.start_payment(again)
    outbox.close_attempt(again, PaymentResult.CREATE_FAILED)
    outbox.start_payment(again)
    outbox.return_money(again, OrderStatus.HELD, ReturnReason.AMOUNT, PaymentResult.CAPTURED, 1)
    outbox.unmatched(99, 98, 5)
    uncaptured = outbox.purchase((8,))
    outbox.decline(uncaptured, PaymentResult.CAPTURE_FAILED)
    outbox.purchase((8,))
    return outbox


async def test_every_kind_of_change_leaves_its_rows(shop: Shop) -> None:
    outbox = a_story()
    await shop.publish(outbox)

    written = await shop.writer.write([outbox.batch()])

    assert written.moved == {outbox.event}
    assert written.set_aside == 0
    statuses = [row[0] for row in await shop.rows("SELECT status FROM orders ORDER BY seq")]
    assert statuses == ["confirmed", "released", "expired", "confirmed", "declined", "held", "declined", "confirmed"]
    assert await shop.rows("SELECT place, status FROM tickets ORDER BY place, status") == [
        (1, "valid"), (2, "valid"), (5, "valid"), (8, "cancelled"), (8, "valid"),
    ]  # fmt: skip
    assert {told.verdict for told in written.verdicts[outbox.event]} == {Verdict.CONFIRMED}
    assert await shop.rows("SELECT task_name, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1") == [
        ("cancel", 2), ("capture", 3), ("refund", 2),
    ]  # fmt: skip
    assert await shop.rows("SELECT reason, amount FROM refunds ORDER BY reason") == [("amount", 1), ("unmatched", 5)]
    assert await shop.rows("SELECT seq, change_id FROM positions") == [(outbox.seq, change_id_at(outbox.seq))]


async def test_a_batch_written_whole_cut_at_any_place_or_change_by_change_gives_the_same_rows(cluster: Any, shop: Shop) -> None:
    outbox = a_story()
    await shop.publish(outbox)
    await shop.writer.write([outbox.batch()])
    expected = await shop.everything()

    for cut in range(1, outbox.seq, 4):
        async with fresh_databases(cluster) as databases, open_shop(databases) as other:
            await other.publish(outbox)
            for start, end in itertools.pairwise([0, cut, outbox.seq]):
                assert (await other.writer.write([outbox.batch(start, end)])).moved
                assert not (await other.writer.write([outbox.batch(start, end)])).moved  # twice
            assert not (await other.writer.write([outbox.batch(0, 1)])).moved  # late
            assert await other.everything() == expected


async def test_a_batch_delivered_twice_changes_nothing_and_tells_nothing(shop: Shop) -> None:
    outbox = a_story()
    await shop.publish(outbox)
    await shop.writer.write([outbox.batch()])
    before = await shop.everything()

    again = await shop.writer.write([outbox.batch()])

    assert not again.moved
    assert not again.verdicts
    assert await shop.everything() == before


async def test_one_event_elsewhere_does_not_hold_the_others_back(shop: Shop) -> None:
    here, elsewhere = Outbox(), Outbox()
    here.purchase()
    elsewhere.purchase()
    await shop.publish(here)
    await shop.publish(elsewhere, seq=1)

    written = await shop.writer.write([elsewhere.batch(), here.batch()])

    assert written.moved == {here.event}
    assert await shop.rows("SELECT DISTINCT event FROM orders") == [(here.event,)]
    lines = await (await shop.audit.execute("SELECT DISTINCT event FROM audit")).fetchall()
    assert lines == [(here.event,)]


async def test_a_batch_of_another_incarnation_is_dropped(shop: Shop) -> None:
    outbox = Outbox()
    outbox.purchase()
    await shop.publish(outbox)

    written = await shop.writer.write([outbox.batch()._replace(incarnation=5)])

    assert not written.moved
    assert not await shop.rows("SELECT 1 FROM orders")


async def test_two_writers_with_the_same_batch_write_it_once(shop: Shop) -> None:
    outbox = Outbox()
    for place in range(300):
        outbox.purchase((place,))
    await shop.publish(outbox)

    async with a_writer(shop.databases) as other:
        both = await asyncio.gather(shop.writer.write([outbox.batch()]), other.write([outbox.batch()]))

    assert sorted(len(written.moved) for written in both) == [0, 1]
    assert await shop.rows("SELECT count(*) FROM tickets") == [(300,)]
    assert await shop.rows("SELECT count(*) FROM procrastinate_jobs") == [(300,)]


async def test_a_double_sale_ends_as_a_refund_of_the_later_order_as_a_whole(shop: Shop) -> None:
    outbox = Outbox()
    first = outbox.purchase((10, 11))
    second = outbox.purchase((11, 12), PaymentResult.CAPTURED)
    await shop.publish(outbox)

    written = await shop.writer.write([outbox.batch()])

    assert written.verdicts[outbox.event] == [
        Told(first.number, Verdict.CONFIRMED), Told(second.number, Verdict.REFUSED, (11,)),
    ]  # fmt: skip
    assert await shop.rows("SELECT order_no, place FROM tickets ORDER BY place") == [(first.number, 10), (first.number, 11)]
    assert await shop.rows("SELECT status, refund FROM orders WHERE order_no = %s", second.number) == [("declined", "pending")]
    assert await shop.rows("SELECT payment, amount, reason, status FROM refunds") == [
        (second.attempt, 2 * PRICE, "refused", "pending")
    ]  # fmt: skip
    assert await shop.rows("SELECT task_name, lock FROM procrastinate_jobs ORDER BY 1") == [
        ("capture", f"payment:{first.attempt}"), ("refund", f"payment:{second.attempt}"),
    ]  # fmt: skip
    assert await shop.rows("SELECT kind, order_no FROM alarms") == [("tickets_refused", second.number)]


async def test_a_later_batch_cannot_sell_a_place_again_either(shop: Shop) -> None:
    outbox = Outbox()
    outbox.purchase((10,))
    second = outbox.purchase((10,))
    await shop.publish(outbox)
    await shop.writer.write([outbox.batch(0, 3)])

    written = await shop.writer.write([outbox.batch(3)])

    assert written.verdicts[outbox.event] == [Told(second.number, Verdict.REFUSED, (10,))]


@pytest.mark.parametrize("spoil", [Outbox.garble, Outbox.ruin])
async def test_a_poisoned_change_is_set_aside_with_the_later_ones_of_its_order_and_the_rest_is_written(shop: Shop, spoil: Any) -> None:
    outbox = Outbox()
    for place in range(20):
        outbox.purchase((place,))
    poisoned = outbox.hold((50,))
    bad = outbox.seq
    outbox.start_payment(poisoned)
    for place in range(20, 40):
        outbox.purchase((place,))
    spoil(outbox, bad)
    await shop.publish(outbox)

    written = await shop.writer.write([outbox.batch()])
    outbox.pay(poisoned)
    later = await shop.writer.write([outbox.batch(outbox.seq - 1)])

    assert written.moved == later.moved == {outbox.event}
    assert await shop.rows("SELECT count(*) FROM tickets") == [(40,)]
    assert await shop.rows("SELECT seq FROM set_aside ORDER BY seq") == [(bad,), (bad + 1,), (outbox.seq,)]
    assert Told(poisoned.number, Verdict.SET_ASIDE) in later.verdicts[outbox.event]
    assert (await shop.rows("SELECT count(*) FROM alarms WHERE kind = 'change_set_aside'"))[0][0] >= 1
    assert await shop.rows("SELECT seq FROM positions") == [(outbox.seq,)]


async def test_every_change_of_an_order_and_every_verdict_has_a_line(shop: Shop) -> None:
    outbox = a_story()
    await shop.publish(outbox)

    written = await shop.writer.write([outbox.batch()])

    lines = await (await shop.audit.execute("SELECT seq, status, host(ip), account FROM audit ORDER BY at, seq DESC")).fetchall()
    assert [seq for seq, *_ in lines if seq > 0] == list(range(1, outbox.seq + 1))
    confirmed = [line for line in lines if line[0] < 0]
    assert len(confirmed) == len(written.verdicts[outbox.event])
    assert {status for _, status, _, _ in confirmed} == {"confirmed"}
    assert all(ip == "203.0.113.7" for _, _, ip, _ in lines)


async def test_the_lines_are_there_when_the_main_database_fails_to_commit(shop: Shop) -> None:
    outbox = Outbox()
    outbox.purchase()
    await shop.publish(outbox)
    await shop.main.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$"
    )
    await shop.main.execute(
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    with pytest.raises(Away):
        await shop.writer.write([outbox.batch()])

    assert (await (await shop.audit.execute("SELECT count(*) FROM audit")).fetchall()) == [(4,)]
    assert await shop.rows("SELECT seq FROM positions") == [(0,)]
    await shop.main.execute("DROP TRIGGER at_commit ON orders")
    assert (await shop.writer.write([outbox.batch()])).moved
    assert (await (await shop.audit.execute("SELECT count(*) FROM audit")).fetchall()) == [(4,)]


async def test_a_batch_with_a_hole_is_refused(shop: Shop) -> None:
    outbox = Outbox()
    outbox.purchase()
    await shop.publish(outbox)
    whole = outbox.batch()

    with pytest.raises(Gap):
        await shop.writer.write([whole._replace(records=whole.records[1:])])
    with pytest.raises(Gap):
        await shop.writer.write([Batch(*whole[:5], (whole.records[0], whole.records[2], whole.records[1]))])


async def test_a_server_that_does_not_flush_is_refused(shop: Shop) -> None:
    await shop.main.execute("SET synchronous_commit = off")

    with pytest.raises(NotDurable):
        await check_durability(shop.main)
