"""Posts that may be repeated: the first answer to a caller's Idempotency-Key is kept and given again."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json
from core.errors import Conflict, Invalid
from core.identity import Caller, actor


class IdempotencyKey(Base):
    """A key, whose it is, what was asked and what was answered."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    answer: Mapped[Json | None]
    created_at: Mapped[Created]


def request_hash(route: str, body: object) -> str:
    """What tells two requests apart."""
    return hashlib.sha256(
        f"{route}\n{json.dumps(body, sort_keys=True, default=str)}".encode()
    ).hexdigest()


async def earlier_answer(
    session: AsyncSession, caller: Caller, key: str, request_digest: str
) -> Json | None:
    """The answer this key got before, or None when it is new, and then it is reserved in this transaction.

    A second request with the same key waits for the first to commit. Invalid when the body differs.
    """
    reserve = (
        insert(IdempotencyKey)
        .values(caller=actor(caller), key=key, request_hash=request_digest)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if await session.scalar(reserve):
        return None
    stored = (await session.execute(_stored_key(caller, key))).scalar_one()
    if stored.request_hash != request_digest:
        raise Invalid.field("Idempotency-Key", "idempotency.key_reused")
    if stored.answer is None:
        raise Conflict("idempotency.in_progress")
    return stored.answer


async def keep_answer(session: AsyncSession, caller: Caller, key: str, answer: Json) -> None:
    """Store what the first request answered."""
    stored = (await session.execute(_stored_key(caller, key))).scalar_one()
    stored.answer = answer


def _stored_key(caller: Caller, key: str) -> Select[IdempotencyKey]:
    return select(IdempotencyKey).where(
        IdempotencyKey.caller == actor(caller), IdempotencyKey.key == key
    )
