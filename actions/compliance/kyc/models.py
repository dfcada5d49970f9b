"""Tables of knowing the customer."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.compliance.kyc.rules import DocumentKind, DocumentState, Level
from core.database import Base, Created, Json, Key


class KycDocument(Base):
    """A paper that proves something; its number is kept as its last four characters."""

    __tablename__ = "kyc_documents"
    __table_args__ = (
        Index("ix_kyc_documents_expiry", "expires_on", postgresql_where=text("state = 'verified'")),
    )

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[DocumentKind]
    last_four: Mapped[str | None]
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    state: Mapped[DocumentState]  # requested, received, verified, rejected, expired
    reason: Mapped[str | None]
    received_by: Mapped[str]
    decided_by: Mapped[str | None]
    created_at: Mapped[Created]
    decided_at: Mapped[datetime | None]


class BeneficialOwner(Base):
    """A person who owns or controls an organisation that is a customer."""

    __tablename__ = "beneficial_owners"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str]
    birth_date: Mapped[date]
    country: Mapped[str]
    share_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    control: Mapped[str]  # shares, votes, management, other
    screening_id: Mapped[UUID | None] = mapped_column(ForeignKey("screenings.id"))
    screening: Mapped[str]  # clear, review
    verified_by: Mapped[str | None]
    ended_on: Mapped[date | None]
    noted_by: Mapped[str]
    created_at: Mapped[Created]


class KycRating(Base):
    """How risky a customer is held to be, with the factors; the newest counts."""

    __tablename__ = "kyc_ratings"
    __table_args__ = (Index("ix_kyc_ratings_customer", "customer_id", "created_at"),)

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    version: Mapped[int]  # of the factors
    level: Mapped[Level]
    points: Mapped[int]
    factors: Mapped[Json]
    review_on: Mapped[date]
    made_by: Mapped[str]
    created_at: Mapped[Created]
