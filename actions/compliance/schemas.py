"""What compliance says and takes over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from actions.compliance.checks import Decision, Purpose
from actions.name_matching.comparison import EntityType
from core.localized_text import ShownJson, ShownText
from core.money import Money

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class ScreeningRequest(BaseModel):
    """A name to screen."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Viktor Petrenko", "type": "person"}]},
    )

    name: Name
    type: EntityType
    birth_date: date | None = None
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$", max_length=2)] | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class CompareRequest(BaseModel):
    """Two names."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Li Xiaoming", "other": "李晓明", "type": "person"}]
        },
    )

    name: Name
    other: Name
    type: EntityType


class MatchOut(BaseModel):
    """An entry that resembles the name."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: UUID
    name: str
    matched_name: str
    score: float
    list: str
    reasons: Sequence[ShownText]


class ScreeningOut(BaseModel):
    """Clear, or to be reviewed."""

    decision: str
    matches: list[MatchOut]
    took_ms: float


class CompareOut(BaseModel):
    """Whether two names would match, and why."""

    score: float
    match: bool
    reasons: list[ShownText]


class CheckRequest(BaseModel):
    """A checkpoint for a customer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"customer_id": "00000000-0000-4000-8000-000000000000", "purpose": "onboarding"}
            ]
        },
    )

    customer_id: UUID
    purpose: Purpose
    product_id: UUID | None = None
    amount: Money | None = None


class RuleOut(BaseModel):
    """What one rule said."""

    id: str
    version: int
    outcome: Decision
    reason: ShownText


class CheckOut(BaseModel):
    """The decision with its rules."""

    decision: Decision
    rules: list[RuleOut]
    decision_id: UUID


class ReplayOut(BaseModel):
    """A stored decision, decided again: whether it came to the same."""

    decision_id: UUID
    purpose: str
    decided_at: datetime
    decision: Decision
    rules: list[RuleOut]
    same: bool


class ReleaseRequest(BaseModel):
    """Why a review is let through."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Contract of sale seen"}]}
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=1000)]


class ClearanceRequest(BaseModel):
    """A customer and an entry that are not the same, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "00000000-0000-4000-8000-000000000000",
                    "entry_id": "00000000-0000-4000-8000-000000000001",
                    "reason": "Another birth date and another country",
                }
            ]
        },
    )

    customer_id: UUID
    entry_id: UUID
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=1000)]


class ClearanceOut(BaseModel):
    """A clearance."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    entry_id: UUID
    reason: str
    cleared_by: str
    created_at: datetime


class WatchlistOut(BaseModel):
    """A list as it was last loaded."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    format: str
    revision: int
    entries: int
    report: dict[str, JsonValue]
    loaded_by: str
    loaded_at: datetime


class AlertOut(BaseModel):
    """An alert."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID | None
    kind: str
    state: str
    evidence: ShownJson
    created_at: datetime
