"""The table of processes, and what each of them is told."""

import configparser
from dataclasses import replace
from pathlib import Path

import pytest

from infra.machine import Java
from infra.places import Places
from infra.ports import Ports
from infra.processes import Blueprint, Databases, Process, niceness, role_of, table
from infra.stop import Stop

DATABASES = Databases("postgresql://w@h/main", "postgresql://w@h/audit", "postgresql://r@h/main", "postgresql://r@h/audit")


@pytest.fixture
def plan(tmp_path):
    return Blueprint(Places(tmp_path), Ports(9000), 3, 5, 2, 6.0, DATABASES, None, Java(Path("/jdk"), 17), tmp_path / "member")


def by_name(plan):
    return {process.name: process for process in table(plan)}


def test_there_are_slots_to_grow_into(plan):
    processes = by_name(plan)
    wanted = {name for name, process in processes.items() if process.wanted}
    assert wanted == {"member-1", "member-2", "member-3", "unit-1", "unit-2", "pump", "worker", "provider"}
    assert {"member-5", "unit-8"} <= set(processes)


def test_only_writers_learn_how_to_write(plan):
    for process in table(plan):
        told = " ".join(process.environment.values())
        assert ("postgresql://w@" in told) == (process.role in {"pump", "worker"}), process.name


def test_units_read_the_databases_as_the_archive(plan):
    unit = by_name(plan)["unit-1"].environment
    assert unit["FRONT_ROW_ARCHIVE_URL"] == DATABASES.archive
    assert unit["FRONT_ROW_AUDIT_DATABASE_URL"] == DATABASES.audit_archive


def test_every_unit_has_its_own_ports_and_all_share_the_site(plan):
    units = [process.environment for process in table(plan) if process.role == "unit"]
    assert {unit["FRONT_ROW_SITE_PORT"] for unit in units} == {"9000"}
    assert len({unit["FRONT_ROW_PORT"] for unit in units}) == len(units)
    assert len({unit["FRONT_ROW_OPERATIONS_PORT"] for unit in units}) == len(units)


def test_members_come_before_everybody_else(plan):
    processes = by_name(plan)
    assert niceness(processes["member-1"].ahead) < niceness(processes["unit-1"].ahead)


def test_the_supervisor_can_read_every_program(plan):
    for process in table(plan):
        reader = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
        reader.read_string(process.program(plan.places))
        assert "setpriv --pdeathsig" in reader[f"program:{process.name}"]["command"]


def test_a_percent_sign_is_no_expansion(plan):
    program = Process("pump", "pump", ("run", "100%"), {"URL": "postgresql://a%20b@h/d"}).program(plan.places)
    assert "100%%" in program
    assert "a%%20b" in program


def test_a_value_that_would_break_the_configuration_is_refused(plan):
    with pytest.raises(Stop, match="URL"):
        Process("pump", "pump", ("run",), {"URL": 'a"b'}).program(plan.places)


def test_a_changed_setting_changes_the_program(plan):
    def program(hold_seconds):
        changed = Blueprint(plan.places, plan.ports, 3, 5, 2, hold_seconds, DATABASES, None, plan.java, plan.member_home)
        return by_name(changed)["unit-1"].program(plan.places)

    assert program(6.0) == program(6.0)
    assert program(6.0) != program(7.0)


def test_a_role_is_the_name_without_its_number():
    assert [role_of(name) for name in ("unit-3", "member-1", "pump")] == ["unit", "member", "pump"]


def test_members_have_the_heap_that_was_asked_for(plan):
    assert "-Xmx384m" in by_name(plan)["member-1"].command
    assert "-Xmx512m" in by_name(replace(plan, heap_mib=512))["member-1"].command


def test_only_a_system_that_a_test_moves_follows_a_clock_file(plan):
    moved = replace(plan, clock_file=Path("/clock/ahead"))
    for process in table(plan):
        assert "FRONT_ROW_CLOCK_FILE" not in process.environment
        assert not any("clock.file" in text for text in process.files.values())
    for process in table(moved):
        if process.role == "member":
            assert '"frontrow.clock.file": "/clock/ahead"' in "".join(process.files.values())
        else:
            assert process.environment["FRONT_ROW_CLOCK_FILE"] == "/clock/ahead"
