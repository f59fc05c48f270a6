"""What can be broken in a running system, one fault a row: it is broken for real, for some seconds, and mended again."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.faults import member_faults as members
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
    loses_all: bool = False  # both copies of entries may be gone: what was not durable is lost


SHORT, LONG = (0.5, 4.0), (6.0, 9.0)  # the second is longer than members wait for a heartbeat
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
        Fault("restart-members", Harm.MEMBERS, (0.0, 0.0), members.restart_members),
        Fault("kill-unit", Harm.UNITS, SHORT, processes.kill_unit),
        Fault("stop-unit", Harm.UNITS, SHORT, processes.stop_unit),
        Fault("freeze-unit", Harm.UNITS, SHORT, processes.freeze_unit),
        Fault("kill-pump", Harm.PERSISTENCE, SHORT, processes.kill_pump),
        Fault("stop-pump", Harm.PERSISTENCE, SHORT, processes.stop_pump),
        Fault("pause-pump", Harm.PERSISTENCE, SHORT, processes.pause_pump),
        Fault("overtake-pump", Harm.PERSISTENCE, LEASES, processes.overtake_pump),
        Fault("kill-postgres", Harm.PERSISTENCE, SHORT, processes.kill_postgres),
        Fault("freeze-postgres", Harm.PERSISTENCE, LONG, processes.freeze_postgres),
        Fault("protect-postgres", Harm.PERSISTENCE, SHORT, processes.protect_postgres),
        Fault("crowd-postgres", Harm.PERSISTENCE, SHORT, processes.crowd_postgres),
        Fault("kill-worker", Harm.JOBS, SHORT, processes.kill_worker),
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
