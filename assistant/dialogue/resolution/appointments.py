"""Appointments that exist: cancelled, moved, shown. Booking one is the flow's own intent."""

from __future__ import annotations

import re

from assistant.dialogue.commands import Command
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.context import Context, start_flow
from assistant.dialogue.slot_types.tickets import reference_in

_APPOINTMENT = re.compile(
    r"\b(?:appoint?ments?|appts?|bookings?|meeting)\b|预约|约(?:好|了|的)|面谈|那天|见面",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"\b(?:cancel\w*|call(?:ed)? off|scrap|drop|(?:do not|don'?t|no longer|needn'?t|won'?t) (?:need|want|make|come|bother|be)|can'?t (?:make|come)|get rid of|undo)\b|"
    r"取消|撤|退掉|关掉|关闭|不去|去不了|来不了|不约|不需要|不用约|不要约",
    re.IGNORECASE,
)
_MOVE = re.compile(
    r"\b(?:move|re-?schedule|change|postpone|shift|bring (?:it )?forward|push (?:it )?back|(?:an)?other (?:day|time|date)|different (?:day|time|date)|later|earlier|instead)\b|"
    r"改|换|推迟|延后|提前|挪",
    re.IGNORECASE,
)
_SHOW = re.compile(
    r"\b(?:show|list|see|which|what|when|where|do i have|have i got|how many|any|check)\b|几个|几点|哪天|什么时候|查|看看|有没有|有哪些|还有",
    re.IGNORECASE,
)
_MINE = re.compile(r"\b(?:my|our|that|do i have|have i got|i have)\b|我|那个|T-\d", re.IGNORECASE)
_BOOKS = re.compile(
    r"\b(?:book|make|arrange|schedule|request|get|want|need|like|could i|can i)\b|想约|要约|帮我约|预约一",
    re.IGNORECASE,
)


def of_an_appointment(context: Context, clause: Clause) -> Command | None:
    """What a clause wants done with an appointment that was requested; None where it speaks of none, or books one."""
    flow = _flow_name(context, clause)
    definition = context.flows.flows.get(flow) if flow else None
    if definition is None:
        return None
    return start_flow(context, definition, (clause,), at_once=False)


def _flow_name(context: Context, clause: Clause) -> str | None:
    text = clause.text
    if clause.stance in ("reported", "hypothetical") and not _names_one(context, text):
        return None
    is_named = bool(_APPOINTMENT.search(text)) or _names_one(context, text)
    if not is_named and clause.intent != "book_appointment":
        return None
    if is_named and _CANCEL.search(text):
        return "cancel_appointment"
    if _MOVE.search(text) and context.facts.appointments:
        return "move_appointment"
    own = _MINE.search(text) or (context.facts.appointments and clause.stance == "asked")
    shows = is_named and _SHOW.search(text) and own
    return "show_appointments" if shows and not _BOOKS.search(text) else None


def _names_one(context: Context, text: str) -> bool:
    """Whether a text names the reference of an appointment."""
    named = reference_in(text, context.facts.tickets)
    return named is not None and any(one.reference == named for one in context.facts.appointments)
