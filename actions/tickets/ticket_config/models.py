"""The table of the rule book: every version of every entry is kept; one of each is live."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Json


class ConfigEntry(Base):
    """A version of an entry: a calendar, a policy, a kind of request, a letter ... Its content is checked by contents.py."""

    __tablename__ = "rulebook_entries"
    __table_args__ = (
        Index(
            "uq_rulebook_live", "kind", "code", unique=True, postgresql_where=text("state = 'live'")
        ),
        Index("ix_rulebook_ordinal", "ordinal"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(
        BigInteger, Identity()
    )  # grows with each change: the book's revision
    state: Mapped[str]  # draft, live, retired
    content: Mapped[Json]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
