"""Where in its code a process spends its time: stacks sampled by py-spy and by the JVM's own recorder, counted by room or library.

A sample counts to the innermost frame that is not the language's own library: what `json` or a `HashMap` does is done for its caller.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from infra.places import CHECKOUT
from infra.stop import Stop

PYTHON_RATE = 200  # samples a second; more would cost the process more than it shows
MARGIN_SECONDS = 60.0
LIBRARY = re.compile(r"/site-packages/([^/.]+)")
ROOM = re.compile(rf"{re.escape(str(CHECKOUT))}/([^/]+(?:/[^/.]+)?)")
NO_ROOM = ("<", ".venv")
LOOKING = {"Attach Listener", "JFR Periodic Tasks", "JFR Recorder"}  # threads that work for the sampler


async def python_stacks(pid: int, seconds: float, file: Path) -> Counter[str]:
    """Samples by room or library of a Python process for so long, while it holds its interpreter. Stop when it may not be looked at.

    Only then: a process that was woken and waits for a processor would else count to the event loop, which waits for it.
    """
    spy = Path(sys.executable).with_name("py-spy")
    await run(
        str(spy), "record", "--pid", str(pid), "--duration", f"{seconds:.0f}", "--rate", str(PYTHON_RATE), "--format", "raw", "--gil",
        "--full-filenames", "--output", str(file), seconds=seconds,
    )  # fmt: skip
    return _rooms(file)


def _rooms(file: Path) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in file.read_text().splitlines():
        stack, _, samples = line.rpartition(" ")
        counted[python_room(stack.split(";"))] += int(samples)
    return counted


def python_room(stack: Iterable[str]) -> str:
    """Of a stack from the outermost frame to the innermost, each `function (file:line)`."""
    for frame in reversed(list(stack)):
        path = frame.partition(" (")[2]
        library, room = LIBRARY.search(path), ROOM.match(path)
        if library:
            return library[1]
        if room and not room[1].startswith(NO_ROOM):
            return room[1].replace("/", ".")
    return "python"


async def java_stacks(java_home: Path, pid: int, seconds: float, file: Path) -> Counter[str]:
    """Samples by package of a JVM's threads while they run Java; `seconds` from now."""
    await run(str(java_home / "bin/jcmd"), str(pid), "JFR.start", "name=bench", "settings=profile")
    await asyncio.sleep(seconds)
    await run(str(java_home / "bin/jcmd"), str(pid), "JFR.stop", "name=bench", f"filename={file}")
    told = json.loads(await run(str(java_home / "bin/jfr"), "print", "--json", "--events", "jdk.ExecutionSample", str(file)))
    counted: Counter[str] = Counter()
    for event in told["recording"]["events"]:
        counted[java_room(frame["method"]["type"]["name"] for frame in event["values"]["stackTrace"]["frames"])] += 1
    return counted


def java_room(classes: Iterable[str]) -> str:
    """Of the classes of a stack from the innermost frame outwards."""
    for name in classes:
        parts = name.replace("/", ".").split(".")
        if parts[0] == "frontrow":
            return ".".join(parts[:-1])
        if parts[:2] == ["com", "hazelcast"]:
            return "hazelcast." + ".".join(parts[2:-1][:2])
    return "java"


async def java_threads(java_home: Path, pid: int) -> Counter[str]:
    """Microseconds of processor time by kind of thread since the JVM began, its collector and compilers too."""
    spent: Counter[str] = Counter()
    for name, millis in re.findall(
        r'^"([^"]+)".*? cpu=([0-9.]+)ms', await run(str(java_home / "bin/jcmd"), str(pid), "Thread.print"), re.MULTILINE
    ):
        spent[thread_kind(name)] += int(1000 * float(millis))
    return Counter({kind: micros for kind, micros in spent.items() if kind not in LOOKING})


def thread_kind(name: str) -> str:
    """`hz.front-row.IO.thread-in-0` is one of `IO`."""
    return re.sub(r"^hz\.[^.]+\.|[.-]?thread-.*$|[#-]?\d+$", "", name).rstrip(".-# ")


async def run(*command: str, seconds: float = 0.0) -> str:
    """What the command prints. Stop with its words when it fails, or takes a minute longer than `seconds`."""
    program = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        output, trouble = await asyncio.wait_for(program.communicate(), seconds + MARGIN_SECONDS)
    except TimeoutError:
        program.kill()
        raise Stop(f"{Path(command[0]).name} did not end") from None
    if program.returncode:
        raise Stop(f"{Path(command[0]).name} failed: {' '.join((trouble + output).decode(errors='replace').split())[-300:]}")
    return output.decode()
