"""Tickets in the dialogue: what counts as a description, the confirmation, opening, and following."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from actions.dialogue import ratings
from actions.dialogue.formats import time_text
from actions.dialogue.phrases import quick, say, word
from actions.dialogue.turn import Reply, Turn
from actions.tickets import queries
from actions.tickets.intake.opening import open_ticket, subject_of
from actions.tickets.lifecycle import ACTIVE, Kind
from actions.tickets.models import Ticket
from actions.tickets.schemas import CommentRequest, TicketNew
from actions.tickets.service import close_for_customer, comment, load_locked
from core.languages import Language

REFERENCE = re.compile(
    r"(?<![A-Za-z0-9])T-?(\d{6,})(?!\d)", re.IGNORECASE
)  # Chinese puts no space before it
SHOWN_TICKETS = 5
SHOWN_DESCRIPTION = 240  # characters of it that are repeated before the yes
# Repetitions have an end, so that a text is walked through once however often it says them.
# What people say to ask for a ticket; the rest of the message, if there is enough of it, is what the ticket is about.
_REQUEST = {
    "en": re.compile(
        r"\b(?:(?:please|can|could|would|you|i|i'd|want|need|like|to|me|for|my|a|an|the|and|us|help)\s++){0,12}"
        r"(?:open|create|raise|log|file|submit|start|register|make|put in)\s++(?:me\s++)?(?:(?:a|an|the|my)\s*+)?"
        r"(?:new\s++|support\s++|service\s++|formal\s++){0,4}(?:ticket|request|case|issue|complaint|problem)s?\b"
        r"|i\s++(?:want|would like|need)\s+to\s+(?:complain|report fraud|make an appointment|book an appointment)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:请|麻烦|帮我|我要|我想|给我){0,12}(?:开|建|提交|登记|创建|新建|提|记录)(?:一?[个张下])?(?:新)?(?:的)?(?:工单|请求|单子|问题)|我要投诉"
    ),
}
_LEADING = re.compile(
    r"^(?:\s|[,.:;!?，。：；！？、—-]|about\b|because\b|that\b|for\b|with\b|关于|因为|是)+",
    re.IGNORECASE,
)
_NOTE = re.compile(r"[:：]\s*(.+)|\bthat\s+(.+)", re.DOTALL | re.IGNORECASE)
_ENOUGH = {"en": 3, "zh": 4}  # words in English, characters in Chinese


def description_in(text: str, intent: str, language: Language) -> str | None:
    """What a message that asks for a ticket already says of the matter, or None when it only asks."""
    if intent in ("open_ticket", "make_complaint", "report_fraud", "book_appointment"):
        rest = _LEADING.sub("", _REQUEST[language].sub(" ", text)).strip()
    else:  # "I lost my card" is a description by itself
        rest = text.strip()
    size = len(rest) if language == "zh" else len(rest.split())
    return rest if size >= _ENOUGH[language] else None


def asks_for_ticket(text: str, language: Language) -> bool:
    """Whether a message speaks of opening a ticket, in whatever words it goes on."""
    return bool(_REQUEST[language].search(text))


def reference_in(text: str) -> str | None:
    """A ticket reference in its one spelling."""
    found = REFERENCE.search(text)
    return f"T-{found.group(1)}" if found else None


def ask_confirmation(turn: Turn, description: str, contact: str | None) -> Reply:
    """Repeat what was understood and ask for a yes."""
    language = turn.language
    reached = say("confirm_contact", language, contact=contact) if contact else ""
    return Reply(
        say(
            "confirm_ticket",
            language,
            description=subject_of(description, SHOWN_DESCRIPTION),
            contact=reached,
        ),
        quick_replies=[quick("yes", "yes", language), quick("no", "no", language)],
    )


async def write_ticket(
    turn: Turn, description: str, kind: Kind | None, contact: str | None
) -> Reply:
    """Open the ticket in the speaker's name and tell its reference."""
    new = TicketNew(
        subject=subject_of(description),
        description=description,
        kind=kind,
        language=turn.language,
        channel=turn.channel,
    )
    ticket = await open_ticket(
        turn.session,
        turn.speaker,
        new,
        turn.now,
        contact=None if turn.signed_in else contact,
        signs=turn.signs,
    )
    text = say(
        "ticket_opened",
        turn.language,
        reference=ticket.reference,
        queue=word(ticket.queue, turn.language),
        priority=word(ticket.priority, turn.language),
        first=_when(ticket.first_response_due, turn),
        resolution=_when(ticket.resolution_due, turn),
    )
    return Reply(
        text,
        actions=[{"type": "ticket.created", "id": str(ticket.id), "reference": ticket.reference}],
    )


async def tell_state(turn: Turn, reference: str | None, contact: str | None) -> Reply:
    """Where the speaker's tickets stand; a visitor's by reference and contact."""
    tickets = await _followed(turn, reference, contact)
    if not tickets:
        key = "ticket_not_found" if reference else "no_tickets"
        return Reply(
            say(key, turn.language), quick_replies=[quick("person", "say_person", turn.language)]
        )
    return Reply(
        "\n".join(_state_line(ticket, turn) for ticket in tickets),
        actions=[
            {"type": "ticket.shown", "id": str(t.id), "reference": t.reference} for t in tickets
        ],
    )


