"""What `infra/status` tells people in one line."""

from typing import Any

from infra.status import summary


def told(*shortages: bool) -> dict[str, Any]:
    """A system whose members are short of memory or not."""
    grid = {"healthy": True, "members": 3, "members_wanted": 3, "self_tests": [{"memory_short": short} for short in shortages]}
    outbox = {"changes": 7.0, "lag_seconds": 0.25, "to_compare": 0.0, "differ": 0.0}
    processes = [{"name": "member-1", "state": "running"}]
    return {"running": True, "processes": processes, "grid": grid, "outbox": outbox}


def test_a_healthy_system_is_one_short_line():
    assert summary(told(False, False, False)) == "1 processes; grid healthy, 3 of 3 members; outbox 7, lag 0.2 s"


def test_members_that_are_short_of_memory_come_with_what_helps():
    assert "2 members SHORT OF MEMORY: more heap (infra/up --heap) or more members" in summary(told(True, False, True))


def test_what_is_down_is_named():
    stopped = told()
    stopped["processes"][0]["state"] = "exited"
    assert summary(stopped).endswith("down: member-1")


def test_entries_that_differ_from_postgresql_are_counted():
    found = told()
    found["outbox"] |= {"to_compare": 2.0, "differ": 1.0}
    assert summary(found).endswith("2 entries to be compared; 1 entries DIFFERED from PostgreSQL: see the alarms")
