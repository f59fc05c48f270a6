"""The rows of a run of changes, written in one pipeline; paid orders get their tickets or are refused as a whole."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from data_writers.batch import Told
from data_writers.database import Connection, Unwritable, columns, quoted
from data_writers.folding import BEGUN, TOUCHED, Effects, Key, fold
from data_writers.sql import load
from grid_config.changes import Change, Paid
from grid_config.outcomes import PaymentResult, Verdict

SQL = load("changes")
_PAYMENT = ("payment", "event", "order_no", "provider", "method", "amount", "status", "captured", "at_ms")
_REFUND = ("refund", "payment", "event", "order_no", "amount", "reason", "at_ms")


async def write_run(connection: Connection, changes: Sequence[tuple[int, int, Change]]) -> list[tuple[int, Told]]:
    """Write the effects of a run (`folding.segments`) in the transaction that is open; the verdicts of its orders by event.

    Errors of the data leave as psycopg's own or as Unwritable: the caller rolls back and narrows down.
    """
    effects = fold(changes)
    await _write_rows(connection, effects)
    verdicts = await _settle_paid(connection, effects) if effects.paid else []
    await _write_consequences(connection, effects)
    return verdicts


async def _write_rows(connection: Connection, effects: Effects) -> None:
    touched = None
    async with connection.pipeline():
        if effects.begun:
            await connection.execute(SQL["begin_orders"], columns(BEGUN, effects.begun.values()))
        if effects.touched:
            touched = await connection.execute(SQL["touch_orders"], columns(TOUCHED, effects.touched.values()))
        await _write_payments(connection, effects)
        if effects.untaken:
            await connection.execute(SQL["cancel_tickets"], keys(effects.untaken))
    if touched is not None and touched.rowcount != len(effects.touched):
        raise Unwritable(f"{len(effects.touched) - touched.rowcount} orders are in no row")


async def write_money(connection: Connection, effects: Effects) -> None:
    """Only the payments of a run, and what follows for money: its orders and tickets are written by other means."""
    await _write_payments(connection, effects)
    await _write_consequences(connection, effects)


async def _write_payments(connection: Connection, effects: Effects) -> None:
    if effects.payments:
        await connection.execute(SQL["write_payments"], columns(_PAYMENT, effects.payments.values()))
    if effects.closed:
        await connection.execute(SQL["close_payments"], columns(("payment", "status"), effects.closed.items()))
    if effects.expired:
        await connection.execute(SQL["close_payments_of_expired"], keys(effects.expired))


def keys(orders: Iterable[Key]) -> dict[str, str]:
    """Events and orders as the two parameters that many statements take."""
    return columns(("event", "order_no"), orders)


async def _settle_paid(connection: Connection, effects: Effects) -> list[tuple[int, Told]]:
    paid = [(event, order, change.at) for (event, order), change in effects.paid.items()]
    async with connection.pipeline():
        await connection.execute(SQL["issue_tickets"], columns(("event", "order_no", "at_ms"), paid))
        found = await connection.execute(SQL["refused_places"], keys(effects.paid))
    refused = {(event, order): tuple(places) for event, order, places in await found.fetchall()}
    if refused:
        await refuse(connection, refused)
    return [(key[0], _verdict(effects, key, change, refused.get(key))) for key, change in effects.paid.items()]


def _verdict(effects: Effects, key: Key, change: Paid, conflicting: tuple[int, ...] | None) -> Told:
    event, order = key
    if conflicting:
        effects.give_back(event, change, "refused")
        effects.alarms.append(("tickets_refused", event, order, {"places": conflicting, "payment": change.attempt}))
        return Told(order, Verdict.REFUSED, conflicting)
    if change.result == PaymentResult.AUTHORISED:
        effects.jobs.append(("capture", change.attempt, {"event": event, "order": order, "payment": change.attempt}))
    return Told(order, Verdict.CONFIRMED)


async def refuse(connection: Connection, refused: Iterable[Key]) -> None:
    """Orders that did not get all of their tickets keep none of them."""
    async with connection.pipeline():
        await connection.execute(SQL["withdraw_tickets"], keys(refused))
        await connection.execute(SQL["refuse_orders"], keys(refused))


async def _write_consequences(connection: Connection, effects: Effects) -> None:
    if not (effects.refunds or effects.jobs or effects.alarms):
        return
    async with connection.pipeline():
        if effects.refunds:
            await connection.execute(SQL["ask_refunds"], columns(_REFUND, effects.refunds))
        await enqueue(connection, effects.jobs)
        await raise_alarms(connection, effects.alarms)


async def enqueue(connection: Connection, jobs: Sequence[tuple[str, int, Mapping[str, int | str]]]) -> None:
    """Put jobs (task, payment, arguments) into the queue of this transaction; the jobs of a payment take turns."""
    if jobs:
        rows = [(task, f"payment:{payment}", quoted(json.dumps(arguments))) for task, payment, arguments in jobs]
        await connection.execute(SQL["enqueue_jobs"], columns(("task", "lock", "args"), rows))


async def raise_alarms(connection: Connection, alarms: Sequence[tuple[str, int, int, dict[str, Any]]]) -> None:
    """Tell the administrators: kind, event, order (0: none), detail."""
    if alarms:
        rows = [(kind, event, order, quoted(json.dumps(detail))) for kind, event, order, detail in alarms]
        await connection.execute(SQL["raise_alarms"], columns(("kind", "event", "order_no", "detail"), rows))
