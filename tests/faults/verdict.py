"""Waiting until a run has settled, then having it judged."""

import asyncio
import time
from pathlib import Path

import httpx

from grid_config.identifiers import number_of
from tests.faults.checkers import check
from tests.faults.history import Final, History, read_database
from tests.faults.linearization import NOT_LINEARIZABLE, judged, not_linearizable
from tests.faults.shoppers import House
from tests.faults.timeline import timeline

SETTLES_SECONDS = 60.0
LOOK_SECONDS = 0.3
STATES_SECONDS = 10.0
NOT_ON_SALE = "nobody is told which seats are free"
UNDER_WAY = ("paying", "paid")


async def final_state(house: House, history: History, event_id: str) -> Final:
    """What databases, provider and availability say of the event now."""
    settings = house.laboratory.settings
    rows = await asyncio.to_thread(read_database, settings["database_url"], settings["audit_database_url"])
    paid = {told.body["payment_id"] for told in history.calls if told.what == "pay" and told.status in (200, 201)}
    ledger = {payment_id: (await house.provider.get(f"/payments/{payment_id}")).raise_for_status().json() for payment_id in paid}
    try:
        seats = await house.sells(next(iter(house.laboratory.units)), event_id, STATES_SECONDS)
        states = {event_id: str(seats["states"])}
    except TimeoutError:
        seats, states = {}, {}
    event = number_of(event_id)
    listened = {unit: listener.now for unit, listener in house.listeners.items() if unit in house.laboratory.units}
    return Final(
        [row for row in rows.orders if row.event == event],
        [row for row in rows.tickets if row.event == event],
        [row for row in rows.audit if row.event == event],
        rows.payments,
        ledger,
        states,
        [alarm for alarm in rows.alarms if alarm[1] == event],
        tuple(seats.get("areas_free", ())),
        listened,
        rows.accounts,
        {named: [*(await _titles(house, named)), rows.titles.get(number_of(named) or 0, "")] for named in _named(history)},
    )


def _named(history: History) -> set[str]:
    """Events that were given a title."""
    return {told.request["path"].rsplit("/", 1)[-1] for told in history.calls if told.what == "name"}


async def _titles(house: House, event_id: str) -> list[str]:
    """What each unit says the event is called."""
    told = [house.anyone(unit, house.office.token).http.get(f"/admin/events/{event_id}") for unit in house.laboratory.units]
    return [str(answer.raise_for_status().json()["title"]) for answer in await asyncio.gather(*told)]


def unfinished(final: Final) -> list[str]:
    """What is still on its way."""
    waiting = [] if final.states else [NOT_ON_SALE]
    waiting += [f"order {row.order_no} is {row.status}, refund {row.refund}" for row in final.orders if _moves(row.status, row.refund)]
    waiting += [f"payment {payment_id} is {told['status']}" for payment_id, told in final.ledger.items() if told["status"] == "authorised"]
    return waiting


def _moves(status: str, refund: str) -> bool:
    return status in UNDER_WAY or refund == "pending"


async def settled(
    house: House, history: History, event_id: str, seconds: float = SETTLES_SECONDS, expected: str | tuple[str, ...] = "\n"
) -> tuple[Final, list[str]]:
    """The end of a run, and what is wrong with it: judged again and again until it is right or the time is up.

    Sentences that begin with `expected` are not waited for.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            final = await final_state(house, history, event_id)
            found = unfinished(final) + check(history, final)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            final, found = Final([], [], [], {}, {}, {}, []), [f"the system does not answer: {error!r}"]
        if all(sentence.startswith(expected) for sentence in found) or time.monotonic() > deadline:
            return final, found or await asyncio.to_thread(not_linearizable, history, final)
        await asyncio.sleep(LOOK_SECONDS)


async def judge(house: House, history: History, event_id: str, seconds: float = SETTLES_SECONDS) -> Final:
    """The end of a run that must be right. A failure names the seed and where the history was kept."""
    final, found = await settled(house, history, event_id, seconds)
    assert not found, f"seed {history.seed}, history in {keep(house, history, final, found)}:\n" + "\n".join(found[:20])
    return final


def keep(house: House, history: History, final: Final, found: list[str]) -> Path:
    """Where everything about the run is kept, with the timeline of the seats that are named and what no order of the calls explains."""
    place = history.keep(found, house.laboratory.directory)
    (place / "timeline.txt").write_text(timeline(history, found))
    if any(NOT_LINEARIZABLE in sentence for sentence in found):
        judged(history, final, place / "linearization.html")
    return place
