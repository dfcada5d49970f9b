"""An appointment is requested, never confirmed here: a lead that somebody of the bank answers with the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.tickets import service
from actions.tickets.intake.opening import open_ticket, subject_of
from actions.tickets.models import Ticket
from actions.tickets.schemas import TicketNew
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.facts import APPOINTMENT
from assistant.dialogue.formats import time_text
from assistant.dialogue.operations.context import (
    OperationContext,
    refusal,
    ticket_action,
)
from assistant.dialogue.operations.tickets import visitor_contact
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.slot_types.moments import PARTS, Moment, moment_text
from assistant.dialogue.state import OfferItem
from core.clock import SERVICE_HOURS

NOTICE = timedelta(hours=1)  # before which nobody can be met


async def request(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Request an appointment at `moment` (see slot_types.moments; `time` completes a day) about `topic`.

    A moment that is over, or at which the bank is closed, is refused with the next one at which it is open.
    """
    moment = _moment(arguments)
    contact = visitor_contact(context, arguments.get("contact"))
    if not context.signed_in and contact is None:
        return refusal(context, context.say("dialogue.ask_contact"))
    if moment is not None and (refused := _refused(context, moment, arguments)):
        return refused
    ticket, wish = await _requested(context, arguments, moment, contact)
    first = time_text(ticket.first_response_due, context.language)
    if wish:
        text = context.say(
            "dialogue.appointment_requested", moment=wish, first=first, reference=ticket.reference
        )
    else:
        text = context.say(
            "dialogue.appointment_without_time", first=first, reference=ticket.reference
        )
    actions = _actions(ticket, moment)
    return Outcome((Reply(text, actions=actions),), slots={"reference": ticket.reference})


async def cancel(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Cancel the appointment of reference `ticket`; nobody is asked how satisfied they are with it."""
    former = await _own_appointment(context, arguments)
    if former is None:
        return refusal(context, context.say("dialogue.no_appointment"))
    await service.close_for_customer(context.session, context.speaker, former, context.now)
    text = context.say("dialogue.appointment_cancelled", reference=former.reference)
    return Outcome((Reply(text, actions=[ticket_action("ticket.updated", former)]),))


async def move(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Request another `moment` for the appointment of reference `ticket`, which is cancelled with it."""
    moment, former = _moment(arguments), await _own_appointment(context, arguments)
    if former is None:
        return refusal(context, context.say("dialogue.no_appointment"))
    if moment is not None and (refused := _refused(context, moment, arguments)):
        return refused
    topic = former.description.partition("\n")[0]
    ticket, wish = await _requested(context, {**arguments, "topic": topic}, moment, None)
    await service.close_for_customer(context.session, context.speaker, former, context.now)
    text = context.say(
        "dialogue.appointment_moved",
        moment=wish or "",
        former=former.reference,
        first=time_text(ticket.first_response_due, context.language),
        reference=ticket.reference,
    )
    return Outcome(
        (Reply(text, actions=[*_actions(ticket, moment), ticket_action("ticket.updated", former)]),)
    )


async def show(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """The appointments that were requested, each with its wish."""
    lines = [
        f"{one.reference}: {' '.join(one.description.splitlines()[1:]) or one.subject}"
        for one in context.facts.appointments
    ]
    if not lines:
        return Outcome((Reply(context.say("dialogue.no_appointment")),))
    text = context.say(
        "dialogue.appointments_shown", lines="\n".join(f"• {line}" for line in lines)
    )
    actions = [ticket_action("ticket.shown", one) for one in context.facts.appointments]
    return Outcome((Reply(text, actions=actions),))


async def _own_appointment(
    context: OperationContext, arguments: Mapping[str, Any]
) -> Ticket | None:
    """The speaker's own appointment of a reference, locked for a change."""
    reference = str(arguments.get("ticket") or "")
    own = next((one for one in context.facts.appointments if one.reference == reference), None)
    return await service.load_locked(context.session, own) if own is not None else None


async def _requested(
    context: OperationContext,
    arguments: Mapping[str, Any],
    moment: Moment | None,
    contact: str | None,
) -> tuple[Ticket, str | None]:
    """The ticket of an appointment, and its wish in words."""
    topic = str(arguments.get("topic") or context.say("dialogue.appointment_topic")).strip()
    wish = moment_text(moment.value, context.language) if moment else None
    lines = [topic]
    if wish:
        lines.append(context.say("dialogue.appointment_wish", moment=wish))
    new = TicketNew(
        subject=subject_of(context.say("dialogue.appointment_subject", topic=topic)),
        description="\n".join(lines),
        kind="lead",
        language=context.language,
        channel=context.channel,
        tags=[APPOINTMENT],
    )
    ticket = await open_ticket(
        context.session, context.speaker, new, context.now, contact=contact, signs=context.signs
    )
    return ticket, wish


def _actions(ticket: Ticket, moment: Moment | None) -> list[dict[str, Any]]:
    requested = ticket_action("appointment.requested", ticket)
    requested["moment"] = moment.value if moment else None
    return [requested, ticket_action("ticket.created", ticket)]


def _moment(arguments: Mapping[str, Any]) -> Moment | None:
    """The moment of the arguments; None where none was agreed on or it cannot be read."""
    value, at = arguments.get("moment"), arguments.get("time")
    if not value:
        return None
    text = str(value)
    if at and len(text) == len("2026-12-01"):
        text = f"{text}/{at}" if at in PARTS else f"{text}T{at}"
    try:
        return Moment.parse(text)
    except ValueError:
        return None


def _refused(
    context: OperationContext, moment: Moment, arguments: Mapping[str, Any]
) -> Outcome | None:
    """Why nobody can be met at this moment, with the next at which somebody can; None where it is possible."""
    first, last = moment.span()
    wish = moment_text(moment.value, context.language)
    opens = next(SERVICE_HOURS.open_spans(max(first, context.now + NOTICE)))[0]
    if last <= context.now:
        text = context.say("dialogue.appointment_past", moment=wish)
    elif opens > last:
        next_open = moment_text(_value(opens), context.language)
        text = context.say("dialogue.appointment_closed", moment=wish, opens=next_open)
    else:
        return None
    title = context.say(
        "dialogue.appointment_offer", moment=moment_text(_value(opens), context.language)
    )
    slots = {**arguments, "moment": _value(opens)}
    slots.pop("time", None)
    item = OfferItem(
        title=title, payload=title, command=StartFlow(flow="book_appointment", slots=slots)
    )
    return refusal(context, text, context.offer(item))


def _value(opens: Any) -> str:
    """The first full half hour from an opening time on, as a moment is stored."""
    local = opens.astimezone(ZoneInfo(SERVICE_HOURS.zone))
    late = timedelta(
        minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond
    )
    rounded = local - late + timedelta(minutes=30) if late else local
    return f"{rounded:%Y-%m-%dT%H:%M}"
