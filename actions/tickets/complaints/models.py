"""What a ticket of the kind complaint has beside."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Key
from core.languages import Language

LetterStep = Literal["acknowledged", "summary", "final"]


class ComplaintLetter(Base):
    """A letter as it was written; it is not changed afterwards."""

    __tablename__ = "complaint_letters"

    id: Mapped[Key]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"), index=True)
    step: Mapped[LetterStep]  # acknowledged, summary, final
    template: Mapped[str]
    language: Mapped[Language]
    subject: Mapped[str]
    body: Mapped[str]
    written_by: Mapped[str]
    created_at: Mapped[Created]
