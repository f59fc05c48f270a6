"""Hosts made of network namespaces, what breaks the wires between them, and a system on them that keeps its promises meanwhile.

Where this machine does not let us have namespaces the tests are skipped with the reason; the other tests of faults need none.
"""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.places import CHECKOUT
from tests.faults.campaign import one_round
from tests.faults.faults import EVERYWHERE, FAULTS, ON_HOSTS
from tests.faults.hosts import NAMESPACES, Host
from tests.faults.injector import planned
from tests.faults.network import Network
from tests.faults.network_building import network, obstacle, remove_leftovers
from tests.faults.shoppers import opened
from tests.faults.verdict import keep

PORT = 4000
LOST_SECONDS = 0.4  # nothing comes by itself after it: the first retransmission is later than that
ARRIVES_SECONDS = 15.0
DATAGRAMS = 200  # few enough for what a socket keeps
TRIES = 30  # each at one of two hosts, by chance
HOLD_SECONDS = 12.0
SECONDS = 8.0
SEED = 29  # a host is cut off while the database is


@pytest.fixture
def allowed() -> None:
    """Skips what needs hosts where they are not to be had, and says why."""
    refused = obstacle()
    if refused:
        pytest.skip(f"no network namespaces here: {refused}")


@pytest.fixture
def joined(allowed: None) -> Iterator[Network]:
    with network() as joined:
        yield joined


@contextlib.contextmanager
def listening(host: Host) -> Iterator[None]:
    """Somebody on a host who says back what he is told, to one after the other."""
    with host.socket() as listener:
        listener.bind((host.address, PORT))
        listener.listen()
        answering = threading.Thread(target=_answer, args=(listener,), daemon=True)
        answering.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)


