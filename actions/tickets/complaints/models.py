"""What a ticket of the kind complaint has beside."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Key


class Complaint(Base):
    """A complaint under a regulator's rules: when each step was done, and what came of it."""

    __tablename__ = "complaints"
    __table_args__ = (Index("ix_complaints_received", "received_at", "ticket_id"),)

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    jurisdiction: Mapped[str]
    complexity: Mapped[str] = mapped_column(default="simple")
    received_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    summary_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # upheld, partly, not_upheld
    redress_amount: Mapped[Decimal | None]
    redress_currency: Mapped[str | None]
    redress_state: Mapped[str | None]  # proposed, approved, refused
    redress_by: Mapped[str | None]
    redress_decided_by: Mapped[str | None]
    referred_at: Mapped[datetime | None]  # the customer went to the ombudsman or the supervisor


class ComplaintLetter(Base):
    """A letter as it was written; it is not changed afterwards."""

    __tablename__ = "complaint_letters"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    step: Mapped[str]  # acknowledged, summary, final
    template: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    written_by: Mapped[str]
    created_at: Mapped[Created]
