"Knowledge: search, answers, articles and their steps, feedback, gaps."

from __future__ import annotations

import time
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.dependencies import (
    BusinessDep,
    CallerDep,
    ContainerDep,
    IdempotencyKey,
    IfMatch,
    Listing,
    NowDep,
    PageDep,
    SessionDep,
    StaffDep,
    once,
)  # fmt: skip
from core.errors import NotAllowed
from core.identity import Participant, audience_of, require
from core.languages import clean_text, detect_language
from core.paging import fetch_page
from knowledge_base import queries, service
from knowledge_base.answers import answer_question, keep_gap, search_passages
from knowledge_base.catalogue import Filter
from knowledge_base.models import Article, Gap
from knowledge_base.schemas import (
    Answer,
    AnswerRequest,
    ArticleChange,
    ArticleContent,
    ArticleOut,
    FeedbackRequest,
    GapOut,
    SearchRequest,
    SearchResult,
    VersionOut,
)  # fmt: skip

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"])


class SearchOut(BaseModel):
    "What was found, best first; `took_ms` in milliseconds."

    results: list[SearchResult]
    took_ms: float


class AnswerOut(Answer):
    "An answer or an abstention; `took_ms` in milliseconds."

    took_ms: float


@router.post("/search")
async def search(
    wanted: SearchRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep
) -> SearchOut:
    "Articles for a query, each with its best passage."
    require(who, "knowledge:read")
    started = time.perf_counter()
    audiences = audience_of(who)
    if wanted.audience:
        audiences = tuple(a for a in audiences if a == wanted.audience)
    query = clean_text(wanted.query)
    language = wanted.language or detect_language(query)
    allowed = Filter(audiences, language, now, wanted.category)
    results = await search_passages(session, parts.search, query, language, allowed, wanted.limit)
    return SearchOut(results=results, took_ms=_since(started))


@router.post("/answers")
async def answer(
    wanted: AnswerRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep
) -> AnswerOut:
    "The answer to a question with citations, or an abstention, which is recorded as a gap."
    require(who, "knowledge:read")
    started = time.perf_counter()
    question = clean_text(wanted.question)
    language = wanted.language or detect_language(question)
    audiences = audience_of(who)
    found = await answer_question(
        session, parts.search, question, language, audiences, now, parts.settings.answer_threshold
    )
    if not found.answerable:
        await keep_gap(session, question, found, audiences[-1], None)
    return AnswerOut(**found.model_dump(), took_ms=_since(started))


@router.get("/articles")
async def list_articles(
    who: BusinessDep, session: SessionDep, page: PageDep, language: Literal["en", "zh"] | None = None,
    state: str | None = None, slug: str | None = None,
) -> Listing[ArticleOut]:  # fmt: skip
    "Articles, newest first."
    rows = queries.readable_articles(who)
    for column, value in ((Article.language, language), (Article.state, state), (Article.slug, slug)):
        if value is not None:
            rows = rows.where(column == value)
    found, cursor = await fetch_page(session, rows, page, Article.created_at, Article.id)
    return Listing(items=[ArticleOut.model_validate(a) for a in found], next_cursor=cursor)


@router.post("/articles", status_code=201, response_model=ArticleOut)
async def create_article(
    content: ArticleContent, request: Request, who: StaffDep, session: SessionDep, key: IdempotencyKey = None
) -> JSONResponse:
    "A new draft."

    async def create() -> ArticleOut:
        return ArticleOut.model_validate(await service.create_article(session, who, content))

    return await once(request, session, who, key, content, create)


@router.get("/articles/{article_id}")
async def read_article(article_id: UUID, who: BusinessDep, session: SessionDep) -> ArticleOut:
    "One article."
    return ArticleOut.model_validate(await service.load_article(session, who, article_id))


@router.patch("/articles/{article_id}")
async def change_article(
    article_id: UUID, change: ArticleChange, expected: IfMatch, who: StaffDep, session: SessionDep, now: NowDep
) -> ArticleOut:
    "Change an article: a new version as a draft."
    article = await service.load_article(session, who, article_id, lock=True, expected=expected)
    return ArticleOut.model_validate(await service.change_article(session, who, article, change, now))


@router.get("/articles/{article_id}/versions")
async def read_versions(article_id: UUID, who: BusinessDep, session: SessionDep) -> Listing[VersionOut]:
    "Versions, newest first."
    article = await service.load_article(session, who, article_id)
    found = (await session.scalars(queries.versions_of(article.id))).all()
    return Listing(items=[VersionOut.model_validate(v) for v in found], next_cursor=None)


@router.post("/articles/{article_id}/{step}")
async def take_step(
    article_id: UUID, step: Literal["submit", "approve", "publish", "archive"], parts: ContainerDep, who: StaffDep,
    session: SessionDep, now: NowDep,
) -> ArticleOut:  # fmt: skip
    "Submit, approve (by somebody else), publish or archive."
    article = await service.load_article(session, who, article_id, lock=True)
    return ArticleOut.model_validate(
        await service.take_step(session, who, article, step, parts.search.replica.encoders, now)
    )


@router.post("/feedback", status_code=201)
async def give_feedback(feedback: FeedbackRequest, who: CallerDep, session: SessionDep) -> FeedbackRequest:
    "Whether an answer or an article helped; customers by their conversation's token."
    if not isinstance(who, Participant) and "knowledge:read" not in who.permissions:
        raise NotAllowed("This needs the permission knowledge:read, which you do not have.")
    await service.keep_feedback(session, who, feedback)
    return feedback


@router.get("/gaps")
async def list_gaps(who: StaffDep, session: SessionDep, page: PageDep) -> Listing[GapOut]:
    "Questions that nothing answered."
    found, cursor = await fetch_page(session, queries.readable_gaps(who), page, Gap.created_at, Gap.id)
    return Listing(items=[GapOut.model_validate(g) for g in found], next_cursor=cursor)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
