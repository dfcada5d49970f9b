"""What recommendations say and take over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.money import Money

Goal = Literal[
    "savings", "growth", "income", "retirement", "home", "education", "protection", "everyday"
]


class RecommendationRequest(BaseModel):
    """What the customer needs; nothing of it is guessed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "goal": "savings",
                    "amount": {"amount": "5000.00", "currency": "EUR"},
                    "horizon_months": 24,
                }
            ]
        },
    )

    goal: Goal | None = None
    amount: Money | None = None
    horizon_months: Annotated[int, Field(ge=0, le=600)] | None = None
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class Recommendation(BaseModel):
    """A product that fits, with why and with what must be read out."""

    product_id: UUID
    name: str
    risk_level: str
    score: float
    reasons: list[str]
    disclosures: list[str]


class Excluded(BaseModel):
    """A product that does not fit, with the rule."""

    product_id: UUID
    rule: str
    reason: str


class RecommendationsOut(BaseModel):
    """What fits, best first, and what does not."""

    recommendations: list[Recommendation]
    excluded: list[Excluded]
    decision_id: UUID
