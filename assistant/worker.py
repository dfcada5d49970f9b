"""The worker: every feature's tasks, run by procrastinate in this process, by schedule, after events, and when deferred."""

from __future__ import annotations

import asyncio
import contextlib
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any, cast

import procrastinate
import psycopg
import structlog
from procrastinate import JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker as ProcrastinateWorker
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance.tasks import tasks as compliance
from actions.customers.card_control.connector import CardConnector
from actions.customers.card_control.delivery import tasks as cards
from actions.customers.tasks import tasks as customers
from actions.marketing.tasks import tasks as marketing
from actions.recommendations.tasks import tasks as recommendations
from actions.tickets.tasks import tasks as tickets
from assistant.analytics.tasks import tasks as analytics
from assistant.conversation_tasks import tasks as conversations
from assistant.copilot.tasks import tasks as copilot
from assistant.routing import tasks as routing
from core.clock import utc_now
from core.database import Database, libpq_url
from core.identity import Caller
from core.outbox import CHANNEL
from core.settings import Settings
from core.tasks import Task, TaskContext, TaskList, TaskRun, last_runs, record_run
from core.webhook_delivery import tasks as webhooks
from knowledge_base.tasks import tasks as knowledge

CONCURRENCY = 4
# Since a worker's last sign of life, which it gives every 10 seconds.
STALLED_S = 30.0
# No scheduled task runs for so long; the worker lost the end of one that seems to.
LOST_S = 3600
# A schedule that was missed while the service was down is made up for, if it is not longer ago.
MISSED_S = 3600
GRACE_S = 3.0
RESTART_S = 2.0
# After an event, so that one run serves many; and before the next, so that a busy hour does no more than a quiet one.
DEBOUNCE_S, REST_S = 0.5, 2.5
FAILED_JOBS_RETENTION_H = 72
log = structlog.get_logger(__name__)
jobs = TaskList("jobs")


@jobs.scheduled("* * * * * */30", exclusive=False)
async def retry_stalled(context: TaskContext) -> None:
    """Give the jobs of workers that died to others."""
    app = context.part(procrastinate.App)
    for job in await _stalled(app):
        try:
            await app.job_manager.retry_job(job)
        except AlreadyEnqueued:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


@jobs.scheduled("30 * * * *")
async def prune_failed(context: TaskContext) -> None:
    """Delete jobs that failed days ago; those that succeeded are deleted when they end."""
    await context.part(procrastinate.App).job_manager.delete_old_jobs(
        FAILED_JOBS_RETENTION_H, include_failed=True, include_cancelled=True, include_aborted=True
    )


TASKS: tuple[Task, ...] = tuple(
    chain(
        webhooks,
        knowledge,
        tickets,
        customers,
        cards,
        compliance,
        recommendations,
        marketing,
        conversations,
        copilot,
        analytics,
        routing,
        jobs,
    )
)


@dataclass(frozen=True)
class TaskStatus:
    """A task, its last run and its next; no next for one that runs when it is deferred."""

    task: Task
    last: TaskRun | None
    next_at: datetime | None


