"""Events: rows written with the change they tell of, carried to live clients by NOTIFY and to webhooks by jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Created, Json

CHANNEL = "outbox"  # the trigger on insert notifies here with "id conversation_id type"; what is not kept has the id 0


class Event(Base):
    """Something that happened; `conversation_id` says who may follow it live."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_conversation", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    type: Mapped[str]
    conversation_id: Mapped[UUID | None]
    payload: Mapped[Json]
    created_at: Mapped[Created]


def emit(
    session: AsyncSession,
    kind: str,
    payload: Mapping[str, object],
    conversation_id: UUID | None = None,
) -> Event:
    """Write an event; it leaves when the transaction commits."""
    event = Event(type=kind, payload=payload, conversation_id=conversation_id)
    session.add(event)
    return event


async def notify(session: AsyncSession, kind: str, conversation_id: UUID | None = None) -> None:
    """Tell those who listen, when the transaction commits, of what is kept nowhere."""
    payload = f"0 {conversation_id or '-'} {kind}"
    await session.execute(select(func.pg_notify(CHANNEL, payload)))


def events_of(conversations: Sequence[UUID], after: int) -> Select[Event]:
    """Events of these conversations after an event id, in order."""
    return (
        select(Event)
        .where(Event.conversation_id.in_(conversations), Event.id > after)
        .order_by(Event.id)
    )


async def latest_event(session: AsyncSession, conversation_id: UUID) -> int:
    """The id of a conversation's newest event, 0 when there is none."""
    return (
        await session.scalar(
            select(func.max(Event.id)).where(Event.conversation_id == conversation_id)
        )
        or 0
    )
