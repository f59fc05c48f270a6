"""What members say of themselves: the work that waits in their entries, and which formats they speak."""

from typing import NamedTuple

from grid_config.limits import FORMAT_VERSION
from grid_config.wire import Malformed, Reader


class Hints(NamedTuple):
    """What waits on one member; each list has at most 1,000 items and the rest comes next time. `now`: its clock, unix ms."""

    now: int
    dirty_events: tuple[int, ...]  # changes that PostgreSQL has not got
    due_events: tuple[int, ...]  # a hold or payment past its deadline
    wanted_events: tuple[int, ...]  # asked for while missing or shut; told once
    dirty_documents: tuple[str, ...]
    dirty_attempts: tuple[str, ...]


class SelfTest(NamedTuple):
    """What one member is. `clock`: unix ms; `members`, `minimum`: the cluster as it sees it, and the smallest that may sell.

    `heap_live`, `heap_bound`: bytes that were alive after its latest full collection (0 before the first), and how many may be
    before it refuses new orders, which it does while `memory_short`.
    """

    version: str
    lowest_format: int
    highest_format: int
    clock: int
    members: int
    minimum: int
    heap_live: int
    heap_bound: int
    memory_short: bool


def decode_hints(answer: bytes) -> Hints:
    """Of a HintsTask's answer. Malformed when it is none."""
    reader = Reader(answer)
    if reader.u8() != FORMAT_VERSION:
        raise Malformed("hints of another format")
    hints = Hints(
        reader.i64(),
        reader.many_i64(reader.u32()),
        reader.many_i64(reader.u32()),
        reader.many_i64(reader.u32()),
        tuple(reader.text() for _ in range(reader.u32())),
        tuple(reader.text() for _ in range(reader.u32())),
    )
    reader.end()
    return hints


def decode_self_test(answer: bytes) -> SelfTest:
    """Of a SelfTestTask's answer. Malformed when it is none."""
    reader = Reader(answer)
    reader.u8()
    test = SelfTest(
        reader.text(), reader.u8(), reader.u8(), reader.i64(), reader.u32(), reader.u32(), reader.i64(), reader.i64(), reader.u8() == 1
    )
    reader.end()
    return test
