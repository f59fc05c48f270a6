"""Plots of what grows, for the README."""

from collections.abc import Sequence
from pathlib import Path

import pygal
from pygal.style import Style

from infra.benchmarks.growth import Growth

STYLE = Style(
    background="white", plot_background="white", font_family="sans-serif", colors=("#0072B2", "#D55E00"), guide_stroke_color="#e4e4e4",
    major_guide_stroke_color="#cccccc", guide_stroke_dasharray="", major_guide_stroke_dasharray="", title_font_size=15, label_font_size=11,
    major_label_font_size=11, legend_font_size=12, opacity="1", opacity_hover="1",
)  # fmt: skip


def write(folder: Path, grown: Sequence[Growth]) -> list[Path]:
    """One SVG for each kind of growth, all of one scale; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    top = max(max(point.orders, point.seats) for growth in grown for point in growth.points)
    return [_write(folder / f"growth-of-{growth.name.replace(' ', '-')}.svg", growth, top) for growth in grown]


def _write(path: Path, growth: Growth, top: float) -> Path:
    chart = pygal.Line(
        style=STYLE, js=[], width=560, height=300, explicit_size=True, margin=6, margin_right=28, dots_size=3.5,
        title=f"Rates over {growth.name}", x_title=growth.name, y_title="per second", legend_at_bottom=True, range=(0, top), max_scale=7,
        show_minor_y_labels=True, stroke_style={"width": 2.5}, value_formatter=lambda rate: f"{rate:,.0f}",
    )  # fmt: skip
    chart.x_labels = [f"{point.size:,}" for point in growth.points]
    chart.add("orders of chosen seats", [point.orders for point in growth.points])
    chart.add("reads of the current seats", [point.seats for point in growth.points])
    path.write_bytes(chart.render() + b"\n")
    return path
