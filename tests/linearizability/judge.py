"""Builds and runs the checker (a Go program around porcupine) over recorded histories."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKER = Path(__file__).parent / "checker"
GO_OF_ITS_INSTALLER = "/usr/local/go/bin/go"  # where go.dev's own archive puts it, often outside PATH
BUILD_SECONDS_MAX = 300
JUDGE_SECONDS_MAX = 300


def go() -> str:
    """The go command."""
    return shutil.which("go") or GO_OF_ITS_INSTALLER


def run_go(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A go command in the checker's module; its output and exit code are the caller's to judge."""
    environment = os.environ | {"GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    return subprocess.run(
        [go(), *arguments], cwd=CHECKER, env=environment, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS_MAX
    )


@dataclass(frozen=True)
class Judgement:
    """What the checker said. `report` as its Report; `verdict` is ok, illegal or unknown."""

    verdict: str
    report: dict[str, Any]

    def __str__(self) -> str:
        """For an assertion's message: the verdict, and the shortest broken part."""
        broken = self.report["broken"]
        if not broken:
            return json.dumps(self.report)
        calls = "\n".join(json.dumps(call, ensure_ascii=False) for call in broken["calls"])
        return f"{broken['reason']}\nseats {broken['seats']}, drawn in {broken.get('drawn', '')}\n{calls}"


class Judge:
    """The built checker."""

    def __init__(self, directory: Path) -> None:
        self._program = directory / "checker"
        built = run_go("build", "-o", str(self._program), ".")
        assert built.returncode == 0, built.stdout + built.stderr

    def judge(self, calls: list[dict[str, Any]], *, drawing: Path | None = None, seconds: float = 20.0) -> Judgement:
        """Decide a history; `drawing` is where a broken part is drawn. AssertionError when it is no history at all."""
        command = [str(self._program), "-limit", f"{seconds}s", *(["-drawing", str(drawing)] if drawing else [])]
        told = subprocess.run(command, input=json.dumps(calls), capture_output=True, text=True, check=False, timeout=JUDGE_SECONDS_MAX)
        assert told.returncode in (0, 1, 3), told.stderr
        report: dict[str, Any] = json.loads(told.stdout)
        return Judgement(report["verdict"], report)
