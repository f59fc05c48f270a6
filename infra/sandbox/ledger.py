"""The provider's records, in one SQLite file, so that a restart forgets nothing.

Calls block for some tens of microseconds each; that is why they stand in the event loop without a thread. The file's log is
written before an answer leaves (it outlives the process; only the machine's own death may take the last moments).
"""

import sqlite3
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.payment.port import Method, Status

SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of `payments`; see schema.sql for units."""

    payment_id: str
    order_id: str
    event_id: str
    method: Method
    status: Status
    asked: int
    amount: int
    captured: int
    refunded: int
    silent: int
    return_url: str
    expires_at: float
    created_at: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notification that the shop has still to answer with 200; see schema.sql."""

    notification: int
    payment_id: str
    body: bytes
    copies: int
    tries: int
    first_at: float
    due_at: float


class Ledger:
    """Open with a file (or `:memory:`); use from one thread."""

    def __init__(self, file: Path | str) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA.read_text())

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is done inside; not nested."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def payment(self, payment_id: str) -> Payment | None:
        """None when there is none."""
        row = self._db.execute("SELECT * FROM payments WHERE payment_id = ?", (payment_id,)).fetchone()
        return None if row is None else Payment(*row)

    def with_money(self, since: float, after: str, until: float, limit: int) -> list[Payment]:
        """Up to `limit` payments whose money is there, begun before `until`, beyond (`since`, `after`): begun then, and an id."""
        rows = self._db.execute(
            "SELECT * FROM payments WHERE (created_at, payment_id) > (?, ?) AND created_at < ?"
            " AND status IN ('authorised', 'captured') AND refunded < max(captured, 1) ORDER BY created_at, payment_id LIMIT ?",
            (since, after, until, limit),
        )
        return [Payment(*row) for row in rows]

    def add_payment(self, payment: Payment) -> None:
        row = tuple(getattr(payment, name) for name in Payment.__slots__)
        self._db.execute(f"INSERT INTO payments VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608  # question marks only

    def change_payment(self, payment_id: str, **columns: Any) -> Payment:
        """Set columns of a payment that is there; the row as it stands then."""
        names = ", ".join(f"{name} = ?" for name in columns)
        row = self._db.execute(
            f"UPDATE payments SET {names} WHERE payment_id = ? RETURNING *",  # noqa: S608  # the names are our own
            (*columns.values(), payment_id),
        ).fetchone()
        return Payment(*row)

    def refund(self, refund_id: str) -> tuple[str, int] | None:
        """(payment_id, amount in kopecks) of a refund; None when there is none."""
        row: tuple[str, int] | None = self._db.execute(
            "SELECT payment_id, amount FROM refunds WHERE refund_id = ?", (refund_id,)
        ).fetchone()
        return row

    def add_refund(self, refund_id: str, payment_id: str, amount: int, at: float) -> None:
        self._db.execute("INSERT INTO refunds VALUES (?, ?, ?, ?)", (refund_id, payment_id, amount, at))

    def approve_later(self, payment_id: str, due_at: float) -> None:
        self._db.execute("INSERT OR REPLACE INTO approvals VALUES (?, ?)", (payment_id, due_at))

    def forget_approval(self, payment_id: str) -> None:
        self._db.execute("DELETE FROM approvals WHERE payment_id = ?", (payment_id,))

    def due_approvals(self, now: float, limit: int) -> list[str]:
        rows = self._db.execute("SELECT payment_id FROM approvals WHERE due_at <= ? ORDER BY due_at LIMIT ?", (now, limit))
        return [payment_id for (payment_id,) in rows]

    def add_notification(self, payment_id: str, body: bytes, copies: int, now: float, due_at: float) -> None:
        self._db.execute(
            "INSERT INTO notifications (payment_id, body, copies, first_at, due_at) VALUES (?, ?, ?, ?, ?)",
            (payment_id, body, copies, now, due_at),
        )

    def due_notifications(self, now: float, limit: int, known: Container[int] = ()) -> list[Waiting]:
        """Those of the first `limit` that are due whose number is not `known`; only these are read beyond the index."""
        due = self._db.execute(
            "SELECT notification FROM notifications WHERE due_at <= ? ORDER BY due_at, notification LIMIT ?", (now, limit)
        )
        wanted = [number for (number,) in due if number not in known]
        rows = (self._db.execute("SELECT * FROM notifications WHERE notification = ?", (number,)).fetchone() for number in wanted)
        return [Waiting(*row) for row in rows]

    def repeat_notification(self, notification: int, *, copies: int, tries: int, due_at: float) -> None:
        self._db.execute(
            "UPDATE notifications SET copies = ?, tries = ?, due_at = ? WHERE notification = ?", (copies, tries, due_at, notification)
        )

    def drop_notification(self, notification: int) -> None:
        self._db.execute("DELETE FROM notifications WHERE notification = ?", (notification,))

    def next_due(self, after: float) -> float | None:
        """When (seconds since the epoch) the next approval or notification is due that is not due at `after`; None: nothing waits."""
        (due_at,) = self._db.execute(
            "SELECT min(due_at) FROM (SELECT min(due_at) AS due_at FROM approvals WHERE due_at > ?1"
            " UNION ALL SELECT min(due_at) FROM notifications WHERE due_at > ?1)",
            (after,),
        ).fetchone()
        return due_at  # type: ignore[no-any-return]

    def add_delivery(self, payment_id: str, at: float, status_code: int | None) -> None:
        self._db.execute("INSERT INTO deliveries (payment_id, at, status_code) VALUES (?, ?, ?)", (payment_id, at, status_code))

    def deliveries(self, payment_id: str) -> list[tuple[float, int | None]]:
        """(at, status code) of every delivery, oldest first."""
        return self._db.execute("SELECT at, status_code FROM deliveries WHERE payment_id = ? ORDER BY delivery", (payment_id,)).fetchall()

    def waiting(self) -> int:
        """Notifications that the shop has not answered with 200 yet."""
        (count,) = self._db.execute("SELECT count(*) FROM notifications").fetchone()
        return int(count)

    def behaviour(self, what: str) -> str:
        row = self._db.execute("SELECT how FROM behaviours WHERE what = ?", (what,)).fetchone()
        return "ok" if row is None else str(row[0])

    def behave(self, what: str, how: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO behaviours VALUES (?, ?)", (what, how))

    def forget_before(self, moment: float) -> None:
        """Drop payments begun before `moment` with all that belongs to them, unless the shop has still to be told of them."""
        old = "SELECT payment_id FROM payments WHERE created_at < ?1 AND payment_id NOT IN (SELECT payment_id FROM notifications)"
        with self.transaction():
            for table in ("deliveries", "approvals", "refunds", "payments"):
                self._db.execute(f"DELETE FROM {table} WHERE payment_id IN ({old})", (moment,))  # noqa: S608
