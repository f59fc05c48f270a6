"""The schema: migrating twice changes nothing, the queue is procrastinate's own, the constraints hold."""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
import pytest

from data_writers.migrate import MIGRATIONS, migrate
from tests.fixtures.database import Databases

QUEUE = "main/0003.procrastinate-3.10.0.sql"


async def test_migrating_again_changes_nothing(databases: Databases) -> None:
    applied = [await asyncio.to_thread(migrate, url, family) for url, family in ((databases.main, "main"), (databases.audit, "audit"))]

    assert applied == [0, 0]


def test_the_queue_is_the_one_of_the_installed_package() -> None:
    ours = (MIGRATIONS / QUEUE).read_text()
    theirs = (Path(procrastinate.__file__).parent / "sql" / "schema.sql").read_text()

    assert version("procrastinate") == "3.10.0"
    assert ours.endswith(theirs)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE payments SET refunded = captured + 1", "payments_check"),
        ("INSERT INTO tickets VALUES (1, 3, 7, 'valid', now())", "tickets_one_per_place"),
        ("INSERT INTO tickets VALUES (1, 9, 8, 'valid', now())", "tickets_event_order_no_fkey"),
        ("UPDATE orders SET status = 'lost'", "order_status_check"),
        ("UPDATE orders SET places = '{}'", "orders_check"),
        ("UPDATE tickets SET status = 'used'", "tickets_check"),
        ("INSERT INTO document_epoch VALUES (true, 5)", "document_epoch_pkey"),
        ("INSERT INTO accounts VALUES (2, 1, 'ANNA', null, null, null)", "accounts_login"),
    ],
)
async def test_an_invariant_is_a_constraint(databases: Databases, statement: str, constraint: str) -> None:
    async with await psycopg.AsyncConnection.connect(databases.main, autocommit=True) as main:
        for order in (2, 3):
            await main.execute(
                "INSERT INTO orders (event, order_no, account, status, command_id, fingerprint, seq, created_at, held_until, extended,"
                " attempt_open, total, places, categories, prices)"
                " VALUES (1, %s, 1, 'confirmed', gen_random_uuid(), 1, 1, now(), now(), false, false, 5, '{7}', '{0}', '{5}')",
                [order],
            )
        await main.execute("INSERT INTO tickets VALUES (1, 2, 7, 'valid', now())")
        await main.execute("INSERT INTO payments VALUES (4, 1, 2, 'bank', 'card', 5, 'captured', 5, 0, now())")
        await main.execute("INSERT INTO accounts VALUES (1, 1, 'anna', null, null, null)")

        with pytest.raises(psycopg.IntegrityError) as refused:
            await main.execute(statement)

    diagnosis: Any = refused.value.diag
    assert str(diagnosis.constraint_name).startswith(constraint)
