"""The pump's figures, for /metrics and for whoever asks why something waits."""

import struct
import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from data_pumps.drain import Drained
from data_writers.batch import Batch, Written

_AT = struct.Struct("<q")
_AT_OFFSET = 9  # in every change record: u8 kind, i64 seq, i64 at
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Figures:
    """What one pump does."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._waiting: dict[int, int] = {}  # changes in outboxes, by event
        self._oldest: dict[int, tuple[float, float]] = {}  # by event: age in seconds of its oldest change, and when that was so

        outbox = Gauge("front_row_pump_outbox_changes", "Changes that wait in outboxes, as far as was heard", registry=self.registry)
        outbox.set_function(lambda: sum(self._waiting.values()))
        lag = Gauge("front_row_pump_lag_seconds", "Age of the oldest change that is not in PostgreSQL", registry=self.registry)
        lag.set_function(self.lag_seconds)
        self._changes = Counter("front_row_pump_changes", "Changes written", registry=self.registry)
        self._aside = Counter("front_row_pump_set_aside", "Changes set aside", registry=self.registry)
        self._dropped = Counter("front_row_pump_batches_dropped", "Batches whose position had moved", registry=self.registry)
        self._away = Counter("front_row_pump_postgres_away", "Tries that PostgreSQL did not take", registry=self.registry)
        self._seconds = Histogram("front_row_pump_write_seconds", "Per transaction", buckets=_SECONDS, registry=self.registry)
        self.troubles = Counter(
            "front_row_pump_troubles", "Looks at events that cannot be drained, by why", ["kind"], registry=self.registry
        )
        self.restored = Counter("front_row_reader_restored", "Entries brought back from PostgreSQL", registry=self.registry)
        self.compared = Counter("front_row_comparisons", "Entries compared with PostgreSQL, by result", ["result"], registry=self.registry)
        self._to_compare = Gauge("front_row_comparisons_waiting", "Entries to be compared with PostgreSQL", registry=self.registry)
        self.left = Counter("front_row_pump_inventories_left", "Entries whose event is long over, taken out", registry=self.registry)
        self.documents_restored = Counter("front_row_reader_documents", "Documents brought back", registry=self.registry)
        self.documents = Counter("front_row_pump_documents", "Versions of documents written", registry=self.registry)
        self.attempts = Counter("front_row_pump_attempts", "Refused attempts written to the audit log", registry=self.registry)
        self.payments_ended = Counter(
            "front_row_due_payments", "Payments past their deadline, by result", ["result"], registry=self.registry
        )

    def drained(self, event: int, drained: Drained) -> None:
        """A look at an entry."""
        batch = drained.batch
        if batch is None or not batch.records:
            if drained.waiting:
                self._waiting[event] = drained.waiting
            else:
                self._waiting.pop(event, None)
                self._oldest.pop(event, None)
            return
        self._waiting[event] = drained.waiting + len(batch.records)
        (at,) = _AT.unpack_from(batch.records[0], _AT_OFFSET)
        self._oldest[event] = ((drained.now - at) / 1000, time.monotonic())

    def wrote(self, batches: Mapping[int, Batch], written: Written, seconds: float) -> None:
        """A transaction."""
        self._changes.inc(sum(len(batches[event].records) for event in written.moved))
        self._aside.inc(written.set_aside)
        self._dropped.inc(len(batches) - len(written.moved))
        self._seconds.observe(seconds)

    def to_compare(self, events: int) -> None:
        """So many entries are still to be compared."""
        self._to_compare.set(events)

    def away(self) -> None:
        """PostgreSQL did not answer."""
        self._away.inc()

    def lag_seconds(self) -> float:
        now = time.monotonic()
        return max((age + now - then for age, then in self._oldest.values()), default=0.0)
