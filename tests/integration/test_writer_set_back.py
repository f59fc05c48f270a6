"""PostgreSQL was set back in time: what the entry still knows is written whole, once, and the sale goes on."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from data_pumps.documents import LOOK_SECONDS
from data_pumps.documents_again import SetBack as DocumentsSetBack
from data_pumps.drain import Drain, SetBack
from data_writers.audit import Audit
from data_writers.database import Link
from data_writers.writer import Writer
from grid_config.answers import decode_status
from grid_config.commands import STATUS, release
from grid_config.identifiers import new_number, number_text
from grid_config.orders import Order
from grid_config.outcomes import OrderStatus, PaymentResult, Refund, Verdict
from tests.fixtures.behind import PRICE, Behind, behind, until
from tests.fixtures.database import Databases
from tests.fixtures.grid import Cluster
from tests.fixtures.outbox import ADDRESS
from tests.fixtures.set_back import add_stranger, save, set_back

pytest_plugins = ["tests.fixtures.behind"]

ORDERS = (
    "SELECT order_no, account, command_id, fingerprint, status, refund, seq, created_at, held_until, deadline_at, extended, attempt,"
    " attempt_open, method, provider, total, ip, places, categories, prices, returned FROM orders WHERE event = %s ORDER BY order_no"
)
TICKETS = "SELECT order_no, place, status FROM tickets WHERE event = %s ORDER BY order_no, place"
PAYMENTS = "SELECT payment, order_no, provider, method, amount FROM payments WHERE event = %s ORDER BY payment"
PAIRS = 6
ALARMS_OF_DOCUMENTS = "SELECT 1 FROM alarms WHERE kind = 'documents_set_back'"
ALARMS = "SELECT kind FROM alarms WHERE event = %s ORDER BY id"


@pytest.fixture
async def still(behind_members: Cluster, databases: Databases) -> AsyncIterator[Behind]:
    """An event is published and every pump is gone; what is to be done is done by hand."""
    settings = behind_members.settings(hold_seconds=120.0)
    async with behind(settings, databases) as running:
        event = await running.publish()
        await running.stands(event, await running.buy(event, (1,)), OrderStatus.CONFIRMED)
        await all_written(running, event)
    async with behind(settings, databases, run=False) as waiting:
        waiting.parts.shares._held = set(range(8))
        yield waiting


async def all_written(back: Behind, event: int) -> None:
    async def written() -> bool:
        status = decode_status((await back.inventories.ask(event, STATUS)).outcomes[0][1])
        return status.seq == status.durable_seq

    await until(written)


async def rows(back: Behind, event: int) -> list[list[tuple[Any, ...]]]:
    return [await back.rows(statement, event) for statement in (ORDERS, TICKETS, PAYMENTS)]


async def let_go(back: Behind, event: int, order: Order) -> None:
    await back.inventories.ask_open(event, release(order.order, order.account, ADDRESS))


async def test_a_database_that_was_set_back_in_time_is_written_whole_and_sells_on(back: Behind) -> None:
    event = await back.publish()
    await back.stands(event, await back.buy(event, (1,)), OrderStatus.CONFIRMED)
    held, growing = await back.hold(event, (2,)), await back.hold(event, (3,))
    await all_written(back, event)
    await save(back)
    await let_go(back, event, held)
    paid = await back.settle(event, await back.start_payment(event, growing), PaymentResult.AUTHORISED)
    bought = await back.buy(event, (2, 4))
    await back.stands(event, bought, OrderStatus.CONFIRMED)
    await back.start_payment(event, await back.hold(event, (5,)))
    await all_written(back, event)
    before = await rows(back, event)

    await set_back(back)
    late = await back.hold(event, (6,))
    await until(lambda: _has(back, "SELECT 1 FROM orders WHERE order_no = %s", late.order))
    await all_written(back, event)

    after = await rows(back, event)
    assert [row for row in after[0] if row[0] != late.order] == before[0]
    assert after[1:] == before[1:]
    assert await back.rows(ALARMS, event) == [("trimmed",)]
    captures = await back.rows("SELECT args->>'payment' FROM procrastinate_jobs WHERE task_name = 'capture'")
    assert {int(payment) for (payment,) in captures} == {paid.attempt, bought.attempt}
    again = await back.buy(event, (7,))
    await back.stands(event, again, OrderStatus.CONFIRMED)
    lines = await (await back.audit.execute("SELECT count(*), count(DISTINCT seq) FROM audit WHERE event = %s", [event])).fetchall()
    assert lines == [(lines[0][0], lines[0][0])]


async def test_an_open_entry_of_another_life_than_the_position_is_written_whole(back: Behind) -> None:
    event = await back.publish()
    old = await back.buy(event, (1,))
    await back.stands(event, old, OrderStatus.CONFIRMED)
    await all_written(back, event)
    await back.main.execute("UPDATE orders SET ended_at = now() - interval '1 hour'")  # its entry keeps only its places from now on
    position = (await back.rows("SELECT incarnation, change_id FROM positions WHERE event = %s", event))[0]
    await back.main.execute("UPDATE positions SET change_id = 77 WHERE event = %s", [event])
    back.parts.pump._drain.forget(event)
    await back.hold(event, (2,))
    await until(lambda: _has(back, "SELECT 1 FROM positions WHERE event = %s AND incarnation <> %s", event, position[0]))
    await until(lambda: back.sells(event))
    bought = await back.buy(event, (3,))
    await back.stands(event, bought, OrderStatus.CONFIRMED)
    await back.main.execute("DELETE FROM alarms")

    await back.main.execute("TRUNCATE orders, tickets, payments, refunds CASCADE")  # to before its first sale
    await back.main.execute("UPDATE positions SET incarnation = %s, seq = 0, change_id = 0", [position[0]])
    back.parts.pump._drain.forget(event)
    last = await back.buy(event, (4,))
    await back.stands(event, last, OrderStatus.CONFIRMED)

    assert await back.rows(ALARMS, event) == [("other_incarnation",)]
    assert await back.rows("SELECT place, status FROM tickets ORDER BY place") == [(1, "valid"), (3, "valid"), (4, "valid")]
    assert await back.rows("SELECT status, total, places FROM orders WHERE order_no = %s", old.order) == [("confirmed", 0, [1])]
    assert await back.rows("SELECT amount, status FROM payments WHERE payment = %s", last.attempt) == [(PRICE, "authorised")]


async def test_places_that_only_postgresql_had_given_to_somebody_are_the_entrys_to_give(still: Behind) -> None:
    event = (await still.rows("SELECT event FROM positions"))[0][0]
    await still.buy(event, (2,))
    await set_position_back(still, event)
    await add_stranger(still, event, 77, 2, "valid")
    await add_stranger(still, event, 78, 3, "valid")

    await still.parts.pump.drain([event])

    assert await still.rows("SELECT order_no, status FROM orders WHERE order_no IN (77, 78) ORDER BY 1") == [
        (77, "declined"), (78, "confirmed"),
    ]  # fmt: skip
    assert await still.rows("SELECT place, status FROM tickets WHERE order_no IN (77, 78) ORDER BY 1") == [(2, "cancelled"), (3, "valid")]
    assert await still.rows("SELECT count(*) FROM tickets WHERE place = 2 AND status = 'valid'") == [(1,)]
    lines = await still.audit.execute("SELECT status, detail FROM audit WHERE order_no = 77")
    assert await lines.fetchall() == [("declined", {"verdict": "displaced"})]


async def test_a_ticket_that_was_used_already_refuses_the_entrys_order(still: Behind) -> None:
    event = (await still.rows("SELECT event FROM positions"))[0][0]
    bought = await still.buy(event, (2, 3))
    await set_position_back(still, event)
    await add_stranger(still, event, 77, 2, "used")

    await still.parts.pump.drain([event])

    refused = await still.order(event, bought.order)
    assert (refused.status, refused.refund) == (OrderStatus.DECLINED, Refund.PENDING)
    assert await still.rows("SELECT status, refund FROM orders WHERE order_no = %s", bought.order) == [("declined", "pending")]
    assert await still.rows("SELECT payment, reason FROM refunds") == [(bought.attempt, "refused")]
    assert await still.rows("SELECT place FROM tickets WHERE order_no = %s", bought.order) == []
    assert ("tickets_refused",) in await still.rows(ALARMS, event)
    lines = await still.audit.execute("SELECT status, detail FROM audit WHERE order_no = %s ORDER BY at", [bought.order])
    assert (await lines.fetchall())[-1] == ("declined", {"verdict": "refused"})
    assert lines.rowcount == len({"held", "paying", "paid", "declined"})


async def test_money_without_an_order_that_was_still_in_the_outbox_goes_back(still: Behind) -> None:
    event = (await still.rows("SELECT event FROM positions"))[0][0]
    held = await still.hold(event, (2,))
    stray = held._replace(order=4711, attempt=4712)
    await still.settle(event, stray, PaymentResult.CAPTURED)
    await set_position_back(still, event)

    await still.parts.pump.drain([event])

    assert await still.rows("SELECT payment, reason, amount FROM refunds") == [(4712, "unmatched", PRICE)]
    assert await still.rows("SELECT task_name FROM procrastinate_jobs WHERE task_name = 'refund'") == [("refund",)]


async def test_of_two_pumps_that_hear_it_only_one_writes_and_only_it_raises_the_alarm(still: Behind) -> None:
    event = (await still.rows("SELECT event FROM positions"))[0][0]
    bought = await still.buy(event, (2,))
    await set_position_back(still, event)
    link, audit_link = Link(still.databases.main, "two"), Link(still.databases.audit, "two")
    writer, found = Writer(Link(still.databases.main, "writer"), Audit(audit_link)), []
    for _ in range(2):
        drain = Drain(still.inventories, link)
        await drain.know([event])
        drained = await drain.next(event, 100)
        assert drained is not None
        assert isinstance(drained.apart, SetBack)
        found.append(drained.apart)

    first, second = [await writer.replace(each.state, each.position, each.why) for each in found]

    assert first.moved == {event}
    assert [(told.order, told.verdict) for told in first.verdicts[event]] == [(bought.order, Verdict.CONFIRMED)]
    assert (second.moved, second.verdicts) == (set(), {})
    assert await still.rows(ALARMS, event) == [("trimmed",)]
    await writer.close()
    await link.close()


async def set_position_back(back: Behind, event: int) -> None:
    """Before the seq up to which the entry's outbox is trimmed."""
    await back.main.execute("UPDATE positions SET seq = 0, change_id = 0 WHERE event = %s", [event])
    back.parts.pump._drain.forget(event)


