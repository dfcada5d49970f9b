"""Sentences that are kept in English are told in Chinese, whole, with the values that they were kept with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

import actions.tickets.sla.escalation  # noqa: F401  (its sentences are known from then on)
from actions.compliance.checks import CHECK_RULES
from actions.customers.insights import Figures, scores
from actions.name_matching.comparison import EntityType, compare
from actions.recommendations.suitability import GATES
from actions.tickets.history import told_step
from actions.tickets.routing.classifier import Guess
from actions.tickets.routing.rules import Facts, route
from actions.tickets.routing.signals import SIGNALS, Sign
from actions.tickets.ticket_config.contents import RuleContent
from core.sentences import Sentence, told

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES: list[tuple[str, str, EntityType]] = [
    ("Viktor Petrenko", "Petrenko, Wiktor", "person"),
    ("J Smith", "John Smyth", "person"),
    ("李明", "黎明", "person"),
    ("Li Ming", "李明", "person"),
    ("Bill Gates", "William Gates", "person"),
    ("Ann Lee", "Otto Braun", "person"),
    ("Meridian Shipping GmbH", "Meridian Shipping Ltd", "organisation"),
    ("Ana Maria Lopez", "Anamaria Lopez", "person"),
    ("Nordic Bank", "Nordic Banking Corporation", "organisation"),
    ("Aleksandr Gorbachov", "Aleksander Gorbatschow", "person"),
]


def of_checks() -> Iterator[str]:
    matches: list[list[dict[str, Any]]] = [
        [],
        [{"score": 0.9, "list": "pep", "birth_date_fits": False}],
        [{"score": 1.0, "list": "sanctions", "birth_date_fits": True}],
    ]
    gates: list[dict[str, Any]] = [
        {},
        {
            "unsuitable_rule": "suitability.risk",
            "unsuitable_reason": GATES["suitability.risk"].en(risk=5, level=1),
        },
    ]
    for state, yes, found, gate, amount in product(
        ("verified", "rejected"), (True, False), matches, gates, ("1", "99999")
    ):
        facts = {
            "kyc_state": state,
            "kyc_valid": yes,
            "watchlist_matches": found,
            "open_alerts": int(yes),
            "marketing_consent": yes,
            "amount": amount,
            **gate,
        }
        yield from (rule.judge(facts)[1] for rule in CHECK_RULES)


def of_routing() -> Iterator[str]:
    guess = Guess("question", 0.9, [("cards", 0.8), ("general", 0.1)])
    rule = RuleContent.model_validate(
        {
            "id": "fraud",
            "when": {"words": {"en": "stolen", "zh": "被盗"}},
            "then": {"queue": "fraud"},
        }
    )
    for facts in (
        Facts("a", kind="complaint", queue="cards", priority="urgent"),
        Facts("a"),
        Facts("a stolen card"),
        *(Facts("a", signs=[Sign(signal, "You: bad, the worst")]) for signal in SIGNALS),
    ):
        for known in (guess, None):
            yield from route(facts, [rule], 3, guess=known).reasons


def of_portraits() -> Iterator[str]:
    for may in (True, False):
        made = scores(
            Figures(born=date(1980, 1, 1), monthly_income=Decimal(1), may_profile=may),
            date(2026, 6, 1),
        )
        yield from (score.formula for score in made.values())


def kept() -> list[str]:
    """One of each thing that is kept."""
    names = [reason for one, other, kind in NAMES for reason in compare(one, other, kind).reasons]
    values = {"minimum": "1,000.00", "risk": 4, "level": 2, "months": 24}
    return sorted(
        {
            *of_checks(),
            *of_routing(),
            *of_portraits(),
            *names,
            *(gate.en(**values) for gate in GATES.values()),
        }
    )


@pytest.mark.parametrize("text", kept())
def test_what_is_kept_is_told_in_chinese_with_its_values(text: str) -> None:
    said = told(text, "zh")
    assert HAN.search(said)
    assert said != text
    assert (
        re.findall(r"\d+", said) == re.findall(r"\d+", text) or "90" in text
    )  # the formula names its days in another order
    assert told(text, "en") == text


def test_the_words_of_a_customer_and_the_ids_of_rules_stay_as_they_are() -> None:
    assert told("sign of anger: “You: bad, the worst”", "zh") == "愤怒迹象：“You: bad, the worst”"
    assert told("rule fraud v3: fraud_report, urgent", "zh") == "规则 fraud v3：欺诈报告、紧急"
    assert told("somebody's own words", "zh") == "somebody's own words"


def test_of_two_sentences_that_fit_the_one_that_says_more_is_meant() -> None:
    loose, close = (
        Sentence("{one} zig {other}", "松 {one} {other}"),
        Sentence("{one} zig zag {other}", "紧 {one} {other}"),
    )
    assert told(close.en(one="a", other="b"), "zh") == "紧 a b"
    assert told(loose.en(one="a", other="zag"), "zh") == "松 a zag"
    assert close.both(one="(", other=".*") == {"en": "( zig zag .*", "zh": "紧 ( .*"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("state: new → open", "状态：新建 → 处理中"),
        ("comment: public", "留言：公开"),
        ("priority: normal → urgent", "优先级：普通 → 紧急"),
        ("subject: Card: new, or old → Card", "主题：Card: new, or old → Card"),
        ("erased", "已清除"),
        ("the clock runs out soon: first response", "时限即将到期：首次响应"),
        ("the clock has run out: final", "已超时：最终答复"),
    ],
)
def test_steps_of_tickets_are_told_and_what_was_written_stays(text: str, said: str) -> None:
    assert told_step(text, "zh") == said
    assert told_step(text, "en") == text
