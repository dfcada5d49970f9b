"""Every SQL statement of the knowledge base; each that reads for a caller begins with what the caller may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    RowMapping,
    Select,
    any_,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import hold_chain
from core.database import Json
from core.identity import Caller, require
from knowledge_base.models import (
    Article,
    ArticleReads,
    ArticleVersion,
    Gap,
    KnowledgeState,
    Passage,
    PassageVector,
)

SAMPLE_GRAIN = 10_000


def readable_articles(caller: Caller) -> Select[Article]:
    """Articles for the desk: curators and staff see all, applications the published public ones."""
    require(caller, "knowledge:read")
    articles = select(Article)
    if "knowledge:write" in caller.permissions or "copilot:use" in caller.permissions:
        return articles
    live = ArticleVersion.content["audience"].astext == "public"
    return articles.join(
        ArticleVersion,
        (ArticleVersion.article_id == Article.id)
        & (ArticleVersion.version == Article.published_version),
    ).where(live)


async def live_contents(session: AsyncSession, articles: Sequence[Article]) -> dict[UUID, Json]:
    """What the live versions of articles say, by article."""
    live = select(ArticleVersion.article_id, ArticleVersion.content).join(
        Article,
        (Article.id == ArticleVersion.article_id)
        & (Article.published_version == ArticleVersion.version),
    )
    rows = await session.execute(live.where(Article.id.in_([article.id for article in articles])))
    return {row[0]: row[1] for row in rows.all()}


def public_articles(language: str, now: datetime) -> Select[Article, ArticleVersion]:
    """Public articles that are valid now, with the version that is live."""
    content = ArticleVersion.content
    valid_from = cast(content["valid_from"].astext, DateTime(timezone=True))
    valid_until = cast(content["valid_until"].astext, DateTime(timezone=True))
    return (
        select(Article, ArticleVersion)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id)
            & (ArticleVersion.version == Article.published_version),
        )
        .where(
            content["audience"].astext == "public",
            Article.language == language,
            or_(valid_from.is_(None), valid_from <= now),
            or_(valid_until.is_(None), valid_until > now),
        )
        .order_by(Article.category, Article.slug)
    )


async def count_read(session: AsyncSession, article_id: UUID, today: date) -> None:
    """An article was opened in the help centre."""
    first = insert(ArticleReads).values(article_id=article_id, day=today, count=1)
    again = {"count": ArticleReads.count + 1}
    await session.execute(
        first.on_conflict_do_update(index_elements=["article_id", "day"], set_=again)
    )


def versions_of(article_id: UUID) -> Select[ArticleVersion]:
    """Versions of an article, newest first."""
    return (
        select(ArticleVersion)
        .where(ArticleVersion.article_id == article_id)
        .order_by(ArticleVersion.version.desc())
    )


def readable_gaps(caller: Caller) -> Select[Gap]:
    """Unanswered questions, for those who curate."""
    require(caller, "knowledge:write")
    return select(Gap).where(Gap.state == "open")


@dataclass(frozen=True)
class State:
    """What replicas follow: whose vectors are searched, and how many publications and withdrawals there were."""

    identity: UUID
    revision: int
    encoder: str | None


async def current_state(session: AsyncSession) -> State:
    """The state of the published knowledge."""
    row = (
        await session.execute(
            select(KnowledgeState.identity, KnowledgeState.revision, KnowledgeState.encoder)
        )
    ).one()
    return State(*row)


async def use_encoder(session: AsyncSession, encoder: str) -> None:
    """From the commit on, replicas search with the vectors of this encoder."""
    await session.execute(update(KnowledgeState).values(encoder=encoder))


async def next_revision(session: AsyncSession) -> int:
    """Count a publication or withdrawal; others that publish wait until this transaction ends. Lock the articles before."""
    await hold_chain(
        session
    )  # which publishing needs anyway: taken in one order by all, nobody waits in a circle
    bump = (
        update(KnowledgeState)
        .values(revision=KnowledgeState.revision + 1)
        .returning(KnowledgeState.revision)
    )
    return (await session.execute(bump)).scalar_one()


async def changed_articles(session: AsyncSession, after: int) -> Sequence[UUID]:
    """Articles published or withdrawn after a revision."""
    return (await session.scalars(select(Article.id).where(Article.index_revision > after))).all()


async def live_revisions(session: AsyncSession) -> dict[UUID, int]:
    """The revision that each published article was indexed with."""
    live = (
        select(Article.id, Article.index_revision)
        .where(Article.published_version.is_not(None))
        .order_by(Article.id)
    )
    return {row[0]: row[1] for row in (await session.execute(live)).all()}


async def published_passages(
    session: AsyncSession, articles: Sequence[UUID], encoder: str
) -> Sequence[RowMapping]:
    """Live passages of the given articles with what the index keeps of their article and live version, as plain rows.

    Those of an article stand together, passages before questions. `vector` is None while the encoder has made none.
    """
    content = ArticleVersion.content
    query = (
        select(
            Passage.id,
            Passage.article_id,
            Article.slug,
            Passage.version,
            content["title"].astext.label("title"),
            Article.language,
            content["audience"].astext.label("audience"),
            content["category"].astext.label("category"),
            content["valid_from"].astext.label("valid_from"),
            content["valid_until"].astext.label("valid_until"),
            Article.index_revision.label("revision"),
            Passage.kind,
            Passage.text,
            PassageVector.vector,
        )
        .join(Article, Article.id == Passage.article_id)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id)
            & (ArticleVersion.version == Article.published_version),
        )
        .outerjoin(
            PassageVector,
            (PassageVector.passage_id == Passage.id) & (PassageVector.encoder == encoder),
        )
        .where(Article.id.in_(articles), Passage.version == Article.published_version)
        .order_by(Passage.article_id, Passage.ordinal)
    )
    return (await session.execute(query)).mappings().all()


def _array(ids: Sequence[int]) -> ColumnElement[Sequence[int]]:
    """One parameter, however many ids: the statement stays the same."""
    return cast(list(ids), ARRAY(BigInteger))


async def passage_texts(session: AsyncSession, ids: Sequence[int]) -> dict[int, RowMapping]:
    """Text, anchor and ordinal of passages by id; those that are gone are left out."""
    query = select(Passage.id, Passage.text, Passage.anchor, Passage.ordinal).where(
        Passage.id == any_(_array(ids))
    )
    return {row["id"]: row for row in (await session.execute(query)).mappings()}


async def passage_vectors(
    session: AsyncSession, ids: Sequence[int], encoder: str
) -> dict[int, bytes]:
    """Vectors of passages by id."""
    query = select(PassageVector.passage_id, PassageVector.vector).where(
        PassageVector.passage_id == any_(_array(ids)), PassageVector.encoder == encoder
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def vector_count(session: AsyncSession, encoder: str) -> int:
    """How many passages have a vector of this encoder."""
    return await session.scalar(select(func.count()).where(PassageVector.encoder == encoder)) or 0


async def vector_sample(session: AsyncSession, encoder: str, share: float) -> Sequence[bytes]:
    """About this share of an encoder's vectors, the same ones each time."""
    hashed = func.abs(func.hashint8(PassageVector.passage_id)) % SAMPLE_GRAIN
    chosen = select(PassageVector.vector).where(
        PassageVector.encoder == encoder, hashed < share * SAMPLE_GRAIN
    )
    return (await session.scalars(chosen)).all()


