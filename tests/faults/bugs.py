"""The list of bugs that must be found: a row each, with what meets it and which sentence of the checkers names it.

Each is a patch in `seeded_bugs/`, which says at its head what it does wrong. `bug_hunt` plants them, one at a time.
"""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults import bug_scenarios, grid_scenarios, merge_scenarios, process_scenarios
from tests.faults.shoppers import House

Scenario = Callable[[House, int], Awaitable[object]]
MEMBERS, PUMP, UNITS, WORKER = "member-", "pump", "unit-", "worker"  # how the names of processes begin
BROKEN = ("I1", "I3", "I6", "alarm")  # a seat promised twice, a hold lost, a seat shown as free, or the last fence had to act
SOON_SECONDS = 15.0  # a copy with a hole may be too broken to sell on


@dataclass(frozen=True)
class Bug:
    """`name` is the patch's. `planted_in`: the processes that run the buggy copy; `found_by`: how a sentence begins that finds it.

    A scenario that depends on who speaks when has several `seeds`: one of them has to find it. `quick`: `infra/test` looks for it.
    """

    name: str
    planted_in: tuple[str, ...]
    scenario: Scenario
    found_by: tuple[str, ...]
    seeds: tuple[int, ...] = (1, 2, 3)
    hold_seconds: float | None = None  # instead of the house's
    quick: bool = False


_ROWS = (
    Bug("no_barrier", (MEMBERS, PUMP), grid_scenarios.owner_killed_before_the_backup_knows, BROKEN, (1, 11, 21), quick=True),
    Bug(
        "no_base_check", (MEMBERS, PUMP), functools.partial(grid_scenarios.backup_message_lost, patience=SOON_SECONDS), BROKEN,
        (2, 12, 22),
    ),
    Bug("quorum_alone", (MEMBERS,), bug_scenarios.killed_one_after_the_other, BROKEN),
    Bug("copies_thrown_away", (MEMBERS,), merge_scenarios.parted_at_once, BROKEN, (33,)),
    Bug("doubt_forgotten", (MEMBERS,), merge_scenarios.parted_one_after_the_other, BROKEN),
    Bug("wall_clock", (MEMBERS,), bug_scenarios.clock_stepped, ("I1", "I6"), hold_seconds=20.0),
    Bug("lapse_without_asking", (MEMBERS,), bug_scenarios.paid_while_nobody_listens, ("I5",), hold_seconds=8.0),
    Bug("extended_again", (MEMBERS,), bug_scenarios.started_to_pay_twice, ("I5",)),
    Bug("acknowledged_before_commit", (PUMP,), process_scenarios.notified_while_nothing_is_durable, ("I4",), (9, 19, 29), quick=True),
    Bug("position_without_incarnation", (PUMP,), bug_scenarios.pump_of_a_former_life, ("I1",)),
    Bug("position_without_seq", (PUMP,), process_scenarios.pump_overtaken, ("I2", "I7", "I8", "alarm"), quick=True),
    Bug("holds_not_restored", (PUMP,), grid_scenarios.all_members_killed, ("I8",), (6,)),
    Bug("refund_forgotten", (PUMP,), bug_scenarios.paid_after_the_end, ("I4",), quick=True),
    Bug("audit_after_rows", (PUMP,), bug_scenarios.audit_database_away, ("I9",), quick=True),
    Bug("set_back_unnoticed", (PUMP,), bug_scenarios.database_set_back, ("I3",)),
    Bug("notified_too_early", (UNITS,), process_scenarios.notified_while_nothing_is_durable, ("I4",), (9, 19, 29)),
    Bug("stale_seats", (UNITS,), bug_scenarios.quiet_sale, ("I6",), quick=True),
    Bug("refusals_remembered", (UNITS,), bug_scenarios.quiet_sale, ("I6: no order of the calls",)),
    Bug("changes_not_streamed", (UNITS,), bug_scenarios.quiet_sale, ("I6: version", "I8: the stream")),
    Bug("key_forgotten", (UNITS,), bug_scenarios.quiet_sale, ("I7",), quick=True),
    Bug("part_of_an_order", (UNITS,), bug_scenarios.quiet_sale, ("I2",), quick=True),
)  # fmt: skip
BUGS = {bug.name: bug for bug in _ROWS}
