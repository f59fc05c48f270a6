"""Every refusal that a member may answer to a shopper is told as a problem of its own."""

import struct

import pytest

from grid_config.layout import Layout
from grid_config.outcomes import OrderStatus, Outcome
from processing_units.sales.refusals import refusal
from processing_units.sales.views import OrderViews

VIEWS = OrderViews(1, Layout([], [], [], [], []))
MOMENT = struct.pack("<q", 1_760_000_000_000)
NO_PLACES = bytes(1)
STATUS = bytes((OrderStatus.CONFIRMED,))
# What an outcome carries; the others carry nothing.
BODIES = {
    Outcome.SALE_NOT_OPEN: MOMENT, Outcome.SALE_CLOSED: MOMENT, Outcome.LIMIT_EXCEEDED: struct.pack("<HH", 4, 3),
    Outcome.SEAT_TAKEN: NO_PLACES, Outcome.ORPHAN_SEATS: NO_PLACES, Outcome.NOT_PAYABLE: STATUS, Outcome.NOT_RELEASABLE: STATUS,
}  # fmt: skip


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if Outcome.INVALID <= outcome < Outcome.FULL])
def test_a_refusal_of_the_rules_is_no_outage(outcome: Outcome):
    assert refusal(outcome, BODIES.get(outcome, b""), VIEWS).code != "unavailable"


def test_an_entry_at_its_bound_may_do_later():
    assert refusal(Outcome.FULL, b"", VIEWS).code == "unavailable"
