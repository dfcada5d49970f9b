"Tables of compliance."

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key


class WatchlistEntry(Base):
    "A person or an organisation on a list, with every name it is known by."

    __tablename__ = "watchlist_entries"

    id: Mapped[Key]
    source_list: Mapped[str] = mapped_column("list", index=True)
    type: Mapped[str]
    name: Mapped[str]
    aliases: Mapped[list[str]]
    birth_date: Mapped[date | None]
    country: Mapped[str | None]
    created_at: Mapped[Created]


class Screening(Base):
    "That a name was screened, by whom, with which result; the name itself is in the result only when it matched."

    __tablename__ = "screenings"

    id: Mapped[Key]
    by: Mapped[str]
    request: Mapped[Json]
    decision: Mapped[str]
    matches: Mapped[list[dict[str, Any]]]
    created_at: Mapped[Created]


class ComplianceDecision(Base):
    "A checkpoint's decision with its inputs and rule versions, so that it can be replayed."

    __tablename__ = "compliance_decisions"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    by: Mapped[str]
    purpose: Mapped[str]
    decision: Mapped[str]
    facts: Mapped[Json]
    rules: Mapped[list[dict[str, Any]]]
    created_at: Mapped[Created]


class Alert(Base):
    "Something a compliance officer must look at."

    __tablename__ = "alerts"

    id: Mapped[Key]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str]
    evidence: Mapped[Json]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[Created]
