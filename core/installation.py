"""What the database says about this installation; the one mark so far is that it holds the demonstration bank."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created

DEMONSTRATION = "demonstration"


class InstallationMark(Base):
    """Something that is true of the whole database; it is set once, in the database, and never by a setting."""

    __tablename__ = "installation_marks"

    name: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[Created]


async def mark_demonstration(session: AsyncSession) -> None:
    """Mark an empty database as a demonstration; everything in it may be replaced from now on."""
    await session.merge(InstallationMark(name=DEMONSTRATION))


async def is_demonstration(session: AsyncSession) -> bool:
    """Whether the database was made by the demonstration."""
    mark = select(InstallationMark.name).where(InstallationMark.name == DEMONSTRATION)
    return await session.scalar(mark) is not None
