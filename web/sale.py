"""How an event's sale stands, in words."""

from datetime import datetime
from typing import NamedTuple

from processing_units.catalogue.events import EventEntry
from processing_units.catalogue.times import text_of
from web.words import Speech


class Sale(NamedTuple):
    """`state`: soon, open, gone (nothing is left) or over; `at`: when it opens, RFC 3339, else empty."""

    state: str
    text: str
    at: str = ""


def sale_of(entry: EventEntry, free: int | None, now: datetime, say: Speech) -> Sale:
    """The sale at a moment; `free`: how many places are, None when that is not known."""
    if entry.sale_opens_at > now:
        at = {"moment": say.moment(entry.sale_opens_at, brief=True)}
        return Sale("soon", say.gettext("The sale opens on %(moment)s") % at, text_of(entry.sale_opens_at))
    if entry.starts_at <= now:
        return Sale("over", say.gettext("The concert has begun, tickets are no longer sold"))
    if entry.sale_closes_at is not None and entry.sale_closes_at <= now:
        return Sale("over", say.gettext("The sale is closed"))
    if free == 0:
        return Sale("gone", say.gettext("Everything is sold or held just now; places that are not paid come back"))
    return Sale("open", say.gettext("On sale now"))
