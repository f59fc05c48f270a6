"""Seating plans: what is accepted, what is kept, and the place of every fault."""

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from grid_config.imported import ImportedPlan
from grid_config.limits import AREA_CAPACITY_MAX, PLAN_FAULTS_MAX, PLAN_SEATS_MAX
from grid_config.plan import SeatingPlan

Plan = dict[str, Any]


def hall(rows: int = 2, seats: int = 3) -> Plan:
    """As pretix's editor exports it, with one area to stand in."""

    def row(number: int) -> dict[str, Any]:
        return {
            "row_number": str(number),
            "row_number_position": "both",
            "uuid": f"row-{number}",
            "position": {"x": 0, "y": 30 * number},
            "seats": [
                {
                    "seat_guid": f"{number}-{seat}",
                    "uuid": f"u{number}-{seat}",
                    "seat_number": str(seat),
                    "radius": 10,
                    "start_direction": None,
                    "position": {"x": 25.5 * seat, "y": 0},
                    "category": "Партер",
                }
                for seat in range(seats)
            ],
        }

    return {
        "name": "Зал",
        "size": {"width": 800, "height": 600},
        "categories": [{"name": "Партер", "color": "#3366cc"}, {"name": "Танцпол"}],
        "zones": [
            {
                "name": "Основная",
                "zone_id": "main",
                "uuid": "zone",
                "position": {"x": 0, "y": 0},
                "rows": [row(number) for number in range(rows)],
                "areas": [
                    {
                        "shape": "rectangle",
                        "color": "#cccccc",
                        "border_color": "#000000",
                        "rotation": 12.5,
                        "uuid": "floor",
                        "position": {"x": 10, "y": 200},
                        "text": {"position": {"x": 0, "y": 0}, "color": "#333333", "text": "Танцпол", "size": 16},
                        "rectangle": {"width": 100, "height": 50},
                        "area": "Танцпол",
                        "capacity": 100,
                        "category": "Танцпол",
                    }
                ],
            }
        ],
    }


class Body(BaseModel):
    """A request that carries a plan, as the API has it."""

    plan: SeatingPlan


def faults(plan: Any) -> set[str]:
    """The places of all faults, as the API names them."""
    with pytest.raises(ValidationError) as refusal:
        Body.model_validate({"plan": plan})
    return {".".join(map(str, error["loc"])) for error in refusal.value.errors()}


def test_every_field_comes_back_as_it_was_given() -> None:
    given = hall()
    assert SeatingPlan.model_validate(copy.deepcopy(given)).document() == given


def test_a_whole_number_stays_one() -> None:
    document = SeatingPlan.model_validate(hall()).document()
    assert orjson.dumps(document["zones"][0]["rows"][1]["position"]) == b'{"x":0,"y":30}'


def test_unknown_fields_are_kept_at_every_level() -> None:
    given = hall()
    given["background"] = {"image": "зал.png", "layers": [1, None, {"deep": [True]}]}
    given["zones"][0]["shape"] = "curve"
    given["zones"][0]["rows"][0]["curvature"] = 0.25
    given["zones"][0]["rows"][0]["seats"][0]["view"] = "сбоку"
    given["zones"][0]["rows"][0]["seats"][0]["position"]["z"] = 3
    assert SeatingPlan.model_validate(copy.deepcopy(given)).document() == given


def test_what_older_editors_wrote_is_a_plan_too() -> None:
    given = hall()
    given["zones"][0]["areas"] = [{"position": {"x": 0, "y": 150}, "width": 200, "height": 40, "text": "Сцена", "uuid": "stage"}]
    del given["size"]
    del given["zones"][0]["name"]
    del given["zones"][0]["rows"][0]["position"]
    assert SeatingPlan.model_validate(copy.deepcopy(given)).document() == given


def test_a_hall_where_everybody_stands_is_a_plan() -> None:
    given = hall(rows=0)
    assert SeatingPlan.model_validate(given).zones[0].areas[0].capacity == 100


SEAT = "zones.0.rows.0.seats.0"
AREA = "zones.0.areas.0"


def seat_of(plan: Plan) -> dict[str, Any]:
    seat: dict[str, Any] = plan["zones"][0]["rows"][0]["seats"][0]
    return seat