async def remove_passages(session: AsyncSession, articles: Sequence[UUID]) -> None:
    """Articles lose their passages and vectors."""
    await session.execute(delete(Passage).where(Passage.article_id.in_(articles)))


async def passages_without_vector(
    session: AsyncSession, encoder: str, articles: int
) -> Sequence[Passage]:
    """Live passages of some articles that have no vector of this encoder."""
    with_vector = select(PassageVector.passage_id).where(
        PassageVector.passage_id == Passage.id, PassageVector.encoder == encoder
    )
    lacking = select(Passage.article_id).where(~with_vector.exists()).distinct().limit(articles)
    query = (
        select(Passage)
        .where(Passage.article_id.in_(lacking), ~with_vector.exists())
        .order_by(Passage.id)
    )
    return (await session.scalars(query)).all()


async def answer_gaps(session: AsyncSession, articles: Sequence[UUID]) -> None:
    """Gaps that articles were drafted from are answered by them."""
    drafted = update(Gap).where(Gap.article_id.in_(articles), Gap.state == "drafted")
    await session.execute(drafted.values(state="answered"))


async def forget_vectors(session: AsyncSession, keep: Sequence[str]) -> None:
    """Remove vectors of encoders that nobody searches with any more."""
    await session.execute(delete(PassageVector).where(PassageVector.encoder.not_in(keep)))
