"""Saved filters of the ticket list: each employee's own, and those shared with everybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json, Key
from core.errors import NotFound
from core.identity import Staff, require


class SavedFilter(Base):
    """A name for what a list is narrowed to."""

    __tablename__ = "saved_filters"

    id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("staff_users.id"), index=True)
    name: Mapped[str]
    shared: Mapped[bool]
    filters: Mapped[Json]
    created_at: Mapped[Created]


def visible_filters(caller: Staff) -> Select[SavedFilter]:
    """The caller's own and the shared ones."""
    return (
        select(SavedFilter)
        .where(or_(SavedFilter.owner_id == caller.id, SavedFilter.shared))
        .order_by(SavedFilter.name)
    )


async def save_filter(
    session: AsyncSession,
    caller: Staff,
    name: str,
    filters: Mapping[str, object],
    *,
    shared: bool,
    now: datetime,
) -> SavedFilter:
    """Keep a filter; sharing one takes the right to configure."""
    require(caller, "tickets:configure" if shared else "tickets:read")
    saved = SavedFilter(
        owner_id=caller.id, name=name, filters=filters, shared=shared, created_at=now
    )
    session.add(saved)
    await session.flush()
    return saved


async def remove_filter(session: AsyncSession, caller: Staff, filter_id: UUID) -> None:
    """Take away one's own filter."""
    saved = await session.scalar(
        select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.owner_id == caller.id)
    )
    if saved is None:
        raise NotFound("filter_of_yours")
    await session.delete(saved)
