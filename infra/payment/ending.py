"""Ending an attempt to pay whose time is over."""

import contextlib

from infra.payment.port import PaymentProvider, PaymentState, UnknownPayment

MONEY_IS_THERE = ("authorised", "captured")


async def paid_or_cancelled(provider: PaymentProvider, attempt: int) -> PaymentState:
    """Cancelled, unless its money is there: then nothing is done, and that is told. PaymentError when the provider does not answer.

    Who paid in time must not lose his seats because we could not be told of it just then; and the notification, which comes again
    and buys the seats if they are still free, would find its order confirmed and the money gone.
    """
    with contextlib.suppress(UnknownPayment):  # nobody can pay it any more when it is cancelled
        state = await provider.query(attempt)
        if state.status in MONEY_IS_THERE:
            return state
    return await provider.cancel(attempt)
