"""Going live: now or at a time, unless questions of the sets would be lost by it; and all articles of an import."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import record
from core.errors import Conflict, Invalid, NotFound
from core.identity import Caller, require
from core.jobs import Job, JobLine, visible_jobs
from knowledge_base import queries
from knowledge_base.imports.service import KIND
from knowledge_base.models import Article
from knowledge_base.question_sets import try_article
from knowledge_base.schemas import StepRequest
from knowledge_base.search import KnowledgeSearch
from knowledge_base.service import STEPS, publish_all, publish_event, require_step, take_step
from knowledge_base.tasks import publish_on_time


async def publish_article(
    session: AsyncSession,
    search: KnowledgeSearch,
    caller: Caller,
    article: Article,
    how: StepRequest,
    now: datetime,
) -> Article:
    """Publish now, or keep the time for it; Conflict when questions of the sets are lost and that was not accepted."""
    require(caller, "knowledge:write")
    if article.state in STEPS["publish"][0] and not how.accept_losses:
        trial = await try_article(session, search, article, now)
        if trial.lost:
            raise Conflict("article.losses_not_accepted", verdict=trial.verdict)
    if how.at is None:
        return await take_step(session, caller, article, "publish", search.replica.encoders, now)
    if how.at.tzinfo is None or how.at <= now:
        raise Invalid.field("at", "article.time_not_in_future")
    if article.state not in STEPS["publish"][0]:
        raise Conflict("article.not_approved")
    article.publish_at = how.at
    await publish_on_time.defer(session, after=how.at - now)
    await record(
        session, caller, "article.scheduled", f"article:{article.id}", {"at": how.at.isoformat()}
    )
    return article


async def approve_import(
    session: AsyncSession, search: KnowledgeSearch, caller: Caller, job_id: UUID, now: datetime
) -> list[Article]:
    """Approve and publish what an import submitted; by somebody else than who ordered it."""
    require(caller, "knowledge:approve")
    if await session.scalar(visible_jobs(caller).where(Job.id == job_id, Job.kind == KIND)) is None:
        raise NotFound("import")
    lines = (await session.scalars(select(JobLine.subjects).where(JobLine.job_id == job_id))).all()
    ids = [UUID(subject) for subjects in lines for subject in subjects]
    waiting = queries.readable_articles(caller).where(
        Article.id.in_(ids), Article.state == "in_review"
    )
    articles = list((await session.scalars(waiting.order_by(Article.id).with_for_update())).all())
    if not articles:
        raise Conflict("import.nothing_in_review")
    for article in articles:
        require_step(caller, article, "approve")
        article.updated_at = now
    await publish_all(
        session, articles, search.replica.encoders
    )  # encodes, so before the first entry in the trail
    for article in articles:
        await publish_event(session, caller, article, "approve")
        await publish_event(session, caller, article, "publish")
    return articles