async def _has(back: Behind, statement: str, *parameters: object) -> bool:
    return bool(await back.rows(statement, *parameters))


async def test_documents_of_the_time_between_are_written_again(back: Behind) -> None:
    await until(lambda: back.parts.documents_reader.complete)
    before, later = new_number(), new_number()
    await registered(back, before)
    await save(back)
    await registered(back, later)
    await changed(back, before, name="Boris")
    await set_back(back)
    assert not await _has(back, "SELECT 1 FROM accounts WHERE account = %s", later)

    await until(lambda: _has(back, "SELECT 1 FROM alarms WHERE kind = 'documents_set_back'"))

    assert await _has(back, "SELECT 1 FROM accounts WHERE account = %s", later)
    assert await _has(back, "SELECT 1 FROM accounts WHERE account = %s AND body->>'name' = 'Boris'", before)
    count = len(await back.rows(ALARMS_OF_DOCUMENTS))
    await registered(back, new_number())
    await asyncio.sleep(2 * LOOK_SECONDS)
    assert len(await back.rows(ALARMS_OF_DOCUMENTS)) == count, "once"


async def test_an_older_database_is_known_by_the_first_document_that_it_is_brought(still: Behind) -> None:
    """Also when it has just been asked: it counts what is written, and the number is one that was there before."""
    carry, again = still.parts.documents, still.parts.documents._again
    await brought(still, new_number())
    await save(still)
    lost, next_one = new_number(), new_number()
    await brought(still, lost)
    standing, known = await again.standing()
    await set_back(still)
    key = await put(still, next_one)
    with pytest.raises(DocumentsSetBack):
        await again.remember([(await still.parts.documents._writer.write([], standing.epoch))[1][0]], known)

    await carry.carry([key])

    for account in (lost, next_one):
        assert await _has(still, "SELECT 1 FROM accounts WHERE account = %s", account)


