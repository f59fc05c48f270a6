"""Pumps that die, meet, disagree or find PostgreSQL set back: the position decides, and every order gets its verdict."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from data_pumps.drain import Drain
from data_pumps.reader import Brought
from data_writers.audit import Audit
from data_writers.database import Link
from data_writers.documents import EpochOver
from data_writers.readings import read_event
from data_writers.writer import Writer
from grid_config.answers import decode_status
from grid_config.attempts import Attempt, AttemptsLogs, encode_attempt
from grid_config.commands import STATUS
from grid_config.documents import Documents
from grid_config.identifiers import new_number, number_text
from grid_config.outcomes import EntryState, OrderStatus
from tests.fixtures.behind import PRICE, Behind, behind, until
from tests.fixtures.database import Databases
from tests.fixtures.grid import Cluster

pytest_plugins = ["tests.fixtures.behind"]

FAIL_AT_COMMIT = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail();
"""


async def durable_seq(back: Behind, event: int) -> int:
    return decode_status((await back.inventories.ask(event, STATUS)).outcomes[0][1]).durable_seq


async def is_durable(back: Behind, event: int) -> bool:
    status = decode_status((await back.inventories.ask(event, STATUS)).outcomes[0][1])
    return status.seq == status.durable_seq


@contextlib.asynccontextmanager
async def another_writer(databases: Databases) -> AsyncIterator[Writer]:
    writer = Writer(Link(databases.main, "another"), Audit(Link(databases.audit, "another")))
    try:
        yield writer
    finally:
        await writer.close()


async def test_nothing_is_acknowledged_before_its_commit(back: Behind) -> None:
    event = await back.publish()
    await back.main.execute(FAIL_AT_COMMIT)
    held = await back.hold(event, (1,))
    await asyncio.sleep(1.0)
    while_failing = await durable_seq(back, event)
    await back.main.execute("DROP TRIGGER at_commit ON orders")

    await until(lambda: is_durable(back, event))

    assert while_failing == 0
    assert await back.rows("SELECT order_no FROM orders") == [(held.order,)]


async def test_a_verdict_whose_pump_died_after_its_commit_is_said_again(back: Behind) -> None:
    event = await back.publish()
    await back.main.execute(FAIL_AT_COMMIT)  # the running pump cannot write; the one that dies can
    bought = await back.buy(event, (1,))
    link = Link(back.databases.main, "dying")
    dying = Drain(back.inventories, link)
    await dying.know([event])
    drained = await dying.next(event, 100)
    assert drained is not None
    assert drained.batch is not None
    await back.main.execute("DROP TRIGGER at_commit ON orders")
    async with another_writer(back.databases) as writer:
        await writer.write([drained.batch])

    await back.stands(event, bought, OrderStatus.CONFIRMED)

    assert await back.rows("SELECT count(*) FROM tickets") == [(1,)]
    await link.close()


async def test_several_pumps_at_once_write_every_change_once(behind_members: Cluster, databases: Databases) -> None:
    settings = behind_members.settings(hold_seconds=120.0)
    async with behind(settings, databases) as one, behind(settings, databases, run=False) as other:
        event = await one.publish()
        other.parts.shares._held = set(range(8))  # against the locks: they are efficiency only
        both = [asyncio.create_task(work()) for work in (other.parts.watch.listen, other.parts.pump.run)]

        bought = await asyncio.gather(*(one.buy(event, (place,)) for place in range(40)))
        for order in bought:
            await one.stands(event, order, OrderStatus.CONFIRMED)

        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        assert await one.rows("SELECT count(*) FROM tickets") == [(40,)]
        assert await one.rows("SELECT count(*) FROM procrastinate_jobs") == [(40,)]
        assert await one.rows("SELECT count(*) FROM alarms") == [(0,)]
        lines = await (await one.audit.execute("SELECT count(*) FROM audit WHERE event = %s", [event])).fetchall()
        assert lines == [(160,)]


