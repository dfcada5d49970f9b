"""Sets of questions that must keep leading to their articles: run on demand, and with a draft before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import record
from core.errors import Invalid, NotFound
from core.identity import Audience, Caller, actor, require
from core.languages import Language
from core.localized_text import LocalizedText, term
from knowledge_base.catalogue import Filter
from knowledge_base.curation import draft_of, rank_in
from knowledge_base.models import Article, QuestionSet, SetQuestion
from knowledge_base.schemas import (
    QuestionSetContent,
    QuestionSetOut,
    RanBefore,
    SetResult,
    SetRun,
    Trial,
)
from knowledge_base.search import Draft, KnowledgeSearch
from knowledge_base.vectors import Matrix

IN_THREE = 3
NAMED = 5  # lost questions that the sentence of a trial names


async def read_sets(session: AsyncSession, caller: Caller) -> list[QuestionSetOut]:
    """Every set with its questions."""
    require(caller, "knowledge:write")
    sets = (await session.scalars(select(QuestionSet).order_by(QuestionSet.name))).all()
    return [await _out(session, one) for one in sets]


async def keep_set(
    session: AsyncSession, caller: Caller, content: QuestionSetContent
) -> QuestionSetOut:
    """Make a set, or give the set of this name other questions; Invalid for an article that there is not."""
    require(caller, "knowledge:write")
    targets = {(question.slug, question.language) for question in content.questions}
    published = {
        (row[0], row[1])
        for row in (await session.execute(select(Article.slug, Article.language))).all()
    }
    if missing := sorted(targets - published):
        raise Invalid.field(
            "questions",
            "article.unknown",
            slug=missing[0][0],
            language=term("language", missing[0][1]),
        )
    one = await session.scalar(
        select(QuestionSet).where(QuestionSet.name == content.name).with_for_update()
    )
    if one is None:
        one = QuestionSet(name=content.name, author=actor(caller))
        session.add(one)
        await session.flush()
    await session.execute(delete(SetQuestion).where(SetQuestion.set_id == one.id))
    session.add_all(
        SetQuestion(set_id=one.id, **question.model_dump()) for question in content.questions
    )
    await record(
        session,
        caller,
        "question_set.kept",
        f"question_set:{one.id}",
        {"questions": len(content.questions)},
    )
    return await _out(session, one)


async def remove_set(session: AsyncSession, caller: Caller, set_id: UUID) -> None:
    """Forget a set."""
    require(caller, "knowledge:write")
    one = await session.get(QuestionSet, set_id)
    if one is None:
        raise NotFound("question_set")
    await session.delete(one)
    await record(
        session, caller, "question_set.removed", f"question_set:{set_id}", {"name": one.name}
    )


async def run_set(
    session: AsyncSession, search: KnowledgeSearch, caller: Caller, set_id: UUID, now: datetime
) -> SetRun:
    """Where each question's article stands now, and what has changed since the set ran last; this run is remembered."""
    require(caller, "knowledge:write")
    one = await session.get(QuestionSet, set_id, with_for_update=True)
    if one is None:
        raise NotFound("question_set")
    questions = (
        await session.scalars(select(SetQuestion).where(SetQuestion.set_id == set_id))
    ).all()
    ranks = await _ranks(
        session, search, questions, await _encoded(session, search, questions), now, None
    )
    results = [
        SetResult(question=q.question, language=q.language, slug=q.slug, rank=rank, instead=instead)
        for q, (rank, instead) in zip(questions, ranks, strict=True)
    ]
    first = {result.question for result in results if result.rank == 1}
    tried = {result.question for result in results}
    then = set(one.last_run.get("stood_first", ()))
    run = SetRun(
        total=len(results),
        first=sum(result.rank == 1 for result in results),
        in_three=sum(result.rank is not None and result.rank <= IN_THREE for result in results),
        wrong=[result for result in results if result.rank != 1],
        before=RanBefore.model_validate(one.last_run) if one.last_run else None,
        lost=sorted(then & tried - first),
        won=sorted(first - then & set(one.last_run.get("asked", ()))),
    )
    one.last_run = {
        "at": now.isoformat(),
        "total": run.total,
        "first": run.first,
        "in_three": run.in_three,
        "asked": sorted(tried),
        "stood_first": sorted(first),
    }
    await session.flush()
    return run


async def try_article(
    session: AsyncSession, search: KnowledgeSearch, article: Article, now: datetime
) -> Trial:
    """Which questions of all sets a working copy would win and lose if it were published."""
    of_language = (
        select(SetQuestion)
        .where(SetQuestion.language == article.language)
        .order_by(SetQuestion.question)
    )
    questions = (await session.scalars(of_language)).all()
    if not questions:
        return Trial(total=0, lost=[], won=[], verdict=LocalizedText("trial.no_questions"))
    vectors = await _encoded(session, search, questions)
    before = await _ranks(session, search, questions, vectors, now, None)
    after = await _ranks(
        session, search, questions, vectors, now, await draft_of(article, search.encoder)
    )
    lost = [
        q.question for q, b, a in zip(questions, before, after, strict=True) if b[0] == 1 != a[0]
    ]
    won = [
        q.question for q, b, a in zip(questions, before, after, strict=True) if a[0] == 1 != b[0]
    ]
    return Trial(
        total=len(questions), lost=lost, won=won, verdict=_verdict(len(questions), lost, won)
    )


async def _encoded(
    session: AsyncSession, search: KnowledgeSearch, questions: Sequence[SetQuestion]
) -> Matrix:
    """Vectors of the questions, for an index that is up to date."""
    await search.refresh(session)
    return await search.encoder.encode_all([question.question for question in questions])


async def _ranks(
    session: AsyncSession,
    search: KnowledgeSearch,
    questions: Sequence[SetQuestion],
    vectors: Matrix,
    now: datetime,
    draft: Draft | None,
) -> list[tuple[int | None, str | None]]:
    """For each question the rank of its article, and the slug that stands first instead."""
    ranks: list[tuple[int | None, str | None]] = []
    for question, vector in zip(questions, vectors, strict=True):
        language: Language = question.language
        audiences: tuple[Audience, ...] = (
            ("public", "staff") if question.audience == "staff" else ("public",)
        )
        usable = draft if draft is not None and draft.card.audience in audiences else None
        hits = await search.rank(
            session, question.question, vector, language, Filter(audiences, language, now), usable
        )
        slugs = [article.card.slug for article in hits]
        rank = rank_in(slugs, question.slug)
        ranks.append((rank, slugs[0] if slugs and rank != 1 else None))
    return ranks


def _verdict(total: int, lost: Sequence[str], won: Sequence[str]) -> LocalizedText:
    if not lost and not won:
        return LocalizedText("trial.moves_none", count=total)
    if not lost:
        return LocalizedText("trial.wins", won=len(won), count=total)
    named = "; ".join(lost[:NAMED]) + ("; …" if len(lost) > NAMED else "")
    if not won:
        return LocalizedText("trial.loses", lost=len(lost), count=total, named=named)
    return LocalizedText(
        "trial.wins_and_loses", won=len(won), lost=len(lost), count=total, named=named
    )


async def _out(session: AsyncSession, one: QuestionSet) -> QuestionSetOut:
    questions = (
        select(SetQuestion)
        .where(SetQuestion.set_id == one.id)
        .order_by(SetQuestion.slug, SetQuestion.question)
    )
    rows = (await session.scalars(questions)).all()
    fields = {
        "id": one.id,
        "name": one.name,
        "author": one.author,
        "questions": rows,
        "last_run": one.last_run or None,
    }
    return QuestionSetOut.model_validate(fields)
