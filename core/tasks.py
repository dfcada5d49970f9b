"""Background tasks: what a feature exports for the worker, how a job of one is deferred, and how its last run went.

A feature declares its tasks in a `TaskList`; `assistant/worker.py` registers them all with procrastinate. A job is deferred in
the transaction of the change that asks for it, so that neither is ever there without the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import utc_now
from core.database import Base, Database
from core.identity import Caller, require
from core.settings import Settings

# A job that the database, or another server, stopped is tried again after these pauses.
PAUSES = tuple(timedelta(seconds=s) for s in (5, 60, 600))
# Rounds of a step in one run of a task, so that the others have their turn; the next run goes on.
MAX_ROUNDS = 20
_ACTIVE_LOCKS = text(
    "select lock from procrastinate_jobs where task_name = :name and status in ('todo', 'doing')"
)
# It only words the statement; the connection is the session's.
_MANAGER = JobManager(PsycopgConnector())
Part = TypeVar("Part")
Step = Callable[[AsyncSession, datetime], Awaitable[int]]
Handler = Callable[..., Awaitable[None]]


class TaskContext:
    """What a task works with: the database, the settings, and the process's parts by their type."""

    def __init__(self, database: Database, settings: Settings, parts: Iterable[object]) -> None:
        self.database, self.settings = database, settings
        self._parts: dict[type, object] = {type(part): part for part in parts}

    def part(self, kind: type[Part]) -> Part:
        """Return the process's part of a type; KeyError where the process has none."""
        value = self._parts[kind]
        if not isinstance(value, kind):
            raise KeyError(kind)
        return value

    async def repeat(self, step: Step, full: int = 1, rounds: int | None = None) -> None:
        """Take a step, each time in a transaction of its own, until it does less than `full`, or `rounds` times."""
        for _ in count() if rounds is None else range(rounds):
            async with self.database.transaction() as session:
                if await step(session, utc_now()) < full:
                    return


class TransientRetry(BaseRetryStrategy):
    """Retries what a shutdown or an unreachable server stopped; another error is final."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to run the job again; None when it has failed."""
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, OSError | DBAPIError) and job.attempts < len(PAUSES):
            return RetryDecision(retry_in={"seconds": int(PAUSES[job.attempts].total_seconds())})
        return None


@dataclass(frozen=True)
class Task:
    """A piece of background work.

    A scheduled one runs by its cron expression, and soon after an event of a type in `events`; one run at a time, and its
    next run is its retry. Any other runs when it is deferred, and is retried by its strategy.
    """

    name: str
    run: Handler
    queue: str
    schedule: str | None
    events: frozenset[str]
    retry: BaseRetryStrategy | None
    exclusive: bool

    @property
    def lock(self) -> str | None:
        """What its runs follow each other by."""
        return self.name if self.exclusive else None

    @property
    def queueing_lock(self) -> str | None:
        """What keeps a second job from waiting; a job that is retried must not have one, or it could not go back."""
        return self.name if self.schedule is not None else None

    async def defer(
        self,
        session: AsyncSession,
        *,
        after: timedelta = timedelta(),
        lock: str | None = None,
        **arguments: str,
    ) -> None:
        """Add a job in the session's transaction; nothing when one of a scheduled task waits already.

        `lock` names what only one job may work on at a time.
        """
        with suppress(AlreadyEnqueued):
            async with session.begin_nested():
                # The session sets the savepoint when it is asked for its connection inside.
                raw = await (await session.connection()).get_raw_connection()
                job = configure_task(
                    name=self.name,
                    job_manager=_MANAGER,
                    queue=self.queue,
                    lock=self.lock or lock,
                    queueing_lock=self.queueing_lock,
                    schedule_in={"seconds": int(after.total_seconds())} if after else None,
                    connection=raw.driver_connection,
                )
                await job.defer_async(**arguments)

    async def active_locks(self, session: AsyncSession) -> set[str]:
        """Return the locks of this task's jobs that wait or run."""
        return set((await session.scalars(_ACTIVE_LOCKS, {"name": self.name})).all())


class TaskList:
    """The tasks of a feature; their names begin with the feature's."""

    def __init__(self, feature: str) -> None:
        self._feature = feature
        self._tasks: list[Task] = []

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks)

    def scheduled(
        self, schedule: str, *, events: Iterable[str] = (), exclusive: bool = True
    ) -> Callable[[Handler], Task]:
        """Declare a task that runs by a cron expression (a sixth field is seconds), and after events."""
        return lambda run: self._add(run, schedule, frozenset(events), None, exclusive)

    def deferred(self, retry: BaseRetryStrategy | None = None) -> Callable[[Handler], Task]:
        """Declare a task that runs when a job of it is deferred."""
        return lambda run: self._add(run, None, frozenset(), retry or TransientRetry(), False)

    def _add(
        self,
        run: Handler,
        schedule: str | None,
        events: frozenset[str],
        retry: BaseRetryStrategy | None,
        exclusive: bool,
    ) -> Task:
        name = f"{self._feature}.{getattr(run, '__name__', '')}"
        task = Task(name, run, self._feature, schedule, events, retry, exclusive)
        self._tasks.append(task)
        return task


class TaskRun(Base):
    """How the last run of a task went, and why the last one that failed did."""

    __tablename__ = "task_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    duration_ms: Mapped[int]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None]  # the error's class: its text may hold what customers wrote


async def record_run(
    session: AsyncSession, name: str, started_at: datetime, duration_ms: int, failure: str | None
) -> None:
    """Note how a run went; the last failure stays until there is another."""
    values: dict[str, object] = {"started_at": started_at, "duration_ms": duration_ms}
    if failure is not None:
        values |= {"failed_at": started_at, "failure": failure}
    made = insert(TaskRun).values(name=name, **values)
    await session.execute(made.on_conflict_do_update(index_elements=["name"], set_=values))


async def last_runs(session: AsyncSession, caller: Caller) -> dict[str, TaskRun]:
    """Return the last run of each task by its name."""
    require(caller, "operation:read")
    return {run.name: run for run in (await session.scalars(select(TaskRun))).all()}
