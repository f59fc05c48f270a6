"""Starting to pay: the attempt in the grid, then the payment at the provider, and what each of them may answer."""

import struct

import pytest

from grid_config.commands import Command
from grid_config.identifiers import number_text
from grid_config.outcomes import BatchStatus, OrderStatus, Outcome, PaymentResult
from infra.payment.plugins import Providers
from infra.payment.port import PaymentState, ProviderAway, ProviderRefused
from processing_units.edge.problems import Problem
from processing_units.payments.pace import Pace
from processing_units.payments.settlement import Settlement
from processing_units.payments.starting import ROUNDS_MAX, Started, Starting, Wanted
from processing_units.sales.waiters import Waiters
from tests.fixtures.payments import ACCOUNT, ATTEMPT, DEADLINE_AT, EVENT, IP, ORDER, TOTAL, FakeProvider, ScriptedEntry, an_order, paying


class Shop:
    def __init__(self) -> None:
        self.entry = ScriptedEntry()
        self.provider = FakeProvider()
        self.other = FakeProvider("other")
        self.pace = Pace(per_second=100)
        self.entry.on(Command.START_PAYMENT, Outcome.ACCEPTED, paying())
        self.entry.on(Command.SETTLE, Outcome.ACCEPTED, an_order())

    async def start(self) -> Started:
        providers = Providers([self.provider, self.other])
        settlement = Settlement(self.entry.batchers, Waiters(self.entry.metrics))
        starting = Starting(self.entry.batchers, providers, settlement, self.pace, self.entry.metrics)
        return await starting.start(Wanted(EVENT, ORDER, ACCOUNT, IP, self.provider, "card", "http://shop/x"))

    async def problem(self) -> Problem:
        with pytest.raises(Problem) as raised:
            await self.start()
        return raised.value

    @property
    def settled(self) -> list[tuple[int, int, int]]:
        """(attempt, result, amount) of every settle command."""
        bodies = [body for kind, body in self.entry.asked if kind == Command.SETTLE]
        return [struct.unpack_from("<qBq", body, 8) for body in bodies]


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_the_provider_gets_the_attempts_number_the_orders_sum_and_its_deadline(shop):
    started = await shop.start()
    assert started.payment_id == number_text(ATTEMPT)
    assert started.redirect_url == f"https://pay.example/{ATTEMPT}"
    assert started.expires_at.timestamp() * 1000 == DEADLINE_AT
    assert shop.provider.created["attempt"] == ATTEMPT
    assert shop.provider.created["amount"] == TOTAL
    assert shop.provider.created["order_id"] == f"{number_text(EVENT)}-{number_text(ORDER)}"
    assert not shop.settled


async def test_the_command_names_the_shopper_and_a_fresh_attempt(shop):
    await shop.start()
    await shop.start()
    [(_, first), (_, second)] = shop.entry.asked
    order, account, ip, attempt, method = struct.unpack_from("<qq16sqB", first)
    assert (order, account, ip, method) == (ORDER, ACCOUNT, IP, 1)
    assert attempt > 0
    assert attempt != struct.unpack_from("<qq16sq", second)[3]


async def test_a_repeated_start_finds_the_payment_that_is_open(shop):
    shop.entry.on(Command.START_PAYMENT, Outcome.REPEATED, paying())
    assert (await shop.start()).payment_id == number_text(ATTEMPT)
    assert shop.provider.calls == ["create"]


@pytest.mark.parametrize("fault", [ProviderAway("down"), ProviderRefused("no")])
async def test_a_provider_that_does_not_begin_the_payment_gives_the_order_back(shop, fault):
    shop.provider.fault = fault
    problem = await shop.problem()
    assert (problem.status, problem.code) == (503, "unavailable")
    assert problem.headers["retry-after"]
    assert shop.settled == [(ATTEMPT, PaymentResult.CREATE_FAILED, 0)]


async def test_an_attempt_that_another_request_opened_is_not_closed_by_this_one(shop):
    shop.entry.on(Command.START_PAYMENT, Outcome.REPEATED, paying())
    shop.provider.fault = ProviderAway("down")
    assert (await shop.problem()).status == 503
    assert not shop.settled


async def test_a_grid_that_cannot_close_the_attempt_does_not_change_the_answer(shop):
    shop.provider.fault = ProviderAway("down")
    shop.entry.on(Command.SETTLE, Outcome.FULL)
    assert (await shop.problem()).code == "unavailable"


