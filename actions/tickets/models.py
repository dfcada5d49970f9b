"Tables of tickets. A ticket's history is never changed; its state is the sum of it."

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Sequence
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key

REFERENCES = Sequence("ticket_references", metadata=Base.metadata, start=100_001)


class Ticket(Base):
    "A request that somebody at the bank must finish."

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_list", "created_at", "id"), Index("ix_tickets_queue_state", "queue", "state"))

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str]
    description: Mapped[str]
    language: Mapped[str]
    kind: Mapped[str]
    queue: Mapped[str]
    priority: Mapped[str]
    state: Mapped[str] = mapped_column(default="new")
    version: Mapped[int] = mapped_column(default=1)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"), index=True)
    contact: Mapped[str | None]  # an unsigned visitor's address or number, normalised
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_users.id"), index=True)
    routing: Mapped[Json]
    first_response_due: Mapped[datetime]
    resolution_due: Mapped[datetime]
    first_responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    root_cause: Mapped[str | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class TicketComment(Base):
    "What was said on a ticket: to the customer (public) or among staff (internal)."

    __tablename__ = "ticket_comments"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    author: Mapped[str]
    text: Mapped[str]
    visibility: Mapped[str]
    created_at: Mapped[Created]


class TicketChange(Base):
    "One step in a ticket's history: what changed, from what to what, by whom and why."

    __tablename__ = "ticket_changes"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    actor: Mapped[str]
    what: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    reason: Mapped[str | None]
    at: Mapped[datetime]
