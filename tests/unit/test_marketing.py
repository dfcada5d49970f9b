"""Assignment that is stable and fair, lift with its interval, scores of leads and what stages are worth."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from actions.marketing.assignment import HOLDOUT, lift, place, variant_of
from actions.marketing.schemas import Variant
from actions.marketing.scoring import OPEN, STAGES, STEPS, probabilities, score
from actions.marketing.segments import Rule

CAMPAIGN = UUID(int=7)
VARIANTS = [("a", 1.0), ("b", 3.0)]


def test_a_customer_always_gets_the_same_variant() -> None:
    customers = [UUID(int=n) for n in range(500)]
    first = [variant_of(CAMPAIGN, customer, 0.2, VARIANTS) for customer in customers]
    assert first == [variant_of(CAMPAIGN, customer, 0.2, VARIANTS) for customer in customers]
    assert first != [variant_of(UUID(int=8), customer, 0.2, VARIANTS) for customer in customers]


def test_shares_are_as_the_weights_say() -> None:
    drawn = Counter(variant_of(CAMPAIGN, uuid4(), 0.2, VARIANTS) for _ in range(20_000))
    assert drawn[HOLDOUT] / 20_000 == pytest.approx(0.2, abs=0.015)
    assert drawn["a"] / 20_000 == pytest.approx(0.2, abs=0.015)
    assert drawn["b"] / 20_000 == pytest.approx(0.6, abs=0.015)


def test_a_larger_holdout_keeps_who_was_left_out_before() -> None:
    customers = [uuid4() for _ in range(1_000)]
    small = {c for c in customers if variant_of(CAMPAIGN, c, 0.1, VARIANTS) == HOLDOUT}
    large = {c for c in customers if variant_of(CAMPAIGN, c, 0.3, VARIANTS) == HOLDOUT}
    assert small < large
    assert all(0 <= place(CAMPAIGN, customer) < 1 for customer in customers)


def test_the_lift_is_newcombes_of_1998() -> None:
    found = lift(56, 70, 48, 80)  # his table II, (a), method 10
    assert found is not None
    assert (round(found.difference, 4), round(found.low, 4), round(found.high, 4)) == (
        0.2,
        0.0524,
        0.3339,
    )
    assert found.proven
    small = lift(3, 10, 2, 10)
    assert small is not None
    assert not small.proven
    assert lift(1, 10, 0, 0) is None


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (
            {
                "source": "conversation",
                "suits": True,
                "amount": Decimal(100),
                "churn_risk": 0.0,
                "assessed": True,
            },
            100,
        ),
        (
            {
                "source": "staff",
                "suits": False,
                "amount": Decimal(9_999),
                "churn_risk": 1.0,
                "assessed": False,
            },
            20,
        ),
        (
            {
                "source": "campaign",
                "suits": None,
                "amount": None,
                "churn_risk": None,
                "assessed": True,
            },
            30 + 10 + 10 + 5 + 10,
        ),
    ],
)
def test_points_of_a_lead_add_up(given: dict[str, object], points: int) -> None:
    whole, parts = score(free_cash=Decimal(1_000), **given)  # type: ignore[arg-type]
    assert whole == sum(parts.values()) == points


def test_a_stage_is_worth_what_the_bank_has_seen_drawn_towards_the_prior() -> None:
    nothing = probabilities({}, {})
    assert nothing == {"new": 0.1, "contacted": 0.2, "qualified": 0.4, "offered": 0.6}
    seen = probabilities({"new": 90, "offered": 90}, {"new": 45, "offered": 90})
    assert seen["new"] == 0.46  # (45 + 1) / 100
    assert seen["offered"] == 0.96
    assert set(STEPS) == set(STAGES)
    assert all(STEPS[stage] for stage in OPEN)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"all": [{"field": "assets", "compare": "is", "value": "many"}]},
        {"all": [{"field": "segment", "compare": "above", "value": "mass"}]},
        {"all": [{"field": "shoe_size", "value": "44"}]},
        {"all": [{"field": "segment", "compare": "one_of", "value": "mass"}]},
        {"any": [{"all": [{"any": [{"all": [{"field": "segment", "value": "mass"}]}]}]}]},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(rule)


@pytest.mark.parametrize("text", ["{customer.email}", "{0}", "{", "{password}"])
def test_a_wording_can_name_nothing_but_the_customer_and_the_product(text: str) -> None:
    with pytest.raises(ValidationError):
        Variant.model_validate({"code": "a", "text": {"en": text, "zh": "好"}})
