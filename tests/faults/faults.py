"""What can be broken in a running system, one fault a row: it is broken for real, for some seconds, and mended again."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.faults import database_faults as databases
from tests.faults import disk, wall_clock
from tests.faults import member_faults as members
from tests.faults import network_faults as wires
from tests.faults import process_faults as processes
from tests.faults import provider_faults as provider
from tests.faults.mending import Mending
from tests.faults.shoppers import Rush


class Harm(StrEnum):
    """What a fault takes away; of one kind there is one fault at a time, so that what must survive is known."""

    MEMBERS = "members"
    UNITS = "units"
    PERSISTENCE = "persistence"
    JOBS = "jobs"
    PROVIDER = "provider"


@dataclass(frozen=True)
class Fault:
    """`breaks` does it to a rush and returns what mends it, with the name of what it was done to; it lasts between `seconds`."""

    name: str
    harm: Harm
    seconds: tuple[float, float]
    breaks: Callable[[Rush, random.Random], Awaitable[tuple[str, Mending]]]
    takes: float = 0.0  # seconds that it takes to do, about
    loses_all: bool = False  # both copies of entries may be gone: what was not durable is lost
    why_not: Callable[[], str] = str  # why this machine cannot make it; empty when it can


def _why_no_clock() -> str:
    return "" if wall_clock.is_there() else "libfaketime is not installed"


AT_ONCE = (0.0, 0.0)  # over when it is done
SHORT, LONG = (0.5, 4.0), (6.0, 9.0)  # the second is longer than members wait for a heartbeat
FROZEN = (0.5, 9.0)
FLAP = (0.5, 6.0)  # TCP may need as long again to notice that a wire is whole: near the end some are given up, and some are not
LAPSES, UNANSWERED = (13.0, 17.0), (29.0, 33.0)  # than the 12 s of a payment; than these and the 15 s for its provider's last word
LEASES = (13.0, 26.0)  # a frozen pump's shares are another one's after ten, what it held in mid-transaction after another ten
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("kill-member", Harm.MEMBERS, SHORT, members.kill_member),
        Fault("stop-member", Harm.MEMBERS, SHORT, members.stop_member),
        Fault("pause-member", Harm.MEMBERS, SHORT, members.freeze_member),
        Fault("freeze-member", Harm.MEMBERS, LONG, members.freeze_member),
        Fault("cut-member", Harm.MEMBERS, LONG, members.cut_member),
        Fault("hold-backups", Harm.MEMBERS, SHORT, members.hold_backups),
        Fault("lose-backups", Harm.MEMBERS, SHORT, members.lose_backups),
        Fault("kill-grid", Harm.MEMBERS, SHORT, members.kill_grid, loses_all=True),
        Fault("restart-members", Harm.MEMBERS, AT_ONCE, members.restart_members, takes=10.0),
        Fault("renew-members", Harm.MEMBERS, AT_ONCE, members.renew_members, takes=10.0),
        Fault("step-clock", Harm.MEMBERS, LONG, members.step_clock, why_not=_why_no_clock),
        Fault("start-apart", Harm.MEMBERS, LONG, members.start_apart, why_not=_why_no_clock),
        Fault("kill-unit", Harm.UNITS, SHORT, processes.kill_unit),
        Fault("stop-unit", Harm.UNITS, SHORT, processes.stop_unit),
        Fault("freeze-unit", Harm.UNITS, FROZEN, processes.freeze_unit),
        Fault("add-unit", Harm.UNITS, LONG, processes.add_unit),
        Fault("renew-units", Harm.UNITS, AT_ONCE, processes.renew_units, takes=5.0),
        Fault("kill-pump", Harm.PERSISTENCE, SHORT, processes.kill_pump),
        Fault("stop-pump", Harm.PERSISTENCE, SHORT, processes.stop_pump),
        Fault("pause-pump", Harm.PERSISTENCE, SHORT, processes.pause_pump),
        Fault("overtake-pump", Harm.PERSISTENCE, LEASES, processes.overtake_pump),
        Fault("kill-postgres", Harm.PERSISTENCE, SHORT, processes.kill_postgres),
        Fault("stop-postgres", Harm.PERSISTENCE, SHORT, processes.stop_postgres),
        Fault("freeze-postgres", Harm.PERSISTENCE, LONG, processes.freeze_postgres),
        Fault("protect-postgres", Harm.PERSISTENCE, SHORT, processes.protect_postgres),
        Fault("crowd-postgres", Harm.PERSISTENCE, SHORT, processes.crowd_postgres),
        Fault("fill-disk", Harm.PERSISTENCE, LONG, databases.fill_disk, why_not=disk.why_not),
        Fault("set-postgres-back", Harm.PERSISTENCE, SHORT, databases.set_postgres_back),
        Fault("kill-worker", Harm.JOBS, SHORT, processes.kill_worker),
        Fault("stop-worker", Harm.JOBS, SHORT, processes.stop_worker),
        Fault("freeze-worker", Harm.JOBS, FROZEN, processes.freeze_worker),
        Fault("kill-provider", Harm.PROVIDER, SHORT, processes.kill_provider),
        Fault("freeze-provider", Harm.PROVIDER, SHORT, processes.freeze_provider),
        Fault("slow-provider", Harm.PROVIDER, LONG, provider.slow_provider),
        Fault("break-provider", Harm.PROVIDER, LONG, provider.break_provider),
        Fault("forget-payments", Harm.PROVIDER, LAPSES, provider.forget_payments),
        Fault("repeat-notices", Harm.PROVIDER, SHORT, provider.repeat_notices),
        Fault("reorder-notices", Harm.PROVIDER, SHORT, provider.reorder_notices),
        Fault("delay-notices", Harm.PROVIDER, UNANSWERED, provider.delay_notices),
        Fault("lie-in-notices", Harm.PROVIDER, SHORT, provider.lie_in_notices),
        Fault("lie-in-queries", Harm.PROVIDER, LONG, provider.lie_in_queries),
    )
}
ON_HOSTS = {  # what there is beside them where the laboratory is on several hosts
    fault.name: fault
    for fault in (
        Fault("cut-host", Harm.MEMBERS, LONG, wires.cut_host),
        Fault("cut-host-one-way", Harm.MEMBERS, LONG, wires.cut_host_one_way),
        Fault("cut-member-ports", Harm.MEMBERS, LONG, wires.cut_member_ports),
        Fault("flap-host", Harm.MEMBERS, FLAP, wires.cut_host),
        Fault("part-all", Harm.MEMBERS, LONG, wires.part_all),
        Fault("lose-packets", Harm.MEMBERS, LONG, wires.lose_packets),
        Fault("slow-network", Harm.MEMBERS, LONG, wires.slow_network),
        Fault("cut-database", Harm.PERSISTENCE, (1.0, 9.0), wires.cut_database),
    )
}
EVERYWHERE = FAULTS | ON_HOSTS


def possible(*, on_hosts: bool = False) -> list[str]:
    """The names of those that this machine can make."""
    return [name for name, fault in (EVERYWHERE if on_hosts else FAULTS).items() if not fault.why_not()]
