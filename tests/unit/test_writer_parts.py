"""Small parts behind the grid: inboxes, batch sizes, terms of a document, claims, statements."""

import asyncio
from datetime import UTC, datetime

import pytest

from data_pumps.claims import claims_of
from data_pumps.inbox import ITEMS_MAX, Inbox
from data_pumps.pump import CHANGES_MAX, CHANGES_MIN, _most
from data_pumps.terms import terms_of
from data_writers.batch import Told, Written
from data_writers.readings import Sale
from data_writers.sql import load
from grid_config.limits import DRAIN_CHANGES_MAX
from grid_config.outcomes import Verdict
from grid_config.terms import NOT_SOLD


async def test_an_inbox_holds_a_thing_once_and_wakes_who_waits() -> None:
    inbox: Inbox[int] = Inbox()
    waiting = asyncio.create_task(inbox.take(2))
    await asyncio.sleep(0)

    inbox.put([3, 1, 3, 2])

    assert await waiting == [3, 1]
    assert inbox.take_now(5) == [2]
    assert inbox.take_now(5) == []


async def test_what_somebody_asks_for_is_not_behind_the_many_that_can_wait() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put_behind(range(10_000))

    inbox.put([12_345, 7])
    inbox.put_behind([12_345])

    assert inbox.take_now(3) == [12_345, 7, 0]
    assert len(inbox.take_now(20_000)) == 10_000 - 2
    assert len(inbox) == 0


async def test_an_inbox_full_of_what_can_wait_still_takes_what_somebody_asks_for() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put_behind(range(ITEMS_MAX + 10))

    inbox.put([ITEMS_MAX + 5])

    assert inbox.take_now(2) == [ITEMS_MAX + 5, 0]
    assert len(inbox) == ITEMS_MAX - 1


async def test_two_who_wait_for_one_thing_do_not_both_get_it() -> None:
    inbox: Inbox[int] = Inbox()
    both = [asyncio.create_task(inbox.take(1)) for _ in range(2)]
    await asyncio.sleep(0)

    inbox.put([1])
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    inbox.put([2])

    assert sorted(await asyncio.gather(*both)) == [[1], [2]]


@pytest.mark.parametrize("events", [0, 1, 4, 64, 1000])
def test_a_transaction_is_bounded_however_many_events_share_it(events: int) -> None:
    assert CHANGES_MIN <= _most(events) <= DRAIN_CHANGES_MAX
    assert events > CHANGES_MAX // CHANGES_MIN or _most(events) * events <= CHANGES_MAX


def test_terms_follow_from_the_document_by_category_index() -> None:
    body = {
        "status": "published", "starts_at": "2027-05-01T19:00:00Z", "sale_opens_at": "2026-12-01T10:00:00Z", "sale_closes_at": None,
        "per_customer_limit": 4, "orphan_rule": True, "prices": {"Balcony": {"amount": "1500.50", "currency": "RUB"}},
    }  # fmt: skip

    terms = terms_of(Sale(body, 1, 1), ("Parterre", "Balcony"), 300_000)

    assert terms.prices == (NOT_SOLD, 150_050)
    assert terms.starts_at == int(datetime(2027, 5, 1, 19, tzinfo=UTC).timestamp() * 1000)
    assert (terms.closes_at, terms.limit, terms.orphan_rule, terms.on_sale) == (0, 4, True, True)


def test_claims_disregard_case() -> None:
    assert list(claims_of("Anna", "Anna@Example.org", "+7")) == ["login:anna", "email:anna@example.org", "phone:+7"]
    assert list(claims_of(None, None, None)) == []


def test_what_two_transactions_did_adds_up() -> None:
    one, other = Written({1}, {1: [Told(5, Verdict.CONFIRMED)]}, 1), Written({2}, {2: []}, 2)

    one.take(other)

    assert (one.moved, set(one.verdicts), one.set_aside) == ({1, 2}, {1, 2}, 3)


@pytest.mark.parametrize("family", ["changes", "audit", "documents", "reading", "jobs"])
def test_every_statement_says_what_it_is_for(family: str) -> None:
    statements = load(family)

    assert statements
    assert all(statement.startswith("-- ") for statement in statements.values())
