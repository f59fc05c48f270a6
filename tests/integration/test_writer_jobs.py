"""Jobs move money once: a repetition asks the provider first, failures wait longer and longer and end visibly."""

from datetime import UTC, datetime

import procrastinate
import pytest

from data_writers.jobs import money
from data_writers.jobs.app import BackOff, app
from data_writers.jobs.desk import NotYet
from grid_config.client import GridUnavailable
from grid_config.limits import CAPTURE_TRIES_UNTOLD
from grid_config.outcomes import PaymentResult
from infra.payment.port import PaymentState, ProviderAway
from tests.fixtures.books import Books, books
from tests.fixtures.outbox import PRICE, PROVIDER

__all__ = ["books"]  # a fixture


async def test_a_worker_takes_the_money_of_confirmed_orders_and_leaves_no_job(books: Books) -> None:
    bought = [books.outbox.purchase((place,)) for place in range(5)]
    await books.write()
    for order in bought:
        books.bank.authorise(order.attempt, order.total)

    await books.run_worker()

    assert await books.rows("SELECT DISTINCT status, captured FROM payments") == [("captured", PRICE)]
    assert await books.rows("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'money'") == [(0,)]
    assert {state.status for state in books.bank.ledger.values()} == {"captured"}


async def test_a_capture_that_was_done_before_a_crash_is_not_done_again(books: Books) -> None:
    bought = books.outbox.purchase((1,))
    await books.write()
    books.bank.take(bought.attempt, bought.total)

    await money.capture(books.desk, bought.attempt)

    assert [call for call, _ in books.bank.calls] == ["query"]
    assert await books.rows("SELECT status FROM payments") == [("captured",)]


async def test_a_refused_capture_is_cancelled_and_settled_as_failed(books: Books) -> None:
    bought = books.outbox.purchase((1,))
    await books.write()
    books.bank.authorise(bought.attempt, bought.total)
    books.bank.refuses.add("capture")

    await money.capture(books.desk, bought.attempt)

    assert books.bank.ledger[bought.attempt].status == "cancelled"
    assert [told.result for told in books.entries.settled] == [PaymentResult.CAPTURE_FAILED]
    assert await books.rows("SELECT kind FROM alarms") == [("capture_failed",)]


async def test_a_capture_that_cannot_reach_its_provider_for_long_is_told_once_and_goes_on(books: Books) -> None:
    bought = books.outbox.purchase((1,))
    await books.write()
    books.bank.authorise(bought.attempt, bought.total)
    books.bank.away.add("query")
    await books.run_worker()
    early = await books.rows("SELECT kind FROM alarms")
    for _ in range(2):
        await books.main.execute("UPDATE procrastinate_jobs SET attempts = %s, scheduled_at = now()", [CAPTURE_TRIES_UNTOLD])
        await books.run_worker()
    told = await books.rows("SELECT kind, order_no, detail->>'payment' FROM alarms")

    books.bank.away.clear()
    await books.main.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    await books.run_worker()

    assert early == []
    assert told == [("capture_waits", bought.number, str(bought.attempt))]
    assert await books.rows("SELECT status FROM payments") == [("captured",)]


async def test_authorised_money_goes_back_by_being_cancelled(books: Books) -> None:
    order, number = await books.refused(PaymentResult.AUTHORISED)
    books.bank.authorise(order.attempt, order.total)

    await money.refund(books.desk, number)

    assert books.bank.ledger[order.attempt].status == "cancelled"
    assert await books.rows("SELECT status FROM refunds") == [("done",)]
    assert books.entries.told == [(books.outbox.event, books.outbox.incarnation, order.number, "REFUND_DONE")]


async def test_taken_money_goes_back_once_however_often_the_job_runs(books: Books) -> None:
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    books.bank.away.add("refund")
    for _ in range(3):
        with pytest.raises(ProviderAway):
            await money.refund(books.desk, number)
    books.bank.away.clear()

    await money.refund(books.desk, number)
    await money.refund(books.desk, number)

    assert books.bank.ledger[order.attempt] == PaymentState("captured", order.total, order.total, order.total)
    assert await books.rows(f"SELECT captured, refunded FROM payments WHERE payment = {order.attempt}") == [(PRICE, PRICE)]
    assert await books.rows(f"SELECT refund FROM orders WHERE order_no = {order.number}") == [("done",)]
    assert await books.rows("SELECT tries FROM refunds") == [(4,)]


