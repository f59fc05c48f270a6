"""A provider that contradicts itself: what it truly has goes back whole, nothing is declined or done for a lie that passes."""

import pytest

from data_writers.jobs import money
from grid_config.outcomes import PaymentResult
from infra.payment.port import PaymentState
from tests.fixtures.books import Books, books
from tests.fixtures.outbox import PRICE

__all__ = ["books"]  # a fixture


@pytest.mark.parametrize("told", [1, -1, -PRICE])
async def test_what_was_taken_is_given_back_whatever_sum_was_told(books: Books, told: int) -> None:
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    await books.main.execute("UPDATE refunds SET amount = amount + %s", [told])

    await money.refund(books.desk, number)

    assert books.bank.ledger[order.attempt] == PaymentState("captured", PRICE, PRICE, PRICE)
    assert await books.rows("SELECT status, amount FROM refunds") == [("done", PRICE)]


async def test_what_a_provider_had_kept_quiet_about_goes_back_by_a_refund_of_its_own(books: Books) -> None:
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    books.bank.lies = -100

    await money.refund(books.desk, number)
    assert await books.rows(f"SELECT refund FROM orders WHERE order_no = {order.number}") == [("pending",)]
    for _ in range(2):  # jobs of one payment take turns
        await books.run_worker()

    assert books.bank.ledger[order.attempt] == PaymentState("captured", PRICE, PRICE, PRICE)
    assert sorted(await books.rows("SELECT status, amount FROM refunds")) == [("done", 100), ("done", PRICE - 100)]
    assert await books.rows(f"SELECT captured, refunded FROM payments WHERE payment = {order.attempt}") == [(PRICE, PRICE)]
    assert await books.rows(f"SELECT refund FROM orders WHERE order_no = {order.number}") == [("done",)]


async def test_captured_with_nothing_is_not_given_back(books: Books) -> None:
    """Seed 503 of the fault laboratory: queries told of 3,000 roubles less than were there."""
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    books.bank.lies = -PRICE
    with pytest.raises(money.Contradiction):
        await money.refund(books.desk, number)
    books.bank.lies = 0

    await money.refund(books.desk, number)

    assert books.bank.ledger[order.attempt] == PaymentState("captured", PRICE, PRICE, PRICE)


async def test_a_refund_of_more_than_there_is_is_refused_and_tried_with_what_there_is(books: Books) -> None:
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    books.bank.lies = 100
    books.bank.refuses.add("refund")
    with pytest.raises(money.Contradiction):
        await money.refund(books.desk, number)
    books.bank.lies = 0
    books.bank.refuses.clear()

    await money.refund(books.desk, number)

    assert books.bank.ledger[order.attempt] == PaymentState("captured", PRICE, PRICE, PRICE)
    assert await books.rows("SELECT status, amount FROM refunds") == [("done", PRICE)]


async def test_a_refund_that_is_refused_again_and_again_is_an_alarm(books: Books) -> None:
    order, number = await books.refused(PaymentResult.CAPTURED)
    books.bank.take(order.attempt, order.total)
    books.bank.refuses.add("refund")
    for _ in range(money.REFUSALS_MAX - 1):
        with pytest.raises(money.Contradiction):
            await money.refund(books.desk, number)

    await money.refund(books.desk, number)

    assert await books.rows("SELECT status, reserved FROM refunds") == [("failed", False)]
    assert ("refund_failed",) in await books.rows("SELECT kind FROM alarms")


@pytest.mark.parametrize("result", [PaymentResult.AUTHORISED, PaymentResult.CAPTURED])
async def test_money_that_a_provider_does_not_know_for_a_while_is_not_taken_to_be_back(books: Books, result: PaymentResult) -> None:
    order, number = await books.refused(result)
    with pytest.raises(money.Contradiction):
        await money.refund(books.desk, number)
    (books.bank.take if result == PaymentResult.CAPTURED else books.bank.authorise)(order.attempt, order.total)

    await money.refund(books.desk, number)

    state = books.bank.ledger[order.attempt]
    assert (state.status, state.captured) in {("cancelled", 0), ("captured", state.refunded)}
    assert await books.rows("SELECT status FROM refunds") == [("done",)]


async def test_an_order_is_not_declined_because_its_money_is_unknown_for_a_while(books: Books) -> None:
    bought = books.outbox.purchase((1,))
    await books.write()
    with pytest.raises(money.Contradiction):
        await money.capture(books.desk, bought.attempt)
    books.bank.authorise(bought.attempt, bought.total)

    await money.capture(books.desk, bought.attempt)

    assert books.entries.settled == []
    assert await books.rows("SELECT status, captured FROM payments") == [("captured", PRICE)]


async def test_another_sum_than_was_authorised_is_no_capture(books: Books) -> None:
    bought = books.outbox.purchase((1,))
    await books.write()
    books.bank.take(bought.attempt, bought.total - 100)

    with pytest.raises(money.Contradiction):
        await money.capture(books.desk, bought.attempt)

    assert await books.rows("SELECT status, captured FROM payments") == [("authorised", 0)]
