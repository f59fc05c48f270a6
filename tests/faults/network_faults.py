"""Faults of the wires between hosts: what is cut, lost or slow is dropped or kept by a router or a host, and TCP has to cope.

They need a laboratory on hosts (`opened(hosts=True)`). A wire that drops tells nobody; who speaks sends again, after ever longer
pauses, and a wire that is whole again is noticed only then.
"""

import random

from tests.faults.laboratory import OUTBOUND_SPAN, PROXY_OFFSET, Laboratory
from tests.faults.mending import Mending
from tests.faults.network import Network
from tests.faults.placement import KEEPING, SELLING, host_of, outbound_base
from tests.faults.shoppers import Rush

ONE_WAY = {"deaf": (True, False), "mute": (False, True)}
SIDES = {"both ways": (True, True)} | ONE_WAY
LOSS = (0.01, 0.20)  # of all packets
DELAY_MS = (5, 60)  # one way, where the kernel can delay
KILOBITS = (512, 4096)  # per second and direction, where it cannot


def _network(rush: Rush) -> Network:
    network = rush.house.laboratory.network
    assert network is not None, "faults of the network need hosts"
    return network


async def cut_host(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """A member with the unit or the pump beside it is alone: they reach each other and nobody else."""
    return _cut(_network(rush), chance.choice(SELLING), "both ways")


async def cut_host_one_way(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """What a host says arrives and it hears nothing, or the other way round."""
    return _cut(_network(rush), chance.choice(SELLING), chance.choice(sorted(ONE_WAY)))


async def part_all(rush: Rush, _chance: random.Random) -> tuple[str, Mending]:
    """The switch between the members' hosts fails: each is alone."""
    network = _network(rush)
    joins = [_cut(network, name, "both ways")[1] for name in SELLING]

    async def join() -> None:
        for each in joins:
            await each()

    return "hosts " + ", ".join(SELLING), join


async def cut_database(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """PostgreSQL, jobs and provider are cut off from everybody, or one way."""
    return _cut(_network(rush), KEEPING, chance.choice(sorted(SIDES)))


def _cut(network: Network, name: str, side: str) -> tuple[str, Mending]:
    deaf, mute = SIDES[side]
    network.cut(name, deaf=deaf, mute=mute)

    async def join() -> None:
        network.join(name)

    return f"host {name} {side}", join


async def cut_member_ports(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """A member is cut off alone, from the unit beside it too; the rest of its host is well."""
    network, laboratory = _network(rush), rush.house.laboratory
    number, side = chance.randrange(laboratory.members), chance.choice(sorted(SIDES))
    name, (deaf, mute) = host_of(f"member-{number}"), SIDES[side]
    network.cut_ports(name, _ports_of(laboratory, number), deaf=deaf, mute=mute)

    async def join() -> None:
        network.join_ports(name)

    return f"member-{number} {side}", join


def _ports_of(laboratory: Laboratory, number: int) -> str:
    """Where others find it, and where it speaks from."""
    base, first = laboratory.ports.base, outbound_base(laboratory.ports.base) + OUTBOUND_SPAN * number
    return f"{base + PROXY_OFFSET + number},{laboratory.ports.member_clients(number + 1)},{first}:{first + OUTBOUND_SPAN - 1}"


async def lose_packets(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """Every wire loses packets, up to one of five."""
    network, share = _network(rush), chance.uniform(*LOSS)
    network.lose(share)

    async def lose_nothing() -> None:
        network.lose_nothing()

    return f"{share:.0%} of all packets", lose_nothing


async def slow_network(rush: Rush, chance: random.Random) -> tuple[str, Mending]:
    """Every wire delays, or where the kernel cannot do that, is so narrow that packets queue."""
    network = _network(rush)
    done = network.slow_down(chance.randint(*DELAY_MS), chance.randint(*KILOBITS))

    async def speed_up() -> None:
        network.speed_up()

    return done, speed_up
