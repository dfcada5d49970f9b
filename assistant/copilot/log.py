"""The copilot's log: every suggestion as it was shown, and what the employee did with each part of it.

A warning that asks for it must be acknowledged by whoever saw it before they write to the customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.retention import ERASED
from assistant.conversations.models import Conversation
from assistant.copilot.models import CopilotSuggestion, CopilotUse
from core.errors import Conflict, Invalid, NotFound
from core.identity import Staff

ANSWER_RETENTION = timedelta(days=365)  # as long as a question of a customer
BATCH = 1_000
BESIDE = "beside"  # the kind of what is shown by itself, and counted as a suggestion
Part = Literal["summary", "reply", "article", "ticket", "action", "warning", "answer"]
Outcome = Literal[
    "inserted",
    "sent",
    "sent_edited",
    "regenerated",
    "wrong",
    "opened",
    "done",
    "dismissed",
    "acknowledged",
]


async def keep_suggestion(
    session: AsyncSession,
    caller: Staff,
    conversation: Conversation,
    message_id: UUID | None,
    shown: Mapping[str, object],
    now: datetime,
) -> CopilotSuggestion:
    """Remember what was shown."""
    row = CopilotSuggestion(
        kind=BESIDE,
        conversation_id=conversation.id,
        staff_id=caller.id,
        message_id=message_id,
        shown=shown,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def keep_answer(
    session: AsyncSession,
    caller: Staff,
    conversation_id: UUID | None,
    question: str,
    shown: Mapping[str, object],
    now: datetime,
) -> CopilotSuggestion:
    """Remember what was answered to a question of staff."""
    row = CopilotSuggestion(
        kind="answer",
        conversation_id=conversation_id,
        staff_id=caller.id,
        shown={"asked": question, **shown},
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def note_use(
    session: AsyncSession,
    caller: Staff,
    suggestion_id: UUID,
    *,
    part: Part,
    item: str | None,
    outcome: Outcome,
    reason: str | None,
    now: datetime,
) -> None:
    """Remember what the caller did with a part of what they were shown; what is wrong needs a reason."""
    shown = await session.get(CopilotSuggestion, suggestion_id)
    if shown is None or shown.staff_id != caller.id:
        raise NotFound("suggestion")
    if outcome == "wrong" and not reason:
        raise Invalid.field("reason", "copilot.reason_missing")
    session.add(
        CopilotUse(
            suggestion_id=suggestion_id,
            part=part,
            item=item,
            outcome=outcome,
            reason=reason,
            created_at=now,
        )
    )
    await session.flush()


async def forget_answers(session: AsyncSession, now: datetime) -> int:
    """Delete old answers to questions of staff that belong to no conversation; the others go with theirs. How many."""
    old = (
        select(CopilotSuggestion.id)
        .where(
            CopilotSuggestion.conversation_id.is_(None),
            CopilotSuggestion.created_at < now - ANSWER_RETENTION,
        )
        .limit(BATCH)
    )
    ids = (await session.scalars(old)).all()
    await session.execute(delete(CopilotUse).where(CopilotUse.suggestion_id.in_(ids)))
    await session.execute(delete(CopilotSuggestion).where(CopilotSuggestion.id.in_(ids)))
    return len(ids)


async def earlier_replies(
    session: AsyncSession, caller: Staff, conversation: Conversation, message_id: UUID | None
) -> set[str]:
    """The articles that the caller was already shown a reply from, for this message."""
    query = await session.scalars(
        select(CopilotSuggestion.shown).where(
            CopilotSuggestion.conversation_id == conversation.id,
            CopilotSuggestion.staff_id == caller.id,
            CopilotSuggestion.message_id == message_id,
            CopilotSuggestion.kind == BESIDE,
        )
    )
    return {citation["slug"] for shown in query for citation in shown["reply"]["citations"]}


async def open_warnings(
    session: AsyncSession, caller: Staff, conversation: Conversation
) -> list[str]:
    """Codes of warnings that the caller was shown last, must acknowledge, and has not."""
    own = select(CopilotSuggestion).where(
        CopilotSuggestion.conversation_id == conversation.id,
        CopilotSuggestion.staff_id == caller.id,
        CopilotSuggestion.kind == BESIDE,
    )
    last = await session.scalar(own.order_by(CopilotSuggestion.created_at.desc()).limit(1))
    if last is None:
        return []
    seen = await session.scalars(
        select(CopilotUse.item)
        .join(CopilotSuggestion, CopilotSuggestion.id == CopilotUse.suggestion_id)
        .where(
            CopilotSuggestion.conversation_id == conversation.id,
            CopilotSuggestion.staff_id == caller.id,
            CopilotUse.part == "warning",
            CopilotUse.outcome == "acknowledged",
        )
    )
    acknowledged = set(seen)
    return [
        w["code"]
        for w in last.shown["warnings"]
        if w["must_acknowledge"] and w["code"] not in acknowledged
    ]


async def require_acknowledged(
    session: AsyncSession, caller: Staff, conversation: Conversation
) -> None:
    """Conflict while a warning that the caller was shown is not acknowledged."""
    if waiting := await open_warnings(session, caller, conversation):
        raise Conflict("copilot.warnings_unacknowledged", codes=waiting)


async def erase_suggestions(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Erase what agents were shown; that a reply was offered, and what became of it, stays."""
    shown = select(CopilotSuggestion.id).where(CopilotSuggestion.conversation_id.in_(ids))
    await session.execute(
        update(CopilotUse).where(CopilotUse.suggestion_id.in_(shown)).values(item=None, reason=None)
    )
    offered = CopilotSuggestion.shown["reply"]["text"].astext != ""
    for had_reply, left in ((offered, ERASED), (~func.coalesce(offered, False), "")):
        await session.execute(
            update(CopilotSuggestion)
            .where(CopilotSuggestion.id.in_(shown), had_reply)
            .values(shown={"reply": {"text": left, "citations": []}, "warnings": []})
        )
