"Tables of the knowledge base. PostgreSQL holds the truth, vectors included; indexes in memory are replicas."

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key


class Article(Base):
    "One topic in one language: the working copy. `published_version` is what customers get, until withdrawn."

    __tablename__ = "articles"
    __table_args__ = (UniqueConstraint("slug", "language"),)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    audience: Mapped[str]
    category: Mapped[str]
    tags: Mapped[list[str]]
    questions: Mapped[list[str]]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    review_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="draft")
    version: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int | None]
    index_revision: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    author: Mapped[str]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class ArticleVersion(Base):
    "What an article said at one version; never changed."

    __tablename__ = "article_versions"

    article_id: Mapped[UUID] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Json]
    author: Mapped[str]
    created_at: Mapped[Created]


class Passage(Base):
    "A piece of a published version with its vector: text that is cited, or an example question that leads to it."

    __tablename__ = "passages"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    article_id: Mapped[UUID] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    kind: Mapped[str]  # "passage" or "question"
    ordinal: Mapped[int]
    anchor: Mapped[str]
    heading_path: Mapped[str]
    text: Mapped[str]
    vector: Mapped[bytes]  # float32, unit length, of the encoder named beside it
    encoder: Mapped[str]


class KnowledgeRevision(Base):
    "One row: counts publications and withdrawals, so that a replica knows at once when it is behind."

    __tablename__ = "knowledge_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(BigInteger)


class Gap(Base):
    "A question that no article answered."

    __tablename__ = "gaps"

    id: Mapped[Key]
    question: Mapped[str]
    language: Mapped[str]
    audience: Mapped[str]
    confidence: Mapped[float]
    alternatives: Mapped[list[str]]
    conversation_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[Created]


class KnowledgeFeedback(Base):
    "Whether an answer or an article helped."

    __tablename__ = "knowledge_feedback"

    id: Mapped[Key]
    message_id: Mapped[UUID | None]
    article_id: Mapped[UUID | None]
    helpful: Mapped[bool]
    comment: Mapped[str | None]
    by: Mapped[str]
    created_at: Mapped[Created]
