"""The risk questionnaire: answers give points, points a level C1 to C5 that is good for a year. Pure.

The questions are those that a suitability assessment must ask (MiFID II, article 54 of Regulation 2017/565; China's measures of
2021 for the sale of wealth products): horizon, capacity for loss, aim, experience. Capacity caps what appetite would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import Invalid
from core.languages import Language
from core.localized_text import LocalizedText

VERSION = 1
VALID = timedelta(days=365)
LEVELS = (
    (8, "C1"),
    (12, "C2"),
    (16, "C3"),
    (20, "C4"),
    (25, "C5"),
)  # points up to which a level goes
NO_CAPACITY = 1  # points of `capacity` with which nothing above C2 fits, whatever else is answered
CAPPED = "C2"


@dataclass(frozen=True)
class Question:
    """A question with its answers in rising order of risk; the first gives one point."""

    key: str
    ask: Mapping[Language, str]
    answers: tuple[Mapping[Language, str], ...]


def _question(key: str, ask: tuple[str, str], *answers: tuple[str, str]) -> Question:
    """A question and its answers, each in English and Chinese."""
    return Question(
        key, {"en": ask[0], "zh": ask[1]}, tuple({"en": en, "zh": zh} for en, zh in answers)
    )


QUESTIONS = (
    _question(
        "horizon",
        ("For how long can the money stay?", "这笔资金可以投资多久？"),
        ("less than a year", "一年以内"),
        ("one to three years", "一至三年"),
        ("three to five years", "三至五年"),
        ("five to ten years", "五至十年"),
        ("longer", "十年以上"),
    ),
    _question(
        "capacity",
        ("How much could you lose without changing how you live?", "多大的亏损不会影响您的生活？"),
        ("nothing", "不能亏损"),
        ("up to 5 %", "不超过5%"),
        ("up to 15 %", "不超过15%"),
        ("up to 30 %", "不超过30%"),
        ("more", "30%以上"),
    ),
    _question(
        "aim",
        ("What is the money for?", "投资的目的是什么？"),
        ("keeping it safe", "保住本金"),
        ("a little more than savings", "略高于存款"),
        ("income", "稳定收益"),
        ("growth", "资产增值"),
        ("the highest growth", "追求高收益"),
    ),
    _question(
        "reaction",
        ("A fund falls by a fifth. What do you do?", "基金跌了20%，您会怎么做？"),
        ("sell all", "全部卖出"),
        ("sell some", "卖出一部分"),
        ("wait", "继续持有"),
        ("buy a little", "少量加仓"),
        ("buy more", "大量加仓"),
    ),
    _question(
        "experience",
        ("What have you invested in so far?", "您有哪些投资经验？"),
        ("nothing", "没有"),
        ("deposits", "存款"),
        ("bond funds", "债券基金"),
        ("shares or equity funds", "股票或股票基金"),
        ("structured products or derivatives", "结构性产品或衍生品"),
    ),
)
EXPERIENCE = (
    "none",
    "none",
    "basic",
    "experienced",
    "experienced",
)  # by the answer's place, as the gates know it


@dataclass(frozen=True)
class Assessed:
    """What a questionnaire gave."""

    points: int
    level: str
    experience: str
    valid_until: date


def assess(answers: Mapping[str, int], today: date) -> Assessed:
    """The level of answers, each the place of the chosen one from 1; Invalid names each that is missing or out of range."""
    wrong = [
        (
            f"answers.{question.key}",
            LocalizedText("questionnaire.choice_out_of_range", maximum=len(question.answers)),
        )
        for question in QUESTIONS
        if not 1 <= answers.get(question.key, 0) <= len(question.answers)
    ]
    wrong += [
        (f"answers.{key}", LocalizedText("answer.not_asked"))
        for key in answers
        if key not in {q.key for q in QUESTIONS}
    ]
    if wrong:
        raise Invalid("questionnaire.incomplete", errors=wrong)
    points = sum(answers.values())
    level = next(level for maximum, level in LEVELS if points <= maximum)
    if answers["capacity"] <= NO_CAPACITY:
        level = min(level, CAPPED)
    return Assessed(points, level, EXPERIENCE[answers["experience"] - 1], today + VALID)
