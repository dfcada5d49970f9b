"""Knowledge for those who ask: search, answers, and whether they helped."""

from __future__ import annotations

import time

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import (
    BusinessDep,
    CallerDep,
    ContainerDep,
    NowDep,
    SessionDep,
)
from core.errors import NotAllowed
from core.identity import Participant, audience_of, require
from core.languages import clean_text, detect_language
from knowledge_base import service
from knowledge_base.answers import answer_question, keep_gap, search_passages
from knowledge_base.catalogue import Filter
from knowledge_base.schemas import (
    Answer,
    AnswerRequest,
    FeedbackRequest,
    SearchRequest,
    SearchResult,
)

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"])


class SearchOut(BaseModel):
    """What was found, best first; `took_ms` in milliseconds."""

    results: list[SearchResult]
    took_ms: float


class AnswerOut(Answer):
    """An answer or an abstention; `took_ms` in milliseconds."""

    took_ms: float


@router.post("/search")
async def search(
    body: SearchRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep
) -> SearchOut:
    """Articles for a query, each with its best passage."""
    require(who, "knowledge:read")
    started = time.perf_counter()
    audiences = audience_of(who)
    if body.audience:
        audiences = tuple(a for a in audiences if a == body.audience)
    query = clean_text(body.query)
    language = body.language or detect_language(query)
    allowed = Filter(audiences, language, now, body.category)
    results = await search_passages(session, parts.search, query, language, allowed, body.limit)
    return SearchOut(results=results, took_ms=_since(started))


@router.post("/answers")
async def answer(
    body: AnswerRequest, parts: ContainerDep, who: BusinessDep, session: SessionDep, now: NowDep
) -> AnswerOut:
    """The answer to a question with citations, or an abstention, which is recorded as a gap."""
    require(who, "knowledge:read")
    started = time.perf_counter()
    question = clean_text(body.question)
    language = body.language or detect_language(question)
    audiences = audience_of(who)
    answered = await answer_question(
        session, parts.search, question, language, audiences, now, parts.settings.answer_threshold
    )
    if not answered.answerable:
        await keep_gap(session, question, answered, audiences[-1], None)
    return AnswerOut(**answered.model_dump(), took_ms=_since(started))


@router.post("/feedback", status_code=201)
async def give_feedback(
    feedback: FeedbackRequest, who: CallerDep, session: SessionDep
) -> FeedbackRequest:
    """Whether an answer or an article helped; customers by their conversation's token."""
    if not isinstance(who, Participant) and "knowledge:read" not in who.permissions:
        raise NotAllowed("auth.permission_missing", permission="knowledge:read")
    await service.keep_feedback(session, who, feedback)
    return feedback


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
