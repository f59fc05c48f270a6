"""Which host of a network a process of the laboratory runs on, what ports it speaks from, and a database that other hosts ask.

a: member 0, unit 1 | b: member 1, unit 2 | c: member 2, pump | d: PostgreSQL, jobs, provider | outside: shoppers and the test
"""

from dataclasses import dataclass

from infra.postgres import Cluster
from tests.faults.hosts import HERE, Host
from tests.faults.network import NAMES, Network

SELLING = NAMES[:3]  # the first two with a unit, as long as there are two
PUMPING, KEEPING = NAMES[2], NAMES[3]


def host_of(name: str) -> str:
    """The host's name for the process of that name, those too that come later."""
    role, _, number = name.partition("-")
    if role == "member":
        return SELLING[int(number) % len(SELLING)]
    if role == "unit":
        return SELLING[(int(number) - 1) % len(SELLING)]
    return PUMPING if role == "pump" else KEEPING


def host_in(network: Network | None, name: str) -> Host:
    """Where the process of that name runs; without a network all of them run here."""
    return network.hosts[host_of(name)] if network else HERE


def outbound_base(base: int) -> int:
    """The first outgoing port of member 0, away from every listening port of the system."""
    return base + 10_000


@dataclass(frozen=True)
class HostedPostgres(Cluster):
    """A cluster that listens on the address of a host, and lets in who knows a password, from all hosts of its network."""

    host: str
    network: str

    @classmethod
    def on(cls, network: Network, host: Host, cluster: Cluster) -> "HostedPostgres":
        return cls(cluster.place, cluster.secrets_place, cluster.port, cluster.binaries, host.address, network.addresses)

    def url(self, *arguments: str) -> str:
        return Cluster.url(self, *arguments).replace("@127.0.0.1:", f"@{self.host}:")

    def command(self) -> list[str]:
        return [*Cluster.command(self), "-c", f"listen_addresses={self.host}"]

    def create(self) -> None:
        Cluster.create(self)
        with (self.data / "pg_hba.conf").open("a") as admitted:
            admitted.write(f"host all all {self.network} scram-sha-256\n")
