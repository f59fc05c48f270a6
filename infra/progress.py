"""Progress of a command: a line per step, with its time."""

import contextlib
import time
from collections.abc import Iterator


class Progress:
    def __init__(self) -> None:
        self.started = time.monotonic()

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print the step when it is over, with the seconds it took; steps that overlap print in the order of their ends."""
        began = time.monotonic()
        yield
        self.say(f"{name:<44} {time.monotonic() - began:6.1f} s")

    def say(self, text: str) -> None:
        print(f"  {text}", flush=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started
