"""The portrait: what a customer is worth, could be worth, and whether they are about to leave. Pure formulas over figures.

Each score is returned with the inputs it was made of. None of them is learned: a bank that has outcomes would fit the
weights of `churn_risk` (its card is `CHURN_CARD`), the formulas stay as they are. No score reads sex, nationality or language
(`potential` reads age), and what needs the customer's consent to profiling is withheld without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypedDict, TypeVar

from core.localized_text import LocalizedText

ZERO = Decimal(0)
YEAR = 12
WORTH_FACTOR = Decimal(
    10
)  # Stanley and Danko 1996: expected net worth is age times yearly income over ten
DEPOSIT_MARGIN = Decimal(
    "0.012"
)  # of balances a year; house assumptions, the bank's controlling sets them
CARD_MARGIN = Decimal("24")  # a card and year
LOAN_MARGIN = Decimal("0.021")  # of what is outstanding a year
FUND_FEE: Mapping[str, Decimal] = {
    "fund": Decimal("0.011"),
    "note": Decimal("0.015"),
    "insurance": Decimal("0.009"),
    "deposit": Decimal("0.006"),
    "savings": Decimal("0.008"),
}
OTHER_FEE = Decimal("0.008")
EXPECTED_LOSS: Mapping[bool, Decimal] = {
    False: Decimal("0.004"),
    True: Decimal("0.06"),
}  # of a loan, by "overdue"
COST_OF_ACCOUNT, COST_OF_TICKET = Decimal("36"), Decimal("9")  # a year; each
HIGH_VALUE = Decimal(250_000)  # assets from which a customer is of high value
CHURN_LIMIT, POTENTIAL_LIMIT = 0.5, Decimal(50_000)
INTERESTS = 5
# Log-odds of leaving within half a year. Set by hand after what the literature on bank churn agrees on (inactivity, salary
# and balances leaving, unsolved complaints, few products): no outcomes of this bank stand behind them.
CHURN_CARD: Mapping[str, float] = {
    "base": -3.0,
    "no_booking_60_days": 1.2,
    "no_booking_120_days": 1.3,
    "salary_stopped": 1.6,
    "a_third_of_money_left": 1.4,
    "open_complaint": 0.9,
    "unhappy": 0.8,
    "one_product": 0.6,
    "four_products": -0.9,
}
ListName = Literal["high_value", "potential", "at_risk"]


@dataclass(frozen=True)
class Figures:
    """What is known of a customer on a day; amounts in the bank's currency."""

    born: date
    monthly_income: Decimal
    may_profile: bool
    balances: Decimal = ZERO
    accounts: int = 0
    cards: int = 0
    holdings: Mapping[str, Decimal] = field(default_factory=dict)  # value by kind of product
    loans: Decimal = ZERO
    overdue: Decimal = ZERO  # what is outstanding of loans with an unpaid instalment
    loan_count: int = 0
    came: Decimal = ZERO  # booked in the last 90 days
    went: Decimal = ZERO
    came_before: Decimal = ZERO  # in the 90 days before
    went_before: Decimal = ZERO
    salary: Decimal = ZERO  # in the last 45 days
    salary_before: Decimal = ZERO  # in the 90 days before those
    last_booking: datetime | None = None
    spending: Mapping[str, Decimal] = field(default_factory=dict)  # of 180 days, by category
    tickets: int = 0  # of the last year
    open_complaints: int = 0
    satisfaction: float | None = None  # mean of the last year, 1 to 5

    @property
    def held(self) -> Decimal:
        """All holdings."""
        return sum(self.holdings.values(), ZERO)

    @property
    def assets(self) -> Decimal:
        """Assets under management: balances and holdings."""
        return self.balances + self.held


Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True)
class Score(Generic[Value_co]):
    """A figure with the formula that made it and what went in."""

    value: Value_co
    formula: LocalizedText
    inputs: Mapping[str, object]


class Scores(TypedDict):
    """The scores of the portrait."""

    assets: Score[Decimal]
    debts: Score[Decimal]
    contribution: Score[Decimal]
    depth: Score[int]
    trend: Score[float | None]
    potential: Score[Decimal | None]
    churn_risk: Score[float | None]
    interests: Score[list[str] | None]


def scores(figures: Figures, today: date) -> Scores:
    """Every score of the portrait; None as a value where the customer has not consented to profiling."""
    made: Scores = {
        "assets": Score(
            figures.assets,
            LocalizedText("score_formula.assets"),
            {"balances": figures.balances, "holdings": figures.held},
        ),
        "debts": Score(
            figures.loans, LocalizedText("score_formula.debts"), {"loans": figures.loan_count}
        ),
        "contribution": contribution(figures),
        "depth": depth(figures),
        "trend": trend(figures),
        "potential": potential(figures, today),
        "churn_risk": churn_risk(figures, today),
        "interests": interests(figures),
    }
    if not figures.may_profile:
        withheld = Score(None, LocalizedText("score_formula.withheld"), {})
        made["potential"], made["churn_risk"], made["interests"] = withheld, withheld, withheld
    return made


