"""Money that only a provider knows of is found in its ledger: it buys what is still there to be bought, or goes back."""

from datetime import UTC, datetime, timedelta

import procrastinate
import pytest

from data_writers.jobs import ledgers
from data_writers.jobs.app import app
from data_writers.jobs.worker import work
from grid_config.commands import release
from grid_config.identifiers import new_number, order_text
from grid_config.outcomes import OrderStatus
from tests.fixtures.behind import PRICE, PROVIDER, Behind, until
from tests.fixtures.outbox import ADDRESS

pytest_plugins = ["tests.fixtures.behind"]

LONG_AGO = timedelta(minutes=40)
JOBS = "SELECT task_name, status::text FROM procrastinate_jobs WHERE queue_name = 'money' ORDER BY id"
REFUNDS = "SELECT payment, reason, status FROM refunds WHERE event = %s"
READ_UNTIL = "SELECT read_until FROM ledgers WHERE provider = %s"


def listed(back: Behind, attempt: int, order_id: str, ago: timedelta = LONG_AGO) -> None:
    """The bank has it in its ledger, begun so long ago."""
    back.bank.begun[attempt] = datetime.now(UTC) - ago, order_id


async def worked(back: Behind, *, read: bool = False) -> None:
    """A worker does what is due, as the process does; `read`: and is told to read the ledgers."""
    with app.replace_connector(procrastinate.PsycopgConnector(conninfo=back.databases.main, min_size=1, max_size=4)) as connected:
        async with connected.open_async():
            if read:
                await app.tasks["ledgers"].defer_async(timestamp=0)
                await work(connected, back.desk, wait=False)
            await work(connected, back.desk, wait=False)  # what has come of it


async def given_back(back: Behind, event: int, attempt: int, reason: str) -> None:
    async def asked() -> bool:
        return [row[:2] for row in await back.rows(REFUNDS, event)] == [(attempt, reason)]

    await until(asked)
    await worked(back)
    assert await back.rows(REFUNDS, event) == [(attempt, reason, "done")]
    assert back.bank.ledger[attempt].refunded == back.bank.ledger[attempt].captured == PRICE


async def test_money_of_an_order_that_nobody_remembers_goes_back(back: Behind) -> None:
    event, order, attempt = await back.publish(), new_number(), new_number()
    listed(back, attempt, order_text(event, order))  # the grid died before it was durable that this payment was started
    back.bank.take(attempt, PRICE)

    await worked(back, read=True)

    await given_back(back, event, attempt, "unmatched")
    assert await back.rows("SELECT kind, order_no FROM alarms WHERE event = %s", event) == [("payment_unmatched", order)]
    await back.main.execute("UPDATE ledgers SET read_until = read_until - interval '1 hour'")
    await worked(back, read=True)
    assert len(await back.rows(REFUNDS, event)) == 1


async def test_money_of_an_order_that_ended_before_goes_back(back: Behind) -> None:
    event = await back.publish()
    paying = await back.start_payment(event, await back.hold(event, (3,)))
    await back.inventories.ask_open(event, release(paying.order, paying.account, ADDRESS))
    await until(lambda: _has_row(back, paying.attempt))
    listed(back, paying.attempt, order_text(event, paying.order))
    back.bank.take(paying.attempt, PRICE)

    await worked(back, read=True)

    await given_back(back, event, paying.attempt, "ended_order")


async def test_money_that_belongs_to_an_order_is_left_where_it_is(back: Behind) -> None:
    event = await back.publish()
    bought = await back.buy(event, (1,))
    paying = await back.start_payment(event, await back.hold(event, (2,)))
    await back.stands(event, bought, OrderStatus.CONFIRMED)
    await until(lambda: _has_row(back, paying.attempt))
    back.bank.authorise(paying.attempt, PRICE)
    for order in (bought, paying):
        listed(back, order.attempt, order_text(event, order.order))
    await worked(back)  # the capture

    await ledgers.read(back.desk)

    assert await back.rows(JOBS) == []
    assert (await back.order(event, paying.order)).status == OrderStatus.PAYING


