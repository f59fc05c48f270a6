"""What newcomers and administrators were told, held against the end (I3, I8): documents are kept as orders are.

More checkers like those of `checkers`. A total loss may cost documents that were not durable yet, and sessions that were ended.
"""

from collections.abc import Iterator

from grid_config.identifiers import number_of
from tests.faults.history import Final, History, Told

HEARD_SECONDS = 2.0
SESSION_SECONDS = 120.0  # longer than anybody asks about a session that he has ended


def _told(history: History, what: str, *statuses: int) -> list[Told]:
    return [told for told in history.calls if told.what == what and (not statuses or told.status in statuses)]


def _lost_since(history: History, moment: float) -> bool:
    return any(moment < loss for loss in history.total_losses)


def _was_away(history: History, when: Told) -> bool:
    """Whether somebody waited for the grid in vain around that moment."""
    calls = (each for each in history.calls if each.status in {0, 503})
    return any(each.began < when.ended and when.began < each.ended + HEARD_SECONDS for each in calls)


def who_registered_has_an_account(history: History, final: Final) -> Iterator[str]:
    """I3."""
    for told in _told(history, "register", 201):
        account = told.body["account_id"]
        if number_of(account) not in final.accounts and not _lost_since(history, told.began):
            yield f"I3: account {account} was registered and is nowhere"


def who_registered_can_sign_in(history: History, _final: Final) -> Iterator[str]:
    """I3: with the login and the password of the registration, at whichever unit."""
    registered = {told.request["json"]["login"]: told for told in _told(history, "register", 201)}
    for told in _told(history, "sign in", 401):
        login = told.request["json"]["login"]
        if login in registered and not _lost_since(history, registered[login].began):
            yield f"I3: {login} was registered and could not sign in {told.began - registered[login].ended:.3f} s later"


def a_session_ends_when_it_is_ended(history: History, _final: Final) -> Iterator[str]:
    """Who has signed out is nobody a second later, and not before. A unit that is cut off or frozen, or cannot read the whole grid just
    then, hears of it when that is over."""
    for told in _told(history, "signed out", 200):
        broken = any(each.began < told.ended and told.began < each.ended + HEARD_SECONDS for each in history.broken)
        if not broken and not _was_away(history, told) and not _lost_since(history, told.began - SESSION_SECONDS):
            yield f"I7: account {told.account_id} was signed out and is still let in"
    for told in _told(history, "account", 401):
        if not history.total_losses:
            yield f"I7: account {told.account_id} was signed in and is not let in"


def what_was_made_is_there(history: History, _final: Final) -> Iterator[str]:
    """I3: whoever makes an event of an artist and a hall, puts it on sale and names it finds what he has made."""
    if not history.total_losses:
        expected = {"make": {201}, "publish": {200}, "name": {200, 409}}
        for told in history.calls:
            if 0 < told.status < 500 and told.status not in expected.get(told.what, {told.status}):
                yield f"I3: {told.what} {told.request['path']} was refused: {told.status} {told.body}"


def titles_are_those_that_were_saved(history: History, final: Final) -> Iterator[str]:
    """I3 and I8: an event has the title that was saved last, or one that was sent later and of which nobody was told, everywhere."""
    for event_id, titles in final.titles.items():
        sent = [told for told in _told(history, "name") if told.request["path"].endswith(event_id)]
        saved = [number for number, told in enumerate(sent) if told.status == 200]
        if not saved or _lost_since(history, sent[saved[-1]].began):
            continue
        possible = {told.request["json"]["title"] for told in sent[saved[-1] :] if told.status in {0, 200} or told.status >= 500}
        for title in set(titles) - possible:
            yield f"I3: event {event_id} was last saved as {sorted(possible)[:3]}, and is {title!r}"
        if len(set(titles)) > 1:
            yield f"I8: event {event_id} is called {titles} by units and database"


DOCUMENTS = (
    who_registered_has_an_account,
    who_registered_can_sign_in,
    a_session_ends_when_it_is_ended,
    what_was_made_is_there,
    titles_are_those_that_were_saved,
)
