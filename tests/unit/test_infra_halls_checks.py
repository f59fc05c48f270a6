"""Checks of a plan: each fault is found, and at its place."""

import copy

import pytest

from infra.halls.checks import findings
from infra.halls.club import Club

GOOD = Club("Клуб", 200, gallery=40, tables=4, wheelchairs=1).plan()
TABLES = next(index for index, zone in enumerate(GOOD["zones"]) if zone["name"] == "Столы")
GALLERY = next(index for index, zone in enumerate(GOOD["zones"]) if zone["name"].startswith("Галерея"))
SEAT = f"zones.{GALLERY}.rows.0.seats.1"


def found(spoil):
    plan = copy.deepcopy(GOOD)
    spoil(plan)
    return findings(plan)


def zone(plan, index=GALLERY):
    return plan["zones"][index]


def seat(plan, index=1):
    return zone(plan)["rows"][0]["seats"][index]


def test_a_good_plan_has_no_findings():
    assert findings(GOOD) == []


@pytest.mark.parametrize(
    ("spoil", "place", "words"),
    [
        (lambda plan: seat(plan).update(position=seat(plan, 0)["position"]), SEAT, "seat 2 overlaps Галерея, левая сторона, row 1, seat 1"),
        (lambda plan: seat(plan)["position"].update(x=99_999), SEAT, "outside of the plan"),
        (lambda plan: zone(plan, 0)["areas"][1]["position"].update(y=-200), "zones.0.areas.1", "Танцпол reaches out of the plan"),
        (lambda plan: zone(plan, TABLES)["rows"][1].update(row_number="1x1"), None, ""),
        (
            lambda plan: plan["categories"].append({"name": "Ложа"}),
            f"categories.{len(GOOD['categories'])}",
            "no place has the category 'Ложа'",
        ),
        (lambda plan: zone(plan).update(name=""), f"zones.{GALLERY}.name", "no name"),
        (lambda plan: zone(plan)["rows"].append({"row_number": "9", "seats": []}), f"zones.{GALLERY}.rows.1", "has no seat"),
        (lambda plan: zone(plan, 0)["areas"].pop(0), "zones", "no area says that it is the stage"),
        (lambda plan: plan.pop("size"), "size", "does not say how large"),
    ],
    ids=["overlap", "outside", "area outside", "fine", "category", "unnamed", "empty row", "no stage", "no size"],
)
def test_what_people_would_stumble_over_is_found_at_its_place(spoil, place, words):
    told = found(spoil)
    assert [(finding.place, finding.refused) for finding in told] == ([(place, False)] if place else [])
    assert all(words in finding.text for finding in told)


def test_a_seat_where_people_stand_is_found():
    stage, floor = zone(GOOD, 0)["areas"][:2]
    for area in (stage, floor):
        at = {axis: area["position"][axis] + zone(GOOD, 0)["position"][axis] + 50 for axis in "xy"}

        def spoil(plan, at=at):
            begin = {axis: zone(plan)["position"][axis] + zone(plan)["rows"][0]["position"][axis] for axis in "xy"}
            seat(plan)["position"] = {axis: at[axis] - begin[axis] for axis in "xy"}

        assert [str(finding) for finding in found(spoil)] == [
            f"{SEAT}: Галерея, левая сторона, row 1, seat 2 stands in {area['text']['text']}"
        ]


def test_two_zones_of_one_name_and_two_rows_of_one_number_are_found():
    def spoil(plan):
        plan["zones"][GALLERY + 1]["name"] = zone(plan)["name"]
        plan["zones"][GALLERY + 1]["rows"][0]["row_number"] = "7"
        rows = zone(plan, TABLES)["rows"]
        rows[1]["row_number"] = rows[0]["row_number"]
        for number, moved in enumerate(rows[1]["seats"], start=10):
            moved["seat_number"] = str(number)

    assert [finding.place for finding in found(spoil)] == [f"zones.{GALLERY + 1}.name", f"zones.{TABLES}.rows.1.row_number"]


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda plan: seat(plan).update(seat_number="1"), f"{SEAT}.seat_number"),
        (lambda plan: seat(plan).update(seat_guid=seat(plan, 0)["seat_guid"]), f"{SEAT}.seat_guid"),
        (lambda plan: seat(plan).update(category="Ложа"), f"{SEAT}.category"),
        (lambda plan: plan.pop("zones"), "zones"),
    ],
    ids=["double number", "double guid", "unknown category", "no zones"],
)
def test_what_the_import_refuses_is_told_first_and_alone(spoil, place):
    assert [(finding.place, finding.refused) for finding in found(spoil)] == [(place, True)]


@pytest.mark.parametrize("radius", ["large", None, True, -3, 10**9, float("nan")])
def test_a_radius_that_is_none_is_taken_for_the_usual_one(radius):
    assert found(lambda plan: seat(plan).update(radius=radius)) == []


def test_a_large_seat_overlaps_sooner():
    assert [finding.place for finding in found(lambda plan: seat(plan).update(radius=20))] == [SEAT, f"zones.{GALLERY}.rows.0.seats.2"]


@pytest.mark.parametrize("given", [None, [], 5, "plan"])
def test_what_is_no_plan_is_refused(given):
    assert all(finding.refused for finding in findings(given))
    assert findings(given)
