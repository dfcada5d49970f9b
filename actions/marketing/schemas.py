"""What campaigns and leads take and say over HTTP."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from actions.marketing.scoring import Stage
from actions.tickets.ticket_config.contents import Texts
from core.bounds import MAX_MEMBERS, Code, Day, Instant
from core.errors import InvalidValue
from core.money import Money

CampaignChannel = Literal["web", "app", "workspace", "email"]
CampaignState = Literal["draft", "running", "paused", "ended"]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
CodeText = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]


class Variant(BaseModel):
    """A wording of the offer; `{name}` stands for the customer's name, `{product}` for the product's."""

    model_config = ConfigDict(extra="forbid")

    code: CodeText
    weight: Annotated[float, Field(gt=0, le=100)] = 1
    text: Texts

    @model_validator(mode="after")
    def _can_be_filled(self) -> Self:
        if self.code == "holdout":
            raise InvalidValue("variant.holdout_reserved")
        for text in (self.text.en, self.text.zh):
            try:
                text.format(name="", product="")
            except (KeyError, IndexError, ValueError) as error:
                raise InvalidValue(
                    "variant.placeholder_unknown", placeholders="{name}, {product}"
                ) from error
        return self


class CampaignContent(BaseModel):
    """What a campaign offers, to whom, where and when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "names": {"en": "Autumn savings", "zh": "秋季储蓄"},
                    "segment": "savers",
                    "product_id": "00000000-0000-4000-8000-000000000000",
                    "channels": ["web", "workspace"],
                    "starts_at": "2026-10-01T00:00:00Z",
                    "ends_at": "2026-12-01T00:00:00Z",
                    "holdout": 0.1,
                    "variants": [
                        {
                            "code": "a",
                            "text": {
                                "en": "{name}, have a look at {product}.",
                                "zh": "{name}，了解一下{product}。",
                            },
                        }
                    ],
                }
            ]
        },
    )

    names: Texts
    segment: CodeText
    product_id: UUID
    channels: Annotated[list[CampaignChannel], Field(min_length=1, max_length=10)]
    starts_at: Instant
    ends_at: Instant
    hours: tuple[time, time] = (time(9), time(20))  # of the day, in the bank's zone
    holdout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    variants: Annotated[list[Variant], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise InvalidValue("campaign.period_reversed")
        if self.hours[0] >= self.hours[1]:
            raise InvalidValue("campaign.hours_reversed")
        codes = [variant.code for variant in self.variants]
        if len(set(codes)) != len(codes):
            raise InvalidValue("campaign.variant_twice")
        return self


class CampaignOut(BaseModel):
    """A campaign."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    state: CampaignState
    version: int
    content: CampaignContent
    starts_at: datetime
    ends_at: datetime
    made_by: str
    approved_by: str | None


class Step(BaseModel):
    """A variant's funnel."""

    variant: str
    assigned: int
    shown: int
    clicked: int
    declined: int
    leads: int
    sold: int


class LiftOut(BaseModel):
    """What more of the contacted bought than of those left out: difference of shares with its 95 % interval."""

    difference: float
    low: float
    high: float
    proven: bool


class FunnelOut(BaseModel):
    """What came of a campaign, by variant, and beside those left out."""

    steps: list[Step]
    lift: LiftOut | None


class LimitsContent(BaseModel):
    """How often one customer may be contacted by all campaigns together."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"contacts": 2, "days": 30}]}
    )

    contacts: Annotated[int, Field(ge=0, le=30)] = 2
    days: Annotated[int, Field(ge=1, le=365)] = 30


class LeadNew(BaseModel):
    """A lead that somebody notes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"customer_id": "00000000-0000-4000-8000-000000000000", "subject": "Mortgage"}
            ]
        },
    )

    customer_id: UUID
    subject: Line
    product_id: UUID | None = None
    conversation_id: UUID | None = None
    amount: Money | None = None
    expected_on: Day | None = None


class LeadChangeRequest(BaseModel):
    """What to change; what is absent stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"stage": "contacted"}]}
    )

    stage: Stage | None = None
    owner_id: UUID | None = None
    amount: Money | None = None
    expected_on: Day | None = None
    product_id: UUID | None = None
    lost_reason: Annotated[str, StringConstraints(max_length=500)] | None = None


class LeadOut(BaseModel):
    """A lead."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID
    product_id: UUID | None
    source: str
    subject: str
    score: int
    score_parts: dict[str, int]
    stage: Stage
    owner_id: UUID | None
    amount: Decimal | None
    currency: str
    expected_on: date | None
    lost_reason: str | None
    ticket_id: UUID | None
    conversation_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class LeadChangeOut(BaseModel):
    """A step of a lead."""

    model_config = ConfigDict(from_attributes=True)

    what: str
    before: str | None
    after: str | None
    actor: str
    at: datetime


class QuoteNew(BaseModel):
    """An offer with its terms; a sale check is made first."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "product_id": "00000000-0000-4000-8000-000000000000",
                    "amount": {"amount": "5000.00", "currency": "EUR"},
                    "terms": {"rate_percent": "2.10", "months": "24"},
                    "valid_until": "2026-12-31",
                }
            ]
        },
    )

    product_id: UUID
    amount: Money
    terms: Annotated[
        dict[Code, Annotated[str, StringConstraints(max_length=300)]], Field(max_length=MAX_MEMBERS)
    ] = {}
    valid_until: Day


class QuoteChange(BaseModel):
    """How far a quote or its contract is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"state": "sent"}]})

    state: Literal["sent", "accepted", "rejected"] | None = None
    contract: Literal["prepared", "signed"] | None = None


class QuoteOut(BaseModel):
    """A quote."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    product_id: UUID
    amount: Decimal
    currency: str
    terms: dict[str, str]
    check_id: UUID
    state: str
    contract: str
    valid_until: date
    version: int


class ReminderNew(BaseModel):
    """What to be reminded of, and when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"due_at": "2026-12-01T09:00:00Z", "note": "Call again"}]},
    )

    due_at: Instant
    note: Line


class ReminderOut(BaseModel):
    """A reminder."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    lead_id: UUID
    due_at: datetime
    note: str
    told_at: datetime | None
    done_at: datetime | None


class ForecastLine(BaseModel):
    """Leads of a stage: how many, what they are worth, how likely they are won, and what is to be expected of them."""

    stage: Stage
    leads: int
    amount: Money
    probability: float
    expected: Money
