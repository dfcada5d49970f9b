"""The audit trail: append-only and hash-chained, written in the transaction of the change it tells of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Identity, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import utc_now
from core.database import Base, Json
from core.identity import Caller, actor, require

GENESIS = "0" * 64
_CHAIN_LOCK = 7_230_001  # advisory lock key: one writer at a time extends the chain; audit_tail() takes it too


class AuditEntry(Base):
    """One thing that somebody did. The database refuses to change or delete it (trigger in the first migration)."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    details: Mapped[Json]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)

    def computed_hash(self) -> str:
        """SHA-256 over the former entry's hash and this entry's content in canonical JSON (RFC 8785 ordering)."""
        content = json.dumps(
            [self.at.isoformat(), self.actor, self.action, self.subject, self.details],
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        return hashlib.sha256(f"{self.previous_hash}{content}".encode()).hexdigest()


async def hold_chain(session: AsyncSession) -> None:
    """Let nobody else extend the chain until this transaction ends.

    The order of locks is: the rows that are changed, the chain, then counters that everybody shares.
    """
    await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})


async def record(
    session: AsyncSession,
    by: Caller,
    action: str,
    subject: str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Append an entry; other writers wait until this transaction ends, so call it last."""
    last = await session.scalar(select(func.audit_tail()))
    entry = AuditEntry(
        at=utc_now(),
        actor=actor(by),
        action=action,
        subject=subject,
        details=json.loads(json.dumps(dict(details or {}), default=str)),
        previous_hash=last or GENESIS,
    )
    entry.hash = entry.computed_hash()
    session.add(entry)
    await session.flush()


async def verify(session: AsyncSession) -> tuple[int, int | None]:
    """How many entries there are, and the id of the first that does not fit the chain (None when all do)."""
    expected, count = GENESIS, 0
    rows = await session.stream_scalars(
        select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)
    )
    async for entry in rows:
        if entry.previous_hash != expected or entry.hash != entry.computed_hash():
            return count, entry.id
        expected, count = entry.hash, count + 1
    return count, None


def readable_entries(caller: Caller, subject: str | None) -> Select[AuditEntry]:
    """Entries, all or about one subject, for those who may read the trail."""
    require(caller, "audit:read")
    entries = select(AuditEntry)
    return entries.where(AuditEntry.subject == subject) if subject else entries


async def entry_count(session: AsyncSession) -> int:
    """How long the chain is."""
    return await session.scalar(select(func.count(AuditEntry.id))) or 0
