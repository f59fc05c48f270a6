"""What Python puts on the wire, with its fields: samples that the members' tests decode.

`python -m tests.contract.wire_samples` writes vectors/python_*.json anew.
"""

import json
from pathlib import Path
from typing import Any

from grid_config import commands
from grid_config.layout import AreaPlace, Layout, SeatPlace
from grid_config.orders import Order
from grid_config.outcomes import Method, OrderStatus, PaymentResult, Refund, Verdict
from grid_config.terms import NOT_SOLD, Terms
from grid_config.wire import pack_address

VECTORS = Path(__file__).parent / "vectors"
LARGEST = 2**63 - 1
ID = bytes(range(16))
IP = pack_address("203.0.113.7")
IP6 = pack_address("2001:db8::1")

Sample = dict[str, Any]

TERMS = Terms(1_760_000_000_000, 0, 1_770_000_000_000, 4, True, True, 300_000, (350_000, NOT_SOLD, 1_000_000_000))
CLOSED_TERMS = Terms(0, 1, 2, 0, False, False, 5_000, ())

LAYOUT = Layout(
    ["A", "B"],
    [SeatPlace(str(place), "zone", "row", str(place), place % 2) for place in range(5)],
    [(0, 3), (3, 1), (4, 1)],
    [0, 250, 1_000, 2**31 - 1, 7],
    [AreaPlace("floor", 1, 1_048_576), AreaPlace("balcony", 0, 1)],
)
EMPTY_LAYOUT = Layout([], [], [], [], [])

HELD = Order(
    order=1, account=2, command_id=ID, fingerprint=3, status=OrderStatus.HELD, refund=Refund.NONE, seq=4,
    created_at=1_760_000_000_000, held_until=1_760_000_300_000, deadline_at=1_760_000_300_000, extended=0, ended_at=0,
    attempt=0, attempt_open=0, method=0, provider="", total=700_000, ip=IP,
    places=(5, 6), categories=(0, 0), prices=(350_000, 350_000), returned_attempts=(),
)  # fmt: skip
PAYING = HELD._replace(
    status=OrderStatus.PAYING, extended=1, attempt=LARGEST, attempt_open=1, method=Method.SBP, provider="sandbox", ip=IP6
)
DECLINED = PAYING._replace(
    status=OrderStatus.DECLINED, refund=Refund.PENDING, attempt_open=0, ended_at=1_760_000_200_000, provider="касса",
    places=(0x4000_0000, 0x7FFF_FFFF), categories=(254, 1), prices=(0, 1_000_000_000), returned_attempts=(1, 256, LARGEST),
)  # fmt: skip
# What a restore of LAYOUT can carry: its places, its categories, a price for each.
ON_SALE = TERMS._replace(prices=(350_000, NOT_SOLD))
LIVE = [HELD._replace(places=(0, 2)), PAYING._replace(order=LARGEST, places=(1, 0x4000_0000), categories=(1, 1))]
RETURNED = HELD._replace(status=OrderStatus.EXPIRED, deadline_at=0, ended_at=1_760_000_300_001, returned_attempts=(9,))


def terms_fields(terms: Terms) -> dict[str, Any]:
    return terms._asdict() | {"orphan_rule": int(terms.orphan_rule), "on_sale": int(terms.on_sale), "prices": list(terms.prices)}


def layout_fields(layout: Layout) -> dict[str, Any]:
    return {
        "categories": len(layout.categories),
        "seat_categories": [seat.category_index for seat in layout.seats],
        "runs": [list(run) for run in layout.runs],
        "scores": layout.scores,
        "areas": [[area.category_index, area.capacity] for area in layout.areas],
    }


