"""An order as its shopper reads it: where it stands, what it has, what can be done now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from grid_config.identifiers import ticket_of
from grid_config.layout import Layout, area_of
from processing_units.catalogue.money import kopecks_of
from web.words import Speech

WAITING = frozenset({"paying", "paid"})  # the states in which the shopper waits for somebody else
_GOOD = frozenset({"paid", "confirmed"})
_ENDED_WITHOUT = frozenset({"released", "expired", "declined", "cancelled"})


class Standing(NamedTuple):
    """`tone`: good, waiting or over; `title` says where the order stands, `text` what that means."""

    tone: str
    title: str
    text: str


def standing_of(order: Mapping[str, Any], say: Speech) -> Standing:
    """The truth about an order in each of its states: what happened, where the money is, what can be done."""
    gettext = say.gettext
    until = say.time(datetime.fromisoformat(order["expires_at"])) if order["expires_at"] else ""
    title, text = {
        "held": (
            gettext("The places are yours for now"),
            gettext("Nobody else can take them until %(time)s Moscow time. Pay by then, and they stay yours."),
        ),
        "paying": (
            gettext("Waiting for your payment"),
            gettext(
                "The payment system has not told us yet that you paid. If you have, just wait here. "
                "The places are yours until %(time)s Moscow time."
            ),
        ),
        "paid": (
            gettext("Payment received"),
            gettext("Your tickets are being issued. This takes seconds; in a rush a little longer. You need not pay again."),
        ),
        "confirmed": (
            gettext("The tickets are yours"),
            gettext("The order is paid, its tickets are issued. They stay here: keep the address of this page."),
        ),
        "released": (gettext("You let this order go"), gettext("The places are on sale again. Nothing was charged.")),
        "expired": (
            gettext("Your time ran out"),
            gettext("No payment came in time, so the places went back on sale. If money was taken after all, it goes back by itself."),
        ),
        "declined": (
            gettext("The payment did not go through"),
            gettext("Nothing was charged, and the places went back on sale. Choose again; another card or way of paying may work."),
        ),
        "cancelled": (gettext("The order was cancelled"), gettext("The organiser cancelled it. What you paid goes back to you.")),
    }[order["status"]]
    if order["refund"] != "none":
        text = _money_after_all(say).get(order["status"], text)
    tone = "good" if order["status"] in _GOOD else "over" if order["status"] in _ENDED_WITHOUT else "waiting"
    return Standing(tone, title, text % {"time": until} if until else text)


def _money_after_all(say: Speech) -> Mapping[str, str]:
    """What ended orders are told by whose money came nevertheless."""
    return {
        "released": say.gettext("The places are on sale again. The payment that came after that goes back to you."),
        "expired": say.gettext("The payment came when the places were no longer yours."),
        "declined": say.gettext("The places went back on sale, and what you paid goes back to you."),
    }


def refund_of(order: Mapping[str, Any], say: Speech) -> str:
    """What is told of money on its way back; empty when there is none."""
    gettext = say.gettext
    states = [ticket["status"] for ticket in order["tickets"]]
    if order["status"] in _ENDED_WITHOUT or set(states) == {"cancelled"}:
        texts = (
            gettext("Your money is on its way back. Banks take up to a few days."),
            gettext("Your money went back."),
            gettext("Your money could not be sent back yet. We know, and keep trying."),
        )
    elif "cancelled" in states:
        texts = (
            gettext("The money for the cancelled tickets is on its way back. Banks take up to a few days."),
            gettext("The money for the cancelled tickets went back."),
            gettext("The money for the cancelled tickets could not be sent back yet. We know, and keep trying."),
        )
    else:  # paid twice, or another sum
        texts = (
            gettext("A payment that did not fit this order is on its way back. Banks take up to a few days."),
            gettext("A payment that did not fit this order went back."),
            gettext("A payment that did not fit this order could not be sent back yet. We know, and keep trying."),
        )
    return dict(zip(("pending", "done", "failed"), texts, strict=True)).get(order["refund"], "")


def places_of(order: Mapping[str, Any], layout: Layout, say: Speech) -> list[dict[str, str]]:
    """The places, neighbours of a row in one line: where, which, what they cost together."""

    def where(seat: Mapping[str, Any]) -> tuple[Any, ...]:
        return seat["area"], seat["zone"], seat["row"], layout.row_labels.get(seat["seat"]), seat["category"]

    lines = []
    for _, group in groupby(order["seats"], key=where):
        seats = list(group)
        first = seats[0]
        total = sum(kopecks_of(seat["price"]["amount"]) for seat in seats)
        lines.append({"where": first["area"] or first["zone"] or "", "which": _which(seats, layout, say), "price": say.money(total)})
    return lines


def tickets_of(order: Mapping[str, Any], layout: Layout, say: Speech) -> list[dict[str, str]]:
    """The tickets with the places that their ids name."""
    states = {
        "valid": say.gettext("valid"),
        "used": say.gettext("used"),
        "expired": say.gettext("expired"),
        "cancelled": say.gettext("cancelled"),
    }
    told = []
    for ticket in order["tickets"]:
        _, _, place = ticket_of(ticket["ticket_id"]) or (0, 0, 0)
        area = area_of(place)
        seat = layout.seats[place] if area is None else None
        where = seat.zone if seat else layout.areas[area or 0].name
        which = _seats(say, seat.row, layout.row_labels.get(seat.guid), [seat.number]) if seat else _unnumbered(say, 1)
        told.append({"where": where, "which": which, "state": states[ticket["status"]], "status": ticket["status"]})
    return told


def _which(seats: Sequence[Mapping[str, Any]], layout: Layout, say: Speech) -> str:
    if seats[0]["area"]:
        return _unnumbered(say, len(seats))
    return _seats(say, seats[0]["row"], layout.row_labels.get(seats[0]["seat"]), [seat["number"] for seat in seats])


def _unnumbered(say: Speech, count: int) -> str:
    return say.ngettext("%(num)s place without a seat", "%(num)s places without seats", count) % {"num": count}


def _seats(say: Speech, row: str, label: str | None, numbers: Sequence[str]) -> str:
    """«ряд 3, места 5, 6»; of what is no row «Ложа 3, места 5, 6»."""
    if label:
        told = say.ngettext("%(box)s, seat %(numbers)s", "%(box)s, seats %(numbers)s", len(numbers))
    else:
        told = say.ngettext("row %(row)s, seat %(numbers)s", "row %(row)s, seats %(numbers)s", len(numbers))
    # The first number stays on the line of its "seat".
    return told.replace(" %(numbers)s", "\u00a0%(numbers)s") % {"row": row, "box": label, "numbers": ", ".join(numbers)}