async def test_a_refund_that_is_given_up_is_an_alarm_and_the_grid_is_told(books: Books) -> None:
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    books.bank.away.add("refund")
    for _ in range(money.REFUND_TRIES_MAX - 1):
        with pytest.raises(ProviderAway):
            await money.refund(books.desk, number)

    await money.refund(books.desk, number)

    assert await books.rows("SELECT status, reserved FROM refunds") == [("failed", False)]
    assert await books.rows(f"SELECT refunded FROM payments WHERE payment = {order.attempt}") == [(0,)]
    assert ("refund_failed",) in await books.rows("SELECT kind FROM alarms")
    assert books.entries.told[-1][3] == "REFUND_FAILED"


async def test_a_cancellation_that_comes_too_late_is_settled_as_money(books: Books) -> None:
    late = books.outbox.hold((1,))
    books.outbox.start_payment(late)
    books.outbox.expire(late, unanswered=True)
    await books.write()
    books.bank.take(late.attempt, late.total)

    await money.cancel(books.desk, books.outbox.event, late.number, late.attempt)

    assert [(told.result, told.amount) for told in books.entries.settled] == [(PaymentResult.CAPTURED, PRICE)]


async def test_an_attempt_that_is_given_up_while_its_money_is_there_keeps_it(books: Books) -> None:
    late = books.outbox.hold((1,))
    books.outbox.start_payment(late)
    books.outbox.expire(late, unanswered=True)
    await books.write()
    books.bank.authorise(late.attempt, late.total)

    await money.cancel(books.desk, books.outbox.event, late.number, late.attempt)

    assert [(told.result, told.amount) for told in books.entries.settled] == [(PaymentResult.AUTHORISED, PRICE)]
    assert books.bank.ledger[late.attempt].status == "authorised"


async def test_jobs_of_a_dead_worker_are_done_by_another(books: Books) -> None:
    bought = books.outbox.purchase((1,))
    await books.write()
    books.bank.authorise(bought.attempt, bought.total)
    await books.main.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
    await books.main.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")

    with app.replace_connector(procrastinate.PsycopgConnector(conninfo=books.databases.main, min_size=1, max_size=4)) as connected:
        async with connected.open_async():
            await connected.configure_task("revive").defer_async(timestamp=0)
    await books.run_worker()
    await books.run_worker()

    assert await books.rows("SELECT status FROM payments") == [("captured",)]


async def test_what_comes_by_the_clock_is_not_held_up_by_a_worker_that_died_with_it_and_holds_up_nobody(books: Books) -> None:
    with app.replace_connector(procrastinate.PsycopgConnector(conninfo=books.databases.main, min_size=1, max_size=4)) as connected:
        async with connected.open_async():
            await connected.tasks["ledgers"].defer_async(timestamp=0)
            bought = books.outbox.purchase((1,))
            await books.write()
            books.bank.authorise(bought.attempt, bought.total)
            await books.main.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
            await books.main.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
            await connected.tasks["ledgers"].defer_async(timestamp=60)
            await connected.tasks["revive"].defer_async(timestamp=0)
    await books.run_worker()
    await books.run_worker()

    assert await books.rows("SELECT status FROM payments") == [("captured",)]
    assert await books.rows("SELECT provider FROM ledgers") == [(PROVIDER,)]
    assert await books.rows("SELECT task_name FROM procrastinate_jobs") == []


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 1), (1, 2), (5, 32), (30, 300)])
def test_pauses_double_up_to_five_minutes(attempts: int, seconds: int) -> None:
    job = procrastinate.jobs.Job(id=1, queue="money", lock=None, queueing_lock=None, task_name="refund", attempts=attempts)

    for passing in (ProviderAway(), GridUnavailable(), NotYet()):
        decision = BackOff().get_retry_decision(exception=passing, job=job)
        assert decision is not None
        assert decision.retry_at is not None
        pause = (decision.retry_at - datetime.now(UTC)).total_seconds()
        assert seconds - 1 < pause <= seconds
    assert BackOff().get_retry_decision(exception=ValueError(), job=job) is None
