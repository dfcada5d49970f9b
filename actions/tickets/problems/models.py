"""Tables of problems."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Sequence
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key

PROBLEM_REFERENCES = Sequence("problem_references", metadata=Base.metadata, start=1_001)


class Problem(Base):
    """Something that makes many tickets; opened by a surge or by a person."""

    __tablename__ = "problems"
    __table_args__ = (Index("ix_problems_list", "created_at", "id"),)

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")  # open, known, closed
    cause: Mapped[str | None]
    encoder: Mapped[str | None]
    vector: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True
    )  # what its tickets mean
    began_with: Mapped[UUID | None] = mapped_column(ForeignKey("tickets.id"))
    evidence: Mapped[Json]  # counts that opened it
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class ProblemTicket(Base):
    """A ticket of a problem."""

    __tablename__ = "problem_tickets"

    problem_id: Mapped[UUID] = mapped_column(ForeignKey("problems.id"), primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), primary_key=True, index=True)
    linked_at: Mapped[Created]


class CorrectiveAction(Base):
    """Something done so that it does not happen again; its effect is measured in tickets before and after."""

    __tablename__ = "corrective_actions"

    id: Mapped[Key]
    problem_id: Mapped[UUID] = mapped_column(ForeignKey("problems.id"), index=True)
    what: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"))
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    measured_days: Mapped[int]
    before: Mapped[int | None]
    after: Mapped[int | None]
    measured_at: Mapped[datetime | None]
    created_at: Mapped[Created]
