"""A member's file and command line: sized once for the largest cluster, ports apart, nothing of the outside world."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from grid_config.member_configuration import MODULE, GridShape, MemberPlace, java_command, yaml_of

PLACE = MemberPlace("127.0.0.1", 5701, 5721)
MEMBERS = ("127.0.0.1:5701", "127.0.0.1:5702", "127.0.0.1:5703")


def configuration(**shape: Any) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(yaml_of(PLACE, GridShape("front-row", MEMBERS, **shape)))
    return told["hazelcast"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("members_max", "minimum", "backups"), [(1, 1, 0), (2, 2, 1), (3, 2, 1), (4, 3, 2), (5, 3, 2)])
def test_minimum_and_backups_follow_from_the_largest_cluster(members_max: int, minimum: int, backups: int):
    told = configuration(members_max=members_max)
    assert told["properties"]["frontrow.members.minimum"] == str(minimum)
    assert {told["map"][name]["backup-count"] for name in told["map"]} == {backups}
    if minimum == 1:
        assert not told["split-brain-protection"]
        assert not any("split-brain-protection-ref" in settings for settings in told["map"].values())
    else:
        assert told["split-brain-protection"]["majority"]["enabled"]
        assert told["split-brain-protection"]["majority"]["minimum-cluster-size"] == minimum


def test_every_map_is_protected_and_nothing_is_merged_after_a_split():
    maps = configuration()["map"]

    assert set(maps) == {"inventory", "documents", "attempts", "ended_sessions"}
    for settings in maps.values():
        assert settings["split-brain-protection-ref"] == "majority"
        assert settings["merge-policy"]["class-name"] == "DiscardMergePolicy"
    assert {name for name, settings in maps.items() if settings["in-memory-format"] == "BINARY"} == {"ended_sessions"}


def test_members_and_clients_have_ports_of_their_own_and_find_each_other_by_name_only():
    network = configuration()["advanced-network"]

    assert network["member-server-socket-endpoint-config"]["port"] == {"port": 5701, "auto-increment": False}
    assert network["client-server-socket-endpoint-config"]["port"] == {"port": 5721, "auto-increment": False}
    assert network["join"]["tcp-ip"]["member-list"] == list(MEMBERS)
    assert not network["join"]["multicast"]["enabled"]
    assert not network["join"]["auto-detection"]["enabled"]


def test_no_member_calls_home():
    assert configuration()["properties"]["hazelcast.phone.home.enabled"] == "false"


def test_a_member_has_a_fixed_heap_ends_when_it_is_full_and_runs_from_the_checkout():
    command = java_command(Path("/run/member-0.yaml"), heap_mib=384)

    assert {"-Xms384m", "-Xmx384m", "-Xmn64m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"} <= set(command)
    assert "-Dcom.hazelcast.clock.impl=frontrow.member.SteadyClock" in command
    assert command[-2:] == ["frontrow.member.Member", "/run/member-0.yaml"]
    class_path = command[command.index("-cp") + 1].split(":")
    assert class_path == [f"{MODULE}/target/front-row-member.jar", f"{MODULE}/target/lib/*"]
