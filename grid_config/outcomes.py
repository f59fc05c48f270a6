"""What a command can come to, and the closed sets of the wire: the same names and numbers as in `frontrow.member.rules`.

Expected answers are codes, exceptions are for faults. Where several refusals apply, the lowest code of 2..13 is told.
"""

from enum import IntEnum, unique


@unique
class Outcome(IntEnum):
    """What became of one command, in order of precedence."""

    ACCEPTED = 0
    """Done; its changes are on the owner and on every backup."""
    REPEATED = 1
    """It was done before: here is what it led to, as it stands now."""
    INVALID = 2
    """It makes no sense for this inventory: an unknown or doubled place, a category without seats, a bad number."""
    UNKNOWN_ORDER = 3
    """There is no such order, or it is somebody else's."""
    KEY_REUSED = 4
    """The command's id was used before for another request."""
    SALE_NOT_OPEN = 5
    """The sale has not begun: `opens_at`."""
    SALE_CLOSED = 6
    """The sale is over, or the event is not on sale: `closed_at`."""
    LIMIT_EXCEEDED = 7
    """The account would hold and own more places of the event than a customer may."""
    SEAT_TAKEN = 8
    """These seats are not free; nothing was held."""
    NOT_ENOUGH_SEATS = 9
    """The category or the area has fewer free places than asked for; nothing was held."""
    ORPHAN_SEATS = 10
    """These seats would be left single; nothing was held."""
    NOT_PAYABLE = 11
    """The order is in a state that cannot be paid."""
    NOT_RELEASABLE = 12
    """The order is paid."""
    FULL = 13
    """The entry, its outbox or the memory of a member that keeps it is at its bound; later it may do."""
    ATTEMPT_OPEN = 14
    """Another attempt to pay this order is open."""
    DIVERGED = 15
    """The entry remembers another change at the position's seq; it is shut now."""
    TRIMMED = 16
    """The position is older than what the entry still has."""
    BEHIND = 17
    """The position is ahead of what was acknowledged: send the verdicts between again."""
    OTHER_INCARNATION = 18
    """The entry lives another life than the one that was asked for."""
    STILL_NEEDED = 19
    """The entry may not leave yet: its event is not long over, or something of it is live, fresh or not durable."""
    UNAVAILABLE = 20
    """The fence or the quorum does not hold: nothing was changed, nothing is told."""
    MISSING = 21
    """There is no entry for this event; the reader has been woken."""
    SHUT = 22
    """The entry is being restored; the reader has been woken."""
    LATE = 23
    """The request was made over a minute away from the owner's now; it was not read."""
    UNSUPPORTED = 24
    """The request's format is not one this member speaks."""
    STALE = 25
    """The document has another version than expected."""
    ABSENT = 26
    """There is no such document."""


class BatchStatus(IntEnum):
    """What became of a batch as a whole: any but ACCEPTED says that none of its commands was looked at."""

    ACCEPTED = 0
    """Every command has its own outcome."""
    UNAVAILABLE = 20
    """The fence or the quorum does not hold."""
    MISSING = 21
    """There is no entry for this event."""
    SHUT = 22
    """The entry is being restored."""
    LATE = 23
    """The batch was made over a minute away from the owner's now."""
    UNSUPPORTED = 24
    """The batch's format is not one this member speaks."""


class OrderStatus(IntEnum):
    """Where an order stands."""

    HELD = 1
    """Its places are kept until the deadline."""
    PAYING = 2
    """A payment was started; it ends by the provider's word, not by the clock."""
    PAID = 3
    """The provider has confirmed the money; PostgreSQL has not confirmed the places yet."""
    CONFIRMED = 4
    """Durable, with tickets."""
    RELEASED = 5
    """Let go by the shopper."""
    EXPIRED = 6
    """Its time ran out."""
    DECLINED = 7
    """Its payment was declined, or its capture failed, or its places were refused."""
    CANCELLED = 8
    """Cancelled by an administrator."""


class Refund(IntEnum):
    """Whether an order's money went back."""

    NONE = 0
    """There is nothing to give back."""
    PENDING = 1
    """It is on its way."""
    DONE = 2
    """The provider has taken it back."""
    FAILED = 3
    """It was tried and given up; an administrator has been told."""


class PaymentResult(IntEnum):
    """What became of an attempt to pay."""

    AUTHORISED = 1
    """The money is reserved."""
    CAPTURED = 2
    """The money is taken."""
    DECLINED = 3
    """The provider says no."""
    CANCELLED = 4
    """Cancelled at the provider: no money will come."""
    UNANSWERED = 5
    """The provider did not answer the cancellation at the deadline in time."""
    CAPTURE_FAILED = 6
    """The reserved money could not be taken, for good."""
    CREATE_FAILED = 7
    """The provider never got the attempt, or refused to begin it."""


class Verdict(IntEnum):
    """What PostgreSQL, or a job behind it, says of an order."""

    CONFIRMED = 1
    """Its tickets are written."""
    REFUSED = 2
    """Not all of its tickets could be written; the conflicting places are named."""
    REFUND_DONE = 3
    """Its money went back."""
    REFUND_FAILED = 4
    """Its money could not be given back."""
    SET_ASIDE = 5
    """A change of it could not be written and waits for a human."""


class ChangeKind(IntEnum):
    """What a change record tells."""

    HELD = 1
    """An order began."""
    RELEASED = 2
    """The shopper let it go."""
    EXPIRED = 3
    """Its time ran out."""
    PAYMENT_STARTED = 4
    """An attempt to pay was opened."""
    ATTEMPT_CLOSED = 5
    """An attempt ended without money; the order is held again."""
    PAID = 6
    """Money came and the places are kept."""
    DECLINED = 7
    """The provider said no; the places are free."""
    MONEY_RETURNED = 8
    """Money came that must go back."""
    PAYMENT_UNMATCHED = 9
    """Money came for an order that is in no record."""
    TERMS_CHANGED = 10
    """The event's terms of sale were edited."""


class ReturnReason(IntEnum):
    """Why money goes back."""

    AMOUNT = 1
    """Its sum is not the order's."""
    CLOSED_ATTEMPT = 2
    """Its attempt is not the open one."""
    ENDED_ORDER = 3
    """The order had ended."""
    SEATS_GONE = 4
    """The order had expired and its places are somebody else's."""
    EVENT_OVER = 5
    """The order had expired and the event has begun."""


class Method(IntEnum):
    """How a shopper pays."""

    CARD = 1
    """Reserved first, taken when the tickets are written."""
    SBP = 2
    """Fast payments: taken at once."""


class EntryState(IntEnum):
    """Whether an inventory sells."""

    ABSENT = 0
    """There is no entry."""
    SHUT = 1
    """It is being restored."""
    OPEN = 2
    """It sells."""


class SeatState(IntEnum):
    """A seat's character in `states` (api.md)."""

    FREE = ord(".")
    """Anybody may hold it."""
    HELD = ord("h")
    """Held or being paid."""
    SOLD = ord("s")
    """Paid."""
    CLOSED = ord("x")
    """Not on sale."""
