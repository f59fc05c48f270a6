"""Tells the shop, until it answers 200: at least once, in spite of restarts on either side.

What is waiting stands in the ledger; memory only knows which deliveries are under way. A delivery whose answer is lost with
this process is made again.
"""

import asyncio
import contextlib
import logging

import httpx

from infra.payment import signatures
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


class Notifier:
    """The loop between the bank's ledger and the shop's address for notifications."""

    def __init__(self, bank: Bank, http: httpx.AsyncClient, address: str, secret: bytes, repeats: Repeats) -> None:
        self._bank = bank
        self._http = http
        self._address = address
        self._secret = secret
        self._repeats = repeats
        self._woken = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """There may be something new to tell."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; deliveries under way are then cut off, and made again by the next run."""
        try:
            while True:
                self._woken.clear()
                more = self._bank.approve_due(APPROVALS_MAX) == APPROVALS_MAX
                now = self._bank.clock()
                self._start_deliveries(now)
                if not more:
                    await self._wait(now)
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start_deliveries(self, now: float) -> None:
        room = DELIVERIES_MAX - len(self._under_way)
        if room <= 0:
            return
        # Those under way are still due: ask for as many more.
        for waiting in self._bank.ledger.due_notifications(now, room + len(self._under_way)):
            if waiting.notification not in self._under_way and len(self._under_way) < DELIVERIES_MAX:
                self._under_way[waiting.notification] = asyncio.create_task(self._deliver(waiting))

    async def _wait(self, now: float) -> None:
        """Until the first thing that was not due at `now`, or until somebody wakes us."""
        due_at = self._bank.ledger.next_due(now)
        pause = IDLE_SECONDS if due_at is None else max(0.0, min(due_at - now, IDLE_SECONDS))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._woken.wait()

    async def _deliver(self, waiting: Waiting) -> None:
        try:
            status_code = await self._post(waiting.body)
            self._answered(waiting, status_code)
        except Exception:
            log.exception("delivery_failed", extra={"data": {"payment": waiting.payment_id}})
            await asyncio.sleep(1.0)  # a ledger that cannot be written must not make this loop spin
        finally:
            del self._under_way[waiting.notification]
            self.wake()

    async def _post(self, body: bytes) -> int | None:
        """The shop's status code, or None when it did not answer."""
        signature = signatures.sign(self._secret, body, self._bank.clock())
        headers = {"content-type": "application/json", signatures.HEADER: signature}
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await self._http.post(self._address, content=body, headers=headers)
        except (httpx.HTTPError, TimeoutError, OSError):
            return None
        return response.status_code

    def _answered(self, waiting: Waiting, status_code: int | None) -> None:
        ledger, now = self._bank.ledger, self._bank.clock()
        with ledger.transaction():
            ledger.add_delivery(waiting.payment_id, now, status_code)
            if status_code == httpx.codes.OK:
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
