"""What the assistant says: entries `dialogue.*` of the message catalogues, and the answers that can be tapped."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.dialogue.commands import Command, Handoff
from assistant.dialogue.state import OfferItem
from core.catalogue import has_message
from core.languages import Language
from core.localized_text import LocalizedText, Param, term_in, translate

PAYLOAD_PREFIX = "dialogue.say_"


def say(code: str, language: Language, **params: Param) -> str:
    """A catalogue entry in a language."""
    return translate(LocalizedText(code, **params), language)


def quick_reply(code: str, language: Language, **params: Param) -> dict[str, str]:
    """A quick reply titled by a catalogue entry; its tap sends `dialogue.say_*` of that name, else the title itself."""
    title = say(code, language, **params)
    payload = PAYLOAD_PREFIX + code.removeprefix("dialogue.")
    return {
        "title": title,
        "payload": say(payload, language) if has_message(payload, language) else title,
    }


def offer_item(code: str, command: Command, language: Language, **params: Param) -> OfferItem:
    """An item of an offer, titled by a catalogue entry as a quick reply is."""
    return OfferItem(**quick_reply(code, language, **params), command=command)


def person_item(language: Language) -> OfferItem:
    """The offer of an agent, who is never imposed."""
    return offer_item("dialogue.person", Handoff(), language)


def value_name(group: str, value: str, language: Language) -> str:
    """What a value of ours is called to customers (`value_name("kind", "savings", "en")`); the value when it has no name."""
    code = f"dialogue.{group}_{value}"
    return say(code, language) if has_message(code, language) else value


def queue_name(queue: str, language: Language) -> str:
    """What a team is called."""
    return term_in("queue", queue, language)


def fresh_wording(codes: Iterable[str], language: Language, last_text: str, **params: Param) -> str:
    """The first of some wordings that is not part of the last reply; the first of all when every one is."""
    wordings = [say(code, language, **params) for code in codes]
    return next((wording for wording in wordings if wording not in last_text), wordings[0])
