"""Jobs as those who ordered them see them: how far they are, a line for each piece of work. The queue runs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Select, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key
from core.identity import Application, Caller, Staff, actor
from core.localized_text import LocalizedText

JobState = Literal["queued", "running", "done", "failed"]


class Job(Base):
    """Work that goes on after its order was accepted."""

    __tablename__ = "jobs"

    id: Mapped[Key]
    kind: Mapped[str]
    state: Mapped[JobState] = mapped_column(default="queued")
    order: Mapped[Json]  # what was asked for
    total: Mapped[int | None]  # pieces of work, when known
    done: Mapped[int] = mapped_column(default=0)
    error: Mapped[LocalizedText | None]
    owner: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobLine(Base):
    """One finished piece of work."""

    __tablename__ = "job_lines"

    job_id: Mapped[UUID] = mapped_column(
        ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[LocalizedText | None]
    subjects: Mapped[list[str]]  # ids of what it made or changed


def visible_jobs(caller: Caller) -> Select[Job]:
    """Jobs: curators see all of the desk's, everybody else those they ordered."""
    jobs = select(Job)
    match caller:
        case Staff() if "knowledge:write" in caller.permissions:
            return jobs
        case Staff() | Application():
            return jobs.where(Job.owner == actor(caller))
    return jobs.where(false())


async def job_lines(
    session: AsyncSession, job_id: UUID, after: int = -1, limit: int = 500
) -> list[JobLine]:
    """Lines of a job in order, from behind one on."""
    lines = (
        select(JobLine)
        .where(JobLine.job_id == job_id, JobLine.ordinal > after)
        .order_by(JobLine.ordinal)
    )
    return list((await session.scalars(lines.limit(limit))).all())


async def outcomes(session: AsyncSession, job_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """For each job how many lines have which outcome."""
    counts = (
        select(JobLine.job_id, JobLine.outcome, func.count())
        .where(JobLine.job_id.in_(job_ids))
        .group_by(JobLine.job_id, JobLine.outcome)
    )
    counted: dict[UUID, dict[str, int]] = {job_id: {} for job_id in job_ids}
    for job_id, outcome, count in (await session.execute(counts)).all():
        counted[job_id][outcome] = count
    return counted
