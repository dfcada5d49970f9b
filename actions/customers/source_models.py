"""Tables of sources and of what they delivered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key


class Source(Base):
    """A system that delivers customers' data, how it is read, and how much it is believed (0 to 100)."""

    __tablename__ = "sources"

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    connector: Mapped[Json]
    trust: Mapped[int]
    cursor: Mapped[str | None]  # up to where it was read
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class SourceLoad(Base):
    """A load with its report."""

    __tablename__ = "source_loads"
    __table_args__ = (Index("ix_source_loads_list", "source", "started_at"),)

    id: Mapped[Key]
    source: Mapped[str] = mapped_column(ForeignKey("sources.code"))
    state: Mapped[str]  # running, done, failed
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    cursor: Mapped[str | None]  # where it ended
    ordered_by: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class SourceRecord(Base):
    """A row as a source last delivered it; people are linked to customers, the rest follows their people."""

    __tablename__ = "source_records"
    __table_args__ = (
        Index("uq_source_records_key", "source", "type", "key", unique=True),
        Index(
            "ix_source_records_waiting",
            "ordinal",
            postgresql_where=text("applied_digest is distinct from digest"),
        ),
        Index("ix_source_records_card", "entity_id", postgresql_where=text("type = 'card'")),
    )

    id: Mapped[Key]
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity())
    source: Mapped[str] = mapped_column(ForeignKey("sources.code"))
    type: Mapped[str]
    key: Mapped[str]
    content: Mapped[Json]
    digest: Mapped[str]
    applied_digest: Mapped[str | None]  # of the content that the master record has
    as_of: Mapped[datetime]
    dated: Mapped[bool] = mapped_column(default=False)  # the source said `as_of` itself
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    confidence: Mapped[float | None]  # that a person's row is this customer's
    entity_id: Mapped[UUID | None]  # the account, card, loan, holding or booking that it became
    created_at: Mapped[Created]


class QualityIssue(Base):
    """A row that was refused, or a value that was, and by which check."""

    __tablename__ = "quality_issues"
    __table_args__ = (Index("ix_quality_issues_load", "load_id", "line"),)

    id: Mapped[Key]
    load_id: Mapped[UUID] = mapped_column(ForeignKey("source_loads.id"))
    type: Mapped[str]
    key: Mapped[str | None]
    line: Mapped[int]
    field: Mapped[str]
    check: Mapped[str]  # schema, range, reference, duplicate
    message: Mapped[str]
    created_at: Mapped[Created]
