"""What must hold when a replay is over: the model's invariants, read from the real grid and PostgreSQL."""

from collections.abc import AsyncIterator

from grid_config.answers import decode_order, decode_seats
from grid_config.commands import read_order, read_seats
from grid_config.outcomes import OrderStatus, Outcome
from tests.faults.traces.replay import Replay

FREE = ord(".")
KEPT = {OrderStatus.HELD, OrderStatus.PAYING, OrderStatus.PAID, OrderStatus.CONFIRMED}


async def broken(replay: Replay) -> list[str]:
    """Every promise that is broken, as a sentence."""
    return [sentence async for sentence in _broken(replay)]


async def _broken(replay: Replay) -> AsyncIterator[str]:
    back, event = replay.world.back, replay.event
    rows = dict(await back.rows("SELECT order_no, status FROM orders WHERE event = %s", event))
    seats = decode_seats((await back.inventories.ask_open(event, read_seats()))[1]).states
    for name, wanted in enumerate(replay.orders):
        outcome, body = await back.inventories.ask_open(event, read_order(wanted.number, 0))
        status = OrderStatus(decode_order(body).status) if outcome == Outcome.ACCEPTED else None
        refused = status is OrderStatus.DECLINED and rows.get(wanted.number) == "declined"
        if wanted.held and not wanted.released and name not in replay.lost and status not in KEPT and not refused:
            yield f'I3: order {name} was told "held", the entry has {status}'
        if status in KEPT and any(seats[place] == FREE for place in wanted.places):
            yield f"I6: order {name} is {status}, its seats are shown as free"
        forgotten = wanted.released and status is None  # by an entry that outlived it
        if rows.get(wanted.number) != (status.name.lower() if status is not None else "released" if forgotten else None):
            yield f"I7/I8: order {name} is {status} in the entry, {rows.get(wanted.number)} in PostgreSQL"
    async for sentence in unrecorded(replay):
        yield sentence
    doubled = await back.rows("SELECT place FROM tickets WHERE event = %s AND status = 'valid' GROUP BY place HAVING count(*) > 1", event)
    if doubled:
        yield f"I1: places {doubled} have several tickets"
    alarms = {kind for (kind,) in await back.rows("SELECT kind FROM alarms WHERE event = %s", event)}
    unmatched = replay.lost or any(wanted.released for wanted in replay.orders)
    allowed = {"tickets_refused"} if replay.name == "ack-base" else {"payment_unmatched"} if unmatched else set()
    if alarms - allowed:
        yield f"alarms {alarms}"


def shown_as_free(replay: Replay) -> list[str]:
    """I6: of what was shown after an order was told "held" its seats are not free."""
    return [
        f"I6: order {name} was told held, its seats were shown as free"
        for name, wanted in enumerate(replay.orders)
        if wanted.held and any(replay.seen[place] == FREE for place in wanted.places)
    ]


async def unrecorded(replay: Replay) -> AsyncIterator[str]:
    """I4: of every payment whose provider was answered with 200 PostgreSQL has a row."""
    for name, wanted in enumerate(replay.orders):
        if wanted.has_200 and not await replay.world.back.rows("SELECT 1 FROM payments WHERE payment = %s", wanted.attempt):
            yield f"I4: the provider got 200 for order {name}, PostgreSQL has no such payment"
