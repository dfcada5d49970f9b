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
from actions.tickets.names import STEP_NAMES, ZH_NAMES
from actions.tickets.priorities import Priority
from actions.tickets.routing.classifier import ENOUGH, Guess
from actions.tickets.routing.signals import SIGNAL_NAMES, Sign, raised, team
from actions.tickets.ticket_config.contents import Channel, LikelyKind, RuleContent, When, compiled
from core.sentences import Sentence

CERTAIN = 0.95  # confidence of a rule
SURE = 0.35  # calibrated confidence from which the classifier's queue counts
SURE_OF_KIND = 0.35
PATTERN_LIMIT_S = 0.05  # a pattern that backtracks longer says nothing
GUESSES = 2
GIVEN = Sentence("given: {what} {value}", "已指定{what}：{value}", what=STEP_NAMES, value=ZH_NAMES)
BY_RULE = Sentence(
    "rule {rule} v{version}: {news}", "规则 {rule} v{version}：{news}", news=ZH_NAMES
)
BY_CLASSIFIER = Sentence(
    "classifier: {found}, confidence {share}", "分类模型：{found}，置信度 {share}", found=ZH_NAMES
)
TEAM_FOR = Sentence(
    "team for {signal}: {queue}", "{signal}由{queue}团队处理", signal=SIGNAL_NAMES, queue=ZH_NAMES
)
NOT_SURE = Sentence("nothing is sure enough: general queue", "把握不足：转综合队列")
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
    reasons: list[str] = field(default_factory=list)
    guesses: list[dict[str, object]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """As a ticket keeps it."""
        kept = {"method": self.method, "confidence": self.confidence, "reasons": self.reasons}
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
    fixed = (("kind", kind), ("queue", queue), ("priority", priority))
    reasons = [GIVEN.en(what=name, value=value) for name, value in fixed if value]
    for rule in rules:
        if not speaks(rule.when, facts, guess):
            continue
        then = rule.then
        news = [
            x
            for x in (
                not kind and then.kind,
                not queue and then.queue,
                not priority and then.priority,
            )
            if x
        ]
        if news:
            reasons.append(BY_RULE.en(rule=rule.id, version=version, news=", ".join(news)))
        kind, queue, priority = kind or then.kind, queue or then.queue, priority or then.priority
    if kind is None and guess and (guess.kind in ENOUGH or guess.kind_confidence >= SURE_OF_KIND):
        kind = guess.kind
        reasons.append(BY_CLASSIFIER.en(found=kind, share=f"{guess.kind_confidence:.2f}"))
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


def _queue_without_rule(facts: Facts, guess: Guess | None) -> tuple[Queue, str, float, str]:
    """Queue, method, confidence and reason."""
    if named := team(facts.signs):
        return named, "rule", CERTAIN, TEAM_FOR.en(signal=facts.signs[0].signal, queue=named)
    if guess and guess.confidence >= SURE:
        return (
            guess.queue,
            "model",
            guess.confidence,
            BY_CLASSIFIER.en(found=guess.queue, share=f"{guess.confidence:.2f}"),
        )
    sure = guess.confidence if guess else 0.0
    return "general", "none", sure, NOT_SURE.en()


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