async def put(back: Behind, account: int, **fields: str) -> str:
    body = {"login": f"name{account}", "email": None, "phone": None, "name": "Anna"} | fields
    return (await back.documents.put_fields(f"account:{number_text(account)}", body, expected=0)).key


async def brought(back: Behind, account: int) -> None:
    await back.parts.documents.carry([await put(back, account)])


async def registered(back: Behind, account: int, **fields: str) -> None:
    await put(back, account, **fields)
    await until(lambda: _has(back, "SELECT 1 FROM accounts WHERE account = %s", account))


async def changed(back: Behind, account: int, **fields: str) -> None:
    key = f"account:{number_text(account)}"
    standing = await back.documents.get(key)
    assert standing is not None
    await back.documents.put_fields(key, standing.fields | fields, expected=standing.version)
    await until(lambda: _has(back, "SELECT 1 FROM accounts WHERE account = %s AND version = 2", account))


async def test_logins_that_have_changed_hands_are_written_again_for_their_new_owners(back: Behind) -> None:
    """Whichever of the two accounts is written first: of so many pairs both kinds are there."""
    await until(lambda: back.parts.documents_reader.complete)
    givers, takers = [new_number() for _ in range(PAIRS)], [new_number() for _ in range(PAIRS)]
    for giver in givers:
        await registered(back, giver)
    await save(back)
    for giver, taker in zip(givers, takers, strict=True):
        await changed(back, giver, login=f"other{giver}")
        await registered(back, taker, login=f"name{giver}")
    await set_back(back)

    await until(lambda: _has(back, "SELECT 1 FROM alarms WHERE kind = 'documents_set_back'"))

    logins = dict(await back.rows("SELECT account, login FROM accounts WHERE account = ANY(%s)", givers + takers))
    assert logins == {giver: f"other{giver}" for giver in givers} | {
        taker: f"name{giver}" for giver, taker in zip(givers, takers, strict=True)
    }
    keys = [f"account:{number_text(account)}" for account in givers + takers]
    assert not await _has(back, "SELECT 1 FROM set_aside WHERE document = ANY(%s)", keys), "others' are those of earlier tests in this grid"
