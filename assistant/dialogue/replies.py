"""What is said in a turn, made one reply: answer first, question last, and never the same sentence twice in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

from assistant.dialogue.commands import AnswerQuestion, Command, ShowAccountData, StartFlow
from assistant.dialogue.flows.definition import TICKET_FLOW
from assistant.dialogue.outputs import Doubt, Outcome, Reply, Say
from assistant.dialogue.state import DialogueState, Offer, OfferItem
from assistant.dialogue.wording import fresh_wording
from core.catalogue import has_message
from core.languages import Language
from core.localized_text import LocalizedText, translate

MAX_QUICK_REPLIES = 8
MAX_QUOTED = 80  # characters of a question that is named as unanswered
# The place of that sentence among the parts; it depends on all of them.
_DOUBTS = "\0"
UNKNOWN = ("dialogue.unknown", "dialogue.unknown_again", "dialogue.unknown_third")
UNKNOWN_WITH_ALTERNATIVES = (
    "dialogue.unknown_with_alternatives",
    "dialogue.unknown_with_alternatives_again",
)
UNKNOWN_PASSED_ON = ("dialogue.unknown_pass_on", "dialogue.unknown_pass_on_again")
SHORT = 160  # characters up to which two sentences stand in one line
AGAIN = "_again"  # a code's other wording, for when it was just said


@dataclass
class Composition:
    """The parts of a turn's reply, in the order in which they came."""

    language: Language
    last_codes: Sequence[str] = ()
    last_text: str = ""
    parts: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    items: list[OfferItem] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    declined: Command | None = None
    doubts: list[Doubt] = field(default_factory=list)

    def add_all(self, says: Sequence[Say], language: Language) -> None:
        """Sentences of the engine, in the language that it now speaks."""
        self.language = language
        for say in says:
            self.add(say)

    def add(self, say: Say) -> None:
        """One sentence, with what can be tapped."""
        self._join(translate(self._fresh(say.text), self.language))
        self.actions += say.actions
        self._take(say.offer)

    def add_outcome(self, outcome: Outcome) -> None:
        """What an operation answered, or that it could not."""
        if outcome.doubt is not None:
            self.doubts.append(outcome.doubt)
            self._join(_DOUBTS)
        for reply in outcome.replies:
            self._join(reply.text)
            self.citations += reply.citations
            self.actions += reply.actions
        self._take(outcome.offer)

    def offer(self, turn: int) -> Offer | None:
        """All that can be tapped now; None when nothing was offered."""
        items = self._tappable
        return Offer(items=items, turn=turn, declined=self.declined) if items else None

    def reply(self) -> Reply:
        """The one message of the turn."""
        taps = [{"title": item.title, "payload": item.payload} for item in self._tappable]
        parts = [self._doubtful() if part == _DOUBTS else part for part in self.parts]
        return Reply(_laid_out(parts), self.citations, taps, self.actions)

    def _doubtful(self) -> str:
        """The one sentence for all that was not answered: beside an answer it names the question."""
        open_questions = [doubt.question for doubt in self.doubts if not doubt.can_act]
        if not open_questions:
            return translate(LocalizedText("dialogue.can_do"), self.language)
        if self.citations:
            question = shorten(open_questions[0], MAX_QUOTED, placeholder="…")
            return translate(
                LocalizedText("dialogue.unknown_part", question=question), self.language
            )
        codes: tuple[str, ...] = UNKNOWN
        if any(_may_be_meant(one) for one in self._tappable):
            codes = UNKNOWN_WITH_ALTERNATIVES
        elif any(doubt.can_pass_on for doubt in self.doubts):
            codes = UNKNOWN_PASSED_ON
        return fresh_wording(codes, self.language, self.last_text)

    @property
    def _tappable(self) -> tuple[OfferItem, ...]:
        """Each item once, as many as a reply shows."""
        unique = {item.payload: item for item in self.items}
        return tuple(unique.values())[:MAX_QUICK_REPLIES]

    def _take(self, offer: Offer | None) -> None:
        if offer is not None:
            self.items += offer.items
            self.declined = offer.declined or self.declined

    def _join(self, text: str) -> None:
        """A part of the reply, said once."""
        if text and text not in self.parts:
            self.parts.append(text)

    def _fresh(self, text: LocalizedText) -> LocalizedText:
        """Another wording where the last reply said the same."""
        if text.code is None:
            return text
        self.codes.append(text.code)
        again = f"{text.code}{AGAIN}"
        if text.code in self.last_codes and has_message(again):
            return LocalizedText(again, **text.params)
        return text


def _may_be_meant(item: OfferItem) -> bool:
    """Whether something that can be tapped is a guess at what was meant, and no way to pass the message on."""
    command = item.command
    if isinstance(command, StartFlow):
        return command.flow != TICKET_FLOW
    return isinstance(command, AnswerQuestion | ShowAccountData)


def remember(state: DialogueState, composed: Composition) -> DialogueState:
    """The state with what was said and offered, for "the second one", "say that again" and the next turn's wording."""
    offer = composed.offer(state.turn)
    changes: dict[str, Any] = {
        "last_text": composed.reply().text,
        "last_codes": tuple(composed.codes),
    }
    if offer is not None:
        changes["last_offer"] = offer
    return state.model_copy(update=changes)


def _laid_out(parts: Sequence[str]) -> str:
    """Short sentences in one line, longer parts and lists apart."""
    text = ""
    for part in parts:
        if not text:
            text = part
        elif len(part) <= SHORT and "\n" not in part and "\n" not in text.rsplit("\n\n", 1)[-1]:
            joiner = "" if text[-1] in "。！？" else " "
            text = f"{text}{joiner}{part}"
        else:
            text = f"{text}\n\n{part}"
    return text
