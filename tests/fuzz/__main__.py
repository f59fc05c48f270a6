"""`infra/fuzz`: looks for inputs that a parser does not stand, guided by what code they reach.

What breaks a promise is kept in `tests/fuzz/corpus/<target>/`: the suite fails from then on, until it is mended, and replays it
ever after. What was only interesting goes on next time, from the run directory.
"""

import argparse
import contextlib
import importlib.util
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

from infra.places import CHECKOUT, Places
from infra.stop import Stop, run_command
from tests.fuzz.catalogue import TARGETS
from tests.fuzz.target import Target

SECONDS = 60.0
TELL_SECONDS = 10.0
RSS_MIB_MAX = 1_024
HANG_SECONDS = 10
ENDING_SECONDS = 30
PULSE = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: \d+ corp: (\d+)/.*exec/s: (\d+) rss: (\d+)Mb")


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/fuzz", description="Looks for inputs that a parser of this checkout does not stand.")
    parser.add_argument("--target", metavar="NAMES", help="some of those that --list tells, with commas (all of them)")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S", help=f"for each target ({SECONDS:g})")
    parser.add_argument("--seed", type=int, metavar="N", help="to look the same way again, from an empty --run-dir")
    parser.add_argument("--run-dir", metavar="D", help="where interesting inputs are kept (RUN_DIR, else .run of the checkout)")
    parser.add_argument("--list", action="store_true", help="name the targets and end")
    given = parser.parse_args()
    if given.list:
        print("\n".join(TARGETS))
        return 0
    names = given.target.split(",") if given.target else list(TARGETS)
    unknown = set(names) - TARGETS.keys()
    if unknown:
        raise Stop(f"no such target: {', '.join(sorted(unknown))}; --list names them")
    if importlib.util.find_spec("atheris") is None:
        raise Stop("atheris is missing: it comes ready for Python 3.11 to 3.13 on x86-64 Linux, elsewhere clang has to build it")
    seed = given.seed or secrets.randbelow(2**31 - 1) + 1
    print(f"seed {seed}, {given.seconds:g} s for each of {len(names)} targets", flush=True)
    work = Places.of(given.run_dir).run_dir / "fuzz"
    broken = [name for name in names if not Hunt(TARGETS[name], work / name).run(given.seconds, seed)]
    print(f"broke a promise: {', '.join(broken)}" if broken else "every promise was kept", flush=True)
    return 1 if broken else 0


class Hunt:
    """One target's search in a process of its own, below a folder of its own."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._told = 0.0
        self._pulse = ""

    def run(self, seconds: float, seed: int) -> bool:
        """Whether every promise was kept; what broke one is kept in the target's corpus."""
        self._lay_out()
        before = set(self._target.folder.iterdir())
        process = subprocess.Popen(self._command(seconds, seed), cwd=CHECKOUT, stderr=subprocess.PIPE, text=True, errors="replace")
        assert process.stderr is not None
        last: list[str] = []
        try:
            for line in process.stderr:
                self._listen(line)
                last = [*last[-40:], line.rstrip()]
            code = process.wait(ENDING_SECONDS)
        finally:
            process.kill()
        found = sorted(set(self._target.folder.iterdir()) - before)
        if not list(self._target.folder.iterdir()):
            self._target.folder.rmdir()
        if not code and not found:
            print(f"  {self._target.name:<24} {self._pulse}", flush=True)
            return True
        print("\n".join(last))
        print(
            f"  {self._target.name:<24} BROKEN by {', '.join(str(path.relative_to(CHECKOUT)) for path in found) or f'exit {code}'}",
            flush=True,
        )
        return False

    def _lay_out(self) -> None:
        """The known inputs beside those that were interesting before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._target.folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(self._target.corpus()):
            (self._folder / f"known-{number}").write_bytes(data)

    def _command(self, seconds: float, seed: int) -> list[str]:
        return [
            sys.executable, "-m", "tests.fuzz.hunt", self._target.name, str(self._folder),
            f"-max_total_time={max(1, round(seconds))}", f"-seed={seed}", f"-max_len={self._target.length_max}", f"-timeout={HANG_SECONDS}",
            f"-rss_limit_mb={RSS_MIB_MAX}", f"-artifact_prefix={self._target.folder}/", "-verbosity=1",
        ]  # fmt: skip

    def _listen(self, line: str) -> None:
        pulse = PULSE.match(line)
        if pulse is None:
            return
        inputs, reached, kept, speed, mebibytes = map(int, pulse.groups())
        self._pulse = f"{inputs:>9} inputs, {speed:>6}/s, {reached} places reached, {kept} kept, {mebibytes} MiB"
        now = time.monotonic()
        if now - self._told > TELL_SECONDS:
            self._told = now
            with contextlib.suppress(BrokenPipeError):
                print(f"  {self._target.name:<24} {self._pulse} ...", flush=True)


if __name__ == "__main__":
    run_command("infra/fuzz", main)