async def test_connections_that_are_cut_in_mid_transaction_lose_and_double_nothing(back: Behind) -> None:
    event = await back.publish()
    bought = []
    for place in range(40):
        bought.append(await back.buy(event, (place,)))
        await back.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'test pump%%'")
    for order in bought:
        await back.stands(event, order, OrderStatus.CONFIRMED)

    assert await back.rows("SELECT count(*), count(DISTINCT place) FROM tickets") == [(40, 40)]
    assert await back.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'capture'") == [(40,)]
    assert await back.rows("SELECT count(*) FROM alarms") == [(0,)]
    lines = await (await back.audit.execute("SELECT count(*), count(DISTINCT seq) FROM audit WHERE event = %s", [event])).fetchall()
    assert lines == [(160, 160)]


async def test_an_entry_with_another_history_is_shut_written_as_far_as_it_stands_and_restored(back: Behind) -> None:
    event = await back.publish()
    first = await back.buy(event, (1,))
    await back.stands(event, first, OrderStatus.CONFIRMED)
    before = (await back.rows("SELECT incarnation FROM positions WHERE event = %s", event))[0][0]
    await back.main.execute("UPDATE positions SET change_id = change_id + 1 WHERE event = %s", [event])
    back.parts.pump._drain.forget(event)  # it has nothing in hand: the next look finds the other history
    late = await back.hold(event, (2,))

    await until(lambda: _has(back, "SELECT 1 FROM alarms WHERE kind = 'diverged'"))
    await until(lambda: back.sells(event))

    assert (await back.rows("SELECT incarnation FROM positions WHERE event = %s", event))[0][0] != before
    assert await back.rows("SELECT order_no FROM orders ORDER BY seq") == [(first.order,), (late.order,)]
    assert (await back.order(event, late.order)).status == OrderStatus.HELD
    assert (await back.order(event, first.order)).status == OrderStatus.CONFIRMED


async def test_a_reader_that_was_overtaken_drops_its_entry_and_begins_again(behind_members: Cluster, databases: Databases) -> None:
    settings = behind_members.settings(hold_seconds=120.0)
    async with behind(settings, databases) as running:
        sold = await running.publish()
    async with behind(settings, databases, run=False) as late:
        event = new_number()
        await late.main.execute(
            "INSERT INTO events SELECT %s, version, status, hall, hall_version, starts_at, body FROM events WHERE event = %s", [event, sold]
        )
        link, reader = late.parts.reader_link, late.parts.reader
        stale = await read_event(link, event)
        assert stale is not None
        await late.main.execute("UPDATE positions SET seq = 7 WHERE event = %s", [event])  # a late pump's commit

        first = await reader._restore(link, event, stale)
        dropped = decode_status((await late.inventories.ask(event, STATUS)).outcomes[0][1])
        second = await reader.bring(link, event)

        assert first is None
        assert dropped.state == EntryState.ABSENT
        assert second is Brought.OPEN
        assert await durable_seq(late, event) == 7


async def test_edited_terms_reach_the_entry(back: Behind) -> None:
    event = await back.publish()
    documents = Documents(back.grid)
    document = await documents.get(f"event:{number_text(event)}")
    assert document is not None
    fields = document.fields | {"prices": {"Parterre": {"amount": "1.00", "currency": "RUB"}}}

    await documents.put_fields(document.key, fields, expected=document.version)

    await until(lambda: _has(back, "SELECT 1 FROM events WHERE event = %s AND version = 2", event))
    places = iter(range(40))

    async def is_cheap() -> bool:
        return (await back.hold(event, (next(places),))).total == 100

    await until(is_cheap)
    assert PRICE != 100


async def test_an_account_that_the_constraints_refuse_is_set_aside_and_the_others_are_written(back: Behind) -> None:
    documents = Documents(back.grid)
    await until(lambda: back.parts.documents_reader.complete)
    people = [{"login": "anna", "email": f"{n}@example.org", "phone": f"+7916000000{n}"} for n in range(2)]
    for person in (*people, {"login": "boris", "email": "b@example.org", "phone": "+79160000009"}):
        await documents.put_fields(f"account:{number_text(new_number())}", person, expected=0)

    await until(lambda: _has(back, "SELECT 1 FROM accounts WHERE login = 'boris'"))
    await until(lambda: _has(back, "SELECT 1 FROM alarms WHERE kind = 'document_set_aside'"))

    assert await back.rows("SELECT login FROM accounts ORDER BY login") == [("anna",), ("boris",)]


