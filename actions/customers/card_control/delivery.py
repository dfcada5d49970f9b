"""Requests leave here, after the transaction that wrote them, by a job for each.

No connection is held while the other system is asked. A process that dies in between leaves the request pending; another
takes it up and sends the same order, which has no second effect there.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from procrastinate import RetryDecision
from procrastinate.jobs import Job

from actions.customers.card_control.connector import CardConnector
from actions.customers.card_control.port import send
from actions.customers.card_control.requests import claim, conclude, due_requests
from core.clock import utc_now
from core.tasks import TaskContext, TaskList, TransientRetry

BATCH = 100
tasks = TaskList("cards")


class NotConcluded(Exception):
    """A request has another attempt before it, after `pause`."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__(f"again in {pause.total_seconds():g} s")
        self.pause = pause


class RequestRetry(TransientRetry):
    """The pauses that a request's own attempts have."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to send again."""
        if isinstance(exception, NotConcluded):
            return RetryDecision(retry_in={"seconds": int(exception.pause.total_seconds())})
        return super().get_retry_decision(exception=exception, job=job)


@tasks.deferred(RequestRetry())
async def deliver_request(context: TaskContext, request_id: str) -> None:
    """Send one request, or ask what became of it; NotConcluded when there is another attempt."""
    async with context.database.transaction() as session:
        claimed = await claim(session, UUID(request_id), utc_now())
    if claimed is None:
        return
    order, accepted = claimed
    control = context.part(CardConnector).control
    result = await (control.status(order) if accepted else send(control, order))
    async with context.database.transaction() as session:
        pause = await conclude(session, order.id, result, utc_now())
    if pause is not None:
        raise NotConcluded(pause)


@tasks.scheduled("* * * * *")
async def deliver_due(context: TaskContext) -> None:
    """Defer every request that is due and has no job, such as one whose job failed."""
    async with context.database.transaction() as session:
        active = await deliver_request.active_locks(session)
        for due in (await session.scalars(due_requests(utc_now(), BATCH))).all():
            if (lock := str(due)) not in active:
                await deliver_request.defer(session, lock=lock, request_id=lock)
