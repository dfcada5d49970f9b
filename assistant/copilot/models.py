"""What the copilot showed to whom, and what they did with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Json, Key


class CopilotSuggestion(Base):
    """What was shown beside a conversation, or answered to a question of staff, as it was shown."""

    __tablename__ = "copilot_suggestions"
    __table_args__ = (
        Index("ix_copilot_suggestions_conversation", "conversation_id", "staff_id", "created_at"),
        Index("ix_copilot_suggestions_created_at", "created_at"),
        Index(
            "ix_copilot_suggestions_alone",
            "created_at",
            postgresql_where=text("conversation_id is null"),
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str]  # beside, answer
    conversation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("conversations.id")
    )  # an answer may belong to none
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"))
    message_id: Mapped[UUID | None]  # the customer's message that it is about
    shown: Mapped[Json]
    created_at: Mapped[datetime]


class CopilotUse(Base):
    """Something that an employee did with a part of a suggestion."""

    __tablename__ = "copilot_uses"

    id: Mapped[Key]
    suggestion_id: Mapped[UUID] = mapped_column(ForeignKey("copilot_suggestions.id"), index=True)
    part: Mapped[str]
    item: Mapped[
        str | None
    ]  # which of several: an article's slug, an action's type, a warning's code
    outcome: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
