"""How content a customer is with a finished ticket: asked in the conversation, answered by a number or a tap.

The question stands in the conversation's memory for one message. An answer that is no score is no answer, and the message
goes the usual way.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, Turn
from actions.tickets import service
from core.languages import Language

ASKED = "rate_ticket"  # in a conversation's memory: the ticket, and the message after which it was asked
_SCORE = re.compile(
    r"^\s*(?:i(?:'d| would)? (?:give|rate|say)(?: (?:it|you|that))?\s*(?:a\s+)?|我?(?:给|打))?"
    r"(?P<score>[1-5]|one|two|three|four|five|[一二三四五])"
    r"(?P<unit>\s*(?:/\s*5|out of (?:5|five)|stars?|points?|分|星|颗星))?\s*[.!。！]?\s*$",
    re.IGNORECASE,
)
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5} | {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
}


def score_in(text: str, *, plainly: bool = False) -> int | None:
    """The score, 1 to 5, that a message is and nothing else; None when it says more or something else.

    Where it must say so `plainly`, "4/5" and "4 stars" are scores and "4" is not.
    """
    found = _SCORE.match(text)
    if found is None or (plainly and not found["unit"]):
        return None
    said = found["score"].lower()
    return _WORDS.get(said) or int(said)


def question(language: Language, reference: str) -> Reply:
    """How was it? With a tap for each score."""
    taps = [
        {"title": say(f"score_{score}", language), "payload": f"{score}/5"}
        for score in range(5, 0, -1)
    ]
    return Reply(say("ask_rating", language, reference=reference), quick_replies=taps)


def remember(memory: dict[str, Any], ticket_id: UUID, after: UUID | None) -> None:
    """The next message may be a score for this ticket; `after` is the customer's message that led to the question, if one did."""
    memory[ASKED] = {"ticket": str(ticket_id), "after": str(after) if after else None}


def is_answer(memory: dict[str, Any], text: str) -> bool:
    """Whether a message answers the question that was asked just before."""
    return ASKED in memory and _score(memory[ASKED], text) is not None


async def take(turn: Turn) -> Reply | None:
    """Keep the score that the message gives; None when none was asked for, or when the message is about something else."""
    asked = turn.memory.get(ASKED)
    if asked is None or asked["after"] == str(turn.message_id):
        return None  # it was asked in this very turn
    turn.memory.pop(ASKED)
    score = _score(asked, turn.text)
    if score is None:
        return None
    ticket = await service.load(turn.session, turn.speaker, UUID(asked["ticket"]), lock=True)
    await service.rate(turn.session, turn.speaker, ticket, score, None, turn.now)
    action = {"type": "ticket.updated", "id": str(ticket.id), "reference": ticket.reference}
    return Reply(say("rated_well" if score > 2 else "rated_badly", turn.language), actions=[action])  # noqa: PLR2004


def _score(asked: dict[str, Any], text: str) -> int | None:
    """A bare number counts only where the question was the last thing said; else it may be what a form has asked for."""
    return score_in(text, plainly=asked["after"] is None)
