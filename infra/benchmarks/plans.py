"""Plain halls of any size for the figures."""

from typing import Any

CATEGORY = "Зал"
ROW_SEATS = 100


def hall(seats: int) -> dict[str, Any]:
    """A plain hall: rows of 100, seats `row-number`."""
    rows = [_row(first // ROW_SEATS, range(first, min(first + ROW_SEATS, seats))) for first in range(0, seats, ROW_SEATS)]
    return {
        "name": f"Зал на {seats}", "size": {"width": ROW_SEATS * 25, "height": len(rows) * 30},
        "categories": [{"name": CATEGORY, "color": "#888888"}],
        "zones": [{"name": CATEGORY, "position": {"x": 0, "y": 0}, "rows": rows}],
    }  # fmt: skip


def _row(number: int, places: range) -> dict[str, Any]:
    seats = [
        {"seat_guid": guid(place), "seat_number": str(at + 1), "position": {"x": at * 25, "y": 0}, "category": CATEGORY}
        for at, place in enumerate(places)
    ]
    return {"row_number": str(number + 1), "position": {"x": 0, "y": number * 30}, "seats": seats}


def guid(place: int) -> str:
    """The seat_guid of a place of `hall`."""
    return f"{place // ROW_SEATS + 1}-{place % ROW_SEATS + 1}"
