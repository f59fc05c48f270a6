"""Requests for one event gather while a call for it is under way, then all go together (architecture.md, decision 2).

No wait when idle: the first request leaves at once, the next batch is whatever came meanwhile. Only in a crowd does a batch
gather for some milliseconds more; the crowd is told sooner for it, because everybody's calls are fewer. Every caller has a
future of its own, so that one who goes away takes nobody with him.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from grid_config.answers import BatchAnswer, decode_batch
from grid_config.commands import batch
from grid_config.limits import BATCH_COMMANDS_MAX
from grid_config.outcomes import BatchStatus
from processing_units.edge.problems import Problem
from processing_units.metrics import Metrics

QUEUE_COMMANDS_MAX = 8_192  # waiting for one event in one unit: some two seconds of its best rate; more are told 503
CALL_SECONDS = 8.0  # one batch, with all repeats of its bytes; the deadline that facts.md was measured with
# Between two calls for one event while there is a crowd, for every event that has one: a call costs the members the same
# however many commands it carries.
GATHER_SECONDS = 0.003
GATHER_SECONDS_MAX = 0.012
CROWD_COMMANDS = 4  # told at once: whoever heard now asks again soon
READERS_PER_BATCH_MAX = 64  # of the commands; all but one of them are streams that resume
COMPLAINT_SECONDS = 5.0  # between log lines about failed batches
BATCHERS_MAX = 10_000  # events with a call under way

# A command's bytes, or a function that makes them in the moment in which the batch is composed.
Command = bytes | Callable[[], bytes]
Send = Callable[[int, bytes], Awaitable[bytes]]
Waiting = tuple[Command, "asyncio.Future[Answer]", float]  # since when it waits, in the loop's time

logger = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What became of one command, and the entry's numbers after its batch. `now`: the owner's clock, unix ms."""

    outcome: int
    body: bytes
    incarnation: int
    seq: int
    durable_seq: int
    version: int
    now: int


class Unavailable(Problem):
    """The grid did not answer, or has no such entry now. What was asked may or may not have happened: repeat it."""

    def __init__(self, detail: str = "The sale is not reachable at the moment; repeat the request with the same key.") -> None:
        super().__init__("unavailable", detail)


class BatchRefused(Exception):  # noqa: N818 - a fact about the batch, told to nobody outside
    """The entry's member looked at none of the commands: the batch's status says why."""


class Batcher:
    """One event's queue; it lives as long as somebody waits."""

    __slots__ = ("_event", "_owner", "_readers", "_task", "_waiting")

    def __init__(self, event: int, owner: "Batchers") -> None:
        self._event = event
        self._owner = owner
        self._waiting: deque[Waiting] = deque()
        self._readers: deque[Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting) + len(self._readers)

    def ask(self, command: Command, *, last: bool) -> asyncio.Future[Answer]:
        loop = self._owner.loop
        future: asyncio.Future[Answer] = loop.create_future()
        (self._readers if last else self._waiting).append((command, future, loop.time()))
        if self._task is None:
            self._task = loop.create_task(self._run())
        return future

    async def _run(self) -> None:
        try:
            while self._waiting or self._readers:
                told = await self._next_batch()
                if (told >= CROWD_COMMANDS or self._waiting) and len(self._waiting) < BATCH_COMMANDS_MAX:
                    await asyncio.sleep(self._owner.gather_seconds())
        finally:
            self._fail(self._waiting)
            self._fail(self._readers)
            self._owner.forget(self._event)

    async def _next_batch(self) -> int:
        """Send what is waiting, up to the bound, and tell everybody what became of it; how many they were."""
        readers = _taken(self._readers, READERS_PER_BATCH_MAX)
        taken = _taken(self._waiting, BATCH_COMMANDS_MAX - len(readers)) + readers
        try:
            commands = [command if type(command) is bytes else command() for command, _, _ in taken]  # type: ignore[operator]
            answer = await self._owner.call(self._event, commands)
        except asyncio.CancelledError:
            self._fail(taken)
            raise
        except Exception as error:
            self._owner.complain(self._event, error)
            self._fail(taken)
            self._fail_overdue()
        else:
            self._tell(taken, answer)
        return len(taken)

    def _tell(self, taken: "list[Waiting]", answer: BatchAnswer) -> None:
        outcomes = self._owner.metrics.outcomes
        incarnation, seq, durable_seq, version, now = answer.incarnation, answer.seq, answer.durable_seq, answer.version, answer.now
        for (_, future, _), (outcome, body) in zip(taken, answer.outcomes, strict=True):
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if not future.done():  # whoever waited has gone
                future.set_result(Answer(outcome, body, incarnation, seq, durable_seq, version, now))

    @staticmethod
    def _fail(taken: "Iterable[Waiting]") -> None:
        for _, future, _ in taken:
            if not future.done():
                future.set_exception(Unavailable())

    def _fail_overdue(self) -> None:
        """After a failed call: whoever has waited as long as a call may take is not made to wait for another."""
        since = self._owner.loop.time() - CALL_SECONDS / 2
        for waiting in (self._waiting, self._readers):
            while waiting and waiting[0][2] <= since:
                self._fail([waiting.popleft()])


