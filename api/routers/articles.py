"""Articles for those who curate them: drafts, versions, review, publication, and what a change would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.container import Container
from api.dependencies import (
    READER,
    BusinessDep,
    ContainerDep,
    IdempotencyKey,
    IfMatch,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    once,
)
from core.bounds import Code, Version
from core.identity import Caller, Staff, require
from core.languages import Language
from core.paging import fetch_page
from knowledge_base import curation, queries, service
from knowledge_base.catalogue import Filter
from knowledge_base.models import Article
from knowledge_base.publication import publish_article
from knowledge_base.question_sets import try_article
from knowledge_base.schemas import (
    ArticleChange,
    ArticleContent,
    ArticleOut,
    Difference,
    RankOut,
    RankRequest,
    SavedArticle,
    Similar,
    StepRequest,
    Trial,
    VersionOut,
)

router = APIRouter(prefix="/v1/knowledge/articles", tags=["knowledge"])
Step = Literal["submit", "approve", "publish", "archive"]


@router.get("")
async def list_articles(
    who: BusinessDep,
    session: SessionDep,
    page: PageDep,
    now: NowDep,
    language: Language | None = None,
    state: Code | None = None,
    slug: Code | None = None,
    category: Code | None = None,
    due: Literal["review", "expiry"] | None = None,
) -> Listing[ArticleOut]:
    """Articles, newest first; `due` gives those to be reviewed, or that expire, within two weeks."""
    rows = curation.due_articles(who, due, now) if due else queries.readable_articles(who)
    for column, value in (
        (Article.language, language),
        (Article.state, state),
        (Article.slug, slug),
        (Article.category, category),
    ):
        if value is not None:
            rows = rows.where(column == value)
    rows_read, cursor = await fetch_page(session, rows, page, Article.created_at, Article.id)
    return Listing(items=await _shown(session, who, rows_read), next_cursor=cursor)


@router.post("", status_code=201, response_model=SavedArticle)
async def create_article(
    content: ArticleContent,
    request: Request,
    parts: ContainerDep,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """A new draft, with the articles that say the same already."""

    async def create() -> SavedArticle:
        require(who, "knowledge:write")
        similar = await curation.similar_articles(
            session, parts.search, content.language, content.model_dump(), now
        )
        return _saved(await service.create_article(session, who, content), similar)

    return await once(request, session, who, key, content, create)


@router.get("/{article_id}")
async def read_article(article_id: UUID, who: BusinessDep, session: SessionDep) -> ArticleOut:
    """One article."""
    return (await _shown(session, who, [await service.load_article(session, who, article_id)]))[0]


@router.patch("/{article_id}")
async def change_article(
    article_id: UUID,
    change: ArticleChange,
    expected: IfMatch,
    parts: ContainerDep,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> SavedArticle:
    """Change an article: a new version as a draft; what is published stays until the draft is."""
    require(who, "knowledge:write")
    article = await service.load_article(session, who, article_id, lock=True, expected=expected)
    similar = await _similar(parts, session, article, change.model_dump(exclude_unset=True), now)
    return _saved(await service.change_article(session, who, article, change, now), similar)


@router.get("/{article_id}/versions")
async def read_versions(
    article_id: UUID, who: StaffDep, session: SessionDep
) -> Listing[VersionOut]:
    """Versions, newest first; drafts among them, so for staff."""
    article = await service.load_article(session, who, article_id)
    versions = (await session.scalars(queries.versions_of(article.id))).all()
    return Listing(items=[VersionOut.model_validate(v) for v in versions], next_cursor=None)


@router.get("/{article_id}/versions/{old}/difference")
async def compare_versions(
    article_id: UUID, old: Version, to: Version, who: StaffDep, session: SessionDep
) -> Difference:
    """What changed from a version to another."""
    article = await service.load_article(session, who, article_id)
    return await curation.difference(session, article, old, to)


@router.post("/{article_id}/versions/{number}/restore")
async def restore_version(
    article_id: UUID,
    number: Version,
    expected: IfMatch,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> ArticleOut:
    """A new draft that says what this version said."""
    article = await service.load_article(session, who, article_id, lock=True, expected=expected)
    return ArticleOut.model_validate(await curation.restore(session, who, article, number, now))


@router.get("/{article_id}/similar")
async def read_similar(
    article_id: UUID, parts: ContainerDep, who: StaffDep, session: SessionDep, now: NowDep
) -> Listing[Similar]:
    """Published articles that say the same."""
    article = await _curated(session, who, article_id)
    return Listing(items=await _similar(parts, session, article, {}, now), next_cursor=None)


@router.post("/{article_id}/rank")
async def try_question(
    article_id: UUID,
    body: RankRequest,
    parts: ContainerDep,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> RankOut:
    """At which place the working copy would be found for a question."""
    article = await _curated(session, who, article_id)
    written = body.model_dump(exclude={"question"}, exclude_none=True)
    draft = await curation.draft_of(article, parts.search.encoder, written)
    audiences = ("public", "staff") if draft.card.audience == "staff" else ("public",)
    allowed = Filter(audiences, draft.card.language, now)  # type: ignore[arg-type]  # literals of Audience
    hits = await parts.search.find(session, body.question, draft.card.language, allowed, draft)
    slugs = [article.card.slug for article in hits]
    rank = curation.rank_in(slugs, draft.card.slug)
    return RankOut(rank=rank, before=slugs[: rank - 1] if rank else slugs[:3])


@router.post("/{article_id}/trial", dependencies=[READER])
async def try_working_copy(
    article_id: UUID,
    parts: ContainerDep,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
) -> Trial:
    """Which questions of the sets publishing the working copy would win and lose."""
    return await try_article(session, parts.search, await _curated(session, who, article_id), now)


@router.post("/{article_id}/{step}")
async def take_step(
    article_id: UUID,
    step: Step,
    parts: ContainerDep,
    who: StaffDep,
    session: SessionDep,
    now: NowDep,
    how: StepRequest | None = None,
) -> ArticleOut:
    """Submit, approve (by somebody else), publish (now, or at a time) or archive."""
    article = await service.load_article(session, who, article_id, lock=True)
    if step == "publish":
        done = await publish_article(session, parts.search, who, article, how or StepRequest(), now)
    else:
        done = await service.take_step(
            session, who, article, step, parts.search.replica.encoders, now
        )
    return ArticleOut.model_validate(done)


async def _shown(session: AsyncSession, who: Caller, found: Sequence[Article]) -> list[ArticleOut]:
    """Working copies for staff; for applications what is live, which a draft must not show through."""
    articles = [ArticleOut.model_validate(article) for article in found]
    if isinstance(who, Staff):
        return articles
    live = await queries.live_contents(session, found)
    shown = [
        article.model_dump() | live[article.id] | {"version": article.published_version}
        for article in articles
    ]
    return [ArticleOut.model_validate(article | {"state": "published"}) for article in shown]


async def _curated(session: AsyncSession, who: Staff, article_id: UUID) -> Article:
    require(who, "knowledge:write")
    return await service.load_article(session, who, article_id)


async def _similar(
    parts: Container,
    session: AsyncSession,
    article: Article,
    changed: dict[str, object],
    now: datetime,
) -> list[Similar]:
    """Articles that say the same as this one does with some fields changed."""
    content = service.content_of(article) | changed
    language: Language = article.language
    return await curation.similar_articles(
        session, parts.search, language, content, now, without=article.id
    )


def _saved(article: Article, similar: list[Similar]) -> SavedArticle:
    return SavedArticle(**ArticleOut.model_validate(article).model_dump(), similar=similar)
