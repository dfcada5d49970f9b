"""What may be done with a conversation: open, hand to a person, claim, give back, close, rate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Customer
from actions.tickets.lifecycle import Queue
from actions.tickets.priorities import PRIORITIES
from actions.tickets.routing.signals import Sign, raised, signs_as_json
from assistant.conversations import queries
from assistant.conversations.models import Conversation, ConversationToken, Message
from assistant.conversations.schemas import ConversationMade, ConversationNew, MessageOut, State
from assistant.dialogue.operations.context import HandoffRequest
from assistant.dialogue.state import DialogueState
from core.audit import record
from core.clock import SERVICE_HOURS
from core.errors import Conflict, NotAuthenticated, NotFound
from core.identity import Participant, Staff, System, require
from core.languages import Language
from core.outbox import emit
from core.settings import Settings
from core.tokens import (
    IDENTITY_AUDIENCE,
    fingerprint,
    mfa_valid_until,
    new_opaque_token,
    token_end,
    token_subject,
)

DEFAULT_QUEUE: Queue = "general"
STRONG_FOR = timedelta(minutes=15)  # a second factor counts, then it is asked for again
NOTIFIED_WITHIN = timedelta(
    hours=24
)  # after a ticket was resolved; later only the mail tells of it
TAKEN_UP = timedelta(hours=24)  # since it was last spoken in, an open conversation is gone on with


async def open_conversation(
    session: AsyncSession, settings: Settings, new: ConversationNew, now: datetime
) -> ConversationMade:
    """A new conversation; NotAuthenticated for an identity token that is not good or of no customer of ours."""
    customer = (
        await _customer_of(session, settings, new.identity_token) if new.identity_token else None
    )
    language: Language = new.language or (customer.language if customer else None) or "en"
    conversation = Conversation(
        channel=new.channel,
        language=language,
        state="assistant",
        customer_id=customer.id if customer else None,
        mfa_valid_until=_mfa_valid_until(settings, new.identity_token, now),
        dialogue=DialogueState(language=language),
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    await session.flush()
    return _with_token(session, settings, conversation, new.identity_token)


async def take_up(
    session: AsyncSession, settings: Settings, identity_token: str, now: datetime
) -> ConversationMade:
    """The customer's open conversation, with a token for this device; NotFound when none was spoken in lately."""
    customer = await _customer_of(session, settings, identity_token)
    conversation = await queries.open_conversation_of(session, customer.id, now - TAKEN_UP)
    if conversation is None:
        raise NotFound("open_conversation")
    conversation.mfa_valid_until = _mfa_valid_until(settings, identity_token, now)
    return _with_token(session, settings, conversation, identity_token)


async def confirm_identity(
    session: AsyncSession,
    settings: Settings,
    conversation: Conversation,
    identity_token: str,
    now: datetime,
) -> None:
    """The customer shows a second factor; Conflict for somebody else's token, or one that vouches for none."""
    customer = await _customer_of(session, settings, identity_token)
    if customer.id != conversation.customer_id:
        raise Conflict("conversation.other_identity")
    until = _mfa_valid_until(settings, identity_token, now)
    if until is None:
        raise Conflict("conversation.no_second_factor")
    conversation.mfa_valid_until = until
    await record(
        session, speaker_of(conversation), "identity.confirmed", f"conversation:{conversation.id}"
    )


def _mfa_valid_until(
    settings: Settings, identity_token: str | None, now: datetime
) -> datetime | None:
    """A second factor counts for a while, and no longer than the token that names it."""
    if identity_token is None:
        return None
    until = mfa_valid_until(settings.secrets.identity_token, IDENTITY_AUDIENCE, identity_token)
    return min(until, now + STRONG_FOR) if until else None


def _with_token(
    session: AsyncSession,
    settings: Settings,
    conversation: Conversation,
    identity_token: str | None,
) -> ConversationMade:
    """A token for this device; a signed-in customer's is good for as long as the session at the bank."""
    token = new_opaque_token("ct")
    ends = (
        token_end(settings.secrets.identity_token, IDENTITY_AUDIENCE, identity_token)
        if identity_token
        else None
    )
    session.add(
        ConversationToken(
            token_hash=fingerprint(token), conversation_id=conversation.id, expires_at=ends
        )
    )
    return ConversationMade.model_validate(
        {
            "id": conversation.id,
            "token": token,
            "state": conversation.state,
            "language": conversation.language,
        }
    )


async def request_handoff(
    session: AsyncSession, conversation_id: UUID, wanted: HandoffRequest, now: datetime
) -> bool:
    """Queue a conversation for a person unless it is already there; whether the team is on duty."""
    conversation = await queries.load(session, System(), conversation_id, lock=True)
    if conversation.state == "closed":
        raise Conflict("conversation.closed_open_new")
    if conversation.state == "assistant":
        conversation.handoff_reason = wanted.reason[:300]
        conversation.queue = wanted.queue or conversation.queue or DEFAULT_QUEUE
        conversation.priority = max(conversation.priority, wanted.priority, key=PRIORITIES.index)
        move(session, conversation, "queued", now)
    return SERVICE_HOURS.is_open(now)


async def leave_queue(
    session: AsyncSession, speaker: Participant, conversation_id: UUID, now: datetime
) -> bool:
    """The customer no longer waits for a person; false when the conversation does not wait."""
    conversation = await queries.load(session, speaker, conversation_id, lock=True)
    if conversation.state != "queued":
        return False
    conversation.handoff_reason = None
    move(session, conversation, "assistant", now)
    await record(session, speaker, "conversation.queue_left", f"conversation:{conversation.id}")
    return True


