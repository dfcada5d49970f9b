"""The action policy: what an act of this stance, certainty and effect may lead to. A guess never acts; it offers.

| the flow | own, asserted, now | asked, hypothetical | negated, reported, past |
|---|---|---|---|
| protective (blocks a card) | at once with positive evidence, else offered | answered, offered | answered |
| hands over to a person | at once with positive evidence, else offered | answered, offered | answered |
| writes, hard to take back | collected, shown, confirmed | answered, offered | answered |
| none: only shows something | shown | shown, but a "how do I" answered, offered | answered |

A request in the form of a question ("could you send me a new one?") asks for what is confirmed before it is written.
What happened to the speaker, in the past, is what a report of fraud or a complaint is about: it is offered.
"""

from __future__ import annotations

from typing import Literal

from assistant.dialogue import lexicon
from assistant.dialogue.flows.definition import FlowDefinition
from assistant.dialogue.readings import Candidate, Clause, Source

Verdict = Literal["at_once", "start", "offer", "answer", "clarify"]

MIN_CONFIDENCE = 0.3  # of an intent, below which it starts nothing
MIN_CONFIDENCE_NEAREST = 0.5  # the same for the nearest-neighbour reading, which is less certain
MIN_CONFIDENCE_TO_START = 0.4  # below which a task with evidence is only offered
MIN_CONFIDENCE_ALONE = (
    0.57  # the same without evidence: below, most tasks were begun that nobody wanted
)
SURE_ENTRY = 0.6  # share of the catalogue's entry that supports an intent
MARGIN = 0.12  # between two intents, below which is asked which is meant
MIN_STANCE = 0.5  # probability that the clause asserts, for flows that confirm before they write
REPORTS = frozenset({"report_fraud", "make_complaint"})  # what is reported has happened already
OFFERED_STANCES = frozenset({"asked", "hypothetical"})


def judge(clause: Clause, flow: FlowDefinition, source: Source) -> Verdict:
    """What the clause may do with the flow that its intent names."""
    least = MIN_CONFIDENCE if source == "rasa" else MIN_CONFIDENCE_NEAREST
    if clause.confidence < least:
        return "answer"
    if clause.stance != "asserted":
        return "start" if _asks_for_it(clause, flow) else _of_what_is_not_asserted(clause, flow)
    if flow.effect in ("protective", "handoff"):
        return "at_once" if clause.evidence else "offer"
    if is_close(clause.ranking):
        return "clarify"
    if clause.evidence:
        return "start" if clause.confidence >= MIN_CONFIDENCE_TO_START else "offer"
    is_sure = clause.confidence >= MIN_CONFIDENCE_ALONE or _is_a_wish_for_an_entry(clause, flow)
    return "start" if is_sure and clause.stance_confidence >= MIN_STANCE else "offer"


def _is_a_wish_for_an_entry(clause: Clause, flow: FlowDefinition) -> bool:
    """Whether a clause asks in so many words for something to be done, and the catalogue knows what."""
    known = any(
        flow.start.service == one.name and one.confidence >= SURE_ENTRY for one in clause.services
    )
    return known and lexicon.wants_something_done(clause.text)


def _asks_for_it(clause: Clause, flow: FlowDefinition) -> bool:
    """Whether a question is a request for what is shown and confirmed before it is written: "could you send me a new one?"."""
    if clause.intent == "add_to_ticket" and lexicon.dictates(clause.text):
        return clause.confidence >= MIN_CONFIDENCE_ALONE  # whatever stance what is dictated has
    is_request = clause.stance == "asked" and lexicon.requests_indirectly(clause.text)
    return is_request and flow.effect == "writes" and clause.confidence >= MIN_CONFIDENCE_ALONE


def _of_what_is_not_asserted(clause: Clause, flow: FlowDefinition) -> Verdict:
    """What only shows something is shown to who asks for it; a report is offered to whom something happened."""
    if flow.effect == "none" and clause.stance == "asked" and not lexicon.asks_how(clause.text):
        return "start" if clause.confidence >= MIN_CONFIDENCE_TO_START else "offer"
    is_report = clause.stance == "past" and not REPORTS.isdisjoint(flow.start.intents)
    return "offer" if is_report or clause.stance in OFFERED_STANCES else "answer"


def is_close(ranking: tuple[Candidate, ...]) -> bool:
    """Whether the two likeliest intents are too near to each other to choose."""
    return len(ranking) > 1 and ranking[0].confidence - ranking[1].confidence < MARGIN
