"""Prices in requests: `{"amount": "3500.00", "currency": "RUB"}`, kopecks inside."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from grid_config.limits import PRICE_KOPECKS_MAX
from processing_units.edge.validation import StrictModel

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})\.([0-9]{2})", re.ASCII)


def kopecks_of(amount: str) -> int:
    """The kopecks of a decimal string with two decimals; ValueError when it is not one, or over ten million roubles."""
    match = _AMOUNT.fullmatch(amount)
    if match is None:
        raise ValueError('must be a decimal string with two decimals, for example "3500.00"')
    kopecks = int(match[1]) * 100 + int(match[2])
    if kopecks > PRICE_KOPECKS_MAX:
        raise ValueError(f"must not be more than {amount_of(PRICE_KOPECKS_MAX)}")
    return kopecks


def amount_of(kopecks: int) -> str:
    """The decimal string of kopecks ≥ 0."""
    roubles, rest = divmod(kopecks, 100)
    return f"{roubles}.{rest:02d}"


def _amount(text: str) -> str:
    kopecks_of(text)
    return text


class Price(StrictModel):
    """A price that an administrator gives."""

    amount: Annotated[str, AfterValidator(_amount), Field(json_schema_extra={"pattern": f"^{_AMOUNT.pattern}$"})]
    currency: Literal["RUB"]


class Money(BaseModel):
    """A sum as answers tell it."""

    amount: str
    currency: Literal["RUB"] = "RUB"


def money(kopecks: int) -> dict[str, str]:
    """A sum as JSON has it."""
    return {"amount": amount_of(kopecks), "currency": "RUB"}
