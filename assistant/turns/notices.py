"""What the assistant says unasked: that a ticket of the conversation is resolved, and how satisfied the customer is."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.card_control.wording import control_notice
from actions.customers.models import ControlState
from actions.tickets.models import Ticket
from assistant.conversations import queries
from assistant.conversations.models import Conversation, Message
from assistant.conversations.service import store
from assistant.dialogue.ratings import rating_question
from assistant.dialogue.wording import say
from core.languages import Language
from core.localized_text import translate

# After a ticket was resolved; later only the mail tells of it.
NOTIFIED_WITHIN = timedelta(hours=24)


async def notify_resolved(session: AsyncSession, now: datetime) -> int:
    """Say in the conversation that its ticket was resolved, and ask how satisfied the customer is; how many were told.

    A message's client id names the ticket and its resolution, and is unique in a conversation: nobody is told twice.
    """
    waiting = await queries.settled_tickets(session, now - NOTIFIED_WITHIN)
    for conversation, ticket, key in waiting:
        await store(session, _notice(conversation, ticket, key, now))
    return len(waiting)


async def notify_card_failures(session: AsyncSession, phone: str | None, now: datetime) -> int:
    """Say in the conversation that a card was not blocked or unblocked; how many were told, each once as in notify_resolved.

    `phone` is the number for emergencies.
    """
    waiting = await queries.failed_card_requests(session, now - NOTIFIED_WITHIN)
    for conversation, request, card, key in waiting:
        control: ControlState = "block_failed" if request.action == "block" else "unblock_failed"
        notice = control_notice(control, card.last_four, phone)
        message = Message(
            conversation_id=conversation.id,
            author="assistant",
            text=translate(notice, conversation.language),
            language=conversation.language,
            citations=[],
            quick_replies=[],
            client_message_id=key,
            degraded=[],
            created_at=now,
            actions=[{"type": f"card.{control}", "id": str(card.id), "last_four": card.last_four}],
        )
        conversation.updated_at = now
        await store(session, message)
    return len(waiting)


def _notice(conversation: Conversation, ticket: Ticket, key: str, now: datetime) -> Message:
    language: Language = conversation.language
    state = conversation.dialogue
    question, offer = rating_question(ticket, language, state.turn)
    notice = say(
        "dialogue.ticket_settled", language, reference=ticket.reference, subject=ticket.subject
    )
    conversation.dialogue = state.model_copy(update={"last_offer": offer})
    conversation.updated_at = now
    taps = [{"title": item.title, "payload": item.payload} for item in offer.items]
    action = {"type": "ticket.updated", "id": str(ticket.id), "reference": ticket.reference}
    return Message(
        conversation_id=conversation.id,
        author="assistant",
        text=f"{notice} {question}",
        language=language,
        citations=[],
        quick_replies=taps,
        actions=[action],
        client_message_id=key,
        degraded=[],
        created_at=now,
    )
