"""What employees are told about tickets in the workspace."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Key
from core.identity import Staff
from core.localized_text import LocalizedText


class Notice(Base):
    """A line for one employee."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_staff", "staff_id", "created_at"),)

    id: Mapped[Key]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"))
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id"))
    text: Mapped[LocalizedText]
    read_at: Mapped[datetime | None]
    created_at: Mapped[Created]


def notices_for(caller: Staff, *, unread: bool) -> Select[Notice]:
    """The caller's own."""
    mine = select(Notice).where(Notice.staff_id == caller.id)
    return mine.where(Notice.read_at.is_(None)) if unread else mine


async def mark_read(session: AsyncSession, caller: Staff, now: datetime) -> None:
    """The caller has seen all."""
    await session.execute(
        update(Notice)
        .where(Notice.staff_id == caller.id, Notice.read_at.is_(None))
        .values(read_at=now)
    )
