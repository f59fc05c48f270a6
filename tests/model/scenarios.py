"""What is searched: small worlds with bounded faults, the rules that can be left out, the mechanisms that can be broken."""

from typing import NamedTuple

RULES = {
    "entry-seq": "13c compares the position with the seq of the entry that is there, not with the seq this reader read",
    "resend": "11 a drain whose position is ahead of durable_seq fetches the verdicts between from PostgreSQL and acknowledges",
    "ack-base": "5 the base of a backup message is (incarnation, seq, durable_seq): a lost acknowledgement is noticed",
    "fresh-life": "13b the incarnation is new whenever an entry is built: a restore that is asked for again builds another one",
    "tenure": "33 an owner that has not acted under its table begins a tenure of the entry first: era, version of the table, owner",
    "doubt": "33 whoever was in a minority acts for nobody until copies of a majority have been compared",
    "latest-copy": "33 an owner in doubt keeps the latest of its own copy and the joiner's; else that is thrown away",
    "same-life": "11 200 to a provider needs the incarnation of the recorded seq, not only durable_seq >= seq",
}


class Mutant(NamedTuple):
    """A broken mechanism, and the scenario that shows it."""

    scenario: str
    broken: str


MUTANTS = {
    "repeat-no-barrier": Mutant("tiny-death", "a repeated outcome is answered at once by the owner"),
    "drain-no-barrier": Mutant("tiny-death", "a drain is answered at once by the owner"),
    "no-base-check": Mutant("tiny-death", "the backup applies whatever comes, as Hazelcast does"),
    "no-fence": Mutant("tiny-cut", "the owner acts without a live backup; Hazelcast waits for no acknowledgement then"),
    "no-incarnation": Mutant("readers", "position, drain and acknowledgement carry the bare seq"),
    "ack-before-commit": Mutant("pay-death", "the pump acknowledges before the writer commits"),
    "restore-no-c": Mutant("readers", "a restored entry is opened without moving the position to its incarnation"),
    "late-snapshot": Mutant(
        "slow-sync", "a resynchronisation snapshot arrives after changes that were sent later (Hazelcast keeps the order)"
    ),
    "leave-early": Mutant("leave", "an entry leaves without a look at its outbox and PostgreSQL's position"),
    "nobody-wakes": Mutant("leave", "who asks for an entry that has left wakes no reader"),
    "tenure-by-clock": Mutant("apart", "what counts of a tenure is the time of its owner's first act, not the version of its table"),
    "merge-keeps-tenure": Mutant("apart-twice", "the latest of two copies keeps its era where it is merged"),
    "provider-early": Mutant("pay-death", "a provider gets 200 when the payment is recorded in the grid"),
}
FAULTS = ("cut", "death", "wipe", "lose", "crash", "refuse", "part", "move")


class Scenario(NamedTuple):
    """What takes part, and how often each fault may happen."""

    seats: tuple[int, ...] = (0, 0)  # the seat that each order wants
    pays: tuple[int, ...] = ()  # orders whose shopper may pay
    releases: tuple[int, ...] = ()  # orders whose shopper may release
    late: tuple[int, ...] = ()  # orders that were let go, for which money comes all the same
    pumps: int = 1
    readers: int = 0
    leavers: int = 0
    cut: int = 0  # a member is cut off from the two others
    death: int = 0  # a member dies
    wipe: int = 0  # all members die: total loss
    lose: int = 0  # a backup message is lost
    crash: int = 0  # a pump or reader loses its memory
    refuse: int = 0  # PostgreSQL refuses the tickets of a paid order
    part: int = 0  # all members lose each other
    move: int = 0  # the owner hands the entry over to its backup: no failure, but Hazelcast's own will
    channel: int = 2  # backup messages under way
    stale: bool = False  # a pump reads the position first and drains later; else both in one step
    ordered: bool = True  # backup messages of a pair keep their order
    slow_sync: bool = False  # resynchronisation is a message with a snapshot; else one step
    tenures: bool = False  # they are followed; at first the backup is new, and the owner has not acted since
    lives: int = 5  # incarnations at most; states that have used them up are not asked whether they are stuck

    def told(self) -> str:
        """What differs from the defaults."""
        return ", ".join(f"{name} {given}" for name, given in zip(self._fields, self, strict=True) if given != self._field_defaults[name])


