"""What a shopper may ask for in an order, and the grid's command that says it."""

import os
import re
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from grid_config.commands import hold_areas, hold_best, hold_seats
from grid_config.identifiers import NUMBER_BITS, command_id_of, fingerprint_of, number_of
from grid_config.layout import Layout
from grid_config.limits import IDEMPOTENCY_KEY_LENGTH_MAX, ORDER_PLACES_MAX, PLAN_NAME_LENGTH_MAX
from processing_units.catalogue.money import Money
from processing_units.edge.problems import invalid
from processing_units.edge.validation import QueryModel, StrictModel

Name = Annotated[str, Field(max_length=PLAN_NAME_LENGTH_MAX)]
Quantity = Annotated[int, Field(ge=1, le=ORDER_PLACES_MAX)]
NUMBER_MAX = 2**NUMBER_BITS - 1
WISHES = ("seats", "best_available", "areas")
known_number = lru_cache(maxsize=4_096)(number_of)  # of the events that are asked for
_is_key = re.compile(rb"[ -~]{1,%d}" % IDEMPOTENCY_KEY_LENGTH_MAX).fullmatch


class BestAvailable(StrictModel):
    category: Name
    quantity: Quantity


class AreaPlaces(StrictModel):
    area: Name
    quantity: Quantity


def _exactly_one(schema: dict[str, Any]) -> None:
    """Say in the schema what `hold_of` enforces: one wish, and not null."""
    for shape in schema["properties"].values():
        shape.pop("default", None)
    schema["oneOf"] = [{"required": [wish]} for wish in WISHES]


class OrderRequest(StrictModel):
    """The body of a new order: exactly one of the three."""

    model_config = ConfigDict(json_schema_extra=_exactly_one)

    seats: Annotated[list[Name], Field(min_length=1, max_length=ORDER_PLACES_MAX)] = None  # type: ignore[assignment]
    best_available: BestAvailable = None  # type: ignore[assignment]
    areas: Annotated[list[AreaPlaces], Field(min_length=1, max_length=ORDER_PLACES_MAX)] = None  # type: ignore[assignment]


class WaitQuery(QueryModel):
    """How long `GET /orders/{order_id}` may wait, and for what."""

    wait_for: Literal["held", "paying", "paid", "confirmed", "released", "expired", "declined", "cancelled"] | None = None
    timeout: Annotated[float, Field(ge=0, le=30, allow_inf_nan=False)] = 20.0  # seconds


class OrderedPlace(BaseModel):
    """A place of an order: a seat, or one of an area (then `seat`, `zone`, `row` and `number` are null)."""

    seat: str | None
    category: str
    zone: str | None
    row: str | None
    number: str | None
    area: str | None
    price: Money


class OrderPayment(BaseModel):
    payment_id: str
    provider: str
    method: Literal["card", "sbp"] | None
    open: bool


class OrderTicket(BaseModel):
    ticket_id: str
    status: Literal["valid", "used", "expired", "cancelled"]


class OrderDocument(BaseModel):
    """An order as its shopper reads it. `expires_at` is null once nothing runs out any more."""

    order_id: str
    event_id: str
    status: Literal["held", "paying", "paid", "confirmed", "released", "expired", "declined", "cancelled"]
    seats: list[OrderedPlace]
    total: Money
    expires_at: str | None
    seconds_left: int
    payment: OrderPayment | None
    tickets: list[OrderTicket]
    refund: Literal["none", "pending", "done", "failed"]


class SeatCounts(BaseModel):
    free: int
    held: int
    sold: int
    closed: int


class SeatsDocument(BaseModel):
    """`states`: one character per seat in plan order: `.` free, `h` held, `s` sold, `x` not on sale.

    `areas_free`: free places of each area, in the order of the event's `areas`; only where there are areas.
    """

    version: int
    counts: SeatCounts
    areas_free: list[int] = []
    states: str


class Shopper(NamedTuple):
    """Who asks at which event, from which address (16 bytes), under which idempotency key."""

    event: int
    account: int
    ip: bytes
    key: bytes | None


def hold_of(request: OrderRequest, layout: Layout, shopper: Shopper) -> bytes:
    """The framed hold command of a request; Problem `invalid` names what is unknown or doubled.

    The command's id comes of account, event and key, or is random without a key; the fingerprint of what is asked for,
    in an order of its own: the same seats in another order are the same request.
    """
    if shopper.key is not None and not _is_key(shopper.key):
        raise invalid([("Idempotency-Key", f"must be 1-{IDEMPOTENCY_KEY_LENGTH_MAX} printable ASCII characters")])
    wishes = (request.seats is not None) + (request.best_available is not None) + (request.areas is not None)
    if wishes != 1:
        raise invalid([("", "give exactly one of seats, best_available and areas")])
    if request.seats is not None:
        places = _places(request.seats, layout)
        return _command(hold_seats, shopper, "seats %r", sorted(places), places)
    if request.best_available is not None:
        best = (_category(request.best_available, layout), request.best_available.quantity)
        return _command(hold_best, shopper, "best %r", best, *best)
    areas = _areas(request.areas, layout)
    return _command(hold_areas, shopper, "areas %r", sorted(areas), areas)


def _command(encode: Callable[..., bytes], shopper: Shopper, form: str, normal: object, *wanted: object) -> bytes:
    """The framed command; `form % normal` is the request in its normal form."""
    event, account, ip, key = shopper
    order, command_id = _drawn()
    if key is None:  # nobody can repeat it on purpose: any fingerprint will do
        return encode(command_id, 0, order, account, ip, *wanted)
    command_id = command_id_of(account, event, key.decode("ascii"))
    return encode(command_id, fingerprint_of((form % (normal,)).encode()), order, account, ip, *wanted)


def _draw() -> Iterator[tuple[int, bytes]]:
    """Order numbers and command ids without end: a thousand for one system call, not two calls for each."""
    while True:
        for number, command_id in _DRAWN.iter_unpack(os.urandom(_DRAWN.size * 1_000)):
            if number & NUMBER_MAX:
                yield number & NUMBER_MAX, command_id


_DRAWN = struct.Struct("<Q16s")
_drawn = _draw().__next__


def _places(guids: list[str], layout: Layout) -> list[int]:
    places = list(map(layout.place_of, guids))
    if None in places or len(set(places)) != len(places):
        faults = [(f"seats.{index}", "there is no such seat") for index, place in enumerate(places) if place is None]
        faults += [(f"seats.{index}", "named twice") for index, place in enumerate(places) if place is not None and place in places[:index]]
        raise invalid(faults)
    return places  # type: ignore[return-value]  # None was looked for


def _category(wish: BestAvailable, layout: Layout) -> int:
    index = layout.category_index(wish.category)
    if index is None:
        raise invalid([("best_available.category", "there is no such category")])
    return index


def _areas(wishes: list[AreaPlaces], layout: Layout) -> list[tuple[int, int]]:
    wanted: dict[int, int] = {}
    for position, wish in enumerate(wishes):
        index = layout.area_index(wish.area)
        if index is None:
            raise invalid([(f"areas.{position}.area", "there is no such area")])
        if index in wanted:
            raise invalid([(f"areas.{position}.area", "named twice")])
        wanted[index] = wish.quantity
    if sum(wanted.values()) > ORDER_PLACES_MAX:
        raise invalid([("areas", f"an order has at most {ORDER_PLACES_MAX} places")])
    return list(wanted.items())
