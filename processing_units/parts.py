"""The parts that a unit is made of, put together once in `app.py` and found at `app.state.parts`.

A room gives its part's class (the constructor only stores, `start` does what needs the network, `stop` ends it) and in its
`routes.py` the list `routes` of Starlette routes with full paths, each endpoint `@documented(...)` and fetching what it
needs from `parts_of(request)`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from infra.settings import Settings
from processing_units.edge.identity import Addresses
from processing_units.edge.rate import Rates
from processing_units.metrics import Metrics

if TYPE_CHECKING:
    from grid_config.client import Grid
    from processing_units.accounts.accounts import Accounts
    from processing_units.administration.administration import Administration
    from processing_units.archive.archive import Archive
    from processing_units.catalogue.catalogue import Catalogue
    from processing_units.edge.tokens import Tokens
    from processing_units.payments.payments import Payments
    from processing_units.sales.attempts import Attempts
    from processing_units.sales.availability import Availability
    from processing_units.sales.batcher import Batchers
    from processing_units.sales.orders import Orders
    from processing_units.sales.streams import Streams
    from processing_units.watch import GridWatch


@dataclass(slots=True)
class Parts:
    """One unit."""

    settings: Settings
    metrics: Metrics
    addresses: Addresses
    rates: Rates
    grid: "Grid"
    watch: "GridWatch"
    batchers: "Batchers"
    attempts: "Attempts"
    tokens: "Tokens"
    catalogue: "Catalogue"
    accounts: "Accounts"
    administration: "Administration"
    archive: "Archive"
    payments: "Payments"
    availability: "Availability"
    orders: "Orders"
    streams: "Streams"


def parts_of(request: Request) -> Parts:
    """The unit that answers this request."""
    parts: Parts = request.app.state.parts
    return parts
