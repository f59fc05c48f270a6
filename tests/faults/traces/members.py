"""Three members alone, wired through `MemberProxies`: no units, pumps or jobs, which a test plays itself."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grid_config.member_configuration import GridShape, MemberPlace, yaml_of
from tests.faults.member_proxy import EVERY_PACKET, HEADER, MemberProxies
from tests.fixtures.grid import CLIENT_PORT_OFFSET, Cluster
from tests.fixtures.system import free_base

MEMBERS = 3
PROXY_OFFSET = 40
OUTBOUND_OFFSET, OUTBOUND_SPAN = 10_000, 40  # outgoing ports of a member, which tell the proxies who speaks


@dataclass
class WiredCluster(Cluster):
    """Members that announce the addresses of their proxies. `kept`: partitions whose backup messages wait for a word."""

    proxies: MemberProxies = field(kw_only=True)
    base: int = field(kw_only=True)
    clock_file: Path = field(kw_only=True)  # moves all members' clocks
    kept: dict[int, bytes] = field(default_factory=dict)  # partition -> what its backup messages begin with

    def configuration(self, number: int) -> str:
        configuration: dict[str, Any] = json.loads(yaml_of(self.places[number], self.shape))
        endpoint = configuration["hazelcast"]["advanced-network"]["member-server-socket-endpoint-config"]
        endpoint["public-address"] = self.shape.members[number]
        first = self.base + OUTBOUND_OFFSET + OUTBOUND_SPAN * number
        endpoint["outbound-ports"] = [f"{first}-{first + OUTBOUND_SPAN - 1}"]
        return json.dumps(configuration)

    def sees(self, number: int) -> int:
        """How many members this one believes in."""
        log = self.log(number).read_bytes()[self.log_starts[number] :]
        return int(log[log.rfind(b"Members {size:") + len(b"Members {size:") :].split(b",")[0])

    def keep(self, owner: int, partition: int, begins: bytes) -> None:
        """From now on backup messages of a partition wait; whatever else its owner sends for it is lost, so that no copy is mended."""
        self.kept[partition] = begins
        for wire in self.proxies.wires_from(owner):
            wire.chosen = self._is_no_message
            wire.dropping[partition] = EVERY_PACKET
            wire.holding = self.kept.__contains__

    def waiting(self, owner: int, partition: int) -> int:
        """How many messages of a partition wait."""
        return sum(_partition_of(packet) == partition for wire in self.proxies.wires_from(owner) for packet in wire.held)

    def lose_first(self, owner: int, partition: int) -> None:
        self._take_first(owner, partition)

    def pass_first(self, owner: int, partition: int) -> None:
        target, packet = self._take_first(owner, partition)
        self.proxies.send(owner, target, packet)

    def _take_first(self, owner: int, partition: int) -> tuple[int, bytes]:
        for wire in self.proxies.wires_from(owner):
            for packet in wire.held:
                if _partition_of(packet) == partition:
                    wire.held.remove(packet)
                    return wire.target, packet
        raise AssertionError(f"no message of partition {partition} waits")

    def let_all_pass(self) -> None:
        """Nothing is kept, lost or cut any more; what waited is lost."""
        self.kept.clear()
        self.proxies.heal()

    def _is_no_message(self, packet: bytes) -> bool:
        return self.kept.get(_partition_of(packet), b"") not in packet


def _partition_of(packet: bytes) -> int:
    _, _, partition, _ = HEADER.unpack_from(packet)
    return int(partition)


@contextlib.contextmanager
def wired_members(directory: Path) -> Iterator[WiredCluster]:
    """Three members, ready; all gone after the block."""
    base = free_base()
    first = base + OUTBOUND_OFFSET

    def speaker(port: int) -> int | None:
        number = (port - first) // OUTBOUND_SPAN
        return number if 0 <= number < MEMBERS else None

    places = [MemberPlace("127.0.0.1", base + n, base + CLIENT_PORT_OFFSET + n) for n in range(MEMBERS)]
    proxied = [base + PROXY_OFFSET + n for n in range(MEMBERS)]
    clock_file = directory / "ahead"
    shape = GridShape(f"wired-{base}", tuple(f"127.0.0.1:{port}" for port in proxied), MEMBERS, clock_file=clock_file)
    proxies = MemberProxies([place.member_port for place in places], proxied, speaker)
    cluster = WiredCluster(shape, places, directory, proxies=proxies, base=base, clock_file=clock_file)
    proxies.start()
    try:
        for number in range(MEMBERS):
            cluster.start(number)
        cluster.wait_for_members(MEMBERS)
        yield cluster
    finally:
        cluster.stop()
        proxies.stop()
