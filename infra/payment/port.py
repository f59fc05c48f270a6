"""What every payment provider must be able to do, and what it may answer.

Amounts are in kopecks. `attempt` is the number of one try to pay an order (1 … 2^63-1): it is the idempotence key of
`create` and names the payment at the provider ever after, so a lost answer is asked for by asking again.
No card data passes here: the shopper types it on the provider's own page.

    PaymentError
    ├── ProviderAway      nothing is known: ask again with the same numbers (retryable)
    ├── ProviderRefused   answered no, for good
    │   └── UnknownPayment  the provider has never seen this attempt
    ├── Forged            a notification that is not the provider's
    └── Unintelligible    the provider's own, but nothing in it that we could act on
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol

Method = Literal["card", "sbp"]
Status = Literal["pending", "authorised", "captured", "declined", "cancelled"]

METHODS: tuple[Method, ...] = ("card", "sbp")
STATUSES: tuple[Status, ...] = ("pending", "authorised", "captured", "declined", "cancelled")

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_NUMBER_LENGTH = 13


class PaymentError(Exception):
    """Base of all that can go wrong at a provider."""

    retryable: ClassVar[bool] = False


class ProviderAway(PaymentError):  # noqa: N818  # named after the fact
    """The provider did not answer in time, or answered that it cannot just now; nothing is known."""

    retryable = True


class ProviderRefused(PaymentError):  # noqa: N818
    """The provider answered no; the same question will get the same answer."""


class UnknownPayment(ProviderRefused):
    """The provider knows no payment of this attempt."""


class Forged(PaymentError):  # noqa: N818
    """A notification whose signature, source or age is not the provider's."""


class Unintelligible(PaymentError):  # noqa: N818
    """A genuine notification that does not say which payment has become what; a repeat would not say more."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the shopper goes to pay."""

    redirect_url: str


@dataclass(frozen=True, slots=True)
class PaymentState:
    """A payment as the provider's ledger has it; sums in kopecks, `refunded` ≤ `captured` ≤ `amount`."""

    status: Status
    amount: int
    captured: int
    refunded: int


@dataclass(frozen=True, slots=True)
class Notification:
    """A genuine message of a provider: what has become of an attempt.

    `order_id` is the metadata given to `create`, as the provider tells it; `amount` is the provider's sum in kopecks, whatever
    the order's total is.
    """

    attempt: int
    order_id: str
    status: Status
    amount: int
    method: Method


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A payment as a provider lists it; `order_id` is the metadata given to `create`, or what somebody else wrote there."""

    attempt: int
    order_id: str
    method: Method
    state: PaymentState


class PaymentProvider(Protocol):
    """One payment system. Every call may raise ProviderAway or ProviderRefused, and may be repeated with the same numbers."""

    @property
    def name(self) -> str:
        """Its name in addresses and records: a-z, digits, dashes."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def methods(self) -> tuple[Method, ...]: ...

    async def create(
        self, attempt: int, *, order_id: str, event_id: str, amount: int, method: Method, return_url: str, expires_at: datetime
    ) -> Redirect:
        """Begin a payment, or find the one begun with this attempt."""

    async def query(self, attempt: int) -> PaymentState:
        """What has become of it. UnknownPayment when it was never begun."""

    async def capture(self, attempt: int, amount: int) -> PaymentState:
        """Take authorised money; again without effect when it is taken."""

    async def cancel(self, attempt: int) -> PaymentState:
        """Give up a payment that is not captured and tell how it stands now: `captured` when it was too late, `cancelled` also
        when the provider has never seen it.
        """

    async def refund(self, attempt: int, refund_id: int, amount: int) -> PaymentState:
        """Send captured money back, once per `refund_id`."""

    def ledger_lines(self, since: datetime, until: datetime) -> AsyncIterator[LedgerLine]:
        """The payments begun from `since` to before `until` whose money is there, authorised or captured and not all sent back;
        the oldest first, however many. ProviderAway, ProviderRefused at any of them.
        """

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """The notification in a request's raw body; `headers` are looked up in lower case. Forged, Unintelligible."""

    async def close(self) -> None:
        """Give back connections."""


def payment_id(attempt: int) -> str:
    """The attempt in text, as in the shop's own answers: 13 characters of Crockford's base 32. ValueError for a number that is none."""
    if not 0 < attempt < 1 << 63:
        raise ValueError(f"not the number of an attempt: {attempt}")
    return "".join(_DIGITS[attempt >> 5 * place & 31] for place in reversed(range(_NUMBER_LENGTH)))


def attempt_of(text: object) -> int | None:
    """The attempt that `payment_id` wrote; None for anything else."""
    if not isinstance(text, str) or len(text) != _NUMBER_LENGTH or not set(text) <= set(_DIGITS):
        return None
    number = 0
    for digit in text:
        number = number << 5 | _DIGITS.index(digit)
    return number if 0 < number < 1 << 63 else None
