"""The terms of sale of an event's document, as its inventory decides by them."""

from collections.abc import Sequence

from grid_config.terms import NOT_SOLD, Terms
from processing_units.catalogue.events import EventEntry
from processing_units.catalogue.times import milliseconds_of


def terms_of(entry: EventEntry, categories: Sequence[str], hold_ms: int) -> Terms:
    """`categories`: the plan's, in its order; one without a price is not sold."""
    return Terms(
        opens_at=milliseconds_of(entry.sale_opens_at),
        closes_at=milliseconds_of(entry.sale_closes_at) if entry.sale_closes_at else 0,
        starts_at=milliseconds_of(entry.starts_at),
        limit=entry.body["per_customer_limit"] or 0,
        orphan_rule=bool(entry.body["orphan_rule"]),
        on_sale=entry.is_published,
        hold_ms=hold_ms,
        prices=tuple(entry.prices.get(category, NOT_SOLD) for category in categories),
    )
