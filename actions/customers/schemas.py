"""What the customer view says over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from actions.customers.card_control.models import RequestState
from actions.customers.card_control.port import CardAction
from actions.customers.models import CardState, ControlState
from core.bounds import MAX_MEMBERS, Code
from core.languages import Language
from core.localized_text import ShownText
from core.money import Money

ConsentPurpose = Literal["marketing", "profiling", "recording", "household"]
LifeEventKind = Literal[
    "marriage",
    "divorce",
    "birth",
    "move",
    "new_job",
    "job_loss",
    "retirement",
    "home_purchase",
    "inheritance",
    "bereavement",
    "graduation",
    "business_founded",
]


class CustomerOut(BaseModel):
    """A customer in a list; the email and phone are masked."""

    id: UUID
    number: str
    name: str
    native_name: str | None
    language: Language
    segment: str
    residency: str
    risk_level: str
    kyc_state: str
    email: str
    phone: str


class QuestionOut(BaseModel):
    """A question with its answers, in one language."""

    key: str
    ask: str
    answers: list[str]


class QuestionnaireOut(BaseModel):
    """The questions that give a risk level."""

    version: int
    questions: list[QuestionOut]


class ScoreOut(BaseModel):
    """A figure and what went into it; None where it is withheld or cannot be told."""

    value: JsonValue
    inputs: dict[str, JsonValue]


class Portrait(BaseModel):
    """Figures about the customer, each with the formula that made it."""

    assets: Money
    debts: Money
    products_held: int
    segment: str
    risk_level: str
    risk_assessed_until: date
    lists: list[str]
    scores: dict[str, ScoreOut]
    formulas: dict[str, ShownText]


class CardChangeRequest(BaseModel):
    """Why a card is blocked or unblocked."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "reported lost at the branch"}]}
    )

    reason: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
        | None
    ) = None


class CardRequestOut(BaseModel):
    """A request to the core banking system and what came of it; `failure` is a code of its answer or ours."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    action: CardAction
    state: RequestState
    requested_by: str
    requested_at: datetime
    reason: str | None
    attempts: int
    concluded_at: datetime | None
    failure: str | None
    ticket_id: UUID | None


class CardOut(BaseModel):
    """A card with its last request; `control` says what of a request is open or went wrong."""

    id: UUID
    kind: str
    number: str
    state: CardState
    control: ControlState | None
    expires_on: date
    request: CardRequestOut | None


class CardChangeOut(BaseModel):
    """What came of asking: done where the card is so already, requested where it has yet to be confirmed."""

    outcome: Literal["requested", "done"]
    card: CardOut


class TransactionOut(BaseModel):
    """A booking."""

    id: UUID
    booked_at: datetime
    amount: Money
    counterparty: str
    category: str


class CategoryOut(BaseModel):
    """What was booked in a category."""

    category: str
    bookings: int
    total: Money


class ConsentsRequest(BaseModel):
    """Consents to give or take back; what is absent stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"consents": {"marketing": False}}]}
    )

    consents: Annotated[dict[ConsentPurpose, bool], Field(min_length=1)]
    channel: Literal["branch", "phone", "web", "app", "email"] = "branch"


class ConsentChangeOut(BaseModel):
    """A consent that was given or taken back."""

    model_config = ConfigDict(from_attributes=True)

    purpose: str
    given: bool
    channel: str
    changed_by: str
    created_at: datetime


class ConsentsOut(BaseModel):
    """The present state and how it came about."""

    consents: dict[str, bool]
    history: list[ConsentChangeOut]


class LifeEventRequest(BaseModel):
    """Something that happened."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "move", "happened_on": "2026-11-01"}]},
    )

    kind: LifeEventKind
    happened_on: date


class LifeEventOut(BaseModel):
    """A life event."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    happened_on: date


class ErasureRequest(BaseModel):
    """Why what is kept of a customer is erased."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "asked for it by letter of 2 June"}]},
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=300)]


class HouseholdRequest(BaseModel):
    """Who belongs together."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Linden 4",
                    "members": [
                        "00000000-0000-4000-8000-000000000000",
                        "00000000-0000-4000-8000-000000000001",
                    ],
                }
            ]
        },
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    members: Annotated[list[UUID], Field(min_length=2, max_length=12)]


class HouseholdOut(BaseModel):
    """A household."""

    id: UUID
    name: str
    members: list[CustomerOut]


class ManagerRequest(BaseModel):
    """Who looks after the customer; null for nobody."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"manager_id": "00000000-0000-4000-8000-000000000000"}]},
    )

    manager_id: UUID | None


class RiskRequest(BaseModel):
    """Answers to the risk questionnaire, the place of each chosen answer from 1."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"answers": {"horizon": 3, "capacity": 2, "aim": 3, "reaction": 3, "experience": 3}}
            ]
        },
    )

    answers: Annotated[
        dict[Code, Annotated[int, Field(ge=0, le=100)]], Field(max_length=MAX_MEMBERS)
    ]


class RiskOut(BaseModel):
    """The level that the answers gave."""

    model_config = ConfigDict(from_attributes=True)

    points: int
    level: str
    experience: str
    valid_until: date


class ListedOut(BaseModel):
    """A customer on a relationship manager's list, with why."""

    customer: CustomerOut
    assets: Money
    contribution: Money
    potential: Money | None
    churn_risk: float | None
    scores: dict[str, JsonValue]
    computed_at: datetime