def _taken(waiting: "deque[Waiting]", most: int) -> "list[Waiting]":
    """The first of those who wait, at most so many; they wait no longer."""
    if len(waiting) <= most:
        taken = list(waiting)
        waiting.clear()
        return taken
    return [waiting.popleft() for _ in range(most)]


class Batchers:
    """The batchers of all events. `send(event, request bytes)` is the Grid's: it repeats the same bytes on errors."""

    def __init__(self, send: Send, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self.metrics = metrics
        self._send = send
        self._clock = clock
        self._batchers: dict[int, Batcher] = {}
        self.listeners: dict[int, Callable[[BatchAnswer], None]] = {}  # by event: sees the numbers of its every answer
        self._loop: asyncio.AbstractEventLoop | None = None
        self._silent_until = 0.0
        metrics.gauge("queue_commands", "Commands waiting for a batch", self.waiting)
        metrics.gauge("batches_under_way", "Events with a call to the grid under way", lambda: len(self._batchers))

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def waiting(self) -> int:
        """Commands that wait for their batch."""
        return sum(map(len, self._batchers.values()))

    def gather_seconds(self) -> float:
        """How long a crowded event's next batch gathers."""
        return min(GATHER_SECONDS * len(self._batchers), GATHER_SECONDS_MAX)

    def ask(self, event: int, command: Command, *, last: bool = False) -> asyncio.Future[Answer]:
        """The answer to one framed command, with the next batch of the event.

        `last`: after all others of its batch. Reads of the seats must be: an answer's version is the one after its whole
        batch, and what they tell must be of that version.

        Unavailable when the grid does not answer in time, has no open entry, or too many wait already.
        """
        batcher = self._batchers.get(event)
        if batcher is None:
            if len(self._batchers) >= BATCHERS_MAX:
                raise Unavailable
            batcher = self._batchers[event] = Batcher(event, self)
        elif len(batcher) >= QUEUE_COMMANDS_MAX:
            self.metrics.count("queue_full")
            raise Unavailable
        return batcher.ask(command, last=last)

    async def call(self, event: int, commands: list[bytes]) -> BatchAnswer:
        """One batch to the grid. BatchRefused when none of it was looked at, TimeoutError after CALL_SECONDS, else the Grid's errors."""
        request = batch(int(self._clock() * 1000), commands)
        self.metrics.batch_commands.observe(len(commands))
        began = time.perf_counter()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = decode_batch(await self._send(event, request))
        finally:
            self.metrics.grid_seconds.observe(time.perf_counter() - began)
        if answer.status != BatchStatus.ACCEPTED:
            raise BatchRefused(BatchStatus(answer.status).name.lower())
        listener = self.listeners.get(event)
        if listener is not None:
            listener(answer)
        return answer

    def complain(self, event: int, error: Exception) -> None:
        """Count a failed batch, and log one of them every few seconds: an outage fails thousands."""
        self.metrics.count("batches_failed")
        now = self.loop.time()
        if now >= self._silent_until:
            self._silent_until = now + COMPLAINT_SECONDS
            logger.warning("batch_failed", extra={"data": {"event": event, "why": repr(error)[:200]}})

    def forget(self, event: int) -> None:
        self._batchers.pop(event, None)
