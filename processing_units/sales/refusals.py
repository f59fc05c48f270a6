"""One table from the grid's outcomes to problem documents."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from grid_config.answers import decode_limit, decode_number, decode_order_status, decode_places
from grid_config.outcomes import Outcome
from processing_units.catalogue.times import text_of
from processing_units.edge import problems
from processing_units.edge.problems import Problem
from processing_units.sales.batcher import Unavailable
from processing_units.sales.views import STATUS_TEXT, OrderViews


def _moment(body: bytes) -> str:
    return text_of(datetime.fromtimestamp(decode_number(body) / 1000, UTC))


def _limit(body: bytes, _: OrderViews) -> Problem:
    return problems.limit_exceeded(*decode_limit(body))


# Outcomes that are missing here are no refusals of a shopper's command: they end in 503, and a test walks the enum.
_TABLE: Mapping[int, Callable[[bytes, OrderViews], Problem]] = {
    Outcome.INVALID: lambda _, __: problems.invalid([("", "these places cannot be ordered")]),
    Outcome.UNKNOWN_ORDER: lambda _, __: problems.not_found(),
    Outcome.KEY_REUSED: lambda _, __: problems.idempotency_key_reused(),
    Outcome.SALE_NOT_OPEN: lambda body, _: problems.sale_not_open(_moment(body)),
    Outcome.SALE_CLOSED: lambda body, _: problems.sale_closed(_moment(body)),
    Outcome.LIMIT_EXCEEDED: _limit,
    Outcome.SEAT_TAKEN: lambda body, views: problems.seat_taken(views.seat_names(decode_places(body))),
    Outcome.NOT_ENOUGH_SEATS: lambda _, __: problems.not_enough_seats(),
    Outcome.ORPHAN_SEATS: lambda body, views: problems.orphan_seats(views.seat_names(decode_places(body))),
    Outcome.NOT_PAYABLE: lambda body, _: problems.order_not_payable(STATUS_TEXT[decode_order_status(body)]),
    Outcome.NOT_RELEASABLE: lambda body, _: problems.order_not_releasable(STATUS_TEXT[decode_order_status(body)]),
}


def refusal(outcome: int, body: bytes, views: OrderViews) -> Problem:
    """The problem that an outcome other than accepted and repeated is told as; `unavailable` for `full` and all the rest."""
    told = _TABLE.get(outcome)
    return told(body, views) if told else Unavailable()