def switch_after_settle(shop: Shop) -> None:
    """An attempt at `other` is open; once it is settled a new one may begin."""
    former = (int(Outcome.ATTEMPT_OPEN), paying(provider="other", method=2, attempt=99).encode())
    fresh = (int(Outcome.ACCEPTED), paying().encode())
    shop.entry.answers[Command.START_PAYMENT] = lambda _: fresh if shop.settled else former


async def test_another_way_to_pay_begins_when_the_former_is_cancelled(shop):
    shop.other.payments[99] = PaymentState("pending", TOTAL, 0, 0)
    switch_after_settle(shop)
    assert (await shop.start()).payment_id == number_text(ATTEMPT)
    assert shop.other.calls == ["query", "cancel"]
    assert shop.settled == [(99, PaymentResult.CANCELLED, 0)]


async def test_a_former_payment_that_never_reached_its_provider_counts_as_cancelled(shop):
    switch_after_settle(shop)
    await shop.start()
    assert shop.other.calls == ["query"]
    assert shop.settled == [(99, PaymentResult.CANCELLED, 0)]


@pytest.mark.parametrize(("status", "result"), [("authorised", PaymentResult.AUTHORISED), ("captured", PaymentResult.CAPTURED)])
async def test_a_former_payment_that_was_just_paid_is_recorded_and_not_cancelled(shop, status, result):
    shop.other.payments[99] = PaymentState(status, TOTAL, TOTAL if status == "captured" else 0, 0)
    former = (int(Outcome.ATTEMPT_OPEN), paying(provider="other", method=2, attempt=99).encode())
    paid = (int(Outcome.NOT_PAYABLE), bytes((OrderStatus.PAID,)))
    shop.entry.answers[Command.START_PAYMENT] = lambda _: paid if shop.settled else former
    problem = await shop.problem()
    assert (problem.code, problem.extra) == ("order_not_payable", {"order_status": "paid"})
    assert "cancel" not in shop.other.calls
    assert shop.settled == [(99, result, TOTAL)]


async def test_a_former_provider_that_is_away_keeps_the_former_payment(shop):
    switch_after_settle(shop)
    shop.other.fault = ProviderAway("down")
    assert (await shop.problem()).code == "unavailable"
    assert not shop.settled
    assert not shop.provider.calls


async def test_a_former_provider_that_was_uninstalled_is_an_alarm_and_no_fault(shop, caplog):
    shop.entry.on(Command.START_PAYMENT, Outcome.ATTEMPT_OPEN, paying(provider="gone"))
    assert (await shop.problem()).code == "unavailable"
    assert "provider_gone" in caplog.messages


async def test_attempts_that_keep_being_opened_by_somebody_else_end_the_start(shop):
    shop.entry.on(Command.START_PAYMENT, Outcome.ATTEMPT_OPEN, paying(provider="other", attempt=99))
    assert (await shop.problem()).code == "unavailable"
    assert shop.entry.count(Command.START_PAYMENT) == ROUNDS_MAX


@pytest.mark.parametrize(
    ("outcome", "body", "told"),
    [
        (Outcome.UNKNOWN_ORDER, b"", (404, "not_found", {})),
        (Outcome.NOT_PAYABLE, bytes((OrderStatus.EXPIRED,)), (409, "order_not_payable", {"order_status": "expired"})),
        (Outcome.NOT_PAYABLE, bytes((OrderStatus.CONFIRMED,)), (409, "order_not_payable", {"order_status": "confirmed"})),
        (Outcome.FULL, b"", (503, "unavailable", {})),
        (Outcome.INVALID, b"", (503, "unavailable", {})),
    ],
)
async def test_refusals_of_the_grid_have_their_problems(shop, outcome, body, told):
    shop.entry.on(Command.START_PAYMENT, outcome, body=body)
    problem = await shop.problem()
    assert (problem.status, problem.code, problem.extra) == told
    assert not shop.provider.calls


async def test_an_entry_that_is_being_restored_is_unavailable(shop):
    shop.entry.status = BatchStatus.SHUT
    assert (await shop.problem()).code == "unavailable"


async def test_beyond_the_pace_nothing_is_begun(shop):
    shop.pace = Pace(per_second=1)
    await shop.start()
    assert (await shop.problem()).code == "unavailable"
    assert shop.entry.count(Command.START_PAYMENT) == 1
