"""Settings as data: a table with a row for each version, the highest of which counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Json
from core.identity import Caller, actor


class Versioned(Base):
    """A version of settings; a subclass names its table."""

    __abstract__ = True

    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Json]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


Settings = TypeVar("Settings", bound=Versioned)


async def newest_of(session: AsyncSession, table: type[Settings]) -> Settings | None:
    """The version that counts; None while nobody has changed what the product comes with."""
    return await session.scalar(select(table).order_by(table.version.desc()).limit(1))


async def write_next(
    session: AsyncSession,
    caller: Caller,
    table: type[Settings],
    content: Mapping[str, object],
    now: datetime,
) -> Settings:
    """A new version, which counts from now on."""
    newest = await newest_of(session, table)
    row = table(
        version=newest.version + 1 if newest else 1,
        content=content,
        changed_by=actor(caller),
        changed_at=now,
    )
    session.add(row)
    await session.flush()
    return row
