"""PostgreSQL is the last fence: what a grid without quorum sells twice ends as one ticket and one refund (I1, I4).

When the halves find each other again, the one that merges is discarded and the entry is compared with what became of it all.
"""

from tests.faults import grid_scenarios
from tests.faults.merge_steps import compared, compared_again, merged, merges
from tests.faults.shoppers import opened
from tests.faults.verdict import settled

# Money for an order that the half which lives on does not know comes without an account.
EXPECTED = (PROMISED_TWICE := "I1: seat 1-1 ", "I9: an audit line of order ")


async def test_a_seat_sold_on_both_sides_of_a_cut_is_one_ticket_and_one_refund():
    async with opened(members=2, quorum=False) as house:
        shopping = await grid_scenarios.both_sides_of_a_cut_sell(house, seed=7)
        await settled(house, shopping.history, shopping.event_id, expected=EXPECTED)
        before = merges(house)
        house.laboratory.proxies.heal()
        await merged(house, before)
        results = await compared(house, shopping.event_id), await compared_again(house, shopping.event_id)
        final, found = await settled(house, shopping.history, shopping.event_id, expected=EXPECTED)
        others = [sentence for sentence in found if not sentence.startswith(EXPECTED)]
        assert not others, f"history in {shopping.history.keep(found, house.laboratory.directory)}:\n" + "\n".join(others)
    # The half that lives on may be the one that PostgreSQL knew last, or the other one, which gets its rows and is restored.
    assert results in {("equal", "equal"), ("made", "equal")}
    assert any(sentence.startswith(PROMISED_TWICE) for sentence in found), "both sides sold the seat"
    assert sorted((row.status, row.refund) for row in final.orders) == [("confirmed", "none"), ("declined", "done")]
    assert [ticket.status for ticket in final.tickets] == ["valid"]
    assert sorted(payment["refunded"] == payment["captured"] for payment in final.ledger.values()) == [False, True]
    assert {"diverged", "tickets_refused"} <= {kind for kind, _ in final.alarms}
