"""Tables of monitoring."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Key
from core.versioned import Versioned


class MonitoringParameters(Versioned):
    """The limits of the rules, a row for each version; the highest counts."""

    __tablename__ = "monitoring_parameters"


class MonitoringRun(Base):
    """Up to which booking everybody's transactions were judged."""

    __tablename__ = "monitoring_runs"

    id: Mapped[Key]
    until: Mapped[datetime] = mapped_column(index=True)
    version: Mapped[int]
    alerts: Mapped[int]
    created_at: Mapped[Created]


class ComplianceCase(Base):
    """Alerts of one customer that are looked at together.

    One person proposes how it ends, another decides (four eyes); a report's draft is kept with it.
    """

    __tablename__ = "compliance_cases"
    __table_args__ = (
        Index("ix_compliance_cases_list", "created_at", "id"),
        Index(
            "uq_compliance_cases_open",
            "customer_id",
            unique=True,
            postgresql_where=text("state <> 'closed'"),
        ),
    )

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    state: Mapped[str]  # open, proposed, closed
    disposition: Mapped[str | None]  # no_suspicion, report
    reason: Mapped[str | None]
    proposed_by: Mapped[str | None]
    decided_by: Mapped[str | None]
    draft: Mapped[str | None]  # of the report
    ticket: Mapped[str]  # reference of the ticket of those who look at it
    created_at: Mapped[Created]
    closed_at: Mapped[datetime | None]
