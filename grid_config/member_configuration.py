"""A grid member's configuration and command line.

The settings of heartbeats, time-outs and protection are those under which network cuts, freezes and restarts lost
nothing and sold nothing twice; they belong together (README, decisions 4, 5 and 18). Change one only with the fault
tests at hand.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from grid_config.limits import LIVE_ORDERS_MAX, OUTBOX_CHANGES_MAX
from infra.settings import majority_of

MODULE = Path(__file__).resolve().parent / "member"
MAIN = "frontrow.member.Member"
# A million seats in memory format OBJECT are 10 MB, an order of the last quarter of an hour some 370. A sixth is for what
# passes; of the rest a member of three fills half (HEAP_LIVE_PERCENT_MAX), 160 MiB: what it gets when another dies must fit, too.
HEAP_MIB = 384
YOUNG_SHARE = 6

MAPS_OF_VALUES = ("inventory", "documents", "attempts")  # values of our own classes, kept as objects
ENDED_SESSIONS = "ended_sessions"
TASKS = "hints"  # the executor of hints and self-tests
PROTECTION = "majority"


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """Where one member listens.

    Members and clients have ports of their own: with a shared one a frozen member makes healthy ones stall, and
    acknowledged holds were lost.
    """

    host: str
    member_port: int
    client_port: int


@dataclass(frozen=True, slots=True)
class GridShape:
    """What all members of one grid agree on. `members_max` sizes minimum and backups once and for all."""

    name: str
    members: tuple[str, ...]  # member addresses, those that may come later too
    members_max: int = 3
    live_orders_max: int = LIVE_ORDERS_MAX
    outbox_changes_max: int = OUTBOX_CHANGES_MAX
    clock_file: Path | None = None  # for tests: how many milliseconds the members' clocks are ahead (infra/clock.py)

    @property
    def members_min(self) -> int:
        """The smallest cluster that may sell."""
        return majority_of(self.members_max)

    @property
    def backups(self) -> int:
        """Copies of each entry beside its owner's, so that any majority has one."""
        return self.members_max // 2


def yaml_of(place: MemberPlace, shape: GridShape) -> str:
    """The member's configuration file. JSON, which is YAML too, so that nothing has to be quoted by hand."""
    return orjson.dumps({"hazelcast": _hazelcast(place, shape)}, option=orjson.OPT_INDENT_2).decode() + "\n"


def java_command(configuration: Path, *, heap_mib: int = HEAP_MIB, module: Path = MODULE, java: str = "java") -> list[str]:
    """The command line of one member, from a module that was built (`mvn package`)."""
    return [
        java,
        f"-Xms{heap_mib}m",  # fixed: a member that grows under load pauses when it can least afford it
        f"-Xmx{heap_mib}m",
        f"-Xmn{heap_mib // YOUNG_SHARE}m",
        "-XX:+ExitOnOutOfMemoryError",  # half a member is worse than none; the others go on and the supervisor starts it anew
        *_MACHINE,
        *_OPENED,
        "-Djava.util.logging.manager=frontrow.member.Log$Manager",
        # Hazelcast believes in wall clocks: of a member whose clock was corrected by seconds it made a third of the grid that sold nothing.
        "-Dcom.hazelcast.clock.impl=frontrow.member.SteadyClock",
        "-Djava.net.preferIPv4Stack=true",
        "-cp",
        f"{module}/target/front-row-member.jar{os.pathsep}{module}/target/lib/*",
        MAIN,
        str(configuration),
    ]


# Three members share two cores with everything else. A sale's first minute is what they are for, and the optimising compiler
# spent it compiling: 2,700 orders/s in the first ten seconds and 7,000 after forty; with the client compiler alone 7,100 from
# the first. A collector with threads and barriers of its own costs more than the pauses of a heap of this size. It leaves no
# dead wood for the next time: what stands after a collection is what lives, and whether there is room goes by that.
_MACHINE = (
    "-XX:+UseSerialGC",
    "-XX:MarkSweepDeadRatio=0",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=64m",
    "-XX:MaxMetaspaceSize=96m",
    "-XX:MaxDirectMemorySize=64m",
    "-Xss512k",
)

# What Hazelcast asks for on Java 17; without it it warns, and looks at the machine less closely.
_OPENED = (
    "--add-modules=java.se",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.management/sun.management=ALL-UNNAMED",
    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
)


def _hazelcast(place: MemberPlace, shape: GridShape) -> dict[str, Any]:
    return {
        "cluster-name": shape.name,
        "properties": _properties(shape),
        "advanced-network": _network(place, shape),
        "split-brain-protection": _protection(shape),
        "map": {name: _map_of_values(shape) for name in MAPS_OF_VALUES} | {ENDED_SESSIONS: _ended_sessions(shape)},
        "executor-service": {TASKS: {"pool-size": 2, "queue-capacity": 64, "statistics-enabled": False}},
        "serialization": {"data-serializable-factories": [{"factory-id": 1, "class-name": "frontrow.member.grid.MemberFactory"}]},
        "metrics": {"enabled": False},  # the management centre's; ours come from units and pumps
        "jet": {"enabled": False},
    }


