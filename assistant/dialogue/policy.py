"""The action policy: what an act of this stance, certainty and effect may lead to. A guess never acts; it offers.

| the flow | own, asserted, now | asked, hypothetical | negated, reported, past |
|---|---|---|---|
| protective (blocks a card) | at once with positive evidence, else offered | answered, offered | answered |
| hands over to a person | at once with positive evidence, else offered | answered, offered | answered |
| writes, hard to take back | collected, shown, confirmed | answered, offered | answered |
"""

from __future__ import annotations

from typing import Literal

from assistant.dialogue.flows.definition import FlowDefinition
from assistant.dialogue.readings import Candidate, Clause, Source

Verdict = Literal["at_once", "start", "offer", "answer", "clarify"]

MIN_CONFIDENCE = 0.3  # of an intent, below which it starts nothing
MIN_CONFIDENCE_NEAREST = 0.5  # the same for the nearest-neighbour reading, which is less certain
MARGIN = 0.12  # between two intents, below which is asked which is meant
MIN_STANCE = 0.5  # probability that the clause asserts, for flows that confirm before they write
OFFERED_STANCES = frozenset({"asked", "hypothetical"})


def judge(clause: Clause, flow: FlowDefinition, source: Source) -> Verdict:
    """What the clause may do with the flow that its intent names."""
    if clause.stance != "asserted":
        return "offer" if clause.stance in OFFERED_STANCES else "answer"
    least = MIN_CONFIDENCE if source == "rasa" else MIN_CONFIDENCE_NEAREST
    if clause.confidence < least:
        return "offer"
    if flow.effect in ("protective", "handoff"):
        return "at_once" if clause.evidence else "offer"
    if is_close(clause.ranking):
        return "clarify"
    return "start" if clause.evidence or clause.stance_confidence >= MIN_STANCE else "offer"


def is_close(ranking: tuple[Candidate, ...]) -> bool:
    """Whether the two likeliest intents are too near to each other to choose."""
    return len(ranking) > 1 and ranking[0].confidence - ranking[1].confidence < MARGIN
