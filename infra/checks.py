"""`infra/test`: every check and every test. Linters, types and the member's own tests first, then pytest with the given arguments.

Without arguments pytest runs twice, side by side, each with a part of the tests; what the second says comes after the first has ended.
What the tests start becomes a child of this process, daemons too, and is ended with it. The last line is pytest's own.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.libraries import WEB, npm_tool
from infra.machine import find_java
from infra.member_build import MODULE
from infra.places import CHECKOUT
from infra.processes import PRIVATE_VARIABLES
from infra.stop import Stop, run_command

CHECK_SECONDS = 900
TESTS_SECONDS = 1500
ENDING_SECONDS = 20.0
REAP_SECONDS = 0.2
PR_SET_CHILD_SUBREAPER = 36
# Of about the same length. Whoever breaks systems of its own waits most of its time for them to come back.
TEST_LANES = (
    ("tests/contract", "tests/integration", "tests/model", "tests/unit"),
    ("tests/faults", "tests/browser", "tests/fuzz", "tests/linearizability"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """A check that passes by exit code 0; its output is shown when it fails, and the lines with `telling` always."""

    name: str
    command: tuple[str, ...]
    directory: Path = CHECKOUT
    telling: str = ""


def main() -> int:
    _adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        return asyncio.run(_run(sys.argv[1:]))
    finally:
        end_children()


async def _run(arguments: Sequence[str]) -> int:
    started = time.monotonic()
    java = find_java()
    if java is None:
        raise Stop("wrong Java: a development kit of 17 or later is needed, none was found")
    environment = _environment() | {"JAVA_HOME": str(java.home)}
    # Two lanes for two cores. Maven's lane has most of its work in the JVM, the other one in Python.
    lanes = await asyncio.gather(_lane(_python_checks(), environment), _lane(_maven_checks(), environment))
    failed = [name for lane in lanes for name in lane]
    verdict = f"{', '.join(failed)} FAILED" if failed else "all checks passed"
    print(f"{verdict} after {time.monotonic() - started:.0f} s; now the tests", flush=True)
    codes = await _tests([arguments] if arguments else TEST_LANES, environment)
    return max(codes, default=0) or (1 if failed else 0)


def _python_checks() -> list[Check]:
    python = sys.executable
    tool = Path(python).parent
    return [
        Check("ruff", (str(tool / "ruff"), "check", ".")),
        Check("import-linter", (str(tool / "lint-imports"),)),
        Check("mypy", (python, "-m", "mypy")),
        Check("mypy of the tests", (python, "-m", "mypy", "tests")),
        Check("npm packages", (python, "-m", "infra.libraries")),
        Check("tsc of the hall", (npm_tool("node"), "node_modules/typescript/bin/tsc", "--project", "."), WEB),
        Check("prettier of the hall", (npm_tool("node"), "node_modules/prettier/bin/prettier.cjs", "--check", "static/hall/*.js"), WEB),
    ]


def _maven_checks() -> list[Check]:
    maven = ("nice", "mvn", "--batch-mode", "--no-transfer-progress", "verify")
    return [Check("mvn verify", maven, MODULE, telling="Tests run:")]


async def _lane(checks: list[Check], environment: dict[str, str]) -> list[str]:
    """Run checks one after the other; the names of those that failed."""
    return [check.name for check in checks if not await _passes(check, environment)]


async def _passes(check: Check, environment: dict[str, str]) -> bool:
    began = time.monotonic()
    program = await asyncio.create_subprocess_exec(
        *check.command, cwd=check.directory, env=environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(program.communicate(), CHECK_SECONDS)
    except TimeoutError:
        program.kill()
        output = f"no end after {CHECK_SECONDS} s".encode()
    passed = program.returncode == 0
    text = output.decode(errors="replace").rstrip()
    told = [line for line in text.splitlines() if check.telling and check.telling in line][-1:]
    print(f"{check.name:<24}{'passed' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s {' '.join(told)}", flush=True)
    if not passed:
        print(text, flush=True)
    return passed


async def _tests(lanes: Sequence[Sequence[str]], environment: dict[str, str]) -> list[int]:
    """The exit codes of a pytest for each lane."""
    with contextlib.ExitStack() as outputs:
        later = [outputs.enter_context(tempfile.TemporaryFile()) for _ in lanes[1:]]
        programs = [
            await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "TERM", "--", sys.executable, "-m", "pytest", "--durations=15", *lane,
                cwd=CHECKOUT, env=environment | {"TEST_LANE": f"{number}/{len(lanes)}"}, stdin=asyncio.subprocess.DEVNULL,
                stdout=later[number - 1] if number else None, stderr=asyncio.subprocess.STDOUT if number else None,
            )
            for number, lane in enumerate(lanes)
        ]  # fmt: skip
        reaping = asyncio.create_task(_reap_orphans({program.pid for program in programs}))
        codes = await asyncio.gather(*map(_ended, programs))
        reaping.cancel()
        for output in later:
            output.seek(0)
            print(output.read().decode(errors="replace"), end="", flush=True)
    return codes


async def _ended(program: asyncio.subprocess.Process) -> int:
    try:
        return await asyncio.wait_for(program.wait(), TESTS_SECONDS)
    except TimeoutError:
        program.send_signal(signal.SIGINT)  # pytest ends its fixtures and prints how far it came
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(program.wait(), ENDING_SECONDS)
        print(f"infra/test: the tests did not end within {TESTS_SECONDS} s", file=sys.stderr)
        return 1


async def _reap_orphans(tests: set[int]) -> None:
    """What the tests started and left to us must not stay as a zombie when it ends: `infra/down` waits until it is gone."""
    while True:
        for pid in children(os.getpid()):
            if pid not in tests:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - it does not wait
        await asyncio.sleep(REAP_SECONDS)


def _environment() -> dict[str, str]:
    """The caller's environment without what would lead tests to somebody's database or running system."""
    return {name: value for name, value in os.environ.items() if not name.startswith((*PRIVATE_VARIABLES, "RUN_DIR"))}


def _adopt_orphans() -> None:
    """Whatever a test starts becomes our child when its parent has gone, also a daemon."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children() -> None:
    """End every process that is still below this one: asked first, killed after `ENDING_SECONDS`."""
    deadline = time.monotonic() + ENDING_SECONDS
    asked: set[int] = set()
    while left := children(os.getpid()):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                elif pid not in asked:
                    asked.add(pid)
                    os.kill(pid, signal.SIGTERM)
        _reap()
        time.sleep(0.05)


def children(parent: int) -> list[int]:
    """The pids of a process's children that have not ended."""
    found = []
    for thread in Path(f"/proc/{parent}/task").iterdir():
        with contextlib.suppress(OSError):
            found += [int(pid) for pid in (thread / "children").read_text().split()]
    return found


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    run_command("infra/test", main)
