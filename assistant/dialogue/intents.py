"""Two readings of a clause's intent made one: Rasa's ranking over its intents, and the reader's over acts.

Where both say the same, the intent is `agreed`, which an act at once needs; where they differ, the product of both decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.dialogue.readings import Candidate

# The reader's label of each of Rasa's intents; those without one are tasks of employees, which no customer asks for.
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
UNSEEN_BY_RASA = 0.12  # Rasa's share of a label that it has no intent for
FLOOR = 1e-3
AGREED = 0.2  # Rasa's confidence from which it supports what the reader says
MAX_READ = 400  # characters in which words are looked for
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
        if candidate.name in LABELS
    }
    scores |= {name: _score(UNSEEN_BY_RASA, acts.get(name, 0.0)) for name in READER_ONLY}
    total = sum(scores.values())
    ranked = sorted(scores.items(), key=lambda entry: -entry[1])[:TOP]
    candidates = tuple(Candidate(name=name, confidence=score / total) for name, score in ranked)
    intent = candidates[0].name
    return Fused(intent, candidates[0].confidence, candidates, _agreed(intent, ranking, acts))


# What customers say of money that went without them, which no model knows in all its forms.
_DISOWNED = re.compile(
    r"\b(?:isn'?t|is not|aren'?t|are not|wasn'?t|was not|not) (?:mine|ours|me|us)\b|\b(?:never|didn'?t|did not|don'?t|do not|haven'?t) (?:agree\w*|authori[sz]e\w*|recogni[sz]e\w*|order\w*|bought|buy|made?|approve\w*|sign\w*)\b|"
    r"\btook\b.{0,40}\b(?:off|from|out of) my (?:account|card)\b|\bmoney (?:has )?(?:gone|went|missing|disappeared)\b|"
    r"不是我(?:的|本人|消费|刷|付|转|买|花)|没有?(?:买|刷|付|授权|同意|消费)过|钱(?:没|不见|少)了",
    re.IGNORECASE,
)
_DISPUTED = re.compile(
    r"\bdisput(?:e|ing)\b|\bcharge-?backs?\b|提出异议|有异议|拒付|盗刷", re.IGNORECASE
)
_MONEY = re.compile(
    r"\d+[.,]\d{2}\b|[€$£¥]|\b(?:charges?|payments?|transactions?|debits?|withdrawals?|bookings?|purchase|amount|money|euros?|transfer)\b|付款|交易|扣款|消费|刷|转账|取款|钱|欧|元|笔",
    re.IGNORECASE,
)
BY_WORDS = 0.5  # confidence of an intent that its words tell where the models are unsure


def with_words(fused: Fused, text: str) -> Fused:
    """The reading, or a report of money that somebody else took where the words tell it and the models are unsure."""
    is_unsure = fused.confidence < BY_WORDS or fused.intent in ("out_of_scope", "statement")
    read = text[:MAX_READ]
    disowns = _DISPUTED.search(read) or (_DISOWNED.search(read) and _MONEY.search(read))
    if not is_unsure or not disowns:
        return fused
    report = Candidate(name="report_fraud", confidence=BY_WORDS)
    others = [one for one in fused.ranking if one.name != report.name][: TOP - 1]
    rest = sum(one.confidence for one in others) or 1.0
    scaled = [
        one.model_copy(update={"confidence": one.confidence * (1 - BY_WORDS) / rest})
        for one in others
    ]
    return Fused(report.name, BY_WORDS, (report, *scaled), agreed=False)


def _of_the_reader(acts: Mapping[str, float]) -> Fused:
    """The reader's acts as intents, while nothing else reads; a label of several intents is the first of them."""
    ranked = sorted(acts.items(), key=lambda entry: -entry[1])[:TOP]
    ranking = tuple(Candidate(name=_INTENTS.get(label, label), confidence=p) for label, p in ranked)
    return Fused(ranking[0].name, ranking[0].confidence, ranking, agreed=False)


def _score(rasa: float, reader: float) -> float:
    return float(max(rasa, FLOOR) ** RASA_WEIGHT * max(reader, FLOOR) ** (1 - RASA_WEIGHT))


def _share_of(intent: str, acts: Mapping[str, float]) -> float:
    return max(acts.get(label, 0.0) for label in LABELS[intent])


def _agreed(intent: str, ranking: Sequence[Candidate], acts: Mapping[str, float]) -> bool:
    label = max(acts, key=lambda name: acts[name])
    of_rasa = {candidate.name: candidate.confidence for candidate in ranking}
    return label in LABELS.get(intent, frozenset()) and of_rasa.get(intent, 0.0) >= AGREED
