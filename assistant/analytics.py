"Figures for the supervisor, straight from SQL."

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from assistant.conversations.models import Conversation, Message
from core.identity import Caller, require
from knowledge_base.models import Gap


async def overview(session: AsyncSession, caller: Caller, start: datetime, end: datetime) -> dict[str, Any]:
    "Conversations, answers, gaps, tickets and ratings between two times."
    require(caller, "analytics:read")
    made = Conversation.created_at.between(start, end)
    states = await session.execute(select(Conversation.state, func.count()).where(made).group_by(Conversation.state))
    channels = await session.execute(
        select(Conversation.channel, func.count()).where(made).group_by(Conversation.channel)
    )
    sent = Message.created_at.between(start, end)
    authors = await session.execute(select(Message.author, func.count()).where(sent).group_by(Message.author))
    cited = select(func.count()).where(
        sent, Message.author == "assistant", func.jsonb_array_length(Message.citations) > 0
    )
    gaps = select(func.count()).select_from(Gap).where(Gap.created_at.between(start, end))
    opened = select(Ticket.queue, func.count()).where(Ticket.created_at.between(start, end)).group_by(Ticket.queue)
    late = select(func.count()).select_from(Ticket).where(Ticket.state.in_(ACTIVE), Ticket.resolution_due < func.now())
    rated = select(func.avg(Conversation.rating), func.count(Conversation.rating)).where(made)
    average, ratings = (await session.execute(rated)).one()
    return {
        "from": start, "to": end,
        "conversations": {"by_state": dict(states.tuples().all()), "by_channel": dict(channels.tuples().all())},
        "messages": dict(authors.tuples().all()),
        "answers": {"with_citations": await session.scalar(cited), "gaps": await session.scalar(gaps)},
        "tickets": {"by_queue": dict((await session.execute(opened)).tuples().all()), "overdue": await session.scalar(late)},
        "satisfaction": {"average": float(average) if average is not None else None, "ratings": ratings},
    }  # fmt: skip
