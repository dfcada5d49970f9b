"Every SQL statement of the knowledge base; each that reads for a caller begins with what the caller may read."

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.identity import Caller, require
from knowledge_base.models import Article, ArticleVersion, Gap, KnowledgeRevision, Passage

REVISION_ROW = 1


def readable_articles(caller: Caller) -> Select[Article]:
    "Articles for the desk: curators and staff see all, applications the published public ones."
    require(caller, "knowledge:read")
    articles = select(Article)
    if "knowledge:write" in caller.permissions or "copilot:use" in caller.permissions:
        return articles
    return articles.where(Article.audience == "public", Article.published_version.is_not(None))


def public_articles(language: str) -> Select[Article, ArticleVersion]:
    "Published public articles with the version that is live."
    return (
        select(Article, ArticleVersion)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id) & (ArticleVersion.version == Article.published_version),
        )
        .where(Article.audience == "public", Article.language == language)
        .order_by(Article.category, Article.slug)
    )


def versions_of(article_id: UUID) -> Select[ArticleVersion]:
    "Versions of an article, newest first."
    return select(ArticleVersion).where(ArticleVersion.article_id == article_id).order_by(ArticleVersion.version.desc())


def readable_gaps(caller: Caller) -> Select[Gap]:
    "Unanswered questions, for those who curate."
    require(caller, "knowledge:write")
    return select(Gap).where(Gap.state == "open")


async def current_revision(session: AsyncSession) -> int:
    "The revision of the published knowledge."
    return await session.scalar(select(KnowledgeRevision.revision)) or 0


async def next_revision(session: AsyncSession) -> int:
    "Count a publication or withdrawal; others that publish wait until this transaction ends."
    bump = (
        update(KnowledgeRevision)
        .where(KnowledgeRevision.id == REVISION_ROW)
        .values(revision=KnowledgeRevision.revision + 1)
        .returning(KnowledgeRevision.revision)
    )
    return (await session.execute(bump)).scalar_one()


async def changed_articles(session: AsyncSession, after: int) -> Sequence[UUID]:
    "Articles published or withdrawn after a revision."
    return (await session.scalars(select(Article.id).where(Article.index_revision > after))).all()


async def published_passages(session: AsyncSession, articles: Sequence[UUID], encoder: str) -> Sequence[RowMapping]:
    "Live passages of the given articles with what the index keeps of their article and live version, as plain rows."
    content = ArticleVersion.content
    found = (
        select(
            Passage.id, Passage.article_id, Article.slug, Passage.version, content["title"].astext.label("title"),
            Article.language, content["audience"].astext.label("audience"), content["category"].astext.label("category"),
            Passage.kind, Passage.ordinal, Passage.anchor, Passage.text, Article.valid_from, Article.valid_until,
            Passage.vector,
        )
        .join(Article, Article.id == Passage.article_id)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id) & (ArticleVersion.version == Article.published_version),
        )
        .where(Article.id.in_(articles), Passage.version == Article.published_version, Passage.encoder == encoder)
        .order_by(Passage.id)
    )  # fmt: skip
    return (await session.execute(found)).mappings().all()


async def replace_passages(session: AsyncSession, article_id: UUID, passages: Sequence[Passage]) -> None:
    "The passages of an article become these."
    await session.execute(delete(Passage).where(Passage.article_id == article_id))
    session.add_all(passages)


async def versions_without_vectors(session: AsyncSession, encoder: str) -> Sequence[tuple[Article, ArticleVersion]]:
    "Published articles, with their live versions, that have no passages of this encoder."
    with_vectors = select(Passage.article_id).where(Passage.encoder == encoder)
    found = (
        select(Article, ArticleVersion)
        .join(
            ArticleVersion,
            (ArticleVersion.article_id == Article.id) & (ArticleVersion.version == Article.published_version),
        )
        .where(Article.id.not_in(with_vectors))
    )
    return [(row[0], row[1]) for row in (await session.execute(found)).all()]
