"""Every SQL statement about conversations; each begins with what the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, cast, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from actions.customer_view.profile import ConversationRow
from actions.customers.card_control.models import CardRequest
from actions.customers.models import Card, Customer
from actions.tickets.models import Ticket
from assistant.conversations.models import (
    Conversation,
    ConversationToken,
    Message,
    TurnTrace,
)
from core.errors import NotAuthenticated, NotFound
from core.identity import Caller, Participant, Staff, System, require
from core.tokens import fingerprint

RECENT = 5
MAX_NOTIFIED = 100
MAX_TRACES = 1_000  # turns of a conversation that are shown


def visible_conversations(caller: Caller) -> Select[Conversation]:
    """A participant sees the one conversation of the token, staff with the permission see all, applications none."""
    conversations = select(Conversation)
    match caller:
        case Participant(conversation_id=conversation_id):
            return conversations.where(Conversation.id == conversation_id)
        case Staff():
            require(caller, "conversations:read")
            return conversations
        case System():
            return conversations
    return conversations.where(Conversation.id.is_(None))


async def participant_by_token(session: AsyncSession, token: str) -> Participant:
    """Whom a conversation's token speaks for."""
    result = await session.execute(
        select(Conversation.id, Conversation.customer_id, ConversationToken.expires_at)
        .join(ConversationToken, ConversationToken.conversation_id == Conversation.id)
        .where(ConversationToken.token_hash == fingerprint(token))
    )
    row = result.one_or_none()
    if row is None:
        raise NotAuthenticated
    return Participant(row[0], row[1], session_expires_at=row[2])


async def load(
    session: AsyncSession, caller: Caller, conversation_id: UUID, *, lock: bool = False
) -> Conversation:
    """The conversation, if the caller may see it."""
    query = visible_conversations(caller).where(Conversation.id == conversation_id)
    conversation = await session.scalar(query.with_for_update() if lock else query)
    if conversation is None:
        raise NotFound("conversation")
    return conversation


