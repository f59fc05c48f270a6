"""Plots of what grows, for the README."""

from collections.abc import Sequence
from pathlib import Path

import pygal
from pygal.style import CleanStyle

from infra.benchmarks.growth import Growth


def write(folder: Path, grown: Sequence[Growth]) -> list[Path]:
    """One SVG for each kind of growth; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / f"growth-of-{growth.name.replace(' ', '-')}.svg", growth) for growth in grown]


def _write(path: Path, growth: Growth) -> Path:
    chart = pygal.Line(
        style=CleanStyle(background="white", plot_background="white"), js=[], width=640, height=320, stroke_style={"width": 3},
        dots_size=4, title=f"Rates over {growth.name}", x_title=growth.name, y_title="per second", include_x_axis=True,
        legend_at_bottom=True, value_formatter=lambda rate: f"{rate:,.0f}",
    )  # fmt: skip
    chart.x_labels = [f"{point.size:,}" for point in growth.points]
    chart.add("orders of chosen seats", [point.orders for point in growth.points])
    chart.add("reads of the current seats", [point.seats for point in growth.points])
    path.write_bytes(chart.render() + b"\n")
    return path