class Worker:
    """Runs the tasks; one object a process, which may run none and only know when they are due."""

    def __init__(self, database: Database, settings: Settings, *parts: object) -> None:
        self._database = database
        connector = PsycopgConnector(
            conninfo=libpq_url(database.url), min_size=1, max_size=CONCURRENCY
        )
        self.app = procrastinate.App(
            connector=connector, periodic_defaults={"max_delay": float(MISSED_S)}
        )
        self._cards = CardConnector(settings)
        self.context = TaskContext(database, settings, (*parts, self._cards, self.app))
        for task in TASKS:
            self._register(task)
        self._tasks: list[asyncio.Task[None]] = []
        self._running = False
        self._due: dict[str, Task] = {}
        self._wake = asyncio.Event()

    def start(self) -> None:
        """Run jobs in this process, until `close`."""
        self._tasks = [
            asyncio.create_task(self._run_jobs(), name="worker"),
            asyncio.create_task(self._listen(), name="task-events"),
            asyncio.create_task(self._defer_due(), name="task-deferrer"),
        ]

    @property
    def working(self) -> bool:
        """Whether jobs are run."""
        return self._running

    async def wait(self) -> None:
        """Wait until the worker is cancelled."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Stop; jobs that do not end within the grace are run by the next worker."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._cards.close()
        await self.app.close_async()

    async def statuses(
        self, session: AsyncSession, caller: Caller, now: datetime
    ) -> list[TaskStatus]:
        """Return every task with its last run and its next, by name."""
        runs = await last_runs(session, caller)
        return [
            TaskStatus(task, runs.get(task.name), self._next_run(task, now))
            for task in sorted(TASKS, key=lambda task: task.name)
        ]

    def _next_run(self, task: Task, now: datetime) -> datetime | None:
        periodic = self.app.periodic_registry.periodic_tasks.get((task.name, ""))
        if periodic is None:
            return None
        due = periodic.croniter.get_next(ret_type=float, start_time=now.timestamp())
        return datetime.fromtimestamp(due, UTC)

    def _register(self, task: Task) -> None:
        async def run(timestamp: int | None = None, **arguments: str) -> None:
            await task.run(self.context, **arguments)

        registered = self.app.task(
            name=task.name,
            queue=task.queue,
            retry=task.retry or False,
            lock=task.lock,
            queueing_lock=task.queueing_lock,
        )(run)
        if task.schedule is not None:
            self.app.periodic(cron=task.schedule)(cast("Any", registered))

    async def _run_jobs(self) -> None:
        while True:
            try:
                await self.app.open_async()
                self._running = True
                await self.app.run_worker_async(
                    concurrency=CONCURRENCY,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=GRACE_S,
                    stalled_worker_timeout=STALLED_S,
                    worker_middleware=[self.record],
                )
            except Exception as error:  # must outlive a database that is away for a while
                log.warning("worker.ended", reason=type(error).__name__)
            finally:
                self._running = False
            await asyncio.sleep(RESTART_S)

    async def record(
        self,
        call_next: Callable[[], Awaitable[object]],
        job: JobContext,
        _: ProcrastinateWorker,
    ) -> object:
        """Run a job, and note when, for how long, and what it failed of."""
        started_at, began, failure = utc_now(), time.perf_counter(), None
        try:
            return await call_next()
        except Exception as error:
            failure = type(error).__name__
            log.warning("task.failed", task=job.job.task_name, reason=failure)
            raise
        finally:
            took_ms = round((time.perf_counter() - began) * 1000)
            with contextlib.suppress(SQLAlchemyError, OSError):
                async with self._database.transaction() as session:
                    await record_run(session, job.job.task_name, started_at, took_ms, failure)

    async def _listen(self) -> None:
        while True:
            try:
                async for event in self._events():
                    self._notify(event)
            except (psycopg.Error, OSError) as error:
                log.warning("worker.deaf", reason=type(error).__name__)
            await asyncio.sleep(RESTART_S)

    async def _events(self) -> AsyncIterator[str | None]:
        """Types of events as they are committed; None when some may have been missed."""
        async with await psycopg.AsyncConnection.connect(
            libpq_url(self._database.url), autocommit=True, connect_timeout=5
        ) as connection:
            await connection.execute(f"listen {CHANNEL}")  # a constant
            yield None
            async for notification in connection.notifies():
                yield notification.payload.split(" ", 2)[2]

    def _notify(self, event: str | None) -> None:
        due = [task for task in TASKS if task.events and (event is None or event in task.events)]
        self._due |= {task.name: task for task in due}
        if due:
            self._wake.set()

    async def _defer_due(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(DEBOUNCE_S)
            self._wake.clear()
            due, self._due = self._due, {}
            try:
                async with self._database.transaction() as session:
                    for task in due.values():
                        await task.defer(session)
            except (SQLAlchemyError, ConnectorException, OSError) as error:
                log.warning("worker.undeferred", reason=type(error).__name__)
                self._due = due | self._due
                self._wake.set()
            await asyncio.sleep(REST_S)


async def _stalled(app: procrastinate.App) -> list[Job]:
    """Jobs of dead workers, and scheduled ones that ended without their worker being able to say so."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S))
    with warnings.catch_warnings():
        # By the time since the start: the library means to drop it, and has nothing else for a living worker.
        warnings.simplefilter("ignore", DeprecationWarning)
        old = await app.job_manager.get_stalled_jobs(nb_seconds=LOST_S)
    scheduled = {task.name for task in TASKS if task.schedule is not None}
    ids = {job.id for job in stalled}
    return stalled + [job for job in old if job.task_name in scheduled and job.id not in ids]
