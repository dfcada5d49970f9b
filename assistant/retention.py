"""How long conversations stay open and are kept, and erasure on request.

Erasure takes away whose conversation it was and every word of it; when it was, in which channel and language, how it was rated and
which articles were quoted stay, so that the figures of the past stay what they were. What belongs to a ticket or a lead that is
kept stays with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from actions.marketing.models import Lead
from actions.tickets.attachments import remove_files
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from actions.tickets.retention import ERASED, YEAR
from assistant.conversations.models import (
    Conversation,
    ConversationFile,
    ConversationNote,
    ConversationToken,
    Message,
    TurnTrace,
)
from assistant.conversations.service import move
from assistant.copilot.log import erase_suggestions
from assistant.dialogue.state import DialogueState
from core.outbox import Event
from knowledge_base.models import Gap, KnowledgeFeedback

QUIET = timedelta(
    days=7
)  # as long as a resolved ticket stays open; nobody is told of a ticket or taken up after a day
# Kept since they were closed: with advice for five years (MiFID II, article 16(7), records of what may lead to a sale),
# a customer's for the limitation period of contracts, a visitor's as a question.
ADVICE_RETENTION, CUSTOMER_RETENTION, VISITOR_RETENTION = 5 * YEAR, 3 * YEAR, YEAR
BATCH = 200
_ADVISED = exists().where(
    Message.conversation_id == Conversation.id,
    Message.actions.contains([{"type": "recommendation.shown"}]),
)
_RETAINED_WITH = or_(
    exists().where(Ticket.conversation_id == Conversation.id),
    exists().where(Lead.conversation_id == Conversation.id),
)
# Of what was done only that it was: the figures count it by its type.
_TYPES: ColumnElement[list[dict[str, str]]] = literal_column(
    "(select coalesce(jsonb_agg(jsonb_build_object('type', done->'type')), '[]'::jsonb)"
    " from jsonb_array_elements(messages.actions) done)"
)


async def close_quiet(session: AsyncSession, now: datetime) -> int:
    """End conversations that the assistant leads and in which nobody has said a word for long; how many.

    While a ticket that came of one is being worked on, its customer will be told there how it ended.
    """
    worked_on = exists().where(Ticket.conversation_id == Conversation.id, Ticket.state.in_(ACTIVE))
    quiet = (
        select(Conversation)
        .where(Conversation.state == "assistant", Conversation.updated_at < now - QUIET, ~worked_on)
        .order_by(Conversation.updated_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ended = (await session.scalars(quiet)).all()
    for conversation in ended:
        move(session, conversation, "closed", now)
    await session.flush()
    return len(ended)


async def erase_old(session: AsyncSession, folder: Path, now: datetime) -> int:
    """Erase what has been kept long enough; how many."""
    ended, visitor = Conversation.closed_at, Conversation.customer_id.is_(None)
    over = or_(
        and_(visitor, ended < now - VISITOR_RETENTION, ~_ADVISED),
        and_(~visitor, ended < now - CUSTOMER_RETENTION, ~_ADVISED),
        ended < now - ADVICE_RETENTION,
    )
    due = (
        select(Conversation.id)
        .where(
            Conversation.state == "closed",
            Conversation.erased_at.is_(None),
            ended < now - VISITOR_RETENTION,
            over,
            ~_RETAINED_WITH,
        )
        .order_by(Conversation.closed_at)
        .limit(BATCH)
    )
    ids = (await session.scalars(due)).all()
    await _erase(session, ids, folder, now)
    return len(ids)


async def erase_of_customer(
    session: AsyncSession, customer_id: UUID, folder: Path, now: datetime
) -> tuple[int, int]:
    """Erase a customer's closed conversations, on request; how many, and how many must stay for now."""
    await session.execute(
        select(Conversation.id).where(Conversation.customer_id == customer_id).with_for_update()
    )
    stays = or_(
        Conversation.state != "closed",
        _RETAINED_WITH,
        and_(_ADVISED, Conversation.closed_at > now - ADVICE_RETENTION),
    )
    mine = select(Conversation.id).where(Conversation.customer_id == customer_id)
    ids = (await session.scalars(mine.where(~stays))).all()
    await _erase(session, ids, folder, now)
    remaining = await session.scalar(select(func.count()).select_from(mine.where(stays).subquery()))
    return len(ids), remaining or 0


async def _erase(session: AsyncSession, ids: Sequence[UUID], folder: Path, now: datetime) -> None:
    if not ids:
        return
    message_ids = select(Message.id).where(Message.conversation_id.in_(ids))
    await session.execute(
        update(KnowledgeFeedback)
        .where(KnowledgeFeedback.message_id.in_(message_ids))
        .values(comment=None, by="erased")
    )
    await session.execute(
        update(Gap)
        .where(Gap.conversation_id.in_(ids), Gap.state != "drafted")
        .values(question=ERASED, state="dismissed", vector=None)
    )
    await session.execute(
        update(Message)
        .where(Message.conversation_id.in_(ids))
        .values(text=ERASED, quick_replies=[], actions=_TYPES)
    )
    await session.execute(
        update(ConversationNote)
        .where(ConversationNote.conversation_id.in_(ids))
        .values(text=ERASED)
    )
    files = (
        await session.scalars(
            select(ConversationFile.id).where(ConversationFile.conversation_id.in_(ids))
        )
    ).all()
    for table in (ConversationFile, ConversationToken, Event, TurnTrace):
        await session.execute(delete(table).where(table.conversation_id.in_(ids)))
    await erase_suggestions(session, ids)
    rows = await session.scalars(select(Conversation).where(Conversation.id.in_(ids)))
    for conversation in rows:
        conversation.customer_id = conversation.handoff_reason = conversation.rating_comment = None
        conversation.signals = [sign | {"words": ERASED} for sign in conversation.signals]
        conversation.dialogue, conversation.erased_at = DialogueState(), now
    await session.flush()
    await remove_files(folder, files)
