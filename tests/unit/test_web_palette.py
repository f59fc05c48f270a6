"""The colours of price categories: one source, enough contrast, and told apart by people who see few colours."""

import itertools
import math
import re
from collections.abc import Sequence

import pytest

from infra.demonstration.halls import HALLS
from infra.places import CHECKOUT
from web.palette import DARK, LIGHT, ranks

CONTRAST_MIN = 3.0  # WCAG 1.4.11, of what is not text
APART_MIN = 10.0  # in CIELAB: twice what is seen at a glance
SITE = (CHECKOUT / "web" / "static" / "site.css").read_text()
SHAPES = len(re.findall(r'"\w+"', re.findall(r"SHAPES = \[(.*)\]", (CHECKOUT / "web" / "static" / "hall" / "palette.js").read_text())[0]))
# What is left of linear red, green and blue for whoever lacks one kind of cone (Machado, Oliveira and Fernandes, 2009).
SIGHTS = {
    "all three": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def linear(color: str) -> list[float]:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def turned(matrix: Sequence[Sequence[float]], color: Sequence[float]) -> list[float]:
    return [min(1.0, max(0.0, sum(factor * part for factor, part in zip(row, color, strict=True)))) for row in matrix]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((turned(TO_XYZ, linear(color))[1] for color in (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lab(color: Sequence[float]) -> tuple[float, float, float]:
    shares = [part / white for part, white in zip(turned(TO_XYZ, color), WHITE, strict=True)]
    x, y, z = (share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116 for share in shares)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str, sight: str) -> float:
    return math.dist(*(lab(turned(SIGHTS[sight], linear(color))) for color in (one, other)))


@pytest.mark.parametrize(("colors", "at"), [(LIGHT, 0), (DARK, 1)])
def test_every_color_stands_out_from_the_page_and_carries_a_number(colors: tuple[str, ...], at: int):
    paper = re.findall(r"--paper: (#\w{6})", SITE)[at]
    assert [color for color in colors if contrast(color, paper) < CONTRAST_MIN] == []


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_categories_differ_for_everybody_by_color_or_by_shape(colors: tuple[str, ...], sight: str):
    for (rank, color), (other_rank, other) in itertools.combinations(enumerate(colors), 2):
        if rank + 1 == other_rank or rank % SHAPES == other_rank % SHAPES:
            assert apart(color, other, sight) >= APART_MIN, (color, other)


def test_the_dearest_has_the_first_color_and_what_is_not_sold_the_last():
    assert ranks(["cheap", "none", "dear", "as cheap"], {"cheap": 100, "dear": 300, "as cheap": 100}) == [1, 3, 0, 2]


def test_the_halls_we_draw_have_the_same_colors():
    colors = {category["color"] for hall in HALLS.values() for category in hall.plan()["categories"]}
    assert colors <= set(LIGHT)


def test_no_other_color_of_a_category_stands_anywhere_in_the_pages():
    for path in [*(CHECKOUT / "web" / "static" / "hall").glob("*.*s"), *(CHECKOUT / "web").glob("*.py")]:
        if path.name != "palette.py":
            assert re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text()) == [], path.name
