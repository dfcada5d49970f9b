"""Tickets from a conversation: opened, looked up, added to, closed and rated. A visitor's is found by reference and contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.tickets import queries, service
from actions.tickets.intake.opening import open_ticket, subject_of
from actions.tickets.lifecycle import ACTIVE
from actions.tickets.models import Ticket
from actions.tickets.schemas import CommentRequest, TicketNew
from assistant.dialogue.formats import time_text
from assistant.dialogue.operations.context import (
    OperationContext,
    as_uuid,
    refusal,
    ticket_action,
)
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.ratings import SCORES, rating_question
from assistant.dialogue.wording import value_name

SHOWN_TICKETS = 5
CONTENT = 3  # the lowest score that asks for no apology
MAX_DESCRIPTION, MAX_CONTACT = (
    10_000,
    200,
)  # characters, as actions.tickets.schemas.TicketNew has them


async def open_new(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Open a ticket of `kind` (decided by routing when absent) in the speaker's name, and say when somebody answers."""
    description = str(arguments.get("description") or context.text).strip()[:MAX_DESCRIPTION]
    if not description:
        return refusal(context, context.say("dialogue.ask_description"))
    new = TicketNew(
        subject=subject_of(description),
        description=description,
        kind=arguments.get("kind"),
        priority=arguments.get("priority"),
        language=context.language,
        channel=context.channel,
    )
    ticket = await open_ticket(
        context.session,
        context.speaker,
        new,
        context.now,
        contact=visitor_contact(context, arguments.get("contact")),
        signs=context.signs,
    )
    text = context.say(
        "dialogue.ticket_opened",
        reference=ticket.reference,
        first=time_text(ticket.first_response_due, context.language),
    )
    reply = Reply(text, actions=[ticket_action("ticket.created", ticket)])
    return Outcome((reply,), slots={"reference": ticket.reference})


def visitor_contact(context: OperationContext, contact: object) -> str | None:
    """How a visitor is reached; a customer is reached as the bank has it."""
    return None if context.signed_in or not contact else str(contact)[:MAX_CONTACT]


async def show(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Where the ticket of reference `ticket` stands, or the speaker's latest ones."""
    reference = arguments.get("ticket")
    if reference:
        ticket = await _named(context, arguments)
        if ticket is None:
            return refusal(context, context.say("dialogue.ticket_not_found"))
        shown = [ticket]
    else:
        shown = await _latest(context)
    if not shown:
        return refusal(context, context.say("dialogue.no_tickets"))
    text = "\n".join(_state_line(ticket, context) for ticket in shown)
    actions = [ticket_action("ticket.shown", ticket) for ticket in shown]
    return Outcome((Reply(text, actions=actions),))


async def comment(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Add `note` to the ticket of reference `ticket`, which opens again if it was finished lately."""
    note = str(arguments.get("note") or "").strip()[:MAX_DESCRIPTION]
    ticket = await _named(context, arguments)
    if ticket is None:
        return _no_ticket(context, arguments)
    if not note:
        text = context.say("dialogue.note_missing", reference=ticket.reference)
        return refusal(context, text)
    locked = await service.load_locked(context.session, ticket)
    request = CommentRequest(text=note, visibility="public")
    await service.comment(context.session, context.speaker, locked, request, context.now)
    text = context.say("dialogue.note_added", reference=ticket.reference)
    return Outcome((Reply(text, actions=[ticket_action("ticket.updated", locked)]),))


async def close(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Close the ticket of reference `ticket`, and ask how satisfied the customer is."""
    ticket = await _named(context, arguments)
    if ticket is None:
        return _no_ticket(context, arguments)
    locked = await service.load_locked(context.session, ticket)
    reference = locked.reference
    if locked.state in ("closed", "archived"):
        return Outcome((Reply(context.say("dialogue.already_closed", reference=reference)),))
    await service.close_for_customer(context.session, context.speaker, locked, context.now)
    closed = context.say("dialogue.ticket_closed", reference=reference)
    question, offer = rating_question(locked, context.language, context.state.turn)
    reply = Reply(f"{closed} {question}", actions=[ticket_action("ticket.updated", locked)])
    return Outcome((reply,), offer=offer)


async def rate(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Record the `score`, 1 to 5, of the speaker's own `ticket` (id or reference); the last one counts."""
    ticket, score = await _own(context, arguments.get("ticket")), arguments.get("score")
    if ticket is None or score not in SCORES:
        return refusal(context, context.say("dialogue.ticket_not_found"))
    if ticket.state in ACTIVE:
        return refusal(context, context.say("dialogue.rated_too_early", reference=ticket.reference))
    await service.rate(context.session, context.speaker, ticket, int(score), None, context.now)
    code = "dialogue.rated_well" if score >= CONTENT else "dialogue.rated_badly"
    return Outcome((Reply(context.say(code), actions=[ticket_action("ticket.updated", ticket)]),))


async def _own(context: OperationContext, value: object) -> Ticket | None:
    """The speaker's own ticket by id or reference, locked for a change."""
    ticket_id = as_uuid(value)
    is_meant = Ticket.id == ticket_id if ticket_id else Ticket.reference == str(value)
    own = queries.visible_tickets(context.speaker).where(is_meant).with_for_update()
    return await context.session.scalar(own.execution_options(populate_existing=True))


def _no_ticket(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    code = "ticket_not_found" if arguments.get("ticket") else "no_open_tickets"
    return refusal(context, context.say(f"dialogue.{code}"))


async def _named(context: OperationContext, arguments: Mapping[str, Any]) -> Ticket | None:
    """The ticket of a reference, if it is the speaker's own or the contact is the one it was opened with."""
    reference, contact = arguments.get("ticket"), arguments.get("contact")
    if not reference:
        return None
    own = queries.visible_tickets(context.speaker).where(Ticket.reference == str(reference))
    ticket = await context.session.scalar(own)
    if ticket is None and contact:
        followed = queries.followed_ticket(str(reference), str(contact))
        ticket = await context.session.scalar(followed)
    return ticket


async def _latest(context: OperationContext) -> list[Ticket]:
    own = queries.visible_tickets(context.speaker)
    order = (Ticket.state.in_(ACTIVE).desc(), Ticket.created_at.desc())
    return list((await context.session.scalars(own.order_by(*order).limit(SHOWN_TICKETS))).all())


def _state_line(ticket: Ticket, context: OperationContext) -> str:
    return context.say(
        "dialogue.ticket_state",
        reference=ticket.reference,
        subject=ticket.subject,
        state=value_name("ticket_state", ticket.state, context.language),
        due=_due_text(ticket, context),
    )


def _due_text(ticket: Ticket, context: OperationContext) -> str:
    """What happens next, and by when; a time that is over is not repeated."""
    if ticket.state not in ACTIVE:
        return context.say("dialogue.done")
    if ticket.state == "waiting_customer":
        return context.say("dialogue.reply_wanted")
    if ticket.state == "new" and ticket.first_response_due > context.now:
        first = time_text(ticket.first_response_due, context.language)
        return context.say("dialogue.reply_due", first=first)
    if ticket.resolution_due > context.now:
        resolution = time_text(ticket.resolution_due, context.language)
        return context.say("dialogue.due", resolution=resolution)
    return context.say("dialogue.overdue")
