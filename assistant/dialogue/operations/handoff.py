"""The way to an agent and back: queued with a team, called back outside the hours, and no longer waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select

from actions.tickets import queries, service
from actions.tickets.intake.opening import open_ticket
from actions.tickets.lifecycle import ACTIVE, Queue
from actions.tickets.models import Ticket
from actions.tickets.routing.models import guess_of
from actions.tickets.routing.rules import Facts, route
from actions.tickets.routing.signals import raised, team
from actions.tickets.schemas import CommentRequest, TicketNew
from actions.tickets.ticket_config.service import load_ticket_config
from assistant.dialogue.formats import time_text
from assistant.dialogue.operations.context import (
    HandoffRequest,
    OperationContext,
    refusal,
    ticket_action,
)
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.signs import care_text
from assistant.dialogue.state import QueueState
from core.clock import SERVICE_HOURS
from core.contacts import find_contact

CALL_BACK = "call_back"  # the tag of tickets that promise one
MAX_ABOUT = 300  # characters of what a call back is about


async def request(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Queue the conversation for `reason`; `care` names a sign whose sentence is said first.

    Outside the hours a customer gets a call-back ticket at once, and a visitor is asked for a contact.
    """
    said_first = care_text(str(arguments.get("care")), context.language)
    care = (Reply(said_first),) if said_first else ()
    if context.facts.state == "queued":
        return Outcome((*care, Reply(context.say("dialogue.handoff_already"))))
    reason = str(arguments.get("reason") or "asked")
    wanted = HandoffRequest(reason, await team_for(context), raised("normal", context.signs))
    on_duty = await context.services.handoffs.request(
        context.session, context.conversation_id, wanted, context.now
    )
    actions: list[dict[str, Any]] = [{"type": "handoff.requested", "reason": reason}]
    queue = QueueState(since=context.now, reason=reason)
    if on_duty:
        reply = Reply(context.say("dialogue.handoff_now"), actions=actions)
        return Outcome((*care, reply), queue=queue)
    opens = time_text(next(SERVICE_HOURS.open_spans(context.now))[0], context.language)
    if context.signed_in:
        ticket = await _open_call_back(context, None)
        actions.append(ticket_action("ticket.created", ticket))
        reply = Reply(context.say("dialogue.handoff_later_call", opens=opens), actions=actions)
        queue = queue.model_copy(update={"call_back_promised": True})
    else:
        reply = Reply(context.say("dialogue.handoff_later", opens=opens), actions=actions)
        queue = queue.model_copy(update={"asked_contact": True})
    return Outcome((*care, reply), queue=queue)


async def leave(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """The customer waits no longer; the assistant goes on. A call back that was promised still stands."""
    left = await context.services.handoffs.leave(
        context.session, context.speaker, context.conversation_id, context.now
    )
    if not left:
        return Outcome((Reply(context.say("dialogue.handoff_not_waiting")),))
    reply = Reply(context.say("dialogue.handoff_left"), actions=[{"type": "handoff.left"}])
    return Outcome((reply,))


async def promise_call_back(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """A ticket by which somebody calls or writes to `contact` (or the message's own); a new contact replaces the one before."""
    contact = find_contact(str(arguments.get("contact") or context.text))
    if contact is None and not context.signed_in:
        return refusal(context, context.say("dialogue.bad_contact"))
    promised = await context.session.scalar(_promised(context))
    if promised is None:
        ticket = await _open_call_back(context, contact)
        action = ticket_action("ticket.created", ticket)
    else:
        ticket = await _change_contact(context, promised, contact)
        action = ticket_action("ticket.updated", ticket)
    code = "call_back_promised" if contact else "call_back_promised_signed_in"
    params = {"contact": contact} if contact else {}
    text = context.say(f"dialogue.{code}", reference=ticket.reference, **params)
    queue = context.state.queue or QueueState(since=context.now, reason=CALL_BACK)
    queue = queue.model_copy(update={"contact": contact, "call_back_promised": True})
    return Outcome((Reply(text, actions=[action]),), queue=queue)


def _promised(context: OperationContext) -> Select[Ticket]:
    """The call back that this conversation was promised and that is still due."""
    tickets = queries.visible_tickets(context.speaker).where(
        Ticket.conversation_id == context.conversation_id,
        Ticket.tags.contains([CALL_BACK]),
        Ticket.state.in_(ACTIVE),
    )
    return tickets.order_by(Ticket.created_at.desc()).limit(1)


async def _open_call_back(context: OperationContext, contact: str | None) -> Ticket:
    new = TicketNew(
        subject=context.say("dialogue.call_back_subject"),
        description=_about(context, contact),
        queue=await team_for(context),
        kind="service_request",
        language=context.language,
        channel=context.channel,
        tags=[CALL_BACK],
    )
    return await open_ticket(
        context.session, context.speaker, new, context.now, contact=contact, signs=context.signs
    )


def _about(context: OperationContext, contact: str | None) -> str:
    """What a call back is about: the message, or what the conversation was about where that is only a contact."""
    topic, queue = context.state.topic, context.state.queue
    is_contact = contact is not None and len(context.text) <= 2 * len(contact)
    candidates = ("" if is_contact else context.text, topic.question if topic else "")
    reason = queue.reason if queue else ""
    about = "\n".join(part for part in candidates if part) or reason or context.text or "-"
    with_contact = f"{about}\n{contact}" if contact and context.signed_in else about
    return with_contact[: 2 * MAX_ABOUT]


async def _change_contact(
    context: OperationContext, promised: Ticket, contact: str | None
) -> Ticket:
    """The call back goes to another contact; whoever works on it reads so."""
    ticket = await service.load_locked(context.session, promised)
    if contact is None or contact == ticket.contact:
        return ticket
    if not context.signed_in:
        ticket.contact = contact
    note = CommentRequest(text=contact, visibility="public")
    await service.comment(context.session, context.speaker, ticket, note, context.now)
    return ticket


async def team_for(context: OperationContext) -> Queue:
    """The team that the signs name, else the one for what was said last; the general one when nothing was."""
    by_signs = team(context.signs)
    topic = context.state.topic
    text = f"{context.text}\n{topic.question if topic else ''}".strip()
    if by_signs or not text:
        return by_signs or "general"
    config = await load_ticket_config(context.session)
    facts = Facts(text, context.channel, signs=context.signs)
    guess = await guess_of(context.session, text)
    return route(facts, config.routing.rules, guess=guess).queue
