"""How promising a lead is, and what its stage makes it worth. Pure.

The score is a sum of documented parts, 0 to 100. The probability of a stage is the share of this bank's own closed leads that
came so far and were won, drawn towards a prior while there are few (a beta distribution with `PRIOR_WEIGHT` pseudo-leads).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, get_args

Stage = Literal["new", "contacted", "qualified", "offered", "won", "lost"]
STAGES: tuple[Stage, ...] = get_args(Stage)
OPEN: tuple[Stage, ...] = ("new", "contacted", "qualified", "offered")
STEPS: Mapping[str, tuple[str, ...]] = {
    "new": ("contacted", "lost"),
    "contacted": ("qualified", "lost"),
    "qualified": ("offered", "lost"),
    "offered": ("won", "lost"),
    "won": (),
    "lost": ("contacted",),
}
# What is believed before there is a history: house assumptions.
PRIOR: Mapping[str, float] = {"new": 0.1, "contacted": 0.2, "qualified": 0.4, "offered": 0.6}
PRIOR_WEIGHT = 10
ASKED, CLICKED, NOTED = 40, 30, 20  # points for how the interest showed
SUITS, CAN_AFFORD, LOYAL, KNOWN = 20, 20, 10, 10


def score(
    source: str,
    *,
    suits: bool | None,
    free_cash: Decimal,
    amount: Decimal | None,
    churn_risk: float | None,
    assessed: bool,
) -> tuple[int, dict[str, int]]:
    """Points of a lead and their parts; what is not known gives half."""
    parts = {
        "interest": {"conversation": ASKED, "campaign": CLICKED}.get(source, NOTED),
        "suitable": SUITS // 2 if suits is None else SUITS * suits,
        "affordable": CAN_AFFORD // 2 if amount is None else CAN_AFFORD * (free_cash >= amount),
        "loyal": LOYAL // 2 if churn_risk is None else round(LOYAL * (1 - churn_risk)),
        "risk_assessed": KNOWN * assessed,
    }
    return sum(parts.values()), parts


def probabilities(reached: Mapping[str, int], won: Mapping[str, int]) -> dict[str, float]:
    """By open stage, how likely a lead that came so far is won; `reached` and `won` count closed leads that came so far."""
    return {
        stage: round(
            (won.get(stage, 0) + PRIOR[stage] * PRIOR_WEIGHT)
            / (reached.get(stage, 0) + PRIOR_WEIGHT),
            4,
        )
        for stage in OPEN
    }