def each_score(made: Scores) -> Iterator[tuple[str, Score[object]]]:
    """The scores with their names."""
    for name, score in made.items():
        if isinstance(score, Score):
            yield name, score


def contribution(figures: Figures) -> Score[Decimal]:
    """What the customer brings in a year after expected loss and the cost of serving."""
    parts = {
        "deposits": figures.balances * DEPOSIT_MARGIN,
        "investments": sum(
            (value * FUND_FEE.get(kind, OTHER_FEE) for kind, value in figures.holdings.items()),
            ZERO,
        ),
        "loans": figures.loans * LOAN_MARGIN,
        "cards": figures.cards * CARD_MARGIN,
        "expected_loss": -(figures.loans - figures.overdue) * EXPECTED_LOSS[False]
        - figures.overdue * EXPECTED_LOSS[True],
        "serving": -figures.accounts * COST_OF_ACCOUNT - figures.tickets * COST_OF_TICKET,
    }
    return Score(
        cents(sum(parts.values(), ZERO)),
        LocalizedText("score_formula.contribution"),
        {name: cents(part) for name, part in parts.items()},
    )


def depth(figures: Figures) -> Score[int]:
    """How many kinds of product the customer has."""
    own = {"account": figures.accounts, "card": figures.cards, "loan": figures.loan_count}
    kinds = [name for name, count in own.items() if count] + sorted(
        k for k, value in figures.holdings.items() if value
    )
    return Score(len(kinds), LocalizedText("score_formula.products_held"), {"kinds": kinds})


def trend(figures: Figures) -> Score[float | None]:
    """Net money in of 90 days less that of the 90 before, as a share of assets; None without assets."""
    now, before = figures.came - figures.went, figures.came_before - figures.went_before
    share = float((now - before) / figures.assets) if figures.assets > 0 else None
    return Score(
        round(share, 4) if share is not None else None,
        LocalizedText("score_formula.trend"),
        {"net": now, "before": before},
    )


def potential(figures: Figures, today: date) -> Score[Decimal]:
    """What the customer probably has elsewhere."""
    expected = Decimal(age_on(figures.born, today)) * figures.monthly_income * YEAR / WORTH_FACTOR
    return Score(
        cents(max(expected - figures.assets + figures.loans, ZERO)),
        LocalizedText("score_formula.potential"),
        {"expected_worth": cents(expected), "here": figures.assets - figures.loans},
    )


def churn_risk(figures: Figures, today: date) -> Score[float]:
    """The probability, by the card's log-odds, that the customer leaves within half a year."""
    idle = (today - figures.last_booking.date()).days if figures.last_booking else None
    left = figures.went - figures.came
    signs = {
        "no_booking_60_days": idle is None or idle >= 60,  # noqa: PLR2004  (the name says it)
        "no_booking_120_days": idle is None or idle >= 120,  # noqa: PLR2004
        "salary_stopped": figures.salary_before > 0 and figures.salary == 0,
        "a_third_of_money_left": left > 0 and left * 3 >= figures.assets + left,
        "open_complaint": figures.open_complaints > 0,
        "unhappy": figures.satisfaction is not None and figures.satisfaction <= 2,  # noqa: PLR2004
        "one_product": depth(figures).value <= 1,
        "four_products": depth(figures).value >= 4,  # noqa: PLR2004
    }
    odds = CHURN_CARD["base"] + sum(CHURN_CARD[name] for name, seen in signs.items() if seen)
    return Score(
        round(1 / (1 + math.exp(-odds)), 4),
        LocalizedText("score_formula.churn_risk"),
        {name: CHURN_CARD[name] for name, seen in signs.items() if seen},
    )


def interests(figures: Figures) -> Score[list[str]]:
    """On what the money goes, the largest shares first."""
    spent = sum(figures.spending.values(), ZERO)
    ranked = sorted(figures.spending.items(), key=lambda entry: (-entry[1], entry[0]))[:INTERESTS]
    shares = {name: round(float(amount / spent), 3) for name, amount in ranked} if spent else {}
    return Score(list(shares), LocalizedText("score_formula.interests"), {"shares": shares})


def lists_of(made: Scores) -> list[ListName]:
    """Which of the relationship managers' lists the customer stands on."""
    risk, could = made["churn_risk"].value, made["potential"].value
    worth = made["assets"].value
    conditions: list[tuple[ListName, bool]] = [
        ("high_value", worth >= HIGH_VALUE),
        ("potential", could is not None and could >= POTENTIAL_LIMIT and worth < HIGH_VALUE),
        ("at_risk", risk is not None and risk >= CHURN_LIMIT),
    ]
    return [name for name, holds in conditions if holds]


def cents(amount: Decimal) -> Decimal:
    """Two places."""
    return amount.quantize(Decimal("0.01"))


def age_on(born: date, today: date) -> int:
    """Full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
