"""Tables of compliance."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from actions.compliance.checks import Decision, Outcome, Purpose
from core.database import Base, Created, Json, Key, TypedJson

ScreeningDecision = Literal["clear", "review"]


class Watchlist(Base):
    """A list as it was last loaded, with the report of what was taken and refused."""

    __tablename__ = "watchlists"

    code: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str]
    revision: Mapped[int]
    entries: Mapped[int]
    report: Mapped[Json]
    loaded_by: Mapped[str]
    loaded_at: Mapped[datetime]


class WatchlistEntry(Base):
    """A person or an organisation on a list, with every name it is known by.

    Birth dates are as far as they are known: `1957`, `1957-12`, `1957-12-19`. An entry that its list dropped stays, so that
    what was decided about it can be read; nobody is screened against it any more.
    """

    __tablename__ = "watchlist_entries"
    __table_args__ = (
        Index("uq_watchlist_entries_source", "list", "source_id", unique=True),
        Index("ix_watchlist_entries_waiting", "id", postgresql_where=text("screened_at is null")),
    )

    id: Mapped[Key]
    source_list: Mapped[str] = mapped_column("list", index=True)
    source_id: Mapped[str]  # its number in the list
    type: Mapped[str]
    name: Mapped[str]
    aliases: Mapped[list[str]]
    birth_dates: Mapped[list[str]]
    countries: Mapped[list[str]]
    digest: Mapped[str]  # of its content: tells whether it changed
    screened_at: Mapped[
        datetime | None
    ]  # when all customers were screened against its present content
    removed_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class Clearance(Base):
    """That a person found a customer and an entry not to be the same; it counts until either side changes."""

    __tablename__ = "clearances"
    __table_args__ = (Index("uq_clearances_pair", "customer_id", "entry_id", unique=True),)

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("watchlist_entries.id"))
    customer_digest: Mapped[str]
    entry_digest: Mapped[str]
    reason: Mapped[str]
    cleared_by: Mapped[str]
    created_at: Mapped[Created]


class Screening(Base):
    """That a name was screened, by whom, with which result; the name itself is in the result only when it matched."""

    __tablename__ = "screenings"

    id: Mapped[Key]
    by: Mapped[str]
    request: Mapped[Json]
    decision: Mapped[ScreeningDecision]
    matches: Mapped[list[dict[str, Any]]]
    created_at: Mapped[Created]


class ComplianceDecision(Base):
    """A checkpoint's decision with its inputs and rule versions, so that it can be replayed."""

    __tablename__ = "compliance_decisions"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    by: Mapped[str]
    purpose: Mapped[Purpose]
    decision: Mapped[Decision]
    facts: Mapped[Json]
    rules: Mapped[list[Outcome]] = mapped_column(TypedJson(list[Outcome]))
    created_at: Mapped[Created]


class Alert(Base):
    """Something a compliance officer must look at; one for each kind and subject."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_subject",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("subject is not null"),
        ),
    )

    id: Mapped[Key]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str]
    subject: Mapped[str | None]  # the booking that a rule spoke at
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("compliance_cases.id"), index=True)
    evidence: Mapped[Json]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[Created]