def plain(value: Any) -> Any:
    """A field as JSON has it."""
    if isinstance(value, Terms):
        return terms_fields(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return int(value) if isinstance(value, int) else value


def fields_of(told: Any) -> dict[str, Any]:
    """The fields of a tuple type."""
    return {name: plain(value) for name, value in told._asdict().items()}


def sample(name: str, encoded: bytes, fields: dict[str, Any]) -> Sample:
    return {"name": name, "hex": encoded.hex(), "fields": {key: plain(value) for key, value in fields.items()}}


def command(case: str, encoded: bytes, **fields: Any) -> Sample:
    return sample(f"command/{case}", encoded, {"kind": encoded[0]} | fields)


def _shoppers_commands() -> list[Sample]:
    claim = {"command_id": ID, "fingerprint": LARGEST, "order": 1, "account": 2, "ip": IP}
    mine = {"order": 1, "account": 2, "ip": IP6}
    head = (ID, LARGEST, 1, 2, IP)
    ten = tuple(range(0, 100_000, 10_000))
    areas = [(0, 2), (1_023, 8)]
    paid = {"order": 1, "attempt": LARGEST, "result": 1, "amount": 10**12, "provider": "sandbox", "method": 1, "ip": IP}
    return [
        command("hold two seats", commands.hold_seats(*head, (5, 6)), **claim, form=0, places=[5, 6]),
        command("hold ten seats", commands.hold_seats(*head, ten), **claim, form=0, places=ten),
        command("hold the best", commands.hold_best(*head, 254, 10), **claim, form=1, category=254, quantity=10),
        command("hold in areas", commands.hold_areas(*head, areas), **claim, form=2, areas=areas),
        command("release", commands.release(1, 2, IP6), **mine),
        command(
            "start a payment", commands.start_payment(1, 2, IP6, LARGEST, Method.SBP, "касса"),
            **mine, attempt=LARGEST, method=2, provider="касса",
        ),
        command(
            "settle", commands.settle(1, LARGEST, PaymentResult.AUTHORISED, 10**12, "sandbox", Method.CARD, IP), **paid,
        ),
        command("read seats", commands.read_seats(), incarnation=0, version=0),
        command("read seats since", commands.read_seats(LARGEST, 77), incarnation=LARGEST, version=77),
        command("read an order", commands.read_order(LARGEST, 0), order=LARGEST, account=0),
    ]  # fmt: skip


def _pumps_commands() -> list[Sample]:
    verdicts = [(1, Verdict.CONFIRMED, ()), (LARGEST, Verdict.REFUSED, (5, 0x4000_0000)), (3, Verdict.REFUND_DONE, ())]
    orders = [order.encode() for order in LIVE]
    sold = [commands.sold_order(1, 2, 5, (3, 4)), commands.sold_order(LARGEST, LARGEST, LARGEST, (0x4000_0001,))]
    restored = {"incarnation": LARGEST, "seq": 9, "change_id": -1, "layout": LAYOUT.encode(), "terms": ON_SALE}
    return [
        command("drain", commands.drain(LARGEST, 9, -(2**63), 2_000), incarnation=LARGEST, seq=9, change_id=-(2**63), max=2_000),
        command("acknowledge", commands.acknowledge(1, 9), incarnation=1, seq=9, verdicts=[]),
        command("acknowledge with verdicts", commands.acknowledge(1, 9, verdicts), incarnation=1, seq=9, verdicts=verdicts),
        command(
            "restore", commands.restore(LARGEST, 9, -1, LAYOUT.encode(), ON_SALE, orders, sold),
            **restored, orders=orders, sold=sold,
        ),
        command(
            "restore a new event", commands.restore(LARGEST, 0, 0, EMPTY_LAYOUT.encode(), CLOSED_TERMS, [], []),
            incarnation=LARGEST, seq=0, change_id=0, layout=EMPTY_LAYOUT.encode(), terms=CLOSED_TERMS, orders=[], sold=[],
        ),
        command("open", commands.open_entry(LARGEST), incarnation=LARGEST),
        command("drop", commands.drop_entry(1), incarnation=1),
        command("leave", commands.leave(LARGEST, 9, -1), incarnation=LARGEST, seq=9, change_id=-1),
        command("expire", commands.EXPIRE),
        command("status", commands.STATUS),
        command("whole", commands.WHOLE),
        command("due", commands.due(1_000), max=1_000),
        command("change the terms", commands.change_terms(TERMS), terms=TERMS),
    ]  # fmt: skip


def _batches() -> list[Sample]:
    some = [commands.EXPIRE, commands.read_seats(), commands.hold_seats(ID, 1, 2, 3, IP, (4,))]
    return [
        sample("batch/nothing", commands.batch(0, []), {"made_at": 0, "commands": []}),
        sample("batch/three commands", commands.batch(1_760_000_000_000, some), {"made_at": 1_760_000_000_000, "commands": some}),
    ]


def samples() -> dict[str, list[Sample]]:
    """By file name."""
    layouts = {"a small hall": LAYOUT, "nothing": EMPTY_LAYOUT}
    terms = {"on sale": TERMS, "closed": CLOSED_TERMS}
    orders = {"held": HELD, "paying": PAYING, "declined": DECLINED, "expired, money returned": RETURNED}
    return {
        "python_commands.json": [*_shoppers_commands(), *_pumps_commands(), *_batches()],
        "python_layouts.json": [sample(f"layout/{name}", layout.encode(), layout_fields(layout)) for name, layout in layouts.items()],
        "python_orders.json": [
            *[sample(f"terms/{name}", value.encode(), terms_fields(value)) for name, value in terms.items()],
            *[sample(f"order/{name}", order.encode(), fields_of(order)) for name, order in orders.items()],
        ],
    }


def file_text(of_file: list[Sample]) -> str:
    """A file's content: a sample a line, so that a change shows as one line."""
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in of_file) + "\n]\n"


if __name__ == "__main__":
    for file_name, of_file in samples().items():
        (VECTORS / file_name).write_text(file_text(of_file))
