"""A target: something that reads bytes which others made, and what it promises about every input.

Each input is either refused in the documented way or becomes a value that writes back to the same; it costs a bounded time.
Any other exception is a defect. What was once found stays in `corpus/<target>/` and is replayed by the suite.
"""

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

CORPUS = Path(__file__).parent / "corpus"
CPU_SECONDS_MAX = 1.0  # of one input; the slowest of the seeds takes a thirtieth of it
LENGTH_MAX = 4_096  # of an input, unless a target says otherwise

Answer = TypeVar("Answer")


def answer_of(call: Coroutine[Any, Any, Answer]) -> Answer:
    """What a coroutine comes to that waits for nobody: an event loop for each input would cost more than the input."""
    try:
        call.send(None)
    except StopIteration as answered:
        answer: Answer = answered.value
        return answer
    raise AssertionError("it waits")


@dataclass(frozen=True)
class Target:
    """`read` raises for a broken promise only; `seeds` are inputs to begin with, whole and sensible ones among them."""

    name: str
    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    length_max: int = LENGTH_MAX

    @property
    def folder(self) -> Path:
        """Where inputs are kept that once were too much for it."""
        return CORPUS / self.name

    def corpus(self) -> list[bytes]:
        """The seeds, and what was found."""
        found = sorted(self.folder.iterdir()) if self.folder.exists() else []
        return [*self.seeds, *(path.read_bytes() for path in found)]

    def check(self, data: bytes) -> None:
        """Read one input; AssertionError when it took too long, whatever `read` raises when a promise is broken."""
        began = time.thread_time()
        self.read(data)
        seconds = time.thread_time() - began
        assert seconds < CPU_SECONDS_MAX, f"{len(data)} bytes took {seconds:.1f} s"