def note_in(text: str, language: Language) -> str | None:
    """What a message that wants something added to a ticket already gives to add, or None."""
    found = _NOTE.search(text)
    note = (found.group(1) or found.group(2)).strip() if found else ""
    size = len(note) if language == "zh" else len(note.split())
    return note if size >= _ENOUGH[language] else None


async def active_tickets(turn: Turn) -> list[Ticket]:
    """The speaker's tickets that are not finished, newest first."""
    own = queries.visible_tickets(turn.speaker).where(Ticket.state.in_(ACTIVE))
    return list(
        (
            await turn.session.scalars(own.order_by(Ticket.created_at.desc()).limit(SHOWN_TICKETS))
        ).all()
    )


async def is_own(turn: Turn, reference: str) -> bool:
    """Whether the speaker may see this ticket without naming its contact."""
    own = queries.visible_tickets(turn.speaker).where(Ticket.reference == reference)
    return bool(await turn.session.scalar(own.with_only_columns(Ticket.id)))


async def ask_reference(turn: Turn) -> Reply:
    """Ask which ticket; the speaker's own ones are a tap away."""
    choices = [
        {"title": f"{t.reference} {t.subject}"[:60], "payload": t.reference}
        for t in await active_tickets(turn)
    ]
    return Reply(say("ask_reference", turn.language), quick_replies=choices)


async def ask_change(turn: Turn, reference: str, contact: str | None, note: str | None) -> Reply:
    """Repeat what would be added to a ticket, or that it would be closed, and ask for a yes."""
    language, found = turn.language, await _followed(turn, reference, contact)
    if not found:
        return Reply(say("ticket_not_found", language))
    text = (
        say("confirm_note", language, reference=reference, note=note)
        if note
        else say("confirm_close", language, reference=reference, subject=found[0].subject)
    )
    return Reply(text, quick_replies=[quick("yes", "yes", language), quick("no", "no", language)])


async def change_ticket(
    turn: Turn, reference: str | None, contact: str | None, note: str | None
) -> Reply:
    """Add the note to the speaker's ticket, or close it when there is none."""
    language = turn.language
    if reference is None:
        return Reply(say("no_open_tickets", language))
    found = await _followed(turn, reference, contact)
    if not found:
        return Reply(say("ticket_not_found", language))
    ticket = await load_locked(turn.session, found[0])
    taps: list[dict[str, str]] = []
    if note:
        await comment(
            turn.session,
            turn.speaker,
            ticket,
            CommentRequest(text=note, visibility="public"),
            turn.now,
        )
        text = say("note_added", language, reference=reference, queue=word(ticket.queue, language))
    elif ticket.state in ("closed", "archived"):
        return Reply(say("already_closed", language, reference=reference))
    else:
        await close_for_customer(turn.session, turn.speaker, ticket, turn.now)
        asked = ratings.question(language, reference)
        ratings.remember(turn.memory, ticket.id, turn.message_id)
        text = f"{say('ticket_closed', language, reference=reference)} {asked.text}"
        taps = asked.quick_replies
    return Reply(
        text,
        quick_replies=taps,
        actions=[{"type": "ticket.updated", "id": str(ticket.id), "reference": reference}],
    )


async def has_tickets(turn: Turn) -> bool:
    """Whether the speaker has tickets that may be shown without asking for anything."""
    return bool(
        await turn.session.scalar(
            queries.visible_tickets(turn.speaker).with_only_columns(Ticket.id).limit(1)
        )
    )


async def _followed(turn: Turn, reference: str | None, contact: str | None) -> list[Ticket]:
    own = queries.visible_tickets(turn.speaker)
    if reference:
        found = await turn.session.scalar(own.where(Ticket.reference == reference))
        if found is None and contact:
            found = await turn.session.scalar(queries.followed_ticket(reference, contact))
        return [found] if found else []
    latest = own.order_by(Ticket.state.in_(ACTIVE).desc(), Ticket.created_at.desc()).limit(
        SHOWN_TICKETS
    )
    return list((await turn.session.scalars(latest)).all())


def _state_line(ticket: Ticket, turn: Turn) -> str:
    language = turn.language
    active = ticket.state in ACTIVE
    due = (
        say("due", language, resolution=_when(ticket.resolution_due, turn))
        if active
        else say("done", language)
    )
    return say(
        "ticket_state",
        language,
        reference=ticket.reference,
        subject=ticket.subject,
        state=word(ticket.state, language),
        queue=word(ticket.queue, language),
        due=due,
    )


def _when(at: datetime, turn: Turn) -> str:
    return time_text(at, turn.language)


def fields_for(turn: Turn, names: Sequence[str]) -> list[dict[str, Any]]:
    """The fields of a ticket that are asked for, as a page shows them; somebody who is signed in has left a contact already."""
    types = {"description": "long_text", "contact": "text"}
    return [
        {
            "name": name,
            "label": say(f"field_{name}", turn.language),
            "type": types[name],
            "required": True,
            "options": [],
        }
        for name in names
        if name != "contact" or not turn.signed_in
    ]
