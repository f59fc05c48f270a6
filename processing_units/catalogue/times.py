"""Moments as the API writes them: RFC 3339 in UTC, to the millisecond where there are any."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # keeps every sum of times inside what datetime can hold


def _written_out(given: Any) -> Any:
    """Pydantic alone would also take the seconds since 1970 as a text."""
    if not isinstance(given, datetime) and not (isinstance(given, str) and _RFC3339.fullmatch(given)):
        raise ValueError("must be a time as RFC 3339 has it, for example 2026-12-31T19:00:00Z")
    return given


def _in_utc(moment: datetime) -> datetime:
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("must lie between the years 2000 and 2200")
    return moment.astimezone(UTC)


# A time with its zone, brought to UTC.
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written_out), AfterValidator(_in_utc)]


def text_of(moment: datetime) -> str:
    """`2026-12-31T19:00:00Z`; milliseconds only where they are not zero."""
    precision = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def moment_of(text: str) -> datetime:
    """The moment of a text that `text_of` wrote; ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC)


def milliseconds_of(moment: datetime) -> int:
    """Unix time in whole milliseconds, as the grid has it; not by way of a float, which loses one now and then."""
    return (moment - _EPOCH) // _MILLISECOND
