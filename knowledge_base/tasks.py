"""Background tasks of the knowledge base: publication at its time, reminders of reviews, imports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.accounts import staff_by_actor
from core.clock import utc_now
from core.jobs import Job
from core.outbox import emit
from core.tasks import TaskContext, TaskList
from knowledge_base import curation
from knowledge_base.encoder import Encoder
from knowledge_base.imports.service import KIND, Importer

tasks = TaskList("knowledge")


@dataclass(frozen=True)
class EncodersInUse:
    """The encoders that texts are embedded with now: two while the knowledge base changes from one to another."""

    read: Callable[[], Sequence[Encoder]]


@tasks.scheduled("* * * * *")
async def publish_scheduled(context: TaskContext) -> None:
    """Publish approved articles whose time has come; each has a job of its own, and this one makes up for it."""
    await _publish(context)


@tasks.deferred()
async def publish_on_time(context: TaskContext) -> None:
    """Publish at the time of an article."""
    await _publish(context)


async def _publish(context: TaskContext) -> None:
    encoders = context.part(EncodersInUse).read()
    async with context.database.transaction() as session:
        await curation.publish_scheduled(session, encoders, utc_now())


@tasks.scheduled("*/5 * * * *")
async def remind_of_reviews(context: TaskContext) -> None:
    """Tell of published articles whose review date is near."""
    async with context.database.transaction() as session:
        await curation.remind_of_reviews(session, utc_now().date())


@tasks.deferred()
async def import_articles(context: TaskContext, job_id: str) -> None:
    """Run an import in the name of who ordered it, with the rights that they have now."""
    async with context.database.transaction() as session:
        job = await session.get_one(Job, UUID(job_id))
        caller = await staff_by_actor(session, job.owner)
    if job.state in ("done", "failed"):
        return
    importer = Importer(context.database, context.settings, context.part(EncodersInUse).read)
    finished = await importer.run(UUID(job_id), caller)
    async with context.database.transaction() as session:
        about = {"id": job_id, "state": finished.state, "files": finished.done}
        emit(session, "import.finished", about)


@tasks.scheduled("*/5 * * * *")
async def resume_imports(context: TaskContext) -> None:
    """Defer imports that are not finished and have no job, such as those whose job failed."""
    unfinished = select(Job.id).where(Job.state.in_(("queued", "running")), Job.kind == KIND)
    async with context.database.transaction() as session:
        active = await import_articles.active_locks(session)
        for job_id in (await session.scalars(unfinished)).all():
            if (lock := str(job_id)) not in active:
                await import_articles.defer(session, lock=lock, job_id=lock)
