"""Answering a question in the dialogue: from articles with citations, else honest doubt and the offer of a person."""

from __future__ import annotations

import re
from uuid import UUID

from actions.dialogue import handoff
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import SHOWN, Reply, Turn
from core.identity import audience_of
from core.languages import Language
from knowledge_base.answers import Earlier, answer_question, keep_gap
from knowledge_base.schemas import Answer

# How a question begins or ends; a description of a problem seldom does.
_QUESTION: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\?\s*$|^\s*(?:how|what|when|where|which|who|can|could|do|does|is|are|may)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[?？]\s*$|[吗呢]\s*$|怎么|如何|多少|多久|哪里|哪些|什么时候|能不能|可不可以"
    ),
}


async def answer(turn: Turn, *, about_the_bank: bool = True) -> list[Reply]:
    """The replies to the turn's text as a question; an unanswered one is recorded as a gap.

    Twice in a row without an answer brings a person, unless the questions had nothing to do with a bank.
    """
    found = await _found(turn, _earlier(turn))
    if found.answerable:
        turn.memory.pop(SHOWN, None)
        turn.memory["topic"] = {
            "question": turn.text[:300],
            "article_id": str(found.citations[0].article_id),
        }
        return [
            Reply(
                found.text,
                citations=[citation.model_dump(mode="json") for citation in found.citations],
            )
        ]
    gap = await keep_gap(turn.session, turn.text, found, "public", turn.speaker.conversation_id)
    recorded = {"type": "gap.recorded", "id": str(gap.id)}
    if not handoff.failed_too_often(turn, counts=about_the_bank):
        reply = _doubt(found, turn)
        reply.actions.append(recorded)
        return [reply]
    sorry = Reply(say("unanswered_twice", turn.language), actions=[recorded])
    return [sorry, await handoff.to_a_person(turn, "not answered twice")]


async def is_answered_question(turn: Turn) -> bool:
    """Whether the text is put as a question, and an article answers it: then it describes no problem."""
    return is_question(turn) and (await _found(turn)).answerable


def is_question(turn: Turn) -> bool:
    """Whether the text is put as a question."""
    return bool(_QUESTION[turn.language].search(turn.text))


async def _found(turn: Turn, earlier: Earlier | None = None) -> Answer:
    return await answer_question(
        turn.session,
        turn.services.search,
        turn.text,
        turn.language,
        audience_of(turn.speaker),
        turn.now,
        turn.services.answer_threshold,
        earlier,
    )


def _doubt(found: Answer, turn: Turn) -> Reply:
    language = turn.language
    key = "unknown_with_alternatives" if found.alternatives else "unknown"
    return Reply(
        f"{say(key, language)} {say('offer_person', language)}",
        quick_replies=[
            {"title": option.title, "payload": option.title} for option in found.alternatives
        ]
        + [quick("person", "say_person", language)],
    )


def _earlier(turn: Turn) -> Earlier | None:
    topic = turn.memory.get("topic")
    return Earlier(topic["question"], UUID(topic["article_id"])) if topic else None
