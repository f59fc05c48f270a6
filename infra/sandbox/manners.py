"""How the provider misbehaves, as `POST /behaviour` told it: read from the ledger, where it outlives the process.

    a call    ok | down             503, nothing is done
                 | broken           500, and it is done
                 | slow:SECONDS     it is done; the answer comes so much later, and to nobody who has given up
    query     also unknown          the shop hears of its payments that there are none
                 | sum:KOPECKS      ... and sums that differ by so much from the ledger's
    notify    ok | times:COUNT      each notification so often, one after the other's 200
                 | late:SECONDS
                 | reordered        the step before comes after each step, and money taken is told once more after a refund
                 | sum:KOPECKS | currency:CODE

Only the shop, which signs its calls, is told anything else than what stands in the ledger.
"""

from dataclasses import dataclass, replace
from typing import Any

from infra.payment import money
from infra.sandbox.ledger import Payment


@dataclass(frozen=True, slots=True)
class Telling:
    """How a notification goes out: how often, how much later (seconds), wrong by how much (kopecks), in which currency, reordered."""

    copies: int = 1
    delay: float = 0.0
    wrong_by: int = 0
    currency: str = "RUB"
    reordered: bool = False

    def sum(self, kopecks: int) -> dict[str, Any]:
        """The sum as it is told."""
        return money.written(max(0, kopecks + self.wrong_by)) | {"currency": self.currency}


def telling(how: str) -> Telling:
    """What the behaviour of `notify` means."""
    kind, _, value = how.partition(":")
    match kind:
        case "times":
            return Telling(copies=int(value))
        case "late":
            return Telling(delay=float(value))
        case "reordered":
            return Telling(reordered=True)
        case "sum":
            return Telling(wrong_by=int(value))
        case "currency":
            return Telling(currency=value)
        case _:
            return Telling()


def slowness(how: str) -> float:
    """How many seconds later the answer of a call comes."""
    kind, _, value = how.partition(":")
    return float(value) if kind == "slow" else 0.0


def lied(payment: Payment, how: str) -> Payment:
    """The payment as a query that behaves like this tells it."""
    kind, _, value = how.partition(":")
    if kind != "sum":
        return payment
    wrong_by = int(value)
    return replace(
        payment, amount=max(0, payment.amount + wrong_by), captured=max(0, payment.captured + wrong_by) if payment.captured else 0
    )
