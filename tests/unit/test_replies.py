"""One reply a turn: doubts are said once, beside an answer by their question, and never ask what was meant with nothing to tap."""

from __future__ import annotations

from assistant.dialogue.commands import StartFlow
from assistant.dialogue.outputs import Doubt, Outcome, Reply
from assistant.dialogue.replies import Composition
from assistant.dialogue.state import Offer, OfferItem
from assistant.dialogue.wording import person_item
from core.localized_text import LocalizedText, translate


def unanswered(question: str, *, can_act: bool = False, offer: Offer | None = None) -> Outcome:
    return Outcome((), doubt=Doubt(question, can_act=can_act), offer=offer)


def flow_offer() -> Offer:
    return Offer(items=(OfferItem.titled("Replace a card", StartFlow(flow="replace")),), turn=1)


def test_several_doubts_are_said_once():
    composed = Composition("en")
    composed.add_outcome(unanswered("what about this?"))
    composed.add_outcome(unanswered("and that?"))
    assert composed.reply().text == translate(LocalizedText("dialogue.unknown"), "en")


def test_beside_an_answer_a_doubt_names_its_question():
    composed = Composition("en")
    composed.add_outcome(Outcome((Reply("Two days.", citations=[{"slug": "a"}]),)))
    composed.add_outcome(unanswered("what does it cost?"))
    assert composed.reply().text.startswith("Two days.")
    assert "what does it cost?" in composed.reply().text


def test_a_doubt_asks_what_was_meant_only_where_something_can_be_tapped():
    meant = {translate(LocalizedText("dialogue.unknown_with_alternatives"), "en")}
    composed = Composition("en")
    composed.add_outcome(unanswered("x?", offer=Offer(items=(person_item("en"),), turn=1)))
    assert composed.reply().text not in meant
    composed.add_outcome(unanswered("y?", offer=flow_offer()))
    assert composed.reply().text in meant


def test_what_can_be_done_is_offered_without_a_doubt():
    composed = Composition("en")
    composed.add_outcome(unanswered("x", can_act=True, offer=flow_offer()))
    assert composed.reply().text == translate(LocalizedText("dialogue.can_do"), "en")