def _properties(shape: GridShape) -> dict[str, str]:
    return {
        "hazelcast.max.no.heartbeat.seconds": "5",
        "hazelcast.heartbeat.interval.seconds": "1",
        # An owner looks for backups that did not answer once a second: half a second more keeps the pause under two.
        "hazelcast.operation.backup.timeout.millis": "500",
        "hazelcast.operation.fail.on.indeterminate.state": "true",
        "hazelcast.partition.backup.sync.interval": "1",
        # A packet of a partition's move that is lost stops the partition, and nobody repeats it: 300 s with the defaults (of 300 s
        # and 60 s), 22 s with these. No call of ours lasts longer than 8 s, a move of 34 MB less than one.
        "hazelcast.partition.migration.timeout": "10",  # seconds
        "hazelcast.operation.call.timeout.millis": "10000",
        # An entry sells again when it has its second copy back. All partitions of a dead member have theirs after 0.4 s; ten at a time,
        # the default, took 0.8 to 1.5 s.
        "hazelcast.partition.max.parallel.migrations": "40",
        # Of each of them so much is under way (or one entry, if that is more); the default is 250, a member's heap 384.
        "hazelcast.partition.migration.chunks.max.migrating.data.in.mb": "1",
        # How soon members that are alone look for the others; who misses nobody asks nobody. A member that hears nothing and is heard gives
        # up the others, who obey: with every five seconds nobody sold for 9 to 14 s then, with every one for 7.
        "hazelcast.merge.first.run.delay.seconds": "5",
        "hazelcast.merge.next.run.delay.seconds": "1",
        "hazelcast.member.list.publish.interval.seconds": "5",
        "hazelcast.shutdownhook.policy": "GRACEFUL",
        "hazelcast.graceful.shutdown.max.wait": "60",
        # hazelcast.mastership.claim.timeout.seconds stays at its default: at 10 the majority of a cut fell apart.
        "hazelcast.phone.home.enabled": "false",
        "hazelcast.logging.type": "jdk",
        # Threads for three members on two cores; the defaults are made for a machine of a member's own. One thread for all
        # connections answered 17,000 calls/s, two 12,000, three 10,000; one or two partition threads made no difference.
        "hazelcast.operation.thread.count": "2",
        "hazelcast.operation.generic.thread.count": "2",
        "hazelcast.operation.response.thread.count": "1",
        "hazelcast.io.thread.count": "1",
        "hazelcast.event.thread.count": "1",
        "hazelcast.clientengine.thread.count": "2",
        "hazelcast.clientengine.blocking.thread.count": "2",
        "frontrow.members.minimum": str(shape.members_min),
        "frontrow.live.orders.max": str(shape.live_orders_max),
        "frontrow.outbox.changes.max": str(shape.outbox_changes_max),
        **({} if shape.clock_file is None else {"frontrow.clock.file": str(shape.clock_file)}),
    }


def _network(place: MemberPlace, shape: GridShape) -> dict[str, Any]:
    interfaces = {"enabled": True, "interfaces": [place.host]}
    return {
        "enabled": True,
        "join": {
            "auto-detection": {"enabled": False},
            "multicast": {"enabled": False},
            "tcp-ip": {"enabled": True, "connection-timeout-seconds": 2, "member-list": list(shape.members)},
        },
        "member-server-socket-endpoint-config": {
            "port": {"port": place.member_port, "auto-increment": False},
            "interfaces": interfaces,
        },
        "client-server-socket-endpoint-config": {
            "port": {"port": place.client_port, "auto-increment": False},
            "interfaces": interfaces,
        },
    }


def _protection(shape: GridShape) -> dict[str, Any]:
    """Hazelcast knows no majority of one, and one that is not enabled still refuses after a cut: then there is none at all."""
    if shape.members_min == 1:
        return {}
    return {
        PROTECTION: {
            "enabled": True,
            "minimum-cluster-size": shape.members_min,
            "protect-on": "READ_WRITE",
            "recently-active-split-brain-protection": {"heartbeat-tolerance-millis": 3000},
        }
    }


def _map_of_values(shape: GridShape) -> dict[str, Any]:
    return {
        "in-memory-format": "OBJECT",  # BINARY serialises a whole inventory for every call
        "backup-count": shape.backups,
        **({"split-brain-protection-ref": PROTECTION} if shape.members_min > 1 else {}),
        "merge-policy": {"class-name": "DiscardMergePolicy", "batch-size": 100},
        "statistics-enabled": False,
    }


def _ended_sessions(shape: GridShape) -> dict[str, Any]:
    return _map_of_values(shape) | {"in-memory-format": "BINARY"}
