"""The colours of price categories, dearest first: of the map, of the list of prices, and of the plans that `infra/hall` draws.

The colours that a plan brings are an editor's choice and promise no contrast. These stand out at least 3:1 from the page, in light
and in dark, and carry a number in the page's colour. Prices that follow each other differ for whoever sees few colours; others differ
on the map by their seats' shape (static/hall/palette.js), so that nobody needs to tell colours apart.
"""

from collections.abc import Mapping, Sequence

LIGHT = ("#a3246f", "#1f62b0", "#1d7a3c", "#bf5300", "#0f7a94", "#7d6a00", "#6444b0", "#8c4b3a")
DARK = ("#f08cc4", "#86b7f2", "#74cf88", "#f5a25f", "#66d0ea", "#dcc957", "#b9a5f7", "#dba08f")


def ranks(categories: Sequence[str], prices: Mapping[str, int]) -> list[int]:
    """Which colour a category has, by index, as the map counts it too: dearest first, what has no price last."""
    dearest = sorted(range(len(categories)), key=lambda index: -prices.get(categories[index], 0))
    return [dearest.index(index) % len(LIGHT) for index in range(len(categories))]
