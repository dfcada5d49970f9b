"""Curation: draft, review by somebody else, publication, withdrawal. Every step is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import nh3
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import record
from core.errors import Conflict, Invalid, NotAllowed, NotFound, PreconditionFailed
from core.identity import Caller, actor, require
from core.localized_text import term, terms
from core.outbox import emit
from knowledge_base import queries
from knowledge_base.embedding import index_versions
from knowledge_base.encoder import Encoder
from knowledge_base.models import Article, ArticleState, ArticleVersion, KnowledgeFeedback
from knowledge_base.schemas import ArticleChange, ArticleContent, FeedbackRequest

CONTENT = ("title", "body", "audience", "category", "tags", "questions")
VALIDITY = ("valid_from", "valid_until", "review_by")
EVENTS = {"publish": "article.published", "archive": "article.archived"}
# step -> (states it may start from, state it leads to)
STEPS: dict[str, tuple[tuple[ArticleState, ...], ArticleState]] = {
    "submit": (("draft",), "in_review"),
    "approve": (("in_review",), "approved"),
    "publish": (("approved",), "published"),
    "archive": (("draft", "in_review", "approved", "published"), "archived"),
}


async def create_article(session: AsyncSession, caller: Caller, content: ArticleContent) -> Article:
    """A new draft; Invalid when the slug is taken in this language."""
    require(caller, "knowledge:write")
    existing = select(Article.id).where(
        Article.slug == content.slug, Article.language == content.language
    )
    if await session.scalar(existing):
        raise Invalid.field("slug", "article.slug_taken", slug=content.slug)
    article = Article(
        **content.model_dump() | {"body": _safe(content.body)}, author=actor(caller), state="draft"
    )
    article.version = 1
    session.add(article)
    await session.flush()
    session.add(_snapshot(article, caller))
    await record(
        session, caller, "article.created", f"article:{article.id}", {"slug": article.slug}
    )
    return article


async def load_article(
    session: AsyncSession,
    caller: Caller,
    article_id: UUID,
    *,
    lock: bool = False,
    expected: int | None = None,
) -> Article:
    """The article, if the caller may read it; PreconditionFailed when `expected` is not its version."""
    query = queries.readable_articles(caller).where(Article.id == article_id)
    article = await session.scalar(query.with_for_update() if lock else query)
    if article is None:
        raise NotFound("article")
    if expected is not None and expected != article.version:
        raise PreconditionFailed(article.version)
    return article


async def change_article(
    session: AsyncSession, caller: Caller, article: Article, change: ArticleChange, now: datetime
) -> Article:
    """A new version as a draft; what is published stays live until the draft is."""
    require(caller, "knowledge:write")
    changed = change.model_dump(exclude_unset=True)
    for name, value in changed.items():
        setattr(article, name, _safe(value) if name == "body" else value)
    article.version, article.state, article.updated_at = article.version + 1, "draft", now
    article.publish_at = None
    article.author = actor(caller)
    session.add(_snapshot(article, caller))
    details = {"version": article.version, "fields": sorted(changed)}
    await record(session, caller, "article.changed", f"article:{article.id}", details)
    return article


async def take_step(
    session: AsyncSession,
    caller: Caller,
    article: Article,
    step: str,
    encoders: Sequence[Encoder],
    now: datetime,
) -> Article:
    """Submit, approve, publish or archive; Conflict from the wrong state, NotAllowed for approving one's own work."""
    require_step(caller, article, step)
    article.state, article.updated_at = STEPS[step][1], now
    if step == "publish":
        await publish_all(session, [article], encoders)
    elif step == "archive":
        await _withdraw(session, article)
    await publish_event(session, caller, article, step)
    return article


def require_step(caller: Caller, article: Article, step: str) -> None:
    """Conflict when the article's state does not allow a step, NotAllowed when the caller may not take it."""
    require(caller, "knowledge:approve" if step == "approve" else "knowledge:write")
    if article.state not in STEPS[step][0]:
        possible = [name for name, (states, _) in STEPS.items() if article.state in states]
        raise Conflict(
            "article.step_not_possible",
            state=term("article_state", article.state),
            step=term("article_step", step),
            possible=terms("article_step", possible or ["none"]),
        )
    if step == "approve" and article.author == actor(caller):
        raise NotAllowed("article.four_eyes")


async def publish_event(session: AsyncSession, caller: Caller, article: Article, step: str) -> None:
    """The event and the audit entry of a step that was taken."""
    if step in EVENTS:
        payload = {
            "id": str(article.id),
            "slug": article.slug,
            "language": article.language,
            "version": article.version,
        }
        emit(session, EVENTS[step], payload)
    await record(
        session, caller, f"article.{step}", f"article:{article.id}", {"version": article.version}
    )


async def publish_all(
    session: AsyncSession, articles: Sequence[Article], encoders: Sequence[Encoder]
) -> None:
    """Make the present versions live: their texts are encoded together, their vectors committed with them."""
    await index_versions(
        session, [(article, article.version, content_of(article)) for article in articles], encoders
    )
    await queries.answer_gaps(session, [article.id for article in articles])
    for article in articles:
        mark_published(article)


def mark_published(article: Article) -> None:
    """The present version is what customers get; its passages are written in the same transaction."""
    article.published_version, article.state, article.publish_at = (
        article.version,
        "published",
        None,
    )


async def keep_feedback(session: AsyncSession, caller: Caller, feedback: FeedbackRequest) -> None:
    """Store a vote; Invalid when it is about nothing."""
    if feedback.message_id is None and feedback.article_id is None:
        raise Invalid.field("message_id", "feedback.subject_missing")
    session.add(KnowledgeFeedback(**feedback.model_dump(), by=actor(caller)))


async def _withdraw(session: AsyncSession, article: Article) -> None:
    await queries.remove_passages(session, [article.id])
    article.published_version = None
    article.index_revision = await queries.next_revision(session)


def _snapshot(article: Article, caller: Caller) -> ArticleVersion:
    return ArticleVersion(
        article_id=article.id,
        version=article.version,
        content=content_of(article),
        author=actor(caller),
    )


def content_of(article: Article) -> dict[str, Any]:
    """What a version keeps of an article."""
    moments = {
        name: value.isoformat() if (value := getattr(article, name)) else None for name in VALIDITY
    }
    return {name: getattr(article, name) for name in CONTENT} | moments


def _safe(body: str) -> str:
    """Markdown without HTML that could run; text outside tags is left as it was written."""
    return nh3.clean(body) if nh3.is_html(body) else body
