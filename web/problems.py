"""Refusals as the pages tell them: sentences that say what happened and what to do, in the shopper's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from processing_units.edge.problems import Problem
from web.words import Speech


def sentence(problem: Problem, say: Speech) -> str:
    """What a refusal means for the shopper."""
    extra = problem.extra
    match problem.code:
        case "limit_exceeded":
            return _limit(extra, say)
        case "sale_not_open":
            return say.gettext("The sale has not opened yet: it opens on %(moment)s.") % {"moment": _moment(extra["opens_at"], say)}
        case "too_many_requests":
            seconds = int(problem.headers["retry-after"])
            told = say.ngettext(
                "Too many tries. Wait %(num)s second and try again.", "Too many tries. Wait %(num)s seconds and try again.", seconds
            )
            return told % {"num": seconds}
        case "unavailable":
            seconds = int(problem.headers["retry-after"])
            told = say.ngettext(
                "The shop cannot be reached just now. What you hold is not lost; try again in %(num)s second.",
                "The shop cannot be reached just now. What you hold is not lost; try again in %(num)s seconds.",
                seconds,
            )
            return told % {"num": seconds}
    return _plain(say).get(problem.code, say.gettext("That cannot be done. Look at what you typed, and try again."))


def _plain(say: Speech) -> Mapping[str, str]:
    gettext = say.gettext
    return {
        "not_found": gettext("There is no such page. It may have moved, or the address has a mistake."),
        "sale_closed": gettext("The sale is closed."),
        "seat_taken": gettext("Somebody was faster: these seats are no longer free. Nothing was held for you; choose others."),
        "not_enough_seats": gettext("There are not so many free places. Nothing was held for you; take fewer, or another category."),
        "orphan_seats": gettext("This would leave a single seat over that nobody could buy. Take one more or one less."),
        "not_signed_in": gettext("There is no such login with this password. Look at the language of your keyboard and at Caps Lock."),
        "order_not_payable": gettext("This order can no longer be paid."),
        "order_not_releasable": gettext("This order is paid: it can no longer be let go here."),
        "idempotency_key_reused": gettext("This form has been used before. Try again."),
        "internal": gettext("Something went wrong on our side. Try again in a minute."),
    }


def _limit(extra: Mapping[str, Any], say: Speech) -> str:
    limit, held = extra["limit"], extra["held_or_bought"]
    told = say.ngettext(
        "One customer may have %(num)s place at this concert; you have %(held)s.",
        "One customer may have %(num)s places at this concert; you have %(held)s.",
        limit,
    )
    return told % {"num": limit, "held": held}


def _moment(text: str, say: Speech) -> str:
    return say.moment(datetime.fromisoformat(text))
