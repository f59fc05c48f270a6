"""What the payment calls take and answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from processing_units.edge.validation import StrictModel
from processing_units.payments.return_address import LENGTH_MAX


class PaymentRequest(StrictModel):
    """POST /orders/{order_id}/payments: no card data, ever."""

    provider: Annotated[str, Field(min_length=1, max_length=32)]
    method: Literal["card", "sbp"]
    return_url: Annotated[str, Field(min_length=1, max_length=LENGTH_MAX)]


class StartedPayment(BaseModel):
    payment_id: str
    redirect_url: str
    expires_at: str


class ProviderView(BaseModel):
    provider: str
    title: str
    methods: list[Literal["card", "sbp"]]


class ProviderViews(RootModel[list[ProviderView]]):
    """GET /payment-providers."""
