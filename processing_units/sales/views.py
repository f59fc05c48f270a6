"""An order as its shopper reads it: JSON made of ready bytes, since every accepted hold answers one.

What the seats of a row have in common (names, category, price) is encoded once per event; a seat itself is told once or twice
in its life, so that keeping it would cost more than writing it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import orjson

from grid_config.identifiers import number_text, ticket_text
from grid_config.layout import Layout
from grid_config.limits import AREA_PLACE_FIRST, AREA_SLOT_BITS
from grid_config.orders import Order
from grid_config.outcomes import Method, OrderStatus, Refund
from processing_units.catalogue.money import amount_of, money

STATUS_TEXT = {int(status): status.name.lower() for status in OrderStatus}
ROWS_MAX = 20_000  # whose common parts are kept, each with a price
WAITING = frozenset({OrderStatus.HELD, OrderStatus.PAYING})  # the states with a deadline
_STATUS_BYTES = {number: text.encode() for number, text in STATUS_TEXT.items()}
_REFUND_BYTES = {int(refund): refund.name.lower().encode() for refund in Refund}
_ORDER = (
    b'{"order_id":"%b-%b","event_id":"%b","status":"%b","seats":[%b],"total":{"amount":"%b","currency":"RUB"},'
    b'"expires_at":%b,"seconds_left":%d,"payment":%b,"tickets":%b,"refund":"%b"}'
)


@lru_cache(maxsize=4_096)
def _amount_bytes(kopecks: int) -> bytes:
    return amount_of(kopecks).encode()


@lru_cache(maxsize=4_096)  # the orders of one batch share their deadline
def moment_json(milliseconds: int) -> bytes:
    """A unix time in ms as a JSON string, RFC 3339 in UTC."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
    return f'"{moment.isoformat(timespec="milliseconds")}Z"'.encode()


class OrderViews:
    """Writes the orders of one event; the layout is the event's present one (places only ever join it at the end)."""

    def __init__(self, event: int, layout: Layout) -> None:
        self.layout = layout
        self.event_text = number_text(event)
        self._event = event
        self._event_bytes = self.event_text.encode()
        self._rows: dict[tuple[int, int, str, str], tuple[bytes, bytes]] = {}  # see _row

    def body(self, order: Order, now: int, tickets: Iterable[tuple[int, str]] | None = None) -> bytes:
        """The order's JSON. `now`: unix ms; `tickets`: (place, status) where they are not simply the valid ones of a
        confirmed order.
        """
        status = order.status
        parts = map(self._place, order.places, order.categories, order.prices)
        waiting = status in WAITING
        return _ORDER % (
            self._event_bytes,
            number_text(order.order).encode(),
            self._event_bytes,
            _STATUS_BYTES[status],
            b",".join(parts),
            _amount_bytes(order.total),
            moment_json(order.deadline_at) if waiting else b"null",
            max(0, -((now - order.deadline_at) // 1000)) if waiting else 0,
            self._payment(order) if order.attempt else b"null",
            self._tickets(order, tickets),
            _REFUND_BYTES[order.refund],
        )

    def seat_names(self, places: Iterable[int]) -> list[str]:
        """The guids of seats, as refusals name them; places in areas have none."""
        seats = self.layout.seats
        return [seats[place].guid for place in places if place < len(seats)]

    def _place(self, place: int, category: int, price: int) -> bytes:
        if place >= AREA_PLACE_FIRST:
            area = self.layout.areas[(place - AREA_PLACE_FIRST) >> AREA_SLOT_BITS]
            told = {"seat": None, "category": self.layout.categories[category], "zone": None, "row": None, "number": None}
            return orjson.dumps(told | {"area": area.name, "price": money(price)})
        guid, zone, row, number, _ = self.layout.seats[place]
        before, after = self._rows.get((category, price, zone, row)) or self._row(category, price, zone, row)
        return b'{"seat":%b%b%b%b' % (orjson.dumps(guid), before, orjson.dumps(number), after)

    def _row(self, category: int, price: int, zone: str, row: str) -> tuple[bytes, bytes]:
        """What the JSON of a row's seats has between guid and number, and after the number."""
        if len(self._rows) >= ROWS_MAX:
            self._rows.clear()
        names = (orjson.dumps(name) for name in (self.layout.categories[category], zone, row))
        told = b',"category":%b,"zone":%b,"row":%b,"number":' % tuple(names), b',"area":null,"price":%b}' % orjson.dumps(money(price))
        self._rows[category, price, zone, row] = told
        return told

    @staticmethod
    def _payment(order: Order) -> bytes:
        return orjson.dumps(
            {
                "payment_id": number_text(order.attempt),
                "provider": order.provider,
                "method": Method(order.method).name.lower() if order.method else None,
                "open": bool(order.attempt_open),
            }
        )

    def _tickets(self, order: Order, tickets: Iterable[tuple[int, str]] | None) -> bytes:
        if tickets is None:
            if order.status != OrderStatus.CONFIRMED:
                return b"[]"
            tickets = ((place, "valid") for place in order.places)
        return orjson.dumps([{"ticket_id": ticket_text(self._event, order.order, place), "status": status} for place, status in tickets])
