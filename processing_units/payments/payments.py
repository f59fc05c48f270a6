"""The payments room of a unit: its parts, put together."""

from grid_config.orders import Order
from infra.payment.plugins import Providers, load
from infra.settings import Settings
from processing_units.metrics import Metrics
from processing_units.payments.durability import Durability
from processing_units.payments.inquiry import Inquiry
from processing_units.payments.notices import Notices
from processing_units.payments.pace import Pace
from processing_units.payments.return_address import ReturnAddresses
from processing_units.payments.settlement import Settlement
from processing_units.payments.starting import Starting
from processing_units.sales.batcher import Batchers
from processing_units.sales.waiters import Waiters


class Payments:
    """Starting, notifications and inquiries over one set of providers (default: those that the settings choose)."""

    def __init__(
        self, settings: Settings, batchers: Batchers, waiters: Waiters, metrics: Metrics, providers: Providers | None = None
    ) -> None:
        self.providers = load(settings) if providers is None else providers
        self.return_addresses = ReturnAddresses(settings.site)
        settlement = Settlement(batchers, waiters)
        pace = Pace(settings.payment_starts_per_second)
        self.starting = Starting(batchers, self.providers, settlement, pace, metrics)
        self.notices = Notices(settlement, Durability(batchers, metrics), waiters, metrics)
        self._inquiry = Inquiry(batchers, self.providers, settlement, metrics)

    def inquire(self, event: int, order: Order) -> None:
        """A shopper waits for this order: if it stays unpaid, ask its provider soon. Returns at once; call it as often as you like."""
        self._inquiry.begin(event, order)

    async def start(self) -> None:
        """Nothing needs the network before the first payment."""

    async def stop(self) -> None:
        await self._inquiry.stop()
        await self.providers.close()
