"""The life of a payment at the provider: what may follow what, and what the shop is told of it.

    pending ──▶ authorised ──▶ captured (refunds up to the captured sum)      a card: two stages
       │            │
       ├────────────┴──▶ cancelled (by the shop)
       ├──▶ captured                                                          SBP: the money moves at once
       └──▶ declined

Every step is one transaction with the notifications that it causes.
"""

import time
from collections.abc import Callable
from typing import Literal

import orjson

from infra.payment.port import Status
from infra.sandbox.ledger import Ledger, Payment
from infra.sandbox.manners import Telling, telling

Outcome = Literal["approve", "decline", "never", "late", "twice", "reordered", "wrong_amount"]

# Between two notifications that a misbehaviour sends on purpose one after the other.
GAP_SECONDS = 0.2
# What `wrong_amount` charges too much: a rouble.
WRONG_BY_KOPECKS = 100

_FAILS = "fail_times:"


class Down(Exception):  # noqa: N818  # named after the fact
    """Told to misbehave: the call is answered with 503, and nothing was done."""


class Conflict(Exception):  # noqa: N818
    """Not in the payment's state: `code` and a sentence; `payment` as it stands."""

    def __init__(self, code: str, detail: str, payment: Payment) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.payment = payment


class Bank:
    """Decides over payments in a ledger; `clock` gives seconds since the epoch."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float] = time.time) -> None:
        self.ledger = ledger
        self.clock = clock

    def create(self, wanted: Payment) -> tuple[Payment, bool]:
        """The payment of this id and whether it is new; Conflict when the id stands for another one, Down when it shall be."""
        if self.ledger.behaviour("create") == "down":
            raise Down
        with self.ledger.transaction():
            known = self.ledger.payment(wanted.payment_id)
            if known is None:
                self.ledger.add_payment(wanted)
                return wanted, True
        if (known.order_id, known.event_id, known.method, known.asked) != (wanted.order_id, wanted.event_id, wanted.method, wanted.asked):
            raise Conflict("idempotence_key_reused", "The key belongs to another payment.", known)
        return known, False

    def capture(self, payment: Payment, amount: int) -> Payment:
        """Take `amount` kopecks of an authorised payment; again without effect. Conflict when they cannot be taken."""
        if payment.status == "captured" and payment.captured == amount:
            return payment
        if payment.status != "authorised" or amount > payment.amount or self.ledger.behaviour("capture") == "fail":
            raise Conflict("not_captured", "The money cannot be taken.", payment)
        with self.ledger.transaction():
            taken = self.ledger.change_payment(payment.payment_id, status="captured", captured=amount)
            self._tell(taken, former=payment.status)
        return taken

    def cancel(self, payment: Payment) -> Payment:
        """Give up a payment; again without effect. Conflict when its money is taken."""
        if payment.status == "captured":
            raise Conflict("already_captured", "Captured money can only be refunded.", payment)
        if payment.status in ("declined", "cancelled"):
            return payment
        with self.ledger.transaction():
            self.ledger.forget_approval(payment.payment_id)
            cancelled = self.ledger.change_payment(payment.payment_id, status="cancelled")
            self._tell(cancelled, former=payment.status)
        return cancelled

    def refund(self, payment: Payment, refund_id: str, amount: int) -> Payment:
        """Send `amount` kopecks back, once per `refund_id`. Conflict when there are not so many, Down when it shall be."""
        known = self.ledger.refund(refund_id)
        if known == (payment.payment_id, amount):
            return payment
        if known is not None:
            raise Conflict("refund_id_reused", "The refund's id belongs to another refund.", payment)
        if amount > payment.captured - payment.refunded:
            raise Conflict("too_much", "More than what is left of the captured money.", payment)
        with self.ledger.transaction():
            failing = self._refund_fails()
            if not failing:
                self.ledger.add_refund(refund_id, payment.payment_id, amount, self.clock())
                payment = self.ledger.change_payment(payment.payment_id, refunded=payment.refunded + amount)
                if telling(self.ledger.behaviour("notify")).reordered:
                    self._tell(payment)
        if failing:
            raise Down
        return payment

    def decide(self, payment: Payment, outcome: Outcome, after_seconds: float = 0.0) -> Payment:
        """What the shopper, or a program in his place, does on the payment's page.

        The same decision again changes nothing; Conflict (`cancelled`, `decided`) when another one stands.
        """
        if payment.status == "cancelled":
            raise Conflict("cancelled", "The shop has cancelled this payment.", payment)
        if payment.status != "pending":
            return self._decided_before(payment, outcome)
        with self.ledger.transaction():
            self.ledger.forget_approval(payment.payment_id)
            match outcome:
                case "decline":
                    return self._settle(payment, "declined")
                case "never":
                    return self.ledger.change_payment(payment.payment_id, silent=1)
                case "late":
                    self.ledger.approve_later(payment.payment_id, self.clock() + after_seconds)
                    return payment
                case _:
                    return self._approve(payment, outcome)

    def approve_due(self, limit: int) -> int:
        """Carry out the approvals whose time has come; how many there were."""
        due = self.ledger.due_approvals(self.clock(), limit)
        for payment_id in due:
            with self.ledger.transaction():
                self.ledger.forget_approval(payment_id)
                payment = self.ledger.payment(payment_id)
                if payment is not None and payment.status == "pending":
                    self._approve(payment, "approve")
        return len(due)

    def _decided_before(self, payment: Payment, outcome: Outcome) -> Payment:
        if (outcome == "decline") == (payment.status == "declined"):
            return payment
        raise Conflict("decided", "Another decision stands.", payment)

    def _approve(self, payment: Payment, outcome: Outcome) -> Payment:
        """Inside a transaction: charge the shopper and tell the shop, in the way that `outcome` asks for."""
        if outcome == "wrong_amount":
            payment = self.ledger.change_payment(payment.payment_id, amount=payment.asked + WRONG_BY_KOPECKS)
        if outcome == "reordered":
            # The second stage happens by itself here, and the shop hears of it first.
            taken = self.ledger.change_payment(payment.payment_id, status="captured", captured=payment.amount, silent=0)
            self._tell(taken)
            self._tell(taken, status="authorised", delay=GAP_SECONDS)
            return taken
        return self._settle(payment, "authorised" if payment.method == "card" else "captured", copies=2 if outcome == "twice" else 1)

    def _settle(self, payment: Payment, status: Status, copies: int = 1) -> Payment:
        captured = payment.amount if status == "captured" else 0
        settled = self.ledger.change_payment(payment.payment_id, status=status, captured=captured, silent=0)
        self._tell(settled, copies=copies)
        return settled

    def _tell(
        self, payment: Payment, *, status: Status | None = None, former: Status = "pending", copies: int = 1, delay: float = 0.0
    ) -> None:
        """Inside a transaction: what the shop is to hear of the step to `status` (the payment's own), in the manner of the moment."""
        if payment.silent:
            return
        how = telling(self.ledger.behaviour("notify"))
        steps: list[tuple[Status, float]] = [(status or payment.status, delay)]
        if how.reordered and "authorised" not in {payment.status, status} and (payment.captured or former == "authorised"):
            steps.append(("authorised", delay + GAP_SECONDS))
        for step, later in steps:
            self._add_notification(payment, step, how, max(copies, how.copies), later)

    def _add_notification(self, payment: Payment, status: Status, how: Telling, copies: int, delay: float) -> None:
        now = self.clock()
        told = {
            "event": f"payment.{status}",
            "payment": {
                "payment_id": payment.payment_id,
                "status": status,
                "amount": how.sum(payment.amount),
                "method": payment.method,
                "metadata": {"order_id": payment.order_id, "event_id": payment.event_id},
            },
        }
        self.ledger.add_notification(payment.payment_id, orjson.dumps(told), copies, now, now + max(delay, how.delay))

    def _refund_fails(self) -> bool:
        """Inside a transaction: whether this refund is to fail, counting down the failures that were ordered."""
        how = self.ledger.behaviour("refund")
        if how.startswith(_FAILS):
            left = int(how.removeprefix(_FAILS))
            self.ledger.behave("refund", f"{_FAILS}{left - 1}" if left > 1 else "ok")
            return left > 0
        return how == "fail"
