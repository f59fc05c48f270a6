"""Makes a network of hosts and takes it away again: four namespaces, each with a wire to a router in a fifth, which has one to here.

    with network() as net:                 # everybody's processes and this one reach each other by their addresses
        Popen([*net.hosts["a"].command(), "sleep", "9"])
        net.cut("b", deaf=True, mute=True)

The process that made them keeps a name for as long as it lives; hosts whose name nobody keeps are what a dead one has left, and
are removed by the next.
"""

import contextlib
import functools
import os
import random
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from tests.faults.hosts import NAMESPACES, Host, NoHostsError, run
from tests.faults.network import NAMES, OUTSIDE, Firewall, Network

SUBNET = "198.18"  # set aside for measurements of networks (RFC 2544): nobody's
NUMBERS = range(1, 255)  # of networks side by side
ROUTER_AT, OUTSIDE_AT, BALANCER_AT = 254, 200, 100
PROGRAMS = ("ip", "iptables-restore", "nsenter", "sysctl", "tc")
_is_ours = re.compile(r"front-row-(\d+)-[a-z]+").fullmatch


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Four hosts, gone after the block. NoHostsError where they cannot be had."""
    remove_leftovers()
    with _claimed(random.sample(NUMBERS, len(NUMBERS))) as number:
        try:
            yield _made(number)
        finally:
            _remove(number)


@functools.cache
def obstacle() -> str | None:
    """Why this machine lets us have no hosts; None when it does. All that faults need is tried once."""
    if os.geteuid() != 0:
        return "only root can make network namespaces"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    try:
        with network() as tried:
            tried.cut("a", deaf=True, mute=True)
            tried.cut_ports("b", "1,2:3", deaf=True, mute=True)
            tried.lose(0.1)
            tried.slow_down(10, 1000)
            tried.balance(1, ("a", "b"))
            tried.mend()
            tried.hosts["a"].socket().close()
    except (NoHostsError, OSError) as error:
        return str(error)
    return None


def remove_leftovers() -> None:
    """Hosts whose owner lives no more."""
    for number in {int(ours[1]) for each in _namespaces() if (ours := _is_ours(each))}:
        with contextlib.suppress(NoHostsError), _claimed([number]):
            _remove(number)


@contextlib.contextmanager
def _claimed(numbers: list[int]) -> Iterator[int]:
    """One of the numbers, ours until the block or this process ends: the kernel forgets such a name with its owner."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as claim:
        for number in numbers:
            try:
                claim.bind(f"\0front-row-hosts-{number}")
            except OSError:
                continue  # somebody else's
            yield number
            return
        raise NoHostsError("every number of a network is taken")


def _made(number: int) -> Network:
    _remove(number)
    for name in (*NAMES, "router"):
        run("ip", "netns", "add", _namespace(number, name))
    hosts = {name: Host(_address(number, at), _namespace(number, name)) for at, name in enumerate(NAMES, start=1)}
    router = Host(_address(number, ROUTER_AT), _namespace(number, "router"))
    run(*router.command(), "sysctl", "-qw", "net.ipv4.ip_forward=1")
    _ip(router.namespace, "link set lo up")
    for name, host in hosts.items():
        _ip(router.namespace, f"link add name {name} type veth peer name eth0 netns {host.namespace}")
        _join(host, "eth0", router, name)
        _ip(host.namespace, "link set lo up")
    device = f"front-row-{number}"
    run("ip", "link", "add", "name", device, "type", "veth", "peer", "name", OUTSIDE, "netns", str(router.namespace))
    outside = Host(_address(number, OUTSIDE_AT))
    _join(outside, device, router, OUTSIDE)
    firewalls = {name: Firewall(host) for name, host in hosts.items()}
    return Network(f"{_address(number, 0)}/24", _address(number, BALANCER_AT), outside, hosts, Firewall(router), firewalls)


def _join(host: Host, device: str, router: Host, port: str) -> None:
    _ip(
        host.namespace, f"addr add {host.address}/32 dev {device}", f"link set dev {device} up", f"route add {router.address} dev {device}",
        f"route add {host.address.rpartition('.')[0]}.0/24 via {router.address} src {host.address}",
    )  # fmt: skip
    _ip(router.namespace, f"addr add {router.address}/32 dev {port}", f"link set dev {port} up", f"route add {host.address} dev {port}")


def _remove(number: int) -> None:
    for namespace in _namespaces():
        ours = _is_ours(namespace)
        if ours and int(ours[1]) == number:
            run("ip", "netns", "del", namespace)
    if Path(f"/sys/class/net/front-row-{number}").exists():  # the kernel removes it in its own time
        with contextlib.suppress(NoHostsError):
            run("ip", "link", "del", f"front-row-{number}")


def _namespaces() -> list[str]:
    return [place.name for place in NAMESPACES.iterdir()] if NAMESPACES.exists() else []


def _namespace(number: int, name: str) -> str:
    return f"front-row-{number}-{name}"


def _address(number: int, at: int) -> str:
    return f"{SUBNET}.{number}.{at}"


def _ip(namespace: str | None, *lines: str) -> None:
    run("ip", *(["-n", namespace] if namespace else []), "-batch", "-", text="\n".join(lines) + "\n")
