"""Lines of the audit log: what was done or refused, when, by whom and from where."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from grid_config.identifiers import number_text, order_text

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines: None says "any". `since` ≤ at < `until`; account and event are numbers; `ip` one address."""

    since: datetime | None = None
    until: datetime | None = None
    account: int | None = None
    ip: str | None = None
    status: str | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line; event 0 and account and order None say that it is about none."""

    at: datetime
    source: int
    event: int
    seq: int
    ip: str | None
    account: int | None
    status: str
    order: int | None
    detail: dict[str, Any]

    @property
    def key(self) -> tuple[int, int, int, int]:
        """What the lines are sorted by, newest first: (microseconds since 1970, source, event, seq)."""
        return (self.at - _BEGINNING) // timedelta(microseconds=1), self.source, self.event, self.seq

    @property
    def account_id(self) -> str | None:
        return number_text(self.account) if self.account else None

    @property
    def event_id(self) -> str | None:
        return number_text(self.event) if self.event else None

    @property
    def order_id(self) -> str | None:
        return order_text(self.event, self.order) if self.event and self.order else None


def moment_of_key(microseconds: int) -> datetime:
    """The time in a line's key; OverflowError when there is no such time."""
    return _BEGINNING + timedelta(microseconds=microseconds)
