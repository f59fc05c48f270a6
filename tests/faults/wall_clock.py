"""The wall clock of one process, moved by minutes while it runs; its monotonic time stays untouched (Debian's libfaketime)."""

from pathlib import Path

from infra.stop import Stop

LIBRARIES = Path("/usr/lib")
LIBRARY = "*/faketime/libfaketimeMT.so.1"
STEP_SECONDS = 30  # longer than a hold of the laboratory, shorter than the minute beyond which a member takes every request for too old
LOOKS_SECONDS = 1  # how often a process looks what its clock should say


class WallClock:
    """Of the process that runs in `environment`; `file` holds by how much it is wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.move(0)

    def move(self, seconds: int) -> None:
        """From now on so much ahead of the true time, or behind it."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{seconds:+d}\n")
        draft.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(next(LIBRARIES.glob(LIBRARY))),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(LOOKS_SECONDS),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Its mend for an older C library makes waits on the monotonic clock return early: a JVM then takes both cores in vain.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }


def is_there() -> bool:
    """Whether the library is installed."""
    return any(LIBRARIES.glob(LIBRARY))


def must_be_there() -> None:
    """Stop when it is not."""
    if not is_there():
        raise Stop("libfaketime is not installed: no member can have a clock of its own")
