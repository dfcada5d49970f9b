"""Tables of tickets. A ticket's history is never changed; its state is the sum of it.

Timers stand in rows of their own, written anew from the history whenever something happens (sla/service.py), so that what
watches them reads only those that run out.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Sequence, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from actions.tickets.lifecycle import Kind, Queue, State
from actions.tickets.priorities import Priority
from actions.tickets.ticket_config.contents import Channel, Complexity
from core.database import Base, Created, Json, Key
from core.languages import Language
from core.localized_text import LocalizedText

REFERENCES = Sequence("ticket_references", metadata=Base.metadata, start=100_001)
OPEN = "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"

Outcome = Literal["upheld", "partly", "not_upheld"]
RedressState = Literal["proposed", "approved", "refused"]


class Ticket(Base):
    """A request that somebody at the bank must finish."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_list", "created_at", "id"),
        Index("ix_tickets_queue_list", "queue", "created_at", "id"),
        Index("ix_tickets_queue_state", "queue", "state", "created_at", "id"),
        Index("ix_tickets_next_due", "next_due", "id", postgresql_where=text(OPEN)),
        Index(
            "ix_tickets_assignee_due", "assignee_id", "next_due", "id", postgresql_where=text(OPEN)
        ),
        Index("ix_tickets_queue_due", "queue", "next_due", "id", postgresql_where=text(OPEN)),
        Index(
            "ix_tickets_unassigned",
            "queue",
            "rank_at",
            postgresql_where=text(f"{OPEN} and assignee_id is null"),
        ),
        Index(
            "ix_tickets_finished",
            "resolved_at",
            postgresql_where=text("state in ('resolved', 'closed')"),
        ),
        Index(
            "ix_tickets_leads",
            "created_at",
            postgresql_where=text("kind = 'lead' and state in ('new', 'open')"),
        ),
        Index("ix_tickets_search", "search", postgresql_using="gin"),
        Index("ix_tickets_contact", "contact", postgresql_where=text("contact is not null")),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(
        unique=True, server_default=text("'T-' || nextval('ticket_references')")
    )
    subject: Mapped[str]
    description: Mapped[str]
    language: Mapped[Language]
    channel: Mapped[Channel]
    kind: Mapped[Kind]
    queue: Mapped[Queue]
    priority: Mapped[Priority]
    state: Mapped[State] = mapped_column(default="new")
    version: Mapped[int] = mapped_column(default=1)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    segment: Mapped[str | None]  # the customer's, when the ticket was opened
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_keys.id"), index=True)
    contact: Mapped[str | None]  # an unsigned visitor's address or number, normalised
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_users.id"), index=True)
    routing: Mapped[Json]
    service: Mapped[str | None]  # code of the catalogue's entry
    answers: Mapped[Json] = mapped_column(default=dict)  # what the entry asked for
    tags: Mapped[list[str]] = mapped_column(default=list)
    watchers: Mapped[list[str]] = mapped_column(
        default=list
    )  # ids of employees who hear of every step
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    first_response_due: Mapped[datetime]
    resolution_due: Mapped[datetime]
    next_response_due: Mapped[datetime | None]
    next_due: Mapped[datetime | None]  # of the timers that run, the first to run out
    rank_at: Mapped[datetime]  # place among those that nobody has: see assignment.py
    first_responded_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    root_cause: Mapped[str | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    satisfaction: Mapped[int | None]
    satisfaction_comment: Mapped[str | None]
    legal_hold: Mapped[bool] = mapped_column(default=False)
    erased_at: Mapped[datetime | None]
    search: Mapped[Any] = mapped_column(TSVECTOR, deferred=True)
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class TicketComment(Base):
    """What was said on a ticket: to the customer (public) or among staff (internal)."""

    __tablename__ = "ticket_comments"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    author: Mapped[str]
    text: Mapped[str]
    visibility: Mapped[str]
    created_at: Mapped[Created]


class TicketChange(Base):
    """One step in a ticket's history: what changed, from what to what, by whom and why."""

    __tablename__ = "ticket_changes"
    __table_args__ = (Index("ix_ticket_changes_ticket", "ticket_id", "ordinal"),)

    id: Mapped[Key]
    ordinal: Mapped[int] = mapped_column(BigInteger, Identity())
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"))
    actor: Mapped[str]
    what: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    reason: Mapped[LocalizedText | None]
    at: Mapped[datetime]


class TicketTimer(Base):
    """One promise of a ticket: of the service level, or of the regulator.

    `next_at` is when somebody must look: at the warning, then at the end; None when the timer stands or has run out.
    """

    __tablename__ = "ticket_clocks"
    __table_args__ = (
        Index("ix_ticket_clocks_next", "next_at", postgresql_where=text("next_at is not null")),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None]  # None while it waits for the customer
    warn_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]


class TicketVector(Base):
    """The meaning of a ticket, as the encoder of this name sees it: 16-bit floats of a unit vector; empty until it is made."""

    __tablename__ = "ticket_vectors"
    __table_args__ = (
        Index("ix_ticket_vectors_waiting", "created_at", postgresql_where=text("vector is null")),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    encoder: Mapped[str | None]
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    read_at: Mapped[datetime | None] = mapped_column(index=True)  # when the vector was made
    created_at: Mapped[Created] = mapped_column(index=True)  # the ticket's


class Complaint(Base):
    """A complaint under a regulator's rules: when each step was done, and what came of it."""

    __tablename__ = "complaints"
    __table_args__ = (Index("ix_complaints_received", "received_at", "ticket_id"),)

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    jurisdiction: Mapped[str]
    complexity: Mapped[Complexity] = mapped_column(default="simple")
    received_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    summary_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]  # upheld, partly, not_upheld
    redress_amount: Mapped[Decimal | None]
    redress_currency: Mapped[str | None]
    redress_state: Mapped[RedressState | None]  # proposed, approved, refused
    redress_by: Mapped[str | None]
    redress_decided_by: Mapped[str | None]
    referred_at: Mapped[datetime | None]  # the customer went to the ombudsman or the supervisor