class ConversationHandoffs:
    """The dialogue's way to a person and back."""

    async def request(
        self, session: AsyncSession, conversation_id: UUID, wanted: HandoffRequest, now: datetime
    ) -> bool:
        """See request_handoff."""
        return await request_handoff(session, conversation_id, wanted, now)

    async def leave(
        self, session: AsyncSession, speaker: Participant, conversation_id: UUID, now: datetime
    ) -> bool:
        """See leave_queue."""
        return await leave_queue(session, speaker, conversation_id, now)


def note_signs(conversation: Conversation, signs: Sequence[Sign]) -> list[Sign]:
    """Keep the signs that this conversation had not shown before, and raise its priority; the new ones."""
    recorded = {entry["signal"] for entry in conversation.signals}
    new = [sign for sign in signs if sign.signal not in recorded]
    if new:
        conversation.signals = [*conversation.signals, *signs_as_json(new)]
        conversation.priority = raised(conversation.priority, new)
    return new


async def claim(
    session: AsyncSession, caller: Staff, conversation: Conversation, now: datetime
) -> None:
    """An agent takes a conversation; Conflict when another has it."""
    require(caller, "conversations:write")
    if conversation.state == "closed" or (
        conversation.state == "agent" and conversation.agent_id != caller.id
    ):
        raise Conflict(
            "conversation.closed"
            if conversation.state == "closed"
            else "conversation.claimed_by_another"
        )
    conversation.agent_id = caller.id
    move(session, conversation, "agent", now)
    await record(session, caller, "conversation.claimed", f"conversation:{conversation.id}")


async def release(
    session: AsyncSession, caller: Staff, conversation: Conversation, now: datetime
) -> None:
    """The agent gives the conversation back to the assistant."""
    require_own(caller, conversation)
    conversation.agent_id = None
    forget_task(conversation)
    move(session, conversation, "assistant", now)
    await record(session, caller, "conversation.released", f"conversation:{conversation.id}")


async def close(
    session: AsyncSession, caller: Staff, conversation: Conversation, now: datetime
) -> None:
    """End a conversation."""
    require(caller, "conversations:write")
    if conversation.state == "closed":
        raise Conflict("conversation.closed_already")
    move(session, conversation, "closed", now)
    await record(session, caller, "conversation.closed", f"conversation:{conversation.id}")


async def say_as_agent(
    session: AsyncSession,
    caller: Staff,
    conversation: Conversation,
    text: str,
    client_id: str | None,
    now: datetime,
) -> Message:
    """The agent's message to the customer; Conflict unless the agent has the conversation."""
    require_own(caller, conversation)
    message = Message(
        conversation_id=conversation.id,
        author="agent",
        text=text,
        language=conversation.language,
        citations=[],
        quick_replies=[],
        actions=[],
        client_message_id=client_id,
        degraded=[],
        sent_by=caller.id,
        created_at=now,
    )
    conversation.updated_at = now
    return await store(session, message)


async def store(session: AsyncSession, message: Message) -> Message:
    """Write a message and tell live clients."""
    session.add(message)
    await session.flush()
    emit(
        session,
        "message",
        MessageOut.model_validate(message).model_dump(mode="json"),
        message.conversation_id,
    )
    return message


def rate(
    session: AsyncSession,
    conversation: Conversation,
    score: int,
    comment: str | None,
    now: datetime,
) -> None:
    """Keep the customer's rating; the last one counts."""
    conversation.rating, conversation.rating_comment, conversation.updated_at = score, comment, now
    emit(session, "conversation.rated", {"conversation_id": str(conversation.id), "score": score})


def speaker_of(conversation: Conversation) -> Participant:
    """Who speaks on the customer's side, from the database."""
    return Participant(conversation.id, conversation.customer_id, conversation.mfa_valid_until)


def forget_task(conversation: Conversation) -> None:
    """Whatever the assistant was in the middle of is over: a person went on with it."""
    left = conversation.dialogue
    conversation.dialogue = DialogueState(
        language=left.language, turn=left.turn, last_text=left.last_text, introduced=left.introduced
    )


def require_own(caller: Staff, conversation: Conversation) -> None:
    """Conflict unless the caller has the conversation."""
    require(caller, "conversations:write")
    if conversation.state != "agent" or conversation.agent_id != caller.id:
        raise Conflict("conversation.claim_first")


def move(session: AsyncSession, conversation: Conversation, state: State, now: datetime) -> None:
    """Change the state, with when it began, and tell live clients."""
    conversation.state, conversation.updated_at = state, now
    match state:
        case "queued":
            conversation.queued_at = now
        case "agent":
            conversation.claimed_at = now
        case "closed":
            conversation.closed_at = now
    payload = {"state": state, "queue": conversation.queue, "priority": conversation.priority}
    emit(session, "state", payload, conversation.id)


async def _customer_of(session: AsyncSession, settings: Settings, identity_token: str) -> Customer:
    customer_id = token_subject(settings.secrets.identity_token, IDENTITY_AUDIENCE, identity_token)
    customer = await session.get(Customer, customer_id)
    while customer is not None and customer.merged_into is not None:
        customer = await session.get(Customer, customer.merged_into)
    if customer is None:
        raise NotAuthenticated
    return customer
