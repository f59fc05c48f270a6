"""Tells the shop, until it answers 200: at least once, in spite of restarts on either side.

What is waiting stands in the ledger; memory only knows which deliveries are under way. A delivery whose answer is lost with
this process is made again; answers are recorded turn by turn.
"""

import asyncio
import contextlib
import logging
import sqlite3
from http import HTTPStatus

from infra.payment import signatures
from infra.payment.connections import Calls, NoAnswer
from infra.sandbox.bank import GAP_SECONDS, Bank
from infra.sandbox.ledger import Waiting
from infra.sandbox.repeats import Repeats

log = logging.getLogger(__name__)

# Deliveries under way. The shop answers when the outcome is durable (some 100 ms), so 128 are over 1,000 answers a second.
DELIVERIES_MAX = 128
# The shop gives up after 5 s by itself and says so; a silent one is given twice that.
ANSWER_SECONDS = 10.0
# Approvals that one turn carries out.
APPROVALS_MAX = 100
IDLE_SECONDS = 60.0
# After something has come up: what comes with it goes in the same turn, and in the same transaction.
GATHER_SECONDS = 0.005
FAULT_SECONDS = 1.0  # a ledger that cannot be written must not make the loop spin


class Notifier:
    """The loop between the bank's ledger and the shop's address for notifications."""

    def __init__(self, bank: Bank, calls: Calls, address: str, secret: bytes, repeats: Repeats) -> None:
        self._bank = bank
        self._calls = calls
        self._address = address
        self._secret = secret
        self._repeats = repeats
        self._woken = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}  # until their answer is in the ledger
        self._answers: list[tuple[Waiting, int | None, float]] = []

    def wake(self) -> None:
        """There may be something new to tell."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; deliveries under way are then cut off, and made again by the next run."""
        try:
            while True:
                self._woken.clear()
                await self._turn()
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self) -> None:
        """Everything that there is to do now, and the pause until there may be more."""
        try:
            self._record_answers()
            more = self._bank.approve_due(APPROVALS_MAX) == APPROVALS_MAX
            now = self._bank.clock()
            self._start_deliveries(now)
            pause = 0.0 if more else self._pause(now)
        except sqlite3.OperationalError:
            log.exception("ledger_not_written")
            await asyncio.sleep(FAULT_SECONDS)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._woken.wait()
        await asyncio.sleep(GATHER_SECONDS)

    def _start_deliveries(self, now: float) -> None:
        room = DELIVERIES_MAX - len(self._under_way)
        if room <= 0:
            return
        # Those under way are still due: ask for as many more.
        for waiting in self._bank.ledger.due_notifications(now, room + len(self._under_way), self._under_way)[:room]:
            self._under_way[waiting.notification] = asyncio.create_task(self._deliver(waiting))

    def _pause(self, now: float) -> float:
        """Seconds until the first thing that was not due at `now`."""
        due_at = self._bank.ledger.next_due(now)
        return IDLE_SECONDS if due_at is None else max(0.0, min(due_at - now, IDLE_SECONDS))

    async def _deliver(self, waiting: Waiting) -> None:
        try:
            status_code = await self._post(waiting.body)
        except Exception:
            log.exception("delivery_failed", extra={"data": {"payment": waiting.payment_id}})
            status_code = None
        self._answers.append((waiting, status_code, self._bank.clock()))
        self.wake()

    def _record_answers(self) -> None:
        """What the shop has answered since the last turn, in one transaction: a commit costs more than what it keeps."""
        if not self._answers:
            return
        with self._bank.ledger.transaction():
            for waiting, status_code, at in self._answers:
                self._answered(waiting, status_code, at)
        for waiting, _, _ in self._answers:
            del self._under_way[waiting.notification]
        self._answers.clear()

    async def _post(self, body: bytes) -> int | None:
        """The shop's status code, or None when it did not answer."""
        signature = signatures.sign(self._secret, body, self._bank.clock())
        headers = {"content-type": "application/json", signatures.HEADER: signature}
        try:
            return (await self._calls.call("POST", self._address, body, headers)).status
        except NoAnswer:
            return None

    def _answered(self, waiting: Waiting, status_code: int | None, now: float) -> None:
        ledger = self._bank.ledger
        ledger.add_delivery(waiting.payment_id, now, status_code)
        if status_code == HTTPStatus.OK:
            if waiting.copies > 1:
                ledger.repeat_notification(waiting.notification, copies=waiting.copies - 1, tries=0, due_at=now + GAP_SECONDS)
            else:
                ledger.drop_notification(waiting.notification)
        elif now - waiting.first_at >= self._repeats.given_up_after:
            log.error("notification_given_up", extra={"data": {"payment": waiting.payment_id, "tries": waiting.tries + 1}})
            ledger.drop_notification(waiting.notification)
        else:
            tries = waiting.tries + 1
            due_at = now + self._repeats.after(tries)
            ledger.repeat_notification(waiting.notification, copies=waiting.copies, tries=tries, due_at=due_at)
