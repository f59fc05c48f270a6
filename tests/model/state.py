"""What the model's world is made of: immutable values, so that a state is its own fingerprint.

A change is `(seq, id)`; an id is a kind and an order: `h0` held, `p0` paid, `r0` refund due, `x0` ended. Orders and seats are
numbered from 0, members are 0, 1 and 2.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

ChangeIds = tuple[str, ...]
Numbered = tuple[int, str]  # a change at its seq
Process = tuple[Any, ...]  # what a pump, reader or leaver has in hand: a word for its next step first
Reply = tuple[Any, ...]  # to whom, and what, once the backup has confirmed

MEMBERS = 3
ALL = frozenset(range(MEMBERS))
EVERYBODY = MEMBERS  # instead of a member: all of them
MAJORITY = MEMBERS // 2 + 1
SURE, DOUBTS, COMPARED = range(3)  # of a member; in doubt it acts for nobody, also when enough has been compared, until it hears so
IDLE: Process = ("idle",)
COMPARISONS_MAX = 10  # in one life
# Era (a life, or what was compared in it), version of its owner's table, that owner: one line of history. The first two have an order.
Tenure = tuple[int, int, int]
NO_TENURE: Tenure = (0, 0, -1)


class Entry(NamedTuple):
    """The value in the grid (words of architecture.md)."""

    inc: int
    seq: int
    open: bool
    orders: str  # per order: - unknown, H held, P paid, C confirmed, R refund pending, X ended
    seats: tuple[int, ...]  # seat -> order or -1
    paid: tuple[int, ...]  # order -> seq of the change that recorded its payment
    outbox: tuple[Numbered, ...]
    durable: int
    trimmed: Numbered  # the last trimmed change
    tenure: Tenure


class Member(NamedTuple):
    """One member, with what it believes of the others."""

    up: bool
    view: frozenset[int]  # who is a member
    owner: int  # partition table
    backup: int  # -1: none
    copy: Entry | None
    table: int = 1  # its version, one more with each change
    doubt: int = SURE
    old: tuple[Entry | None, ...] = ()  # what it had before it joined again, until that is merged


class Message(NamedTuple):
    """From an owner to its backup. `body`: what was done, the base it stood on, its parts."""

    src: int
    dst: int
    body: tuple[Any, ...]  # ('changes' | 'ack' | 'open' | 'drop', base, tenure, ...) | ('new' | 'snapshot', entry)
    reply: Reply | None  # told to the caller when the backup has confirmed


class State(NamedTuple):
    """Everything, between two steps."""

    mem: tuple[Member, ...]
    cut: int  # the member cut off, EVERYBODY, or -1
    out: int  # the member in trouble (cut off or dead) and not yet back, EVERYBODY, or -1
    chan: tuple[Message, ...]
    told: tuple[int, ...]  # per order: 0 nothing, 1 shopper was told 'held', 2 given up by the shopper or lost in a total loss
    money: tuple[int, ...]  # per order: 0 none, 1 taken, 2 provider got 200
    wait: tuple[tuple[int, int] | None, ...]  # per order: (incarnation, seq) whose durability a unit awaits
    pumps: tuple[Process, ...]  # ('idle',) | ('at', position) | ('batch', inc, from, changes) | ('done', inc, to, verdicts)
    # | ('state', inc, from) after `trimmed`
    readers: tuple[Process, ...]  # ('idle',) | ('read', pos, rows, tickets) | ('fence', old, seq, new) | ('open', new) | ('drop', new)
    leavers: tuple[Process, ...]  # ('idle',) | ('over', position)
    pos: tuple[int, int, str]  # PostgreSQL: (incarnation, seq, id)
    rows: str  # PostgreSQL: state per order
    tickets: tuple[int, ...]  # PostgreSQL: seat -> order with the valid ticket, or -1
    lives: int  # incarnations given out
    left: tuple[int, ...]  # faults left


class Violation(Exception):  # noqa: N818 - named as what it says
    """An invariant does not hold; the text begins with its number."""


def put(items: tuple[Any, ...], index: int, value: object) -> tuple[Any, ...]:
    return (*items[:index], value, *items[index + 1 :])


def letter(text: str, index: int, value: str) -> str:
    return text[:index] + value + text[index + 1 :]


def first_tenure(inc: int, table: int, owner: int) -> Tenure:
    """Of a new entry: later lives have larger eras, with room for what is compared in between (in the code: the time)."""
    return inc * COMPARISONS_MAX, table, owner


def base(entry: Entry) -> tuple[int, int, int, Tenure]:
    """What a backup message stands on."""
    return entry.inc, entry.seq, entry.durable, entry.tenure


def entries(state: State) -> Iterator[Entry]:
    """All copies that there are, under way too."""
    for member in state.mem:
        yield from (copy for copy in (member.copy, *member.old) if copy)
    for message in state.chan:
        yield from (part for part in message.body if isinstance(part, Entry))


def apply(entry: Entry, change_id: str, wants: tuple[int, ...]) -> Entry:
    """Decision 3: an accepted change, on owner and backup alike. Cannot fail."""
    kind, order = change_id[0], int(change_id[1])
    seq, seat = entry.seq + 1, wants[order]
    entry = entry._replace(seq=seq, outbox=(*entry.outbox, (seq, change_id)))
    if kind == "h":
        return entry._replace(orders=letter(entry.orders, order, "H"), seats=put(entry.seats, seat, order))
    if kind == "x":
        return entry._replace(orders=letter(entry.orders, order, "X"), seats=put(entry.seats, seat, -1))
    return entry._replace(orders=letter(entry.orders, order, "P" if kind == "p" else "R"), paid=put(entry.paid, order, seq))


def acknowledge(entry: Entry, to: int, verdicts: tuple[tuple[int, str], ...], wants: tuple[int, ...]) -> Entry:
    """Decision 11: durable_seq, verdicts, trimming; no outbox record, no new seq."""
    gone = [change for change in entry.outbox if change[0] <= to]
    entry = entry._replace(
        durable=max(entry.durable, to),
        outbox=tuple(change for change in entry.outbox if change[0] > to),
        trimmed=gone[-1] if gone else entry.trimmed,
    )
    for order, verdict in verdicts:
        if verdict == "R" and entry.orders[order] == "P":  # its seats are free again
            entry = entry._replace(seats=put(entry.seats, wants[order], -1))
        entry = entry._replace(orders=letter(entry.orders, order, verdict))
    return entry
