"""Money on the wire: `{"amount": "3500.00", "currency": "RUB"}` for 350,000 kopecks."""

import re
from typing import Any

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})\.([0-9]{2})")


def written(kopecks: int) -> dict[str, str]:
    """A sum as JSON has it; kopecks ≥ 0."""
    roubles, rest = divmod(kopecks, 100)
    return {"amount": f"{roubles}.{rest:02d}", "currency": "RUB"}


def read(value: Any) -> int:
    """The kopecks of a sum of money; ValueError when it is none."""
    if not isinstance(value, dict) or value.keys() != {"amount", "currency"} or value["currency"] != "RUB":
        raise ValueError("not a sum of roubles")
    match = _AMOUNT.fullmatch(value["amount"]) if isinstance(value["amount"], str) else None
    if match is None:
        raise ValueError("not a decimal with two places")
    return int(match[1]) * 100 + int(match[2])
