"Social turns, and the way to a person."

from __future__ import annotations

import re

from actions.dialogue.formats import time_text
from actions.dialogue.phrases import quick, say
from actions.dialogue.turn import Reply, Turn
from core.clock import SERVICE_HOURS
from core.languages import Language

_ENGLISH = re.compile(r"english|英文|英语", re.IGNORECASE)
_CHINESE = re.compile(r"chinese|中文|汉语|普通话", re.IGNORECASE)


async def to_a_person(turn: Turn, reason: str = "asked") -> Reply:
    "Queue the conversation and say when somebody will answer."
    on_duty = await turn.services.handoffs.request(turn.session, turn.speaker.conversation_id, reason, turn.now)
    if on_duty:
        text = say("handoff_now", turn.language)
    else:
        opens = next(SERVICE_HOURS.open_spans(turn.now))[0]
        text = say("handoff_later", turn.language, opens=time_text(opens, turn.language))
    return Reply(text, actions=[{"type": "handoff.requested", "reason": reason}])


def social(turn: Turn, intent: str) -> Reply:
    "Greetings, thanks, help, repetition, starting over, another language."
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
            return Reply(say(intent, language), actions=[{"type": "language.changed", "language": language}])
        case "greet" | "help":
            language = turn.language
            offers = [quick("ticket", "say_ticket", language), quick("person", "say_person", language)]
            return Reply(say(intent, language), quick_replies=offers)
    return Reply(say(intent, turn.language))


def wanted_language(text: str, current: Language) -> Language:
    "The language that a message names, else the other one."
    if _ENGLISH.search(text):
        return "en"
    if _CHINESE.search(text):
        return "zh"
    return "zh" if current == "en" else "en"
