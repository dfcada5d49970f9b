"What the customer view says over HTTP."

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer

from core.languages import Language

CENT = Decimal("0.01")
DecimalText = Annotated[Decimal, PlainSerializer(lambda d: str(d.quantize(CENT)), return_type=str)]


class MoneyValue(BaseModel):
    "An amount as a decimal string with two places, and its currency (ISO 4217)."

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"amount": "1250.00", "currency": "EUR"}]}
    )

    amount: DecimalText
    currency: Annotated[str, "ISO 4217"]


class CustomerOut(BaseModel):
    "A customer in a list; the email and phone are masked."

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


class Part(BaseModel):
    "A part of the profile with where it comes from and when it was read there."

    source: str
    as_of: datetime
    items: list[dict[str, Any]]


class Portrait(BaseModel):
    "Figures about the customer, each with the formula that made it."

    assets: MoneyValue
    debts: MoneyValue
    products_held: int
    segment: str
    risk_level: str
    risk_assessed_until: date
    formulas: dict[str, str]


class Profile(BaseModel):
    "The unified view."

    identity: Part
    accounts: Part
    cards: Part
    loans: Part
    holdings: Part
    transactions: Part
    tickets: Part
    conversations: Part
    consents: Part
    alerts: Part
    portrait: Portrait
