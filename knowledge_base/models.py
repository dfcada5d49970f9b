"""Tables of the knowledge base. PostgreSQL holds the truth, vectors included; indexes in memory are replicas."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key
from core.identity import Audience
from core.languages import Language

ArticleState = Literal["draft", "in_review", "approved", "published", "archived"]


class Article(Base):
    """One topic in one language: the working copy. `published_version` is what customers get, until withdrawn."""

    __tablename__ = "articles"
    __table_args__ = (UniqueConstraint("slug", "language"),)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(index=True)
    language: Mapped[Language]
    title: Mapped[str]
    body: Mapped[str]
    audience: Mapped[Audience]
    category: Mapped[str]
    tags: Mapped[list[str]]
    questions: Mapped[list[str]]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    review_by: Mapped[date | None]
    reminded_for: Mapped[date | None]  # the review date that the reminder was sent for
    publish_at: Mapped[datetime | None]  # when an approved version goes live by itself
    state: Mapped[ArticleState] = mapped_column(default="draft")
    version: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int | None]
    index_revision: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    author: Mapped[str]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class ArticleVersion(Base):
    """What an article said at one version; never changed."""

    __tablename__ = "article_versions"

    article_id: Mapped[UUID] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Json]
    author: Mapped[str]
    created_at: Mapped[Created]


class ArticleReads(Base):
    """How often an article was opened in the help centre on a day (UTC)."""

    __tablename__ = "article_reads"

    article_id: Mapped[UUID] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=1)


class Passage(Base):
    """A piece of a published version: text that is cited, or an example question that leads to it."""

    __tablename__ = "passages"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    article_id: Mapped[UUID] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), index=True
    )
    version: Mapped[int]
    kind: Mapped[str]  # "passage" or "question"
    ordinal: Mapped[int]
    anchor: Mapped[str]
    heading_path: Mapped[str]
    text: Mapped[str]


class PassageVector(Base):
    """What an encoder makes of a passage; while the encoder is changed there are two of each."""

    __tablename__ = "passage_vectors"

    passage_id: Mapped[int] = mapped_column(
        ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True
    )
    encoder: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes]  # float32, unit length


class KnowledgeState(Base):
    """One row: what every replica follows."""

    __tablename__ = "knowledge_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identity: Mapped[
        UUID
    ]  # of this knowledge base, so that a replica of another one is known for foreign
    revision: Mapped[int] = mapped_column(BigInteger)  # counts publications and withdrawals
    encoder: Mapped[str | None]  # whose vectors are searched


class Gap(Base):
    """A question that no article answered."""

    __tablename__ = "gaps"

    id: Mapped[Key]
    question: Mapped[str]
    language: Mapped[Language]
    audience: Mapped[Audience]
    confidence: Mapped[float]
    alternatives: Mapped[list[str]]
    conversation_id: Mapped[UUID | None]
    vector: Mapped[
        bytes | None
    ]  # of the question, by the encoder named beside it; they are grouped by it
    encoder: Mapped[str | None]
    article_id: Mapped[UUID | None] = mapped_column(ForeignKey("articles.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(default="open")  # open, drafted, dismissed
    created_at: Mapped[Created]


class KnowledgeFeedback(Base):
    """Whether an answer or an article helped."""

    __tablename__ = "knowledge_feedback"

    id: Mapped[Key]
    message_id: Mapped[UUID | None] = mapped_column(index=True)
    article_id: Mapped[UUID | None]
    helpful: Mapped[bool]
    comment: Mapped[str | None]
    by: Mapped[str]
    created_at: Mapped[Created]


class ImportedDocument(Base):
    """What a source said when it was last imported, so that the same content again changes nothing."""

    __tablename__ = "imported_documents"

    source: Mapped[str] = mapped_column(
        primary_key=True
    )  # file name, path in an archive, or address
    digest: Mapped[str]  # SHA-256 of the content
    versions: Mapped[dict[str, int]]
    imported_at: Mapped[datetime]


class ImportUpload(Base):
    """The content of an import that waits for its job."""

    __tablename__ = "import_uploads"

    job_id: Mapped[UUID] = mapped_column(
        ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str]
    content: Mapped[bytes]


class QuestionSet(Base):
    """Questions that must keep leading to their articles."""

    __tablename__ = "question_sets"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    author: Mapped[str]
    last_run: Mapped[Json] = mapped_column(default=dict)  # when it ran last and how; empty before
    created_at: Mapped[Created]


class SetQuestion(Base):
    """A question of a set and the slug of the article that must come first."""

    __tablename__ = "set_questions"

    id: Mapped[Key]
    set_id: Mapped[UUID] = mapped_column(
        ForeignKey("question_sets.id", ondelete="CASCADE"), index=True
    )
    question: Mapped[str]
    language: Mapped[Language]
    audience: Mapped[Audience]
    slug: Mapped[str]
