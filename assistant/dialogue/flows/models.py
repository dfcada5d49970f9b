"""Tables of flows: every version of every flow is kept, one of each is published; and the switches of the assistant."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Json
from core.versioned import Versioned

# A published version becomes `replaced` when another is published: conversations in it go on. A withdrawn one is gone.
FlowState = Literal["draft", "approved", "published", "replaced", "withdrawn"]
FlowSource = Literal["product", "staff"]
REVISIONS = Sequence("flow_revisions", metadata=Base.metadata)


class FlowVersion(Base):
    """A version of a flow, with who wrote it and who approved it. Its definition is checked before it is stored."""

    __tablename__ = "flow_versions"
    __table_args__ = (
        Index(
            "uq_flow_published", "name", unique=True, postgresql_where=text("state = 'published'")
        ),
        Index("ix_flow_revision", "revision"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)  # grows with each change of any flow
    state: Mapped[FlowState]
    source: Mapped[FlowSource]
    definition: Mapped[Json]
    digest: Mapped[str]  # SHA-256 of the definition, by which a changed file is recognised
    author: Mapped[str]
    created_at: Mapped[datetime]
    approver: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class AssistantSwitches(Versioned):
    """What an administrator has switched off; the highest version counts. See switches.py."""

    __tablename__ = "assistant_switches"