async def settled_tickets(
    session: AsyncSession, since: datetime
) -> list[tuple[Conversation, Ticket, str]]:
    """Tickets resolved since, whose conversation the assistant still leads and has not been told; with the message's key."""
    key = func.concat("resolved:", Ticket.id, ":", func.extract("epoch", Ticket.resolved_at))
    already_notified = exists().where(
        Message.conversation_id == Conversation.id, Message.client_message_id == key
    )
    query = (
        select(Conversation, Ticket, key)
        .join(Ticket, Ticket.conversation_id == Conversation.id)
        .where(
            Ticket.state == "resolved",
            Ticket.resolved_at >= since,
            Ticket.satisfaction.is_(None),
            Ticket.merged_into.is_(None),
            Ticket.kind != "compliance_alert",
            Ticket.erased_at.is_(None),
            Conversation.state == "assistant",
            ~already_notified,
            func.strpos(
                func.coalesce(cast(Conversation.dialogue["last_offer"], Text), ""),
                cast(Ticket.id, Text),
            )
            == 0,
        )
        .order_by(Ticket.resolved_at)
        .limit(MAX_NOTIFIED)
        .with_for_update(of=Conversation, skip_locked=True)
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def failed_card_requests(
    session: AsyncSession, since: datetime
) -> list[tuple[Conversation, CardRequest, Card, str]]:
    """Requests of cards that failed since, whose conversation is open and has not been told; with the message's key."""
    key = func.concat("card_request:", CardRequest.id)
    already_notified = exists().where(
        Message.conversation_id == Conversation.id, Message.client_message_id == key
    )
    newer = aliased(CardRequest)
    asked_again = exists().where(
        newer.card_id == CardRequest.card_id, newer.ordinal > CardRequest.ordinal
    )
    query = (
        select(Conversation, CardRequest, Card, key)
        .join(CardRequest, CardRequest.conversation_id == Conversation.id)
        .join(Card, Card.id == CardRequest.card_id)
        .where(
            CardRequest.state.in_(("refused", "failed")),
            CardRequest.concluded_at >= since,
            Conversation.state != "closed",
            ~asked_again,
            ~already_notified,
        )
        .order_by(CardRequest.ordinal)
        .limit(MAX_NOTIFIED)
        .with_for_update(of=Conversation, skip_locked=True)
    )
    return [row.tuple() for row in (await session.execute(query)).all()]


async def open_conversation_of(
    session: AsyncSession, customer_id: UUID, since: datetime
) -> Conversation | None:
    """The customer's conversation that was last spoken in after `since` and is not closed."""
    query = (
        select(Conversation)
        .where(
            Conversation.customer_id == customer_id,
            Conversation.state != "closed",
            Conversation.updated_at >= since,
        )
        .where(exists().where(Message.conversation_id == Conversation.id))
        .order_by(Conversation.updated_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def transcript(session: AsyncSession, conversation: Conversation) -> Sequence[Message]:
    """All messages in order."""
    query = (
        select(Message).where(Message.conversation_id == conversation.id).order_by(Message.position)
    )
    return (await session.scalars(query)).all()


async def turn_traces(
    session: AsyncSession, caller: Staff, conversation: Conversation
) -> Sequence[TurnTrace]:
    """How each turn of a conversation that the caller may see was understood, in order; staff's alone."""
    require(caller, "conversations:read")
    query = (
        select(TurnTrace)
        .where(TurnTrace.conversation_id == conversation.id)
        .order_by(TurnTrace.created_at)
        .limit(MAX_TRACES)
    )
    return (await session.scalars(query)).all()


async def message_by_client_id(
    session: AsyncSession, conversation_id: UUID, client_id: str
) -> Message | None:
    """The customer's message that was sent with this id before."""
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.client_message_id == client_id
    )
    return await session.scalar(query)


async def replies_to(session: AsyncSession, message_id: UUID) -> Sequence[Message]:
    """What was answered to a message."""
    return (
        await session.scalars(
            select(Message).where(Message.answers == message_id).order_by(Message.position)
        )
    ).all()


# What happened with a customer over all channels; staff's alone, and none of what would tip somebody off.
TIMELINE = """
select * from (
    select created_at as at, 'conversation' as what, channel, id, state as title from conversations where customer_id = :id
    union all select created_at, 'ticket', channel, id, reference || ' ' || subject from tickets
        where customer_id = :id and kind <> 'compliance_alert'
    union all select created_at, 'advice', null, id, jsonb_array_length(result->'recommendations') || ' products' from advice
        where customer_id = :id
    union all select happened_on::timestamptz, 'life_event', null, id, kind from life_events where customer_id = :id
    union all select shown_at, 'offer', channel, id, variant from campaign_contacts where customer_id = :id and shown_at is not null
    union all select created_at, 'lead', source, id, subject || ' (' || stage || ')' from leads where customer_id = :id
    union all select created_at, 'consent', channel, id, purpose || case when given then ' given' else ' taken back' end
        from consent_changes where customer_id = :id
) as entries where (at, id) < (:before, :key) order by at desc, id desc limit :limit
"""
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


async def timeline_of(
    session: AsyncSession, customer: Customer, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[Row[Any]]:
    """What happened with a customer, the newest first, behind a place: at, what, channel, id, title."""
    at, key = before or (END_OF_TIME, UUID(int=2**128 - 1))
    bind_values = {"id": customer.id, "before": at, "key": key, "limit": limit}
    return (await session.execute(text(TIMELINE), bind_values)).all()


async def recent_of(session: AsyncSession, customer: Customer) -> list[ConversationRow]:
    """A customer's latest conversations, for the profile."""
    query = (
        select(Conversation)
        .where(Conversation.customer_id == customer.id)
        .order_by(Conversation.created_at.desc())
        .limit(RECENT)
    )
    return [
        {
            "id": str(c.id),
            "channel": c.channel,
            "state": c.state,
            "created_at": c.created_at.isoformat(),
        }
        for c in (await session.scalars(query)).all()
    ]
