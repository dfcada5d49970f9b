"""What somebody needs of a product, and how content they are: a goal, an amount, a term in months, a score."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.formats import money_text
from assistant.dialogue.slot_types.base import (
    Answer,
    Filled,
    Option,
    Reading,
    SlotKind,
    Unreadable,
    ordinal,
)
from assistant.dialogue.wording import say
from core.languages import LANGUAGES, Language
from core.money import BASE_CURRENCY, Money
from nlu import values

GOALS = ("savings", "growth", "income", "retirement", "home", "education", "protection")
HORIZONS = (12, 36, 60, 120)  # months that are offered
MAX_MONTHS = 600
SCORES = (5, 4, 3, 2, 1)
MONTHS_A_YEAR = 12
SHORT = 40  # characters of an answer; who writes more says something else


class GoalKind(SlotKind):
    """What money is for."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        goal = _named_goal(answer.short) or answer.first("goal")
        if goal is None and (place := ordinal(answer.short, len(GOALS))) is not None:
            goal = GOALS[place]
        return Filled(goal) if goal else Unreadable("dialogue.bad_goal")

    def prefill(self, answer: Answer) -> Any:
        return answer.first("goal")

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        titles = [(say(f"dialogue.goal_{goal}", facts.language), goal) for goal in GOALS]
        return [Option(title, title, goal) for title, goal in titles]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return say(f"dialogue.goal_{value}", facts.language) if value in GOALS else str(value)


def _named_goal(text: str) -> str | None:
    """The goal whose name in either language a short answer is or contains."""
    if len(text) > SHORT:
        return None
    folded = text.casefold()
    named = {
        goal
        for goal in GOALS
        for language in LANGUAGES
        if say(f"dialogue.goal_{goal}", language).casefold() in folded
        or re.search(rf"\b{goal}\b", folded)
    }
    return named.pop() if len(named) == 1 else None


class AmountKind(SlotKind):
    """An amount with its currency, the bank's own where none is named."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        amount = answer.first("amount") or self._bare(answer)
        if amount is None or amount["amount"] is None or Decimal(amount["amount"]) <= 0:
            return Unreadable("dialogue.bad_amount")
        currency = amount["currency"] or BASE_CURRENCY
        return Filled(Money(Decimal(amount["amount"]), currency).as_json())

    def prefill(self, answer: Answer) -> Any:
        if not answer.values("amount"):
            return None
        reading = self.read(answer)
        return reading.value if isinstance(reading, Filled) else None

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return money_text(Decimal(value["amount"]), value["currency"], facts.language)

    def _bare(self, answer: Answer) -> dict[str, str | None] | None:
        """A number without a currency, where a short answer holds nothing else that has one."""
        text = answer.short
        other = answer.values("horizon", "date", "card", "ticket_reference")
        return None if other or len(text) > SHORT else values.money(text)


class HorizonKind(SlotKind):
    """For how long money can stay, in months."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        months = answer.first("horizon") or _months(answer.short)
        if months is None:
            bare = re.fullmatch(r"\W*\d{1,3}\W*", answer.short)
            return Unreadable("dialogue.years_or_months" if bare else "dialogue.bad_horizon")
        if not 0 < int(months) <= MAX_MONTHS:
            return Unreadable("dialogue.bad_horizon")
        return Filled(int(months))

    def prefill(self, answer: Answer) -> Any:
        reading = self.read(answer) if answer.values("horizon") else None
        return reading.value if isinstance(reading, Filled) else None

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        titles = [(months_text(months, facts.language), months) for months in HORIZONS]
        return [Option(title, title, months) for title, months in titles]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return months_text(int(value), facts.language)


_COUPLE = re.compile(r"\ba\s+couple\s+of\s+(year|month)s?\b", re.IGNORECASE)


def _months(text: str) -> int | None:
    """A term in months: a number with its unit, or a couple of them."""
    if couple := _COUPLE.search(text):
        return 2 * (MONTHS_A_YEAR if couple.group(1).lower() == "year" else 1)
    has_unit = re.search(r"months?\b|years?\b|yrs?\b|个月|年", text, re.IGNORECASE)
    return (
        values.months(re.sub(r"\byrs?\b", "years", text))
        if has_unit and len(text) <= SHORT
        else None
    )


def months_text(months: int, language: Language) -> str:
    """A term as people say it: 5 years, 18 months."""
    years, rest = divmod(months, MONTHS_A_YEAR)
    count, unit = (months, "month") if rest else (years, "year")
    if language == "zh":
        return f"{count}{'个月' if unit == 'month' else '年'}"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


# --- scores -------------------------------------------------------------------------------------------------------------

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5} | {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
}
_SCORE = re.compile(
    r"^\W*(?:i(?:'d| would)?\s+(?:give|rate|say)(?:\s+(?:it|you|that|them))?\s*(?:an?\s+)?|"
    r"(?:definitely|maybe|probably|a)\s+|我?(?:给|打)个?)?"
    r"(?:an?\s+|solid\s+)?(?P<score>[1-5]|one|two|three|four|five|[一二两三四五])"
    r"(?P<unit>\s*(?:/\s*5|out\s+of\s+(?:5|five)|stars?|points?|颗?星|分))?(?:\s*[-–—,，].{0,30})?\s*[.!。！~]*\s*$",
    re.IGNORECASE,
)


class ScoreKind(SlotKind):
    """A score from 1 to 5."""

    typed = True

    def read(self, answer: Answer) -> Reading:
        score = score_in(answer.short)
        return Filled(score) if score else Unreadable("dialogue.bad_score")

    def prefill(self, answer: Answer) -> Any:
        return score_in(answer.short, plainly=True)

    def options(self, step: Collect, facts: Facts) -> list[Option]:
        language = facts.language
        return [Option(say(f"dialogue.score_{s}", language), f"{s}/5", s) for s in SCORES]

    def show(self, step: Collect, value: Any, facts: Facts) -> str:
        return f"{value}/5"


def score_in(text: str, *, plainly: bool = False) -> int | None:
    """The score, 1 to 5, that a message is and nothing else; None when it says more or something else.

    Where it must say so `plainly`, "4/5" and "4 stars" are scores and "4" is not.
    """
    match = _SCORE.match(text)
    if match is None or (plainly and not match["unit"]):
        return None
    written = match["score"].lower()
    return _NUMBERS.get(written) or int(written)
