"""The worker: tasks run after events and by schedule, a dead worker's jobs are taken up, and what ran is told to admins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from actions.compliance.screening import WatchlistIndex
from actions.tickets.tasks import recompute_sla
from assistant.worker import TASKS, Worker, retry_stalled
from core.clock import utc_now
from core.database import Database
from core.errors import NotAllowed
from core.settings import Settings
from core.tasks import TaskRun, TransientRetry
from knowledge_base.tasks import EncodersInUse
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

WAIT_S = 30


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("tasks")) as made:
        yield made


@pytest.fixture
async def worker(desk: Desk) -> AsyncIterator[Worker]:
    encoders = EncodersInUse(lambda: [desk.search.encoder])
    made = Worker(desk.database, Settings(var_dir=desk.folder), encoders, WatchlistIndex())
    await made.app.open_async()
    yield made
    await made.close()


async def soon(read: Callable[[], Awaitable[Any]]) -> Any:
    """What is read, as soon as there is something."""
    for _ in range(WAIT_S * 10):
        if found := await read():
            return found
        await asyncio.sleep(0.1)
    pytest.fail(f"nothing after {WAIT_S} s")


async def answer(database: Database, question: str, **values: object) -> object:
    """The one value that a query has."""
    async with database.transaction() as session:
        return await session.scalar(text(question), values)


async def test_a_new_ticket_is_embedded_soon_and_what_ran_is_known(
    desk: Desk, worker: Worker
) -> None:
    worker.start()
    ticket = await desk.open("my card is cracked", at(1))
    made = "select vector is not null from ticket_vectors where ticket_id = :id"
    assert await soon(lambda: answer(desk.database, made, id=ticket.id))
    last = await soon(lambda: last_run(desk, worker, "tickets.embed_pending"))
    assert (worker.working, last.failure) == (True, None)
    assert abs(last.started_at - utc_now()) < timedelta(minutes=1)
    left = "select count(*) from procrastinate_jobs where status = 'succeeded'"
    assert await answer(desk.database, left) == 0
    with pytest.raises(NotAllowed):
        await last_run(desk, worker, "tickets.embed_pending", "agent")


async def test_the_job_of_a_worker_that_died_is_taken_up(desk: Desk, worker: Worker) -> None:
    async with desk.database.transaction() as session:
        await recompute_sla.defer(session, lock="sla")
    dead = """
        with dead as (
            insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute') returning id
        )
        update procrastinate_jobs set status = 'doing', worker_id = dead.id from dead
        where task_name = :name returning procrastinate_jobs.id
    """
    job = await answer(desk.database, dead, name=recompute_sla.name)
    await retry_stalled.run(worker.context)
    status = "select status from procrastinate_jobs where id = :id"
    assert await answer(desk.database, status, id=job) == "todo"


async def test_what_is_undone_defers_nothing(desk: Desk) -> None:
    waiting = "select count(*) from procrastinate_jobs where lock = 'undone'"
    for failure in (None, ValueError("undo")):
        try:
            async with desk.database.transaction() as session:
                await recompute_sla.defer(session, lock="undone")
                if failure:
                    raise failure
        except ValueError:
            continue
    assert await answer(desk.database, waiting) == 1


async def test_a_scheduled_task_waits_once(desk: Desk) -> None:
    task = next(one for one in TASKS if one.name == "tickets.escalate_due")
    async with desk.database.transaction() as session:
        await task.defer(session)
        await task.defer(session)
    waiting = "select count(*) from procrastinate_jobs where task_name = :name and status = 'todo'"
    assert await answer(desk.database, waiting, name=task.name) == 1


def test_no_retried_task_keeps_others_from_waiting() -> None:
    """A job goes back to those that wait when it is retried; another one there with its queueing lock would not let it."""
    retried = [task for task in TASKS if isinstance(task.retry, TransientRetry)]
    assert retried
    assert [task.name for task in retried if task.queueing_lock or task.schedule] == []
    assert len({task.name for task in TASKS}) == len(TASKS)


def test_admins_see_when_each_task_ran_and_runs(bank: Bank) -> None:
    items = bank.get("/v1/scheduled-tasks", bank.staff("admin"))["items"]
    assert [one["name"] for one in items] == sorted(task.name for task in TASKS)
    escalation = next(one for one in items if one["name"] == "tickets.escalate_due")
    assert escalation["schedule"] == "* * * * *"
    assert escalation["last_duration_ms"] >= 0
    assert escalation["last_failure"] is None
    next_run, last_run = (
        datetime.fromisoformat(escalation[name]) for name in ("next_run_at", "last_run_at")
    )
    assert last_run < next_run <= utc_now() + timedelta(minutes=1)
    ordered = next(one for one in items if one["name"] == "customers.load_source")
    assert (ordered["schedule"], ordered["next_run_at"]) == (None, None)
    bank.get("/v1/scheduled-tasks", bank.staff("agent"), 403)
    bank.get("/v1/scheduled-tasks", None, 401)


async def last_run(desk: Desk, worker: Worker, name: str, role: str = "admin") -> TaskRun | None:
    """What is noted of a task's last run."""
    caller = await desk.staff(role)
    async with desk.database.transaction() as session:
        statuses = await worker.statuses(session, caller, utc_now())
    return next(status.last for status in statuses if status.task.name == name)
