"""The story of a seat, as clients and the injector saw it: for whoever has to find out why a promise was broken."""

import re
from collections.abc import Container, Iterable

from grid_config.identifiers import order_text
from tests.faults.history import History, Told
from tests.faults.lasting import seats_in

SEAT = re.compile(r"\b(?:seat|place) ([\w-]+)")
ORDER = re.compile(r"\border \((\d+), (\d+)\)")  # as the database numbers it
ORDER_ID = re.compile(r"\b[0-9a-z]{13}-[0-9a-z]{13}\b")
WIDTH = 60
LINES_MAX = 200
SEATS_MAX = 5


def timeline(history: History, sentences: Iterable[str]) -> str:
    """One drawing for each seat that the sentences name, or whose order they name: a line a call or fault, its bar from begin to end."""
    seats = dict.fromkeys(seat for sentence in sentences for seat in _named(history, sentence))
    return "\n\n".join(_drawn(history, seat) for seat in list(seats)[:SEATS_MAX]) or "no seat is named\n"


def _named(history: History, sentence: str) -> list[str]:
    seats = [named if not named.isdecimal() else history.seat_order[int(named)] for named in SEAT.findall(sentence)]
    orders = {*ORDER_ID.findall(sentence), *(order_text(int(event), int(number)) for event, number in ORDER.findall(sentence))}
    return seats + [seat for told in history.calls if told.body.get("order_id") in orders for seat in _had(told)]


def _drawn(history: History, seat: str) -> str:
    orders = {str(told.body["order_id"]) for told in history.calls if seat in _had(told)}
    lines = [(told.began, told.ended, _told(told)) for told in history.calls if _is_about(told, seat, orders)]
    lines += [(broken.began, broken.ended, f"{broken.fault} {broken.target}") for broken in history.broken]
    lines += [(lost, lost, "both copies may be gone") for lost in history.total_losses]
    lines.sort()
    if not lines:
        return f"seat {seat}: nobody spoke of it\n"
    first, last = lines[0][0], max(end for _, end, _ in lines)
    scale = WIDTH / max(last - first, 1e-3)
    drawn = [f"seat {seat}, seed {history.seed}; {last - first:.1f} s from left to right"]
    for begin, end, what in lines[:LINES_MAX]:
        left, length = int((begin - first) * scale), max(1, int((end - begin) * scale))
        drawn.append(f"{begin - first:8.3f} {' ' * left}{'#' * length}{' ' * (WIDTH + 1 - left - length)} {what}")
    return "\n".join(drawn) + "\n"


def _is_about(told: Told, seat: str, orders: Container[str]) -> bool:
    """Whether it was asked for, given, or its order was spoken of."""
    asked = told.request["json"].get("seats") or ()
    return seat in asked or seat in _had(told) or any(part in orders for part in told.request["path"].split("/"))


def _had(told: Told) -> list[str]:
    """The seats of the order that was told."""
    return seats_in(told) if "order_id" in told.body and "seats" in told.body else []


def _told(told: Told) -> str:
    order = told.body.get("order_id", told.body.get("code", ""))
    return f"{told.what} {told.status or 'no answer'} {order}"
