"""What shoppers and administrators send: bodies, seating plans, cursors and ids. A Problem of the closed set, or taken as it is."""

import ipaddress
import json
from collections.abc import Callable
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.requests import Request

from grid_config.documents import decode_body, encode_body
from grid_config.identifiers import number_of, number_text, order_of, order_text, ticket_of, ticket_text
from grid_config.layout import Layout
from grid_config.limits import I32_MAX, ORDER_PLACES_MAX, PLAN_SEATS_MAX
from grid_config.plan import SeatingPlan
from infra.payment.port import attempt_of, payment_id
from processing_units.accounts.person import Registration
from processing_units.accounts.routes import SignIn
from processing_units.administration.audit import AuditQuery
from processing_units.administration.bodies import Artist, ArtistChange, Event, EventChange
from processing_units.administration.halls import plan_of
from processing_units.administration.lists import SearchQuery
from processing_units.catalogue import cursors
from processing_units.catalogue.listing import EventsQuery
from processing_units.edge.problems import CODES, Problem
from processing_units.edge.validation import parse, read_query
from processing_units.payments.bodies import PaymentRequest
from processing_units.sales.requests import OrderRequest, Shopper, WaitQuery, hold_of
from tests.fixtures.shop import person, plan
from tests.fuzz.target import Target

FLOOR = {"area": "Танцпол", "category": "Партер", "capacity": 25, "position": {"x": 0, "y": 200}, "width": 200, "height": 80}
PLAN = plan(areas=(FLOOR,))
HALL = Layout.from_plan(SeatingPlan.model_validate(PLAN))
NUL = b"\\u0000"


def as_json(*documents: Any) -> tuple[bytes, ...]:
    return tuple(json.dumps(document, ensure_ascii=False).encode() for document in documents)


def refused(problem: Problem) -> None:
    """A refusal of a request that makes no sense, told in words of its own."""
    assert problem.status in {400, 422}
    told = orjson.loads(problem.document())
    assert told["code"] in CODES
    assert not any(name in problem.document() for name in (b"Traceback", b"serializ", b"pydantic", b"recursion")), told


def taken(model: type[BaseModel], then: Callable[[Any], None] = lambda _: None) -> Callable[[bytes], None]:
    """A body: refused, or a model that is the same once more when it is written, and that documents can hold."""

    def read(data: bytes) -> None:
        try:
            given = parse(model, data)
            then(given)
        except Problem as problem:
            refused(problem)
            return
        assert parse(model, given.model_dump_json(exclude_unset=True).encode()) == given
        stored = encode_body(given.model_dump(mode="json", exclude_unset=True))
        assert decode_body(stored) == given.model_dump(mode="json", exclude_unset=True)
        if model not in {SignIn, Registration, PaymentRequest}:  # passwords are hashed, addresses are not kept as they come
            assert NUL not in orjson.dumps(given.model_dump(mode="json")), "PostgreSQL's jsonb has no NUL"

    return read


def _hold(request: OrderRequest) -> None:
    command = hold_of(request, HALL, Shopper(1, 2, bytes(16), b"a key"))
    assert command[0] == 1
    assert len(command) < 200
    again = hold_of(request, HALL, Shopper(1, 2, bytes(16), b"a key"))
    assert command[5:29] == again[5:29], "the same request under the same key has the same id and fingerprint"


def _read_plan(data: bytes) -> None:
    try:
        given = plan_of(data)
    except Problem as problem:
        refused(problem)
        return
    assert decode_body(encode_body({"plan": given, "earlier": {}}))["plan"] == given
    whole = SeatingPlan.model_validate(given)
    assert NUL not in orjson.dumps(given)
    layout = Layout.from_plan(whole)
    assert len(layout.seats) <= PLAN_SEATS_MAX
    assert sum(length for _, length in layout.runs) == len(layout.seats)
    assert all(0 <= score <= I32_MAX for score in layout.scores)
    assert layout.encode()[0] == 1


