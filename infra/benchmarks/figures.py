"""What a figure is, how a table of them looks, and on which machine they were taken."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `least` or `most` is its target; `details` tells how it came about."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.least is None and self.most is None:
            return ""
        met = (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)
        return "met" if met else "MISSED"

    @property
    def target(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"< {self.most:g}" if self.most is not None else ""


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def machine() -> dict[str, Any]:
    """The machine, as far as it says itself."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = int(next(line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return {
        "processor": model, "cores": os.cpu_count(), "memory_gib": round(memory / (1 << 20), 1), "system": platform.platform(),
        "python": platform.python_version(), "commit": commit.stdout.strip() or "unknown",
        "load_before": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def table(figures: Sequence[Figure]) -> str:
    """The figures for people, each with what stands behind it."""
    lines = [f"{'figure':<58}{'value':>14}  {'target':<10}{'':<8}"]
    for figure in figures:
        lines.append(f"{figure.name:<58}{_number(figure.value):>14}  {figure.target:<10}{figure.verdict:<8}{figure.unit}")
        lines += [f"    {name}: {_number(told) if isinstance(told, float) else told}" for name, told in figure.details.items()]
    return "\n".join(lines)


def document(figures: Sequence[Figure], where: dict[str, Any]) -> str:
    """The same for programs."""
    told = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    return json.dumps({"machine": where, "figures": told}, indent=2, ensure_ascii=False)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"
