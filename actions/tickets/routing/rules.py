"""Kind, queue and priority of a ticket from what is known of it, with every reason. Pure rules.

What was given counts; then the rules of the rule book, in order; then the team that a sign names; then the classifier,
where it is sure enough. What nobody can place goes to the general queue with the two best guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import structlog

from actions.tickets.lifecycle import Kind, Queue
from actions.tickets.priorities import Priority
from actions.tickets.routing.classifier import ENOUGH, Guess
from actions.tickets.routing.signals import Sign, raised, team
from actions.tickets.ticket_config.contents import Channel, LikelyKind, RuleContent, When, compiled
from core.localized_text import LocalizedText, term

CERTAIN = 0.95  # confidence of a rule
SURE = 0.35  # calibrated confidence from which the classifier's queue counts
SURE_OF_KIND = 0.35
PATTERN_LIMIT_S = 0.05  # a pattern that backtracks longer says nothing
GUESSES = 2
log = structlog.get_logger(__name__)

# Categories of articles and the queues that work on them.
CATEGORY_QUEUES: dict[str, Queue] = {
    "cards": "cards",
    "payments": "payments",
    "transfers": "payments",
    "accounts": "accounts",
    "lending": "lending",
    "wealth": "wealth",
    "digital": "digital",
    "security": "fraud",
    "complaints": "complaints",
    "compliance": "compliance",
}

# Kinds that name their team and the least priority, whatever else the text speaks of.
KIND_DECIDES: dict[Kind, tuple[Queue, Priority]] = {
    "fraud_report": ("fraud", "urgent"),
    "complaint": ("complaints", "high"),
}


@dataclass(frozen=True)
class Facts:
    """What is known of a ticket before it is routed."""

    text: str
    channel: Channel = "web"
    segment: str | None = None
    vulnerable: bool = False
    open_complaint: bool = False
    signs: Sequence[Sign] = ()
    kind: Kind | None = None  # given, as the two after it
    queue: Queue | None = None
    priority: Priority | None = None


@dataclass(frozen=True)
class Routing:
    """A decision and its reasons; `confidence` 0 to 1; `guesses` are the likeliest queues where it is not sure."""

    kind: Kind
    queue: Queue
    priority: Priority
    method: str
    confidence: float
    reasons: list[LocalizedText] = field(default_factory=list)
    guesses: list[dict[str, object]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """As a ticket keeps it."""
        kept = {
            "method": self.method,
            "confidence": self.confidence,
            "reasons": [reason.as_json() for reason in self.reasons],
        }
        return kept | ({"guesses": self.guesses} if self.guesses else {})


def routed_text(subject: str, description: str) -> str:
    """What a ticket tells, once: a subject is often the beginning of the description."""
    return (
        description if description.startswith(subject.rstrip("…")) else f"{subject}\n{description}"
    )


def route(
    facts: Facts, rules: Sequence[RuleContent], version: int = 0, *, guess: Guess | None = None
) -> Routing:
    """Decide what was not given."""
    kind, queue, priority = facts.kind, facts.queue, facts.priority
    reasons = [
        LocalizedText(
            "routing_reason.set", what=term("ticket_field", name), value=term(group, value)
        )
        for name, group, value in (
            ("kind", "ticket_kind", kind),
            ("queue", "queue", queue),
            ("priority", "priority", priority),
        )
        if value
    ]
    for rule in rules:
        if not speaks(rule.when, facts, guess):
            continue
        then = rule.then
        decided = [
            term(group, value)
            for group, before, value in (
                ("ticket_kind", kind, then.kind),
                ("queue", queue, then.queue),
                ("priority", priority, then.priority),
            )
            if value and not before
        ]
        if decided:
            reasons.append(
                LocalizedText(
                    "routing_reason.rule", rule=rule.id, version=str(version), decided=decided
                )
            )
        kind, queue, priority = kind or then.kind, queue or then.queue, priority or then.priority
    if kind is None and guess and (guess.kind in ENOUGH or guess.kind_confidence >= SURE_OF_KIND):
        kind = guess.kind
        reasons.append(_by_classifier(term("ticket_kind", kind), guess.kind_confidence))
    if kind in KIND_DECIDES:
        queue, priority = queue or KIND_DECIDES[kind][0], priority or KIND_DECIDES[kind][1]
    method, confidence, guesses = "rule", CERTAIN, []
    if queue is None:
        queue, method, confidence, reason = _queue_without_rule(facts, guess)
        reasons.append(reason)
        guesses = _guesses(guess) if queue == "general" and method == "none" else []
    pressing = raised(priority or "normal", facts.signs)
    if pressing != (priority or "normal"):
        reasons += [sign.reason for sign in facts.signs]
    return Routing(kind or "service_request", queue, pressing, method, confidence, reasons, guesses)


def _queue_without_rule(
    facts: Facts, guess: Guess | None
) -> tuple[Queue, str, float, LocalizedText]:
    """Queue, method, confidence and reason."""
    if named := team(facts.signs):
        signal = term("signal", facts.signs[0].signal)
        reason = LocalizedText("routing_reason.team", signal=signal, queue=term("queue", named))
        return named, "rule", CERTAIN, reason
    if guess and guess.confidence >= SURE:
        reason = _by_classifier(term("queue", guess.queue), guess.confidence)
        return guess.queue, "model", guess.confidence, reason
    sure = guess.confidence if guess else 0.0
    return "general", "none", sure, LocalizedText("routing_reason.not_sure")


def _by_classifier(guessed: LocalizedText, confidence: float) -> LocalizedText:
    return LocalizedText(
        "routing_reason.classifier", guessed=guessed, confidence=f"{confidence:.2f}"
    )


def _guesses(guess: Guess | None) -> list[dict[str, object]]:
    ranked = guess.queues[:GUESSES] if guess else []
    return [{"queue": queue, "confidence": round(share, 2)} for queue, share in ranked]


def speaks(when: When, facts: Facts, guess: Guess | None = None) -> bool:
    """Whether all of a rule's conditions are true."""
    return (
        (not when.words or any(_finds(pattern, facts.text) for pattern in when.words.values()))
        and (not when.channels or facts.channel in when.channels)
        and (not when.segments or facts.segment in when.segments)
        and (when.vulnerable is None or when.vulnerable == facts.vulnerable)
        and (when.open_complaint is None or when.open_complaint == facts.open_complaint)
        and (when.likely is None or _is_likely(when.likely, guess))
    )


def _is_likely(condition: LikelyKind, guess: Guess | None) -> bool:
    return guess is not None and guess.kinds.get(condition.kind, 0.0) >= condition.at_least


def _finds(pattern: str, text: str) -> bool:
    try:
        return _ready(pattern).search(text, timeout=PATTERN_LIMIT_S) is not None
    except TimeoutError:
        log.warning("rule.pattern_too_slow", pattern=pattern[:80])
        return False


@lru_cache(maxsize=1024)
def _ready(pattern: str) -> Any:
    return compiled(pattern)
