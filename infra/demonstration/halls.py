"""Three small halls, drawn by rule: a theatre with curved rows, a club with a standing area, a chamber hall.

Plans are the open seating-plan JSON of api.md, "Halls". Positions add up (zone + row + seat), in plan units, y downwards; the
stage is at the top.
"""

import math
from typing import Any

Plan = dict[str, Any]
Box = tuple[float, float, float, float]  # left, top, width, height

SEAT_STEP = 24
ROW_STEP = 32
AISLE = 40
THEATRE_MIDDLE = 620
STRAIGHT_SEATS = 20


def theatre() -> Plan:
    """A theatre of 1,188 seats: stalls, amphitheatre and balcony in rows that curve around the stage, an aisle in the middle."""
    stalls = [_curved_row("p", number, 22 + number, "Партер" if number <= 9 else "Партер, дальние ряды") for number in range(1, 17)]
    amphitheatre = [_curved_row("a", number, 40 + number, "Амфитеатр") for number in range(1, 9)]
    balcony = [_curved_row("b", number, 34 + 2 * number, "Балкон") for number in range(1, 9)]
    zones = [
        _zone("Партер", 120, stalls), _zone("Амфитеатр", 120 + 17 * ROW_STEP + 24, amphitheatre),
        _zone("Балкон", 120 + 26 * ROW_STEP + 48, balcony),
    ]  # fmt: skip
    zones[0]["areas"] = [_stage((THEATRE_MIDDLE - 300, -110, 600, 70))]
    categories = _categories(("Партер", "#b5382a"), ("Партер, дальние ряды", "#d98324"), ("Амфитеатр", "#3a7d44"), ("Балкон", "#2f5d8c"))
    return _plan("Большой зал театра", (2 * THEATRE_MIDDLE, 120 + 36 * ROW_STEP), categories, zones)


def club() -> Plan:
    """A club: 500 standing places by count in front of the stage, a terrace by count, 60 seats on the gallery."""
    zone = _zone("Галерея", 520, [_straight_row("g", number, 150, "Галерея") for number in range(1, 4)])
    zone["areas"] = [
        _stage((200, -500, 400, 70)),
        _counted("Танцпол", (100, -410, 600, 250), 500),
        _counted("Терраса", (100, -140, 600, 80), 40),
    ]
    categories = _categories(("Танцпол", "#7a3b8f"), ("Терраса", "#b5382a"), ("Галерея", "#2f5d8c"))
    return _plan("Клуб у канала", (800, 660), categories, [zone])


def chamber_hall() -> Plan:
    """A hall of 300 seats in 15 straight rows of 20."""
    zone = _zone("Зал", 130, [_straight_row("r", number, 60, "Первые ряды" if number <= 5 else "Основной зал") for number in range(1, 16)])
    zone["areas"] = [_stage((140, -110, 360, 70))]
    categories = _categories(("Первые ряды", "#b5382a"), ("Основной зал", "#3a7d44"))
    return _plan("Малый зал", (640, 130 + 16 * ROW_STEP), categories, [zone])


def _curved_row(prefix: str, number: int, seats: int, category: str) -> dict[str, Any]:
    """A row on an arc: its ends stand nearer to the stage than its middle, farther rows bend more. The aisle parts it in half."""
    depth = 18 + 2 * number
    half = seats // 2
    places = []
    for index in range(seats):
        across = (index - (seats - 1) / 2) * SEAT_STEP + (AISLE / 2 if index >= half else -AISLE / 2)
        along = -depth * (1 - math.cos(across / THEATRE_MIDDLE * math.pi / 2))
        places.append(_seat(f"{prefix}{number}-{index + 1}", index + 1, _at(THEATRE_MIDDLE + across, along), category))
    return _row(prefix, number, 0, places)


def _straight_row(prefix: str, number: int, left: float, category: str) -> dict[str, Any]:
    places = []
    for index in range(STRAIGHT_SEATS):
        across = index * SEAT_STEP + (AISLE if index >= STRAIGHT_SEATS // 2 else 0)
        places.append(_seat(f"{prefix}{number}-{index + 1}", index + 1, _at(across, 0), category))
    return _row(prefix, number, left, places)


def _seat(guid: str, number: int, position: dict[str, float], category: str) -> dict[str, Any]:
    return {"seat_guid": guid, "uuid": guid, "seat_number": str(number), "position": position, "category": category}


def _row(prefix: str, number: int, left: float, seats: list[dict[str, Any]]) -> dict[str, Any]:
    position = _at(left, (number - 1) * ROW_STEP)
    return {"uuid": f"{prefix}{number}", "row_number": str(number), "row_number_position": "both", "position": position, "seats": seats}


def _zone(name: str, top: float, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "position": _at(0, top), "rows": rows, "areas": []}


def _stage(box: Box) -> dict[str, Any]:
    """Decoration: an area without `area` is not sold."""
    return _rectangle("Сцена", box, "#c9c2b8")


def _counted(name: str, box: Box, capacity: int) -> dict[str, Any]:
    """An area sold by count, in the category of its own name."""
    return _rectangle(name, box, "#e7e1ee") | {"area": name, "capacity": capacity, "category": name}


def _rectangle(text: str, box: Box, color: str) -> dict[str, Any]:
    x, y, width, height = box
    return {
        "shape": "rectangle", "color": color, "border_color": "#8a8378", "rotation": 0, "uuid": f"area-{text}", "position": _at(x, y),
        "rectangle": {"width": width, "height": height},
        "text": {"text": text, "color": "#333333", "position": _at(width / 2, height / 2)},
    }  # fmt: skip


def _at(x: float, y: float) -> dict[str, float]:
    return {"x": round(x, 1), "y": round(y, 1)}


def _categories(*named: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "color": color} for name, color in named]


def _plan(name: str, size: tuple[float, float], categories: list[dict[str, str]], zones: list[dict[str, Any]]) -> Plan:
    return {"name": name, "size": {"width": size[0], "height": size[1]}, "categories": categories, "zones": zones}