async def test_claims_of_an_account_outlive_the_unit_that_died_before_it_made_them_permanent(back: Behind) -> None:
    documents = Documents(back.grid)
    await until(lambda: back.parts.documents_reader.complete)
    account = new_number()
    fields = {"login": f"Name{account}", "email": f"{account}@example.org", "phone": None}
    keys = [f"login:name{account}", f"email:{account}@example.org"]
    for key in keys:
        await documents.claim(key, account, ttl_ms=3_000)
    await documents.put_fields(f"account:{number_text(account)}", fields, expected=0)

    await until(lambda: _has(back, "SELECT 1 FROM accounts WHERE account = %s", account))
    await asyncio.sleep(3.5)

    claims = [await documents.get(key) for key in keys]
    assert [claim and claim.number for claim in claims] == [account, account]


async def test_an_account_that_was_set_aside_keeps_no_claims(back: Behind) -> None:
    documents = Documents(back.grid)
    await until(lambda: back.parts.documents_reader.complete)
    first, second = new_number(), new_number()
    same = {"login": f"name{first}", "email": None, "phone": None}
    await documents.put_fields(f"account:{number_text(first)}", same, expected=0)
    await until(lambda: _has(back, "SELECT 1 FROM accounts WHERE account = %s", first))
    await documents.claim(f"email:{second}@example.org", second, ttl_ms=3_000)
    await documents.put_fields(f"account:{number_text(second)}", same | {"email": f"{second}@example.org"}, expected=0)

    await until(lambda: _has(back, "SELECT 1 FROM alarms WHERE kind = 'document_set_aside'"))
    await asyncio.sleep(3.5)

    assert await documents.get(f"email:{second}@example.org") is None


async def test_a_document_drained_before_a_loss_is_not_written_after_it(back: Behind) -> None:
    documents = Documents(back.grid)
    await until(lambda: back.parts.documents_reader.complete)
    writer = back.parts.documents._writer
    epoch = (await writer.standing()).epoch
    key = f"artist:{number_text(new_number())}"
    document = await documents.put_fields(key, {"name": "Anna"}, expected=0)
    await back.main.execute("UPDATE document_epoch SET epoch = epoch + 1")

    with pytest.raises(EpochOver):
        await writer.write([document], epoch)


async def test_lost_documents_come_back_with_their_claims(back: Behind) -> None:
    documents = Documents(back.grid)
    await until(lambda: back.parts.documents_reader.complete)
    account = new_number()
    login = f"Name{account}"
    fields = {"login": login, "email": f"{account}@Example.org", "phone": None}
    key = f"account:{number_text(account)}"
    await documents.put_fields(key, fields, expected=0)
    await until(lambda: _has(back, "SELECT 1 FROM accounts WHERE account = %s", account))
    other = new_number()
    await back.main.execute(
        "UPDATE accounts SET account = %s, login = login || 'x', email = 'x' || email WHERE account = %s", [other, account]
    )  # as if this one had been in a lost partition

    await back.parts.documents_reader.restore(set(range(back.grid.partition_count)))

    restored = await documents.get(f"account:{number_text(other)}")
    claim = await documents.get(f"login:{login.casefold()}x")
    assert restored is not None
    assert restored.fields == fields
    assert claim is not None
    assert claim.number == other


async def test_refused_attempts_become_lines_once(back: Behind) -> None:
    logs = AttemptsLogs(back.grid)
    event, account = new_number(), new_number()
    attempts = [Attempt(1_790_000_000_000 + n, "203.0.113.9", account, event, 0, "seat_taken", f"s{n}\0") for n in range(5)]

    await logs.append([encode_attempt(attempt) for attempt in attempts])

    async def all_there() -> bool:
        rows = await (await back.audit.execute("SELECT status FROM audit WHERE event = %s", [event])).fetchall()
        return rows == [("seat_taken",)] * 5

    await until(all_there)


async def _has(back: Behind, statement: str, *parameters: object) -> bool:
    return bool(await back.rows(statement, *parameters))