def _read_cursor(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for letter, count in (("e", 2), ("a", 1), ("u", 4)):
        try:
            numbers = cursors.decode(letter, count, text)
        except Problem as problem:
            refused(problem)
        else:
            assert cursors.encode(letter, numbers) == text
            assert all(-(2**63) <= number < 2**63 for number in numbers)


def _read_query(data: bytes) -> None:
    """The query of every list: a Problem, or values that the catalogue and PostgreSQL can be asked for."""
    request = Request({"type": "http", "query_string": data})
    for model in (EventsQuery, AuditQuery, WaitQuery, SearchQuery):
        try:
            given = read_query(request, model)
        except Problem as problem:
            refused(problem)
            continue
        if isinstance(given, AuditQuery):
            wanted = given.wanted()
            assert wanted.ip is None or str(ipaddress.ip_address(wanted.ip)) == wanted.ip
            assert wanted.ip is None or "%" not in wanted.ip, "PostgreSQL's inet knows no interfaces"
            assert all(number is None or 0 < number < 2**63 for number in (wanted.account, wanted.event))
        if isinstance(given, WaitQuery):
            assert 0 <= given.timeout <= 30


def _read_ids(data: bytes) -> None:
    """One number has one text: whatever is read is written back the same."""
    text = data.decode("utf-8", "surrogateescape")
    number, order, ticket, attempt = number_of(text), order_of(text), ticket_of(text), attempt_of(text)
    assert number is None or number_text(number) == text
    assert order is None or order_text(*order) == text
    assert ticket is None or ticket_text(*ticket) == text
    assert attempt is None or payment_id(attempt) == text


WISHES = (
    {"seats": ["1-1", "2-3"]}, {"best_available": {"category": "Балкон", "quantity": 2}}, {"areas": [{"area": "Танцпол", "quantity": 3}]},
    {"seats": [f"1-{number}" for number in range(ORDER_PLACES_MAX)]}, {"seats": None}, {"seats": ["1-1", "1-1"]},
)  # fmt: skip
EVENT = {
    "title": "Концерт", "artist_ids": ["0123456789abc"], "description": "много\nстрок", "city": "Москва", "address": "ул. Примерная, 1",
    "starts_at": "2027-06-01T19:00:00+03:00", "sale_opens_at": "2027-01-01T10:00:00.5Z", "sale_closes_at": "2027-06-01T10:00:00Z",
    "hall_id": "7zzzzzzzzzzzz", "prices": {"Партер": {"amount": "3500.00", "currency": "RUB"}}, "per_customer_limit": 4,
    "orphan_rule": True,
}  # fmt: skip
ARTIST = {
    "name": "Анна",
    "occupation": "певица",
    "genre": None,
    "biography": "…",
    "works": [{"title": "Первый", "year": 1999, "kind": "альбом"}],
}
PAYMENT = {"provider": "sandbox", "method": "sbp", "return_url": "/orders/x?y=1#z"}
IDS = (number_text(1), order_text(5, 2**63 - 1), ticket_text(5, 6, 0), ticket_text(5, 6, I32_MAX))
QUERIES = (
    b"q=x&artist=%D0%90&city=&from=2027-01-01T00:00:00Z&to=2027-06-01T00:00:00%2B03:00&limit=5&cursor=ZToxOjI",
    b"ip=203.0.113.7&account=0123456789abc&event=0123456789abc&status=seat_taken", b"wait_for=confirmed&timeout=20", b"ip=2001:db8::1",
)  # fmt: skip
KEYS = (("e", (1, 2)), ("a", (-1,)), ("u", (0, 1, 2, 2**63 - 1)))

TARGETS = (
    Target("order", taken(OrderRequest, _hold), as_json(*WISHES)),
    Target("payment", taken(PaymentRequest), as_json(PAYMENT)),
    Target("registration", taken(Registration), as_json(person(), person(surname="О’Коннор-Δ", email="я@пример.рф"))),
    Target("sign-in", taken(SignIn), as_json({"login": "anna", "password": "a long enough sentence"})),
    Target("artist", taken(Artist), as_json(ARTIST)),
    Target("artist-change", taken(ArtistChange), as_json({"genre": None}, ARTIST)),
    Target("event", taken(Event), as_json(EVENT)),
    Target("event-change", taken(EventChange), as_json({"title": "Новое имя", "per_customer_limit": None}, EVENT)),
    Target("plan", _read_plan, as_json({"plan": PLAN}, {"plan": plan(1, 1) | {"note": [1e15, {"deep": [True]}]}}), 16_384),
    Target("cursor", _read_cursor, tuple(cursors.encode(letter, key).encode() for letter, key in KEYS)),
    Target("query", _read_query, QUERIES),
    Target("ids", _read_ids, tuple(text.encode() for text in IDS)),
)  # fmt: skip