async def test_what_has_just_begun_is_left_to_its_notification(back: Behind) -> None:
    event, attempt = await back.publish(), new_number()
    listed(back, attempt, order_text(event, new_number()), ago=timedelta(seconds=back.desk.at_rest_seconds - 60))
    back.bank.take(attempt, PRICE)

    await ledgers.read(back.desk)

    assert await back.rows(JOBS) == []
    ((read_until,),) = await back.rows(READ_UNTIL, PROVIDER)
    assert read_until < back.bank.begun[attempt][0]


async def test_money_of_somebody_else_is_told_and_not_touched(back: Behind) -> None:
    strange, elsewhere = new_number(), new_number()
    listed(back, strange, "shirt-17", ago=LONG_AGO)
    listed(back, elsewhere, order_text(new_number(), new_number()), ago=LONG_AGO)
    for attempt in (strange, elsewhere):
        back.bank.take(attempt, PRICE)

    await ledgers.read(back.desk)
    await ledgers.read(back.desk)

    told = await back.rows("SELECT kind, (detail->>'payment')::bigint FROM alarms ORDER BY id")
    assert sorted(told) == sorted([("payment_foreign", strange), ("payment_foreign", elsewhere)])
    assert await back.rows(JOBS) == []
    assert back.bank.ledger[strange].refunded == 0


async def test_a_ledger_that_could_not_be_read_is_read_the_next_time(back: Behind) -> None:
    event, attempt = await back.publish(), new_number()
    listed(back, attempt, order_text(event, new_number()), ago=timedelta(hours=5))
    back.bank.take(attempt, PRICE)
    back.bank.away.add("ledger_lines")
    await ledgers.read(back.desk)
    assert await back.rows(READ_UNTIL, PROVIDER) == []
    back.bank.away.clear()

    await ledgers.read(back.desk)

    assert await back.rows(JOBS) == [("settle", "todo")]
    await ledgers.read(back.desk)
    await back.main.execute("DELETE FROM ledgers")  # set back to before anything was read: it has its job already
    await ledgers.read(back.desk)
    assert await back.rows(JOBS) == [("settle", "todo")]


async def test_a_database_that_was_set_back_reads_again_what_it_has_forgotten(back: Behind) -> None:
    event = await back.publish()
    await ledgers.read(back.desk)
    ((read_until,),) = await back.rows(READ_UNTIL, PROVIDER)
    attempt = new_number()
    listed(back, attempt, order_text(event, new_number()), ago=timedelta(hours=3))
    back.bank.take(attempt, PRICE)
    await ledgers.read(back.desk)
    assert await back.rows(JOBS) == []  # it had been there, and was settled, when this hour was read

    await back.main.execute("UPDATE ledgers SET read_until = %s", [read_until - timedelta(hours=6)])
    await ledgers.read(back.desk)

    assert await back.rows(JOBS) == [("settle", "todo")]


async def _has_row(back: Behind, attempt: int) -> bool:
    return await back.rows("SELECT 1 FROM payments WHERE payment = %s", attempt) != []


@pytest.mark.parametrize("said", ["pending", "cancelled"])
async def test_who_says_later_that_there_is_no_money_is_not_told_to_the_grid(back: Behind, said: str) -> None:
    event, attempt = await back.publish(), new_number()
    listed(back, attempt, order_text(event, new_number()))
    back.bank.take(attempt, PRICE)
    await ledgers.read(back.desk)
    standing = back.bank.ledger[attempt]
    back.bank.ledger[attempt] = type(standing)(said, PRICE, 0, 0)  # type: ignore[arg-type]

    await worked(back)

    assert await back.rows(REFUNDS, event) == []
    assert await back.rows("SELECT kind FROM alarms WHERE event = %s", event) == []
