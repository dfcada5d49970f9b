"""Two readings of a clause's intent made one: Rasa's ranking over its intents, and the reader's over acts.

Where both say the same, the intent is `agreed`, which an act at once needs; where they differ, the product of both decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.dialogue.readings import Candidate

# The reader's label of each of Rasa's intents; an intent without one is Rasa's alone to tell.
LABELS: Mapping[str, frozenset[str]] = {
    "ask_question": frozenset({"ask_question"}),
    "out_of_scope": frozenset({"ask_question", "statement"}),
    "open_ticket": frozenset({"open_ticket", "request_service"}),
    "show_balance": frozenset({"show_account_data"}),
    "show_transactions": frozenset({"show_account_data"}),
    "show_cards": frozenset({"show_account_data"}),
    "show_loans": frozenset({"show_account_data"}),
    "show_holdings": frozenset({"show_account_data"}),
    "greet": frozenset({"courtesy"}),
    "thank": frozenset({"courtesy"}),
    "goodbye": frozenset({"courtesy"}),
    "restart": frozenset({"cancel"}),
    "repeat": frozenset({"ask_question"}),
    "help": frozenset({"ask_question"}),
    "give_feedback": frozenset({"statement", "make_complaint"}),
    **{
        name: frozenset({name})
        for name in (
            "report_lost_card",
            "report_fraud",
            "make_complaint",
            "ticket_status",
            "add_to_ticket",
            "close_ticket",
            "change_contact_details",
            "book_appointment",
            "talk_to_person",
            "switch_language",
            "request_recommendation",
            "affirm",
            "deny",
        )
    },
}
# The first of Rasa's intents that a label of the reader's stands for.
_INTENTS = {label: name for name, labels in reversed(list(LABELS.items())) for label in labels}
READER_ONLY = ("statement", "cancel", "leave_queue")
RASA_WEIGHT = 0.4  # of the logarithms that are added; the rest is the reader's
UNSEEN_BY_READER = 0.1  # the reader's share of an intent that it has no label for (staff's tasks)
UNSEEN_BY_RASA = 0.12  # Rasa's share of a label that it has no intent for
FLOOR = 1e-3
AGREED = 0.2  # Rasa's confidence from which it supports what the reader says
TOP = 5  # candidates that are remembered


@dataclass(frozen=True)
class Fused:
    """The intent of both readings with its share, the ranking, and whether both named it."""

    intent: str
    confidence: float
    ranking: tuple[Candidate, ...]
    agreed: bool


def fuse(ranking: Sequence[Candidate], acts: Mapping[str, float]) -> Fused:
    """One ranking of Rasa's (intents) and the reader's (`acts`, shares that add up to 1); Rasa's alone without the latter."""
    if not ranking:
        return _of_the_reader(acts)
    scores = {
        candidate.name: _score(candidate.confidence, _share_of(candidate.name, acts))
        for candidate in ranking
    }
    scores |= {name: _score(UNSEEN_BY_RASA, acts.get(name, 0.0)) for name in READER_ONLY}
    total = sum(scores.values())
    ranked = sorted(scores.items(), key=lambda entry: -entry[1])[:TOP]
    candidates = tuple(Candidate(name=name, confidence=score / total) for name, score in ranked)
    intent = candidates[0].name
    return Fused(intent, candidates[0].confidence, candidates, _agreed(intent, ranking, acts))


def _of_the_reader(acts: Mapping[str, float]) -> Fused:
    """The reader's acts as intents, while nothing else reads; a label of several intents is the first of them."""
    ranked = sorted(acts.items(), key=lambda entry: -entry[1])[:TOP]
    ranking = tuple(Candidate(name=_INTENTS.get(label, label), confidence=p) for label, p in ranked)
    return Fused(ranking[0].name, ranking[0].confidence, ranking, agreed=False)


def _score(rasa: float, reader: float) -> float:
    return float(max(rasa, FLOOR) ** RASA_WEIGHT * max(reader, FLOOR) ** (1 - RASA_WEIGHT))


def _share_of(intent: str, acts: Mapping[str, float]) -> float:
    labels = LABELS.get(intent)
    return UNSEEN_BY_READER if labels is None else max(acts.get(label, 0.0) for label in labels)


def _agreed(intent: str, ranking: Sequence[Candidate], acts: Mapping[str, float]) -> bool:
    label = max(acts, key=lambda name: acts[name])
    of_rasa = {candidate.name: candidate.confidence for candidate in ranking}
    return label in LABELS.get(intent, frozenset()) and of_rasa.get(intent, 0.0) >= AGREED
