"""The way to a person, with the team and the promise; what is said to somebody who needs care; social turns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.dialogue.formats import time_text
from actions.dialogue.phrases import PHRASES, quick, say
from actions.dialogue.turn import Handoff, Reply, Turn
from actions.tickets.intake.opening import open_ticket
from actions.tickets.lifecycle import Queue
from actions.tickets.routing.models import guess_of
from actions.tickets.routing.rules import Facts, route
from actions.tickets.routing.signals import TREATMENTS, Sign, raised, team
from actions.tickets.schemas import TicketNew
from actions.tickets.ticket_config.service import load_ticket_config
from core.clock import SERVICE_HOURS
from core.languages import Language

CALL_BACK = "call_back"  # in a conversation's memory while a visitor may still say where to call
UNHELPED = "unhelped"  # in a conversation's memory: turns in a row that did not help
FAILURES = 2  # of these, and a person takes over
_ENGLISH = re.compile(r"english|英文|英语", re.IGNORECASE)
_CHINESE = re.compile(r"chinese|中文|汉语|普通话", re.IGNORECASE)


async def to_a_person(turn: Turn, reason: str = "asked") -> Reply:
    """Queue the conversation and say when somebody will answer; outside the hours with the promise of a call."""
    wanted = Handoff(reason, await team_for(turn), raised("normal", turn.signs))
    on_duty = await turn.services.handoffs.request(
        turn.session, turn.speaker.conversation_id, wanted, turn.now
    )
    done = [{"type": "handoff.requested", "reason": reason}]
    if on_duty:
        return Reply(say("handoff_now", turn.language), actions=done)
    opens = time_text(next(SERVICE_HOURS.open_spans(turn.now))[0], turn.language)
    if turn.signed_in:
        call = await promise_call_back(turn, None)
        return Reply(
            say("handoff_later_call", turn.language, opens=opens), actions=[*done, *call.actions]
        )
    turn.memory[CALL_BACK] = turn.text[:300] or reason
    return Reply(say("handoff_later", turn.language, opens=opens), actions=done)


async def promise_call_back(turn: Turn, contact: str | None) -> Reply:
    """A ticket that somebody calls or writes back, so that the promise does not hang on an open chat."""
    about = str(turn.memory.pop(CALL_BACK, "") or turn.text) or "-"
    new = TicketNew(
        subject=say("call_back_subject", turn.language),
        description=about,
        queue=await team_for(turn),
        kind="service_request",
        language=turn.language,
        channel=turn.channel,
    )
    ticket = await open_ticket(
        turn.session, turn.speaker, new, turn.now, contact=contact, signs=turn.signs
    )
    text = say(
        "call_back_promised", turn.language, contact=contact or "", reference=ticket.reference
    )
    return Reply(
        text,
        actions=[{"type": "ticket.created", "id": str(ticket.id), "reference": ticket.reference}],
    )


async def team_for(turn: Turn) -> Queue:
    """The team that the signs name, else the one for what was said last; the general one when nothing was."""
    topic = turn.memory.get("topic") or {}
    text = f"{turn.text}\n{topic.get('question', '')}".strip()
    if not text:
        return team(turn.signs) or "general"
    book = await load_ticket_config(turn.session)
    facts = Facts(text, turn.channel, signs=turn.signs)
    return (
        team(turn.signs)
        or route(facts, book.routing.rules, guess=await guess_of(turn.session, text)).queue
    )


def failed_too_often(turn: Turn, *, counts: bool = True) -> bool:
    """Count a turn that did not help; whether it was one too many in a row. Any other turn sets the count back."""
    turn.note("failed")
    turn.memory[UNHELPED] = turn.memory.get(UNHELPED, 0) + counts
    if turn.memory[UNHELPED] < FAILURES:
        return False
    turn.memory.pop(UNHELPED)
    return True


def grave(signs: Sequence[Sign]) -> Sign | None:
    """The sign that brings a person at once, if there is one."""
    return next((sign for sign in signs if TREATMENTS[sign.signal].handoff), None)


async def take_over(turn: Turn, sign: Sign) -> list[Reply]:
    """What must be done now, said first; then a person."""
    said = Reply(say(f"care_{sign.signal}", turn.language))
    return [said, await to_a_person(turn, sign.reason.en)]


def with_care(turn: Turn, new: Sequence[Sign]) -> Reply | None:
    """A sentence for what the customer has just shown, said before the answer; None where none is fitting."""
    for sign in new:
        key = f"care_{sign.signal}"
        if key in PHRASES:
            return Reply(
                say(key, turn.language),
                quick_replies=[quick("person", "say_person", turn.language)],
            )
    return None


def social(turn: Turn, intent: str) -> Reply:
    """Greetings, thanks, help, repetition, starting over, another language."""
    match intent:
        case "repeat":
            return Reply(turn.memory.get("last_text") or say("repeat_nothing", turn.language))
        case "restart":
            turn.memory.pop("topic", None)
            turn.memory.pop("asked", None)
            return Reply(say("restart", turn.language))
        case "switch_language":
            language = wanted_language(turn.text, turn.language)
            turn.memory["language"] = turn.language = language
            return Reply(
                say(intent, language), actions=[{"type": "language.changed", "language": language}]
            )
        case "greet" | "help":
            language = turn.language
            offers = [
                quick("ticket", "say_ticket", language),
                quick("person", "say_person", language),
            ]
            return Reply(say(intent, language), quick_replies=offers)
    return Reply(say(intent, turn.language))


def wanted_language(text: str, current: Language) -> Language:
    """The language that a message names, else the other one."""
    if _ENGLISH.search(text):
        return "en"
    if _CHINESE.search(text):
        return "zh"
    return "zh" if current == "en" else "en"
