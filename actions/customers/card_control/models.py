"""Requests to block or unblock a card: what was asked, by whom, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.customers.card_control.port import CardAction
from core.database import Base, Created, Key

# `superseded`: a newer request or newer data of the source came in its place.
RequestState = Literal["pending", "confirmed", "refused", "failed", "superseded"]


class CardRequest(Base):
    """A request to the core banking system; its id is the idempotency key, its ordinal the order's sequence."""

    __tablename__ = "card_requests"
    __table_args__ = (
        Index("ix_card_requests_card", "card_id", "ordinal"),
        Index(
            "uq_card_requests_pending",
            "card_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_card_requests_due", "next_attempt_at", postgresql_where=text("state = 'pending'")
        ),
        Index(
            "ix_card_requests_without_ticket",
            "ordinal",
            postgresql_where=text("state in ('refused', 'failed') and ticket_id is null"),
        ),
    )

    id: Mapped[Key]
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity())
    card_id: Mapped[UUID] = mapped_column(ForeignKey("cards.id"))
    card_reference: Mapped[str]  # what the core banking system calls the card
    action: Mapped[CardAction]
    state: Mapped[RequestState] = mapped_column(default="pending")
    requested_by: Mapped[str]
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    reason: Mapped[str | None]  # staff's
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]  # they have it, and it is not in force yet
    concluded_at: Mapped[datetime | None]
    failure: Mapped[str | None]  # the code of a refusal, or why nothing was heard
    source_seen_at: Mapped[datetime | None]  # when a source first showed what was asked for
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    requested_at: Mapped[Created]
