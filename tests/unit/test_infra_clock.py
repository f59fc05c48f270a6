"""The clock that a test moves, and everybody else's."""

import time
from pathlib import Path

from infra.clock import LOOK_SECONDS, MovedClock, clock_of
from infra.settings import Settings, from_environment


class Machine:
    """The machine's time, by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_nobody_moves_a_clock_unless_he_is_told_to():
    assert clock_of(Settings()) is time.time
    assert from_environment({}).clock_file is None


def test_a_clock_is_ahead_by_the_milliseconds_in_its_file(tmp_path: Path):
    file = tmp_path / "ahead"
    file.write_text("300000\n")
    moved = clock_of(from_environment({"FRONT_ROW_CLOCK_FILE": str(file)}))
    assert abs(moved() - time.time() - 300) < 5


def test_a_file_that_is_written_later_counts_from_the_next_look(tmp_path: Path):
    machine, file = Machine(), tmp_path / "ahead"
    clock = MovedClock(file, machine)
    assert clock() == 1_000.0
    file.write_text("1500")
    assert clock() == 1_000.0
    machine.now += LOOK_SECONDS
    assert clock() == machine.now + 1.5


def test_clocks_that_looked_at_different_times_jump_at_the_moment_that_the_file_names(tmp_path: Path):
    machine, file = Machine(), tmp_path / "ahead"
    early, late = MovedClock(file, machine), MovedClock(file, machine)
    early()
    machine.now += LOOK_SECONDS / 2
    late()
    since = machine.now + LOOK_SECONDS
    file.write_text(f"1500 {round(since * 1000)}")
    for waited in (LOOK_SECONDS / 2, LOOK_SECONDS * 0.9):
        machine.now = since - LOOK_SECONDS + waited
        assert early() == late() == machine.now
    machine.now = since
    assert early() == late() == since + 1.5


def test_a_moved_clock_never_goes_back(tmp_path: Path):
    machine, file = Machine(), tmp_path / "ahead"
    clock = MovedClock(file, machine)
    for said in ("1500", "20", "", "nonsense", "-7"):
        file.write_text(said)
        machine.now += LOOK_SECONDS
        assert clock() == machine.now + 1.5
