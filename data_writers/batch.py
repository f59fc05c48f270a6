"""What a pump hands to the writer, and what it gets back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from grid_config.answers import SoldOrder
from grid_config.orders import Order
from grid_config.outcomes import Verdict


class Batch(NamedTuple):
    """The changes of one event after a position: from_seq < seq <= to_seq, encoded as they stand in the outbox."""

    event: int
    incarnation: int
    from_seq: int
    to_seq: int
    change_id: int  # at to_seq
    records: Sequence[bytes]


class State(NamedTuple):
    """The whole state of one event's entry at `batch.to_seq`; the batch has its changes after `batch.from_seq`, the durable ones' end."""

    batch: Batch
    orders: Sequence[Order]
    sold: Sequence[SoldOrder]


class Told(NamedTuple):
    """A verdict for the acknowledgement: (order, verdict, conflicting places)."""

    order: int
    verdict: Verdict
    places: tuple[int, ...] = ()


class Taken(NamedTuple):
    """What a whole state came to: verdicts for the acknowledgement, how many orders were news, and which lost their places:
    displaced are those that the state knows nothing of, refused its own.
    """

    verdicts: list[tuple[int, Told]]
    news: int
    displaced: list[int]
    refused: list[int]


@dataclass(slots=True)
class Written:
    """What one transaction did."""

    moved: set[int] = field(default_factory=set)  # events whose batch is durable now
    verdicts: dict[int, list[Told]] = field(default_factory=dict)  # by event
    set_aside: int = 0  # changes

    def tell(self, event: int, told: Told) -> None:
        self.verdicts.setdefault(event, []).append(told)

    def take(self, other: "Written") -> None:
        """Add what another transaction did."""
        self.moved |= other.moved
        self.verdicts |= other.verdicts
        self.set_aside += other.set_aside
