"""The wires between hosts, and how they are broken: by a router in a namespace of its own, which every packet between them passes.

No host knows of it, and nobody is told that a connection is no more: TCP waits. Where one process alone is cut off, its own host does
it, so that what runs beside it does not reach it either.
"""

import contextlib
from dataclasses import dataclass, field

from tests.faults.hosts import Host, NoHostsError, run

NAMES = ("a", "b", "c", "d")
OUTSIDE = "outside"  # where shoppers and the test itself are: the namespace that this process was started in


@dataclass
class Firewall:
    """What a host drops; each owner of rules puts and takes his own."""

    host: Host
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def put(self, owner: str, *rules: str) -> None:
        """Rules as `iptables` takes them, all of them at once."""
        self.rules[owner] = rules
        self._apply()

    def take(self, owner: str) -> None:
        if self.rules.pop(owner, None) is not None:
            self._apply()

    def clear(self) -> None:
        if self.rules:
            self.rules.clear()
            self._apply()

    def _apply(self) -> None:
        rules = [rule for rules in self.rules.values() for rule in rules]
        run(*self.host.command(), "iptables-restore", text="\n".join(("*filter", *rules, "COMMIT", "")))


@dataclass
class Network:
    """Hosts by their names, the router's firewall and theirs. What is cut or lost is dropped without a word."""

    addresses: str  # all of them, as a network
    balancer: str  # an address of the router that stands before hosts
    outside: Host  # this process's own, as the others reach it
    hosts: dict[str, Host]
    router: Firewall
    firewalls: dict[str, Firewall]
    slow: bool = False

    def cut(self, name: str, *, deaf: bool, mute: bool) -> None:
        """Nothing comes to a host (deaf), or from it (mute); what is on it goes on speaking to each other."""
        self.router.put(f"cut {name}", *[f"-A FORWARD {side} {name} -j DROP" for side, is_cut in (("-o", deaf), ("-i", mute)) if is_cut])

    def join(self, name: str) -> None:
        self.router.take(f"cut {name}")

    def cut_ports(self, name: str, ports: str, *, deaf: bool, mute: bool) -> None:
        """Nothing comes to these ports of a host (`1,2,5:9`), or from them; not from the host itself either."""
        sides = (("INPUT", "--dports", deaf), ("OUTPUT", "--sports", mute))
        self.firewalls[name].put(
            "ports", *[f"-A {chain} -p tcp -m multiport {which} {ports} -j DROP" for chain, which, is_cut in sides if is_cut]
        )

    def join_ports(self, name: str) -> None:
        self.firewalls[name].take("ports")

    def lose(self, share: float) -> None:
        """So many of all packets are lost, each by chance."""
        self.router.put("loss", f"-A FORWARD -m statistic --mode random --probability {share:.3f} -j DROP")

    def lose_nothing(self) -> None:
        self.router.take("loss")

    def slow_down(self, milliseconds: int, kilobits: int) -> str:
        """Every wire is slow until `speed_up`; what was done. Where the kernel cannot delay, wires are narrow, which delays what queues."""
        self.slow = True
        with contextlib.suppress(NoHostsError):
            self._queue(f"netem delay {milliseconds}ms {milliseconds // 3}ms limit 10000")
            return f"{milliseconds} ms"
        self._queue(f"tbf rate {kilobits}kbit burst 4kb limit 1mb")
        return f"{kilobits} kbit/s"

    def speed_up(self) -> None:
        if self.slow:
            self.slow = False
            for name in (*self.hosts, OUTSIDE):
                with contextlib.suppress(NoHostsError):
                    run("tc", "-n", str(self.router.host.namespace), "qdisc", "del", "dev", name, "root")

    def mend(self) -> None:
        """Everything passes, at full speed."""
        for firewall in (self.router, *self.firewalls.values()):
            firewall.clear()
        self.speed_up()

    def balance(self, port: int, names: tuple[str, str]) -> str:
        """An address before two hosts: each connection to its `port` goes to one of them, by chance, also to one that is not there."""
        to = f"-A PREROUTING -p tcp -d {self.balancer} --dport {port}"
        first, second = (f"-j DNAT --to-destination {self.hosts[name].address}" for name in names)
        rules = ("*nat", f"{to} -m statistic --mode random --probability 0.5 {first}", f"{to} {second}", "COMMIT", "")
        run(*self.router.host.command(), "iptables-restore", text="\n".join(rules))
        return self.balancer

    def _queue(self, discipline: str) -> None:
        lines = "".join(f"qdisc replace dev {name} root {discipline}\n" for name in (*self.hosts, OUTSIDE))
        run("tc", "-n", str(self.router.host.namespace), "-batch", "-", text=lines)
