"""Orders: holding, reading, waiting, releasing. Each call parses, asks the event's batch, and tells the outcome."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from starlette.types import Receive, Scope

from grid_config.commands import read_order, release
from grid_config.identifiers import order_of
from grid_config.orders import Order, decode_order
from grid_config.outcomes import OrderStatus, Outcome
from processing_units.catalogue.events import PublishedEvent
from processing_units.edge.identity import Addresses, Headers, packed, session_in
from processing_units.edge.problems import Problem, malformed, not_found, not_signed_in, order_not_releasable
from processing_units.edge.rate import ORDERS, Rates
from processing_units.edge.replies import JSON_HEADER, Reply
from processing_units.edge.tokens import Tokens
from processing_units.edge.validation import BODY_BYTES_MAX, is_json, parse, read_bytes
from processing_units.sales.attempts import Attempts
from processing_units.sales.batcher import Answer, Batchers, Unavailable
from processing_units.sales.left import LeftGrid, refused
from processing_units.sales.refusals import refusal
from processing_units.sales.requests import OrderRequest, Shopper, hold_of, known_number
from processing_units.sales.views import STATUS_TEXT, OrderViews
from processing_units.sales.waiters import Waiters

VIEWS_MAX = 64  # events whose places are kept encoded
HEADERS = [JSON_HEADER]
ENDS = frozenset({OrderStatus.CONFIRMED, OrderStatus.RELEASED, OrderStatus.EXPIRED, OrderStatus.DECLINED, OrderStatus.CANCELLED})
_WISHES = {text: ENDS | {status} for status, text in STATUS_TEXT.items()}  # an end is all that can come for who waits for another
_MAY_HAVE_HAD_TICKETS = frozenset({OrderStatus.DECLINED, OrderStatus.CANCELLED})


class PastOrder(Protocol):
    """An order that has left its entry, and its tickets as (place, status)."""

    @property
    def order(self) -> Order: ...
    @property
    def tickets(self) -> Sequence[tuple[int, str]]: ...


class PublishedEvents(Protocol):
    """The catalogue: `event` gives what is here, `awaited` waits a moment for the rest; Problem `not_found` or `unavailable`."""

    def event(self, event: int) -> PublishedEvent | None:
        """A published event that this unit knows; None when it knows none."""

    async def awaited(self, event: int) -> PublishedEvent:
        """The event, once the unit has heard of it; Problem `not_found` when it does not in time."""


# (event, order) → the order as the archive has it. Raises Unavailable.
Past = Callable[[int, int], Awaitable[PastOrder | None]]
# (event, order) of somebody who waits for it to be paid: the payments room may ask the provider.
Inquire = Callable[[int, Order], None]


@dataclass(frozen=True, slots=True)
class Found:
    """An order, the time at which it was so (unix ms), and its tickets where they are not simply all valid."""

    order: Order
    now: int
    tickets: Sequence[tuple[int, str]] | None = None


class Caller(NamedTuple):
    """What tells who is calling, from where, and whether too often."""

    tokens: Tokens
    addresses: Addresses
    rates: Rates


class Orders:
    """The calls about orders; `left` tells what the grid has no inventory of, `past` asks the archive."""

    def __init__(
        self,
        batchers: Batchers,
        attempts: Attempts,
        caller: Caller,
        events: PublishedEvents,
        *,
        left: LeftGrid,
        waiters: Waiters,
        past: Past,
        inquire: Inquire,
    ) -> None:
        self._batchers = batchers
        self._attempts = attempts
        self._tokens, self._addresses, self._rates = caller
        self._find_event = events.event
        self._await_event = events.awaited
        self._waiters = waiters
        self._left = left
        self._past = past
        self._inquire = inquire
        self._views: OrderedDict[int, OrderViews] = OrderedDict()

    async def place(self, event_text: str, scope: Scope, receive: Receive) -> Reply:
        """Hold places for a new order: 201, or 200 when the key's order exists. Refusals are Problems, and audited."""
        headers = dict(scope["headers"])
        address = self._addresses.seen(scope["client"], headers)
        session = session_in(headers, self._tokens)
        account = session.account if session else 0
        event = known_number(event_text) or 0
        try:
            if not account:
                raise not_signed_in()
            self._rates.take(ORDERS, address)
            return await self._place(event, account, address, headers, receive)
        except Problem as problem:
            if problem.status < 500:
                await self._attempts.record(problem.code, address, account, event, 0)
            raise

    async def _place(self, event: int, account: int, address: str, headers: Headers, receive: Receive) -> Reply:
        published = self._find_event(event) or await self._await_event(event)
        views = self._views_of(event, published)
        _expect_json(headers)
        request = parse(OrderRequest, await read_bytes(receive))
        command = hold_of(request, views.layout, Shopper(event, account, packed(address), headers.get(b"idempotency-key")))
        if self._left.has(published):
            raise refused(published)
        answer = await self._batchers.ask(event, command)
        if answer.outcome > Outcome.REPEATED:
            raise refusal(answer.outcome, answer.body, views)
        status = 201 if answer.outcome == Outcome.ACCEPTED else 200
        return Reply(status, HEADERS, views.body(decode_order(answer.body), answer.now))

    def has_left(self, event: int) -> bool:
        """Whether the event is so long over that its orders are in the archive only."""
        return self._left.event(event) is not None

    async def told(self, order_text: str, account: int, wait_for: str | None, seconds: float) -> bytes:
        """The order's JSON, at once or when `wait_for` or an end is reached or `seconds` are over."""
        event, order = _named(order_text)
        views = self._views_of(event, self._find_event(event) or await self._await_event(event))
        found = await (self._waited(event, order, account, wait_for, seconds) if wait_for else self._found(event, order, account))
        return views.body(found.order, found.now, found.tickets)

    async def release(self, order_text: str, account: int, address: str) -> None:
        """Let a held or paying order go; an ended one stays as it is. Problem `order_not_releasable` or `not_found`."""
        event, order = _named(order_text)
        views = self._views_of(event, self._find_event(event) or await self._await_event(event))
        answer = await self._ask(event, release(order, account, packed(address)))
        if answer is not None and answer.outcome <= Outcome.REPEATED:
            self._waiters.tell(event, order)
            return
        if answer is not None and answer.outcome != Outcome.UNKNOWN_ORDER:
            raise refusal(answer.outcome, answer.body, views)
        past = await self._past_of(event, order, account)
        if past.order.status in {OrderStatus.PAID, OrderStatus.CONFIRMED}:
            raise order_not_releasable(STATUS_TEXT[past.order.status])

    async def _waited(self, event: int, order: int, account: int, wait_for: str, seconds: float) -> Found:
        with self._waiters.joined(event, order, _WISHES[wait_for], seconds) as waiter:
            while True:
                found = None
                try:
                    found = await self._found(event, order, account)
                except Unavailable:
                    if waiter.is_over:
                        raise
                if found and (waiter.is_over or found.order.status in waiter.wish):
                    return found
                if found and found.order.status == OrderStatus.PAYING:
                    self._inquire(event, found.order)
                await waiter.rest()

    async def _found(self, event: int, order: int, account: int) -> Found:
        """The order as it stands; Problem `not_found` when it is not this account's."""
        answer = await self._ask(event, read_order(order, account))
        if answer is None or answer.outcome == Outcome.UNKNOWN_ORDER:
            return await self._past_of(event, order, account)
        if answer.outcome != Outcome.ACCEPTED:
            raise Unavailable
        live = decode_order(answer.body)
        if not live.created_at:  # a confirmed order that has shrunk to its places
            return await self._past_of(event, order, account)
        if live.status in _MAY_HAVE_HAD_TICKETS and live.attempt:
            past = await self._past(event, order)
            return Found(live, answer.now, [(place, "cancelled") for place, _ in past.tickets] if past else [])
        return Found(live, answer.now)

    async def _past_of(self, event: int, order: int, account: int) -> Found:
        past = await self._past(event, order)
        if past is None or past.order.account != account:
            raise not_found()
        return Found(past.order, int(datetime.now(UTC).timestamp() * 1000), past.tickets)

    async def _ask(self, event: int, command: bytes) -> Answer | None:
        """The entry's answer; None when the event is so long over that it has none."""
        return None if self.has_left(event) else await self._batchers.ask(event, command)

    def _views_of(self, event: int, published: PublishedEvent) -> OrderViews:
        """How orders of the event are written."""
        views = self._views.get(event)
        if views is None or views.layout is not published.layout:
            views = self._views[event] = OrderViews(event, published.layout)
            if len(self._views) > VIEWS_MAX:
                self._views.popitem(last=False)
        return views


def _named(order_text: str) -> tuple[int, int]:
    """The event and the order of an id; Problem `not_found` for what is none."""
    numbers = order_of(order_text)
    if numbers is None:
        raise not_found()
    return numbers


def _expect_json(headers: Headers) -> None:
    if not is_json(headers.get(b"content-type", b"")):
        raise malformed("The content type must be application/json.")
    length = headers.get(b"content-length", b"0")
    if len(length) > 9 or (length.isdigit() and int(length) > BODY_BYTES_MAX):
        raise malformed(f"The body is longer than {BODY_BYTES_MAX} bytes.")
