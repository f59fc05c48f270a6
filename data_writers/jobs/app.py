"""procrastinate's application: its tasks, when they are tried again, and what runs by the clock.

The worker hands every task a `Desk` (`additional_context`). Writers enqueue by the tasks' names in their own transaction.
"""

import logging

import procrastinate
from procrastinate import JobContext, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from data_writers.audit import Audit
from data_writers.database import Away
from data_writers.inventories import Payment
from data_writers.jobs import ledgers, money
from data_writers.jobs.desk import Desk, NotYet
from grid_config.client import GridUnavailable
from grid_config.limits import CAPTURE_TRIES_UNTOLD
from grid_config.outcomes import Method
from infra.payment.port import ProviderAway

logger = logging.getLogger("data_writers.jobs")

QUEUE = "money"
HOUSEKEEPING = "housekeeping"
PAUSE_SECONDS_MAX = 300
WORKER_SILENT_SECONDS = 15.0  # then its jobs are taken to be nobody's; heartbeats come every 3 s
MONTHS_AHEAD = 2


class BackOff(procrastinate.BaseRetryStrategy):
    """1, 2, 4, ... seconds up to five minutes, for ever while the cause may pass; any other error ends the job, visibly."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """None: the error does not pass by itself, the job has failed."""
        if not isinstance(exception, ProviderAway | GridUnavailable | Away | NotYet):
            logger.error("job_failed", extra={"data": {"job": job.id, "task": job.task_name, "error": repr(exception)[:300]}})
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, PAUSE_SECONDS_MAX)})


app = procrastinate.App(connector=procrastinate.PsycopgConnector())


def _desk(context: JobContext) -> Desk:
    desk: Desk = context.additional_context["desk"]
    return desk


@app.task(name="capture", queue=QUEUE, retry=BackOff(), pass_context=True)
async def capture(context: JobContext, event: int, order: int, payment: int) -> None:
    """Take the money of a confirmed order."""
    try:
        await money.capture(_desk(context), payment)
    except (ProviderAway, NotYet):
        if context.job.attempts >= CAPTURE_TRIES_UNTOLD:
            await money.tell_of_waiting(_desk(context), event, order, payment, context.job.attempts + 1)
        raise


@app.task(name="refund", queue=QUEUE, retry=BackOff(), pass_context=True)
async def refund(context: JobContext, refund: int) -> None:
    """Give money back."""
    await money.refund(_desk(context), refund)


@app.task(name="cancel", queue=QUEUE, retry=BackOff(), pass_context=True)
async def cancel(context: JobContext, event: int, order: int, payment: int) -> None:
    """Give up an attempt at its provider."""
    await money.cancel(_desk(context), event, order, payment)


@app.task(name="settle", queue=QUEUE, retry=BackOff(), pass_context=True)
async def settle(context: JobContext, event: int, order: int, payment: int, provider: str, method: int) -> None:  # noqa: PLR0917 - a job's
    """Tell the grid of money that only the provider knew of."""
    await ledgers.settle(_desk(context), event, order, Payment(payment, provider, Method(method)))


@app.periodic(cron="* * * * *", periodic_id="ledgers")
@app.task(name="ledgers", queue=HOUSEKEEPING, lock="ledgers", queueing_lock="ledgers", pass_context=True)
async def read_ledgers(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Money that the providers have and our rows know nothing of is found."""
    await ledgers.read(_desk(context))


@app.periodic(cron="* * * * * */5", periodic_id="revive")
@app.task(name="revive", queue=HOUSEKEEPING, queueing_lock="revive", pass_context=True)
async def revive(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
    """Jobs whose worker died go back into the queue; every task may run again. What comes by the clock comes again anyway: the next
    one may be waiting already, and of a queueing lock there is one in the queue.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=WORKER_SILENT_SECONDS):
        try:
            if job.queueing_lock is None:
                await manager.retry_job(job)
            else:
                await manager.finish_job(job, status=Status.ABORTED, delete_job=True)
        except ConnectorException as error:  # another worker's look was faster
            logger.info("job_not_revived", extra={"data": {"job": job.id, "task": job.task_name, "why": repr(error.__cause__)[:300]}})
        else:
            logger.warning("job_revived", extra={"data": {"job": job.id, "task": job.task_name}})


@app.periodic(cron="*/1 * * * *", periodic_id="statistics")
@app.task(name="statistics", queue=HOUSEKEEPING, queueing_lock="statistics", pass_context=True)
async def statistics(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Keep the queue's own plan fast."""
    await _desk(context).execute("statistics")


@app.periodic(cron="7 * * * *", periodic_id="partitions")
@app.task(name="partitions", queue=HOUSEKEEPING, queueing_lock="partitions", pass_context=True)
async def partitions(context: JobContext, timestamp: int) -> None:
    """The audit log's months are there before they begin."""
    audit: Audit = _desk(context).audit
    await audit.make_months(timestamp, MONTHS_AHEAD)
