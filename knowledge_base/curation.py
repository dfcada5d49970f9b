"""What helps curators: differences and restoring, near-duplicates, schedule and reminders, what is due, votes."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.identity import Caller, System, require
from core.languages import Language
from core.outbox import emit
from knowledge_base import queries
from knowledge_base.catalogue import Card, Filter
from knowledge_base.embedding import indexed_text, passages_in
from knowledge_base.encoder import Encoder
from knowledge_base.lexical import words_of
from knowledge_base.models import Article, ArticleVersion, KnowledgeFeedback
from knowledge_base.schemas import ArticleChange, Change, Difference, Similar, Votes
from knowledge_base.search import Draft, KnowledgeSearch
from knowledge_base.service import (
    CONTENT,
    VALIDITY,
    change_article,
    content_of,
    publish_all,
    publish_event,
)

REMINDED_BEFORE = timedelta(days=14)
PUBLISHED_AT_ONCE = 20
NEAR_DUPLICATE = 0.85  # cosine from which two questions or passages say the same
DUPLICATE_SHARE = 0.25  # of an article's passages and questions, from which it is named
MAX_SIMILAR, COMPARED = 3, 5
_CLOCKWORK = System("schedule", frozenset({"knowledge:read", "knowledge:write"}))


async def draft_of(
    article: Article, encoder: Encoder, changed: Mapping[str, object] | None = None
) -> Draft:
    """The working copy as it would be searched, with some fields changed."""
    content = {**content_of(article), **(changed or {})}
    passages = passages_in(article.language, content)
    card = Card(
        article.id,
        article.slug,
        article.version,
        content["title"],
        article.language,
        article.audience,
        article.category,
        article.valid_from,
        article.valid_until,
        -1,
    )
    texts = [indexed_text(p.kind, card.title, p.text) for p in passages]
    vectors = await encoder.encode_all([passage.embedded_text for passage in passages])
    return Draft(card, [words_of(text, card.language) for text in texts], vectors)


async def similar_articles(
    session: AsyncSession,
    search: KnowledgeSearch,
    language: Language,
    content: Mapping[str, object],
    now: datetime,
    without: UUID | None = None,
) -> list[Similar]:
    """Published articles of a language that say or are asked the same as a content, most alike first.

    `without` is the article whose content it is. It takes a moment, so ask before anything is locked.
    """
    await search.refresh(session)
    vectors = await search.encoder.encode_all(
        [p.embedded_text for p in passages_in(language, content)]
    )
    allowed = Filter(("public", "staff"), language, now, without=without)
    alike: Counter[Card] = Counter()
    index = search.index
    for vector in vectors:
        near = await search.engine.nearest(session, index, vector, allowed, COMPARED)
        cosines = (await search.engine.vectors(session, index, near)) @ vector
        alike.update({index.card_of(int(row)) for row in near[cosines >= NEAR_DUPLICATE]})
    similar = [
        Similar(
            article_id=card.article_id,
            slug=card.slug,
            title=card.title,
            share=round(count / len(vectors), 2),
        )
        for card, count in alike.most_common(MAX_SIMILAR)
    ]
    return [one for one in similar if one.share >= DUPLICATE_SHARE]


async def difference(session: AsyncSession, article: Article, old: int, new: int) -> Difference:
    """What changed from one version to another, field by field, texts line by line; NotFound for a version there is not."""
    before, after = [await _version(session, article, number) for number in (old, new)]
    changes = [
        Change(
            field=name,
            before=before.content.get(name),
            after=after.content.get(name),
            lines=_lines(before, after, name),
        )
        for name in (*CONTENT, *VALIDITY)
        if before.content.get(name) != after.content.get(name)
    ]
    return Difference(old=old, new=new, authors=[before.author, after.author], changes=changes)


async def restore(
    session: AsyncSession, caller: Caller, article: Article, number: int, now: datetime
) -> Article:
    """A new draft that says what an earlier version said."""
    content = (await _version(session, article, number)).content
    fields = {name: content.get(name) for name in (*CONTENT, *VALIDITY)}
    return await change_article(session, caller, article, ArticleChange.model_validate(fields), now)


async def publish_scheduled(
    session: AsyncSession, encoders: Sequence[Encoder], now: datetime
) -> int:
    """Publish approved articles whose time has come; how many."""
    due = (
        select(Article)
        .where(Article.state == "approved", Article.publish_at <= now)
        .order_by(Article.publish_at)
        .limit(PUBLISHED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    articles = (await session.scalars(due)).all()
    if articles:
        await publish_all(session, articles, encoders)
    for article in articles:
        await publish_event(session, _CLOCKWORK, article, "publish")
    return len(articles)


async def remind_of_reviews(session: AsyncSession, today: date) -> int:
    """Tell once of each published article whose review date is near; how many."""
    near = select(Article).where(
        Article.published_version.is_not(None),
        Article.review_by <= today + REMINDED_BEFORE,
        Article.reminded_for.is_distinct_from(Article.review_by),
    )
    articles = (await session.scalars(near.with_for_update(skip_locked=True))).all()
    for article in articles:
        article.reminded_for = article.review_by
        emit(
            session,
            "article.review_due",
            {
                "id": str(article.id),
                "slug": article.slug,
                "language": article.language,
                "review_by": str(article.review_by),
            },
        )
    return len(articles)


def due_articles(
    caller: Caller, what: Literal["review", "expiry"], now: datetime
) -> Select[Article]:
    """Published articles to be reviewed, or that expire, within the reminder's time or before."""
    require(caller, "knowledge:write")
    live = queries.readable_articles(caller).where(Article.published_version.is_not(None))
    if what == "review":
        return live.where(Article.review_by <= (now + REMINDED_BEFORE).date())
    return live.where(Article.valid_until <= now + REMINDED_BEFORE)


async def votes(session: AsyncSession, caller: Caller) -> list[Votes]:
    """How often each article was found helpful and not, the worst first, with the newest comments."""
    require(caller, "knowledge:write")
    down = func.count(case((KnowledgeFeedback.helpful.is_(False), 1)))
    up = func.count(case((KnowledgeFeedback.helpful.is_(True), 1)))
    rows = await session.execute(
        select(
            Article.id,
            Article.slug,
            Article.language,
            up,
            down,
            func.array_agg(KnowledgeFeedback.comment),
        )
        .join(KnowledgeFeedback, KnowledgeFeedback.article_id == Article.id)
        .group_by(Article.id)
        .order_by((down - up).desc(), Article.slug)
        .limit(200)
    )
    return [
        Votes(
            article_id=row[0],
            slug=row[1],
            language=row[2],
            helpful=row[3],
            not_helpful=row[4],
            comments=[comment for comment in row[5] if comment][-10:],
        )
        for row in rows
    ]


async def _version(session: AsyncSession, article: Article, number: int) -> ArticleVersion:
    version = await session.get(ArticleVersion, (article.id, number))
    if version is None:
        raise NotFound("version")
    return version


def _lines(before: ArticleVersion, after: ArticleVersion, name: str) -> list[str]:
    """A text's or list's lines with `- ` or `+ ` before what went and came, and a few around them."""
    old, new = [_as_lines(version.content.get(name)) for version in (before, after)]
    return list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]


def _as_lines(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value or "").split("\n")


def rank_in(slugs: Sequence[str], slug: str) -> int | None:
    """Place of a slug, 1 for first; None when it was not found."""
    places = np.flatnonzero(np.asarray(slugs, object) == slug)
    return int(places[0]) + 1 if len(places) else None
