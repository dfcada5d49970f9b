"""Tables of identity: doubtful pairs, the values behind a master record, and every merge with what it moved."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key
from core.versioned import Versioned


class IdentityReview(Base):
    """A person of a source who may be a customer, or may be another: somebody decides."""

    __tablename__ = "identity_reviews"
    __table_args__ = (Index("ix_identity_reviews_list", "state", "created_at", "id"),)

    id: Mapped[Key]
    record_id: Mapped[UUID] = mapped_column(ForeignKey("source_records.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    score: Mapped[float]
    reasons: Mapped[list[str]]
    state: Mapped[str]  # open, same, other
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class CustomerValue(Base):
    """A value that a source has for a field of a customer; the chosen one stands in the master record."""

    __tablename__ = "customer_values"
    __table_args__ = (Index("ix_customer_values_customer", "customer_id", "field"),)

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    field: Mapped[str]
    value: Mapped[Json]  # {"value": ...}
    source: Mapped[str]
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("source_records.id"))
    as_of: Mapped[datetime]
    confidence: Mapped[float]
    chosen: Mapped[bool]


class IdentityChange(Base):
    """A merge or its undoing, with the rows that it moved by table."""

    __tablename__ = "identity_changes"
    __table_args__ = (Index("ix_identity_changes_list", "at", "id"),)

    id: Mapped[Key]
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity())
    kind: Mapped[str]  # merge, undo
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    gone_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    moved: Mapped[Json]
    reason: Mapped[str]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("identity_changes.id"))
    actor: Mapped[str]
    at: Mapped[datetime]


class SurvivorshipRules(Versioned):
    """Which value of a field counts, a row for each version; the highest counts."""

    __tablename__ = "survivorship_rules"