def _answer(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                while said := connection.recv(65_536):
                    connection.sendall(said)


@contextlib.contextmanager
def speaking(source: Host, target: str) -> Iterator[socket.socket]:
    """A connection from a host to an address; TimeoutError when nobody is reached."""
    with source.socket() as connection:
        connection.settimeout(LOST_SECONDS)
        connection.connect((target, PORT))
        yield connection


def is_answered(connection: socket.socket) -> bool:
    with contextlib.suppress(TimeoutError):
        connection.sendall(b"?")
        return connection.recv(1) == b"?"
    return False


def reaches(source: Host, target: Host) -> bool:
    with contextlib.suppress(TimeoutError), speaking(source, target.address) as connection:
        return is_answered(connection)
    return False


def datagrams(source: Host, target: Host, count: int = 1) -> int:
    """How many of so many arrive."""
    with source.socket(socket.SOCK_DGRAM) as speaker, target.socket(socket.SOCK_DGRAM) as hearer:
        hearer.bind((target.address, PORT))
        hearer.settimeout(LOST_SECONDS)
        arrived = 0
        with contextlib.suppress(TimeoutError):
            for _ in range(count):
                speaker.sendto(b"!", (target.address, PORT))
            while arrived < count:
                hearer.recv(1)
                arrived += 1
    return arrived


def seconds_for(connection: socket.socket, size: int) -> float:
    """Until so many bytes have gone there and come back."""
    connection.settimeout(ARRIVES_SECONDS)
    began = time.monotonic()
    connection.sendall(bytes(size))
    while size:
        size -= len(connection.recv(65_536))
    return time.monotonic() - began


# ---- hosts ------------------------------------------------------------------------------------------------------------


def test_hosts_reach_each_other_and_are_reached_from_here(joined: Network):
    a, b = joined.hosts["a"], joined.hosts["b"]
    with listening(b):
        assert reaches(a, b)
        assert reaches(Host(), b)
        assert reaches(b, b)


def test_a_process_of_a_host_is_there_and_ends_with_its_pid(joined: Network):
    there = joined.hosts["c"]
    program = [sys.executable, "-c", "import os; print(os.getpid(), os.readlink('/proc/self/ns/net'))"]
    with subprocess.Popen([*there.command(), *program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, namespace = process.stdout.read().split()
    assert int(pid) == process.pid
    assert namespace != str(Path("/proc/self/ns/net").readlink())


def test_who_makes_a_socket_on_a_host_stays_where_he_is(joined: Network):
    before = Path("/proc/thread-self/ns/net").readlink()
    joined.hosts["a"].socket().close()
    assert Path("/proc/thread-self/ns/net").readlink() == before


def test_an_address_before_two_hosts_leads_to_either(joined: Network):
    balancer = Host(joined.balance(PORT, ("a", "b")))
    with listening(joined.hosts["a"]):  # those that go to b are refused
        met = {_met(joined.hosts["d"], balancer) for _ in range(TRIES)}
    assert met == {True, False}


def _met(source: Host, balancer: Host) -> bool:
    try:
        return reaches(source, balancer)
    except ConnectionRefusedError:
        return False


# ---- wires ------------------------------------------------------------------------------------------------------------


def test_a_host_that_is_cut_off_speaks_to_itself_alone(joined: Network):
    a, b, c = (joined.hosts[name] for name in "abc")
    joined.cut("b", deaf=True, mute=True)
    with listening(b), listening(c):
        assert not reaches(a, b)
        assert not reaches(b, c)
        assert reaches(b, b)
        assert reaches(a, c)
        joined.join("b")
        assert reaches(a, b)


@pytest.mark.parametrize("side", ["deaf", "mute"])
def test_a_connection_outlives_a_cut_and_what_was_said_arrives(joined: Network, side: str):
    a, b = joined.hosts["a"], joined.hosts["b"]
    with listening(b), speaking(a, b.address) as connection:
        assert is_answered(connection)
        joined.cut("b", deaf=side == "deaf", mute=side == "mute")
        assert not is_answered(connection)
        joined.mend()
        connection.settimeout(ARRIVES_SECONDS)
        assert connection.recv(1) == b"?"


@pytest.mark.parametrize(("side", "heard", "told"), [("deaf", 0, 1), ("mute", 1, 0)])
def test_a_one_way_cut_lets_the_other_way_pass(joined: Network, side: str, heard: int, told: int):
    a, b = joined.hosts["a"], joined.hosts["b"]
    joined.cut("b", deaf=side == "deaf", mute=side == "mute")
    assert datagrams(a, b) == heard
    assert datagrams(b, a) == told


def test_ports_that_are_cut_off_are_not_reached_from_their_own_host_either(joined: Network):
    a, b = joined.hosts["a"], joined.hosts["b"]
    with listening(b):
        joined.cut_ports("b", f"1,{PORT - 5}:{PORT}", deaf=True, mute=True)
        assert not reaches(a, b)
        assert not reaches(b, b)
        joined.join_ports("b")
        assert reaches(b, b)


def test_a_lossy_network_loses_its_share(joined: Network):
    a, b = joined.hosts["a"], joined.hosts["b"]
    joined.lose(0.2)
    assert 0.68 * DATAGRAMS < datagrams(a, b, DATAGRAMS) < 0.92 * DATAGRAMS
    joined.lose_nothing()
    assert datagrams(a, b, DATAGRAMS) == DATAGRAMS


def test_a_slow_network_takes_its_time(joined: Network):
    a, b = joined.hosts["a"], joined.hosts["b"]
    with listening(b), speaking(a, b.address) as connection:
        joined.slow_down(milliseconds=300, kilobits=400)
        slow = seconds_for(connection, 30_000)
        assert slow > 0.5  # a round trip where the kernel delays, 240 kbit there and back where it does not
        joined.mend()
        assert seconds_for(connection, 30_000) < slow


def test_what_two_have_cut_is_joined_by_each_for_himself(joined: Network):
    a, b, c = (joined.hosts[name] for name in "abc")
    joined.cut("b", deaf=True, mute=True)
    joined.cut("c", deaf=True, mute=True)
    joined.join("b")
    assert datagrams(a, b) == 1
    assert datagrams(a, c) == 0
    joined.mend()
    assert datagrams(a, c) == 1


# ---- what a dead owner leaves -----------------------------------------------------------------------------------------

OWNER = """
import time
from tests.faults.network_building import network
with network() as joined:
    print(*(host.namespace for host in joined.hosts.values()), joined.router.host.namespace, flush=True)
    time.sleep(600)
"""


@contextlib.contextmanager
def owner() -> Iterator[tuple[subprocess.Popen[str], set[Path]]]:
    """Another process that has hosts, and their places."""
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, {NAMESPACES / name for name in process.stdout.readline().split()}
        process.kill()


@pytest.mark.usefixtures("allowed")
def test_hosts_go_with_the_block():
    with network() as joined:
        places = [NAMESPACES / str(host.namespace) for host in joined.hosts.values()]
        assert all(place.exists() for place in places)
    assert not any(place.exists() for place in places)


def test_leftovers_of_the_dead_are_removed_and_those_of_the_living_are_not(joined: Network):
    with owner() as (dying, left), owner() as (_, kept):
        assert len(left) == len(kept) == 5
        remove_leftovers()
        assert all(place.exists() for place in left | kept)
        dying.kill()
        dying.wait()
        remove_leftovers()
        assert not any(place.exists() for place in left)
        assert all(place.exists() for place in kept)
        assert datagrams(joined.hosts["a"], joined.hosts["b"]) == 1
    remove_leftovers()
    assert not any(place.exists() for place in kept)


# ---- where there are none ---------------------------------------------------------------------------------------------


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = obstacle.__wrapped__()
    assert refused is not None
    assert "root" in refused or "ip, iptables-restore" in refused


def test_plain_processes_have_no_faults_of_the_network():
    command = [sys.executable, "-m", "tests.faults", "--plain", "--faults", "kill-unit,cut-host"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "there is no fault cut-host" in done.stderr
    assert "without hosts: --plain" in done.stderr


# ---- a system on hosts ------------------------------------------------------------------------------------------------


def test_faults_of_the_network_are_planned_where_there_are_hosts_only():
    assert not {due.fault.name for seed in range(20) for lane in planned(seed, list(FAULTS), 60.0) for due in lane} & set(ON_HOSTS)
    assert {due.fault.name for seed in range(20) for lane in planned(seed, list(EVERYWHERE), 60.0) for due in lane} > set(ON_HOSTS)


@pytest.mark.usefixtures("allowed")
async def test_what_was_promised_is_kept_on_hosts_whose_wires_break():
    async with opened(hold_seconds=HOLD_SECONDS, hosts=True) as house:
        done = await one_round(house, SEED, list(ON_HOSTS), SECONDS)
        assert not done.found, f"{done}\n{keep(house, done.history, done.found)}\n" + "\n".join(done.found[:20])
    assert len({broken.fault for broken in done.history.broken}) >= 2
    assert len(done.history.held()) > 20