SCENARIOS = {
    "tiny-death": Scenario(death=1, lose=1),
    "tiny-cut": Scenario(cut=1, lose=1),
    "pay-death": Scenario(pays=(0,), death=1, lose=1),
    "pay-cut": Scenario(pays=(0,), cut=1, lose=1),
    "release": Scenario(releases=(0,), pays=(0,), death=1, lose=1),
    "refused": Scenario(pays=(0,), death=1, lose=1, refuse=1),
    "pump-dies": Scenario(seats=(0, 1), pays=(0,), crash=1),
    "pumps-death": Scenario(pays=(0,), pumps=2, death=1, lose=1, crash=1),
    "pumps-cut": Scenario(pumps=2, cut=1, crash=1),
    "pumps-stale": Scenario(pays=(0,), pumps=2, death=1, stale=True),
    "two-deaths": Scenario(seats=(0,), readers=1, death=2),
    "unordered": Scenario(seats=(0, 1), death=1, lose=1, channel=3, ordered=False),
    "three-orders": Scenario(seats=(0, 0, 1), death=1, lose=1),
    "slow-sync": Scenario(seats=(0, 1), death=1, lose=1, channel=3, slow_sync=True),
    "readers": Scenario(readers=2, wipe=1, crash=1),
    "restore-release": Scenario(releases=(0,), readers=1, wipe=1, crash=1),
    "restore-pay": Scenario(pays=(0, 1), readers=1, wipe=1),
    "restore-pumps": Scenario(pays=(0,), pumps=2, readers=1, wipe=1, stale=True),
    "restore-death": Scenario(seats=(0,), readers=2, wipe=1, death=1, lose=1),
    "restore-cut": Scenario(seats=(0,), readers=1, cut=1, wipe=1),
    "restore-twice": Scenario(seats=(0,), pays=(0,), readers=2, wipe=2),
    "restore-again": Scenario(seats=(0,), readers=2, wipe=2, lose=1),
    "one-order": Scenario(seats=(0,), pays=(0,), pumps=2, readers=1, wipe=1, death=1, lose=1),
    "leave": Scenario(seats=(0,), releases=(0,), late=(0,), readers=1, leavers=1, lives=3),
    "leave-death": Scenario(seats=(0,), releases=(0,), late=(0,), readers=1, leavers=1, death=1, lose=1, lives=3),
    "leave-paid": Scenario(seats=(0,), pays=(0,), readers=1, leavers=1, death=1, lose=1, lives=3),
    "leave-pumps": Scenario(seats=(0,), pays=(0,), pumps=2, readers=1, leavers=1, crash=1, stale=True, lives=3),
    "leave-readers": Scenario(seats=(0,), releases=(0,), late=(0,), readers=2, leavers=1, lose=1, lives=3),
    "leave-loss": Scenario(seats=(0,), releases=(0,), late=(0,), readers=1, leavers=1, wipe=1, lives=4),
    "leave-cut": Scenario(seats=(0,), releases=(0,), leavers=1, cut=1),
    "pay-tenures": Scenario(pays=(0,), death=1, lose=1, tenures=True),
    "apart-alone": Scenario(seats=(0,), pumps=0, cut=1, part=1, channel=1, tenures=True),
    "apart": Scenario(cut=1, part=1, tenures=True),
    "apart-again": Scenario(seats=(0,), part=2, tenures=True),
    "apart-twice": Scenario(pumps=0, cut=1, part=2, channel=1, tenures=True),
    "apart-lose": Scenario(seats=(0,), cut=1, part=1, lose=1, tenures=True),
    "apart-pay": Scenario(seats=(0,), pays=(0,), cut=1, part=1, tenures=True),
    "apart-move": Scenario(seats=(0,), cut=1, part=1, move=1, tenures=True),
    "apart-readers": Scenario(seats=(0,), readers=1, cut=1, part=1, tenures=True),
    "large-cut": Scenario(seats=(0, 0, 1), cut=1, lose=1),
}
LARGE = frozenset({"large-cut", "apart-pay"})  # minutes: only when named


class Setup(NamedTuple):
    """One search's question: may this happen in this scenario, under these rules, with this mechanism broken (None: with none)?"""

    scenario: Scenario
    rules: frozenset[str] = frozenset(RULES)
    mutant: str | None = None

    @property
    def wants(self) -> tuple[int, ...]:
        return self.scenario.seats

    @property
    def orders(self) -> range:
        return range(len(self.scenario.seats))
