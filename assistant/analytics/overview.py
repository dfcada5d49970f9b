"""The figures of a period at a glance, and the articles that nobody reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from assistant.conversations.models import Conversation, Message
from core.identity import Caller, require
from knowledge_base.models import Gap


class ConversationCounts(BaseModel):
    """Conversations that began, by state and by channel."""

    by_state: dict[str, int]
    by_channel: dict[str, int]


class AnswerCounts(BaseModel):
    """Answers that cite an article, and questions that none answered."""

    with_citations: int
    gaps: int


class TicketCounts(BaseModel):
    """Tickets that were opened, by queue, and those that are late now."""

    by_queue: dict[str, int]
    overdue: int


class Satisfaction(BaseModel):
    """The mean rating, 1 to 5, and how many there are."""

    average: float | None
    ratings: int


class Overview(BaseModel):
    """Figures of a period; messages by author."""

    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    conversations: ConversationCounts
    messages: dict[str, int]
    answers: AnswerCounts
    tickets: TicketCounts
    satisfaction: Satisfaction


async def overview(
    session: AsyncSession, caller: Caller, start: datetime, end: datetime, now: datetime
) -> Overview:
    """Conversations, answers, gaps, tickets and ratings between two times; what is late is late at `now`."""
    require(caller, "analytics:read")
    made = Conversation.created_at.between(start, end)
    states = await session.execute(
        select(Conversation.state, func.count()).where(made).group_by(Conversation.state)
    )
    channels = await session.execute(
        select(Conversation.channel, func.count()).where(made).group_by(Conversation.channel)
    )
    sent = Message.created_at.between(start, end)
    authors = await session.execute(
        select(Message.author, func.count()).where(sent).group_by(Message.author)
    )
    cited = select(func.count()).where(
        sent, Message.author == "assistant", func.jsonb_array_length(Message.citations) > 0
    )
    gaps = select(func.count()).select_from(Gap).where(Gap.created_at.between(start, end))
    opened = (
        select(Ticket.queue, func.count())
        .where(Ticket.created_at.between(start, end))
        .group_by(Ticket.queue)
    )
    late = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.state.in_(ACTIVE), Ticket.resolution_due < now)
    )
    rated = select(func.avg(Conversation.rating), func.count(Conversation.rating)).where(made)
    average, ratings = (await session.execute(rated)).one()
    return Overview(
        start=start,
        end=end,
        conversations=ConversationCounts(
            by_state=dict(states.tuples().all()), by_channel=dict(channels.tuples().all())
        ),
        messages=dict(authors.tuples().all()),
        answers=AnswerCounts(
            with_citations=(await session.execute(cited)).scalar_one(),
            gaps=(await session.execute(gaps)).scalar_one(),
        ),
        tickets=TicketCounts(
            by_queue=dict((await session.execute(opened)).tuples().all()),
            overdue=(await session.execute(late)).scalar_one(),
        ),
        satisfaction=Satisfaction(
            average=float(average) if average is not None else None, ratings=ratings
        ),
    )


UNUSED = """
select a.id, a.slug, a.language, a.title, a.audience from articles a
where a.published_version is not null and a.created_at < :since
    and not exists (select from article_reads r where r.article_id = a.id and r.day >= :day)
    and not exists (
        select from messages m where m.author = 'assistant' and m.created_at >= :since
            and m.citations @> jsonb_build_array(jsonb_build_object('article_id', a.id::text))
    )
order by a.slug, a.language limit 500
"""


async def unused_articles(
    session: AsyncSession, caller: Caller, since: datetime
) -> Sequence[Row[Any]]:
    """Published articles, older than `since`, that nobody opened in the help centre and no answer quoted from then on."""
    require(caller, "analytics:read")
    return (await session.execute(text(UNUSED), {"since": since, "day": since.date()})).all()
