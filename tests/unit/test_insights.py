"""The portrait's formulas against figures worked out by hand, and the risk questionnaire."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from actions.customers.insights import Figures, lists_of, scores
from actions.customers.risk import QUESTIONS, assess
from core.errors import Invalid

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ANNE = Figures(
    born=date(1986, 6, 2),
    monthly_income=Decimal(4_000),
    may_profile=True,
    balances=Decimal(20_000),
    accounts=2,
    cards=2,
    holdings={"fund": Decimal(30_000)},
    loans=Decimal(10_000),
    overdue=Decimal(0),
    loan_count=1,
    came=Decimal(12_000),
    went=Decimal(9_000),
    came_before=Decimal(12_000),
    went_before=Decimal(11_000),
    salary=Decimal(4_000),
    salary_before=Decimal(12_000),
    last_booking=NOW - timedelta(days=2),
    spending={"housing": Decimal(600), "travel": Decimal(200)},
    tickets=3,
)


def test_each_score_is_what_its_formula_says() -> None:
    made = scores(ANNE, TODAY)
    assert made["assets"].value == Decimal(50_000)
    assert made["debts"].value == Decimal(10_000)
    # 20,000 x 0.012 + 30,000 x 0.011 + 10,000 x 0.021 + 2 x 24 - 10,000 x 0.004 - 2 x 36 - 3 x 9
    assert made["contribution"].value == Decimal("689.00")
    assert (made["depth"].value, made["depth"].inputs["kinds"]) == (
        4,
        ["account", "card", "loan", "fund"],
    )
    assert made["trend"].value == 0.04  # (3,000 - 1,000) / 50,000
    # 39 years x 48,000 / 10 = 187,200, less 40,000 here
    assert made["potential"].value == Decimal("147200.00")
    assert made["churn_risk"].value == 0.0198  # 1 / (1 + exp(3.0 + 0.9))
    assert made["interests"].inputs["shares"] == {"housing": 0.75, "travel": 0.25}
    assert lists_of(made) == ["potential"]


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"last_booking": NOW - timedelta(days=61)}, "no_booking_60_days"),
        ({"last_booking": None}, "no_booking_120_days"),
        ({"salary": Decimal(0)}, "salary_stopped"),
        ({"went": Decimal(12_000 + 25_000)}, "a_third_of_money_left"),
        ({"open_complaints": 1}, "open_complaint"),
        ({"satisfaction": 2.0}, "unhappy"),
        ({"cards": 0, "holdings": {}, "loan_count": 0}, "one_product"),
    ],
)
def test_each_sign_of_leaving_raises_the_risk_and_is_told(
    change: dict[str, Any], sign: str
) -> None:
    before, after = (
        scores(ANNE, TODAY)["churn_risk"],
        scores(replace(ANNE, **change), TODAY)["churn_risk"],
    )
    assert sign in after.inputs
    assert after.value > before.value


def test_without_consent_nothing_is_guessed_about_a_person() -> None:
    made = scores(replace(ANNE, may_profile=False), TODAY)
    assert [made[name].value for name in ("potential", "churn_risk", "interests")] == [None] * 3
    assert made["assets"].value == Decimal(50_000)
    assert lists_of(made) == []


def test_a_customer_who_has_nothing_is_no_error() -> None:
    nobody = Figures(born=date(2000, 1, 1), monthly_income=Decimal(0), may_profile=True)
    made = scores(nobody, TODAY)
    assert (made["trend"].value, made["interests"].value, made["assets"].value) == (None, [], 0)


def answers(**changes: int) -> dict[str, int]:
    return {question.key: 3 for question in QUESTIONS} | changes


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (answers(), "C3"),
        (dict.fromkeys([q.key for q in QUESTIONS], 1), "C1"),
        (dict.fromkeys([q.key for q in QUESTIONS], 5), "C5"),
        (
            answers(horizon=5, aim=5, reaction=5, experience=5, capacity=1),
            "C2",
        ),  # who can lose nothing
        (answers(horizon=1, aim=2), "C2"),
    ],
)
def test_answers_give_a_level_and_who_can_lose_nothing_stays_low(
    given: dict[str, int], level: str
) -> None:
    assert assess(given, TODAY).level == level


def test_a_questionnaire_that_is_not_complete_names_what_is_missing() -> None:
    with pytest.raises(Invalid) as refused:
        assess({"horizon": 6, "aim": 2, "shoe_size": 44}, TODAY)
    assert {field for field, _ in refused.value.errors} == {
        "answers.horizon",
        "answers.capacity",
        "answers.reaction",
        "answers.experience",
        "answers.shoe_size",
    }