def area_of(plan: Plan) -> dict[str, Any]:
    area: dict[str, Any] = plan["zones"][0]["areas"][0]
    return area


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda plan: plan["zones"][0]["rows"][1]["seats"][2].update(seat_guid="0-1"), "zones.0.rows.1.seats.2.seat_guid"),
        (lambda plan: seat_of(plan).update(seat_guid=""), f"{SEAT}.seat_guid"),
        (lambda plan: seat_of(plan).update(seat_guid="a\nb"), f"{SEAT}.seat_guid"),
        (lambda plan: seat_of(plan).update(seat_guid="я" * 201), f"{SEAT}.seat_guid"),
        (lambda plan: seat_of(plan).update(seat_number=1), f"{SEAT}.seat_number"),
        (lambda plan: seat_of(plan).update(category="Ложа"), f"{SEAT}.category"),
        (lambda plan: seat_of(plan).update(category=None), f"{SEAT}.category"),
        (lambda plan: seat_of(plan).pop("position"), f"{SEAT}.position"),
        (lambda plan: seat_of(plan).update(position=[1, 2]), f"{SEAT}.position"),
        (lambda plan: seat_of(plan)["position"].pop("y"), f"{SEAT}.position.y"),
        (lambda plan: seat_of(plan).update(uuid="a\0b"), f"{SEAT}.uuid"),
        (lambda plan: plan["zones"][0]["rows"][0].pop("row_number"), "zones.0.rows.0.row_number"),
        (lambda plan: plan["zones"][0]["rows"][0].update(seats={}), "zones.0.rows.0.seats"),
        (lambda plan: plan["zones"][0].pop("position"), "zones.0.position"),
        (lambda plan: plan.update(zones=[]), "zones"),
        (lambda plan: plan.update(zones="все"), "zones"),
        (lambda plan: plan["zones"][0].update(rows=[], areas=[]), "zones"),
        (lambda plan: plan.update(name=5), "name"),
        (lambda plan: plan.pop("categories"), "categories"),
        (lambda plan: plan["categories"].append({"name": "Партер"}), "categories.2.name"),
        (lambda plan: plan["categories"].append({"name": ""}), "categories.2.name"),
        (lambda plan: plan.update(categories=[{"name": str(n)} for n in range(256)]), "categories"),
        (lambda plan: plan["size"].update(width=-1), "size.width"),
        (lambda plan: area_of(plan).pop("capacity"), f"{AREA}.capacity"),
        (lambda plan: area_of(plan).update(capacity=0), f"{AREA}.capacity"),
        (lambda plan: area_of(plan).update(capacity=True), f"{AREA}.capacity"),
        (lambda plan: area_of(plan).update(capacity=AREA_CAPACITY_MAX + 1), f"{AREA}.capacity"),
        (lambda plan: area_of(plan).pop("category"), f"{AREA}.category"),
        (lambda plan: area_of(plan).update(category="Ложа"), f"{AREA}.category"),
        (lambda plan: area_of(plan).update(area=""), f"{AREA}.area"),
        (lambda plan: area_of(plan).update(text={"text": 5}), f"{AREA}.text.text"),
        (lambda plan: area_of(plan).update(rectangle={"width": 1}), f"{AREA}.rectangle.height"),
        (lambda plan: plan["zones"][0]["areas"].append(dict(area_of(plan))), "zones.0.areas.1.area"),
    ],
)
def test_a_fault_is_named_by_its_place(spoil: Callable[[Plan], object], place: str) -> None:
    plan = hall()
    spoil(plan)
    assert f"plan.{place}" in faults(plan)


@pytest.mark.parametrize("number", ["5", True, None, float("nan"), float("inf"), 1e300, -1_000_001, 10**30])
def test_a_coordinate_is_a_number_within_bounds(number: Any) -> None:
    plan = hall()
    seat_of(plan)["position"]["x"] = number
    assert faults(plan) == {f"plan.{SEAT}.position.x"}


def test_all_faults_are_named_at_once() -> None:
    plan = hall()
    seat_of(plan).update(seat_guid="0-1", category="Ложа")
    area_of(plan).update(capacity=None)
    assert faults(plan) == {
        "plan.zones.0.rows.0.seats.1.seat_guid",
        f"plan.{SEAT}.category",
        f"plan.{AREA}.capacity",
    }


def test_faults_between_parts_are_named_up_to_a_bound() -> None:
    plan = hall(rows=20, seats=20)
    for row in plan["zones"][0]["rows"]:
        for seat in row["seats"]:
            seat["category"] = "Ложа"
    assert len(faults(plan)) == PLAN_FAULTS_MAX


def test_a_plan_has_at_most_100_000_seats() -> None:
    plan = hall(rows=100, seats=PLAN_SEATS_MAX // 100)
    assert SeatingPlan.model_validate(plan)
    plan["zones"][0]["rows"].append({"row_number": "+", "seats": [dict(seat_of(plan), seat_guid="one more")]})
    assert faults(plan) == {"plan.zones"}


def test_an_area_without_a_name_is_decoration_and_may_say_what_it_likes() -> None:
    plan = hall()
    area_of(plan).update(area=None, capacity=None, category="Ложа")
    assert SeatingPlan.model_validate(plan)


def test_the_import_refuses_seats_that_a_ticket_would_call_the_same() -> None:
    class Import(BaseModel):
        plan: ImportedPlan

    def refused(plan: Plan) -> set[str]:
        with pytest.raises(ValidationError) as refusal:
            Import.model_validate({"plan": plan})
        return {".".join(map(str, error["loc"])) for error in refusal.value.errors()}

    assert Import.model_validate({"plan": hall()})
    plan = hall()
    seat_of(plan)["seat_number"] = "1"
    assert refused(plan) == {"plan.zones.0.rows.0.seats.1.seat_number"}
    assert SeatingPlan.model_validate(plan), "what was imported before stays readable"

    plan = hall()
    plan["zones"].append(copy.deepcopy(plan["zones"][0]) | {"areas": []})
    for row in plan["zones"][1]["rows"]:
        for seat in row["seats"]:
            seat["seat_guid"] += "-again"
    assert len(refused(plan)) == 6


@pytest.mark.parametrize("value", [None, 5, "plan", [], {}])
def test_what_is_no_plan_is_refused(value: Any) -> None:
    assert faults(value)
