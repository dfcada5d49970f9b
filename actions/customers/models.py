"""Tables of the customer view. Each row names the source it came from and when."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Amount, Base, Created, Json, Key
from core.languages import Language

CustomerKind = Literal["person", "organisation"]
KycState = Literal["pending", "verified", "rejected", "expired"]
CardState = Literal["active", "blocked", "expired"]
# What of a request to the core banking system is open or went wrong; see card_control.
ControlState = Literal["block_pending", "block_failed", "unblock_pending", "unblock_failed"]


class Customer(Base):
    """A person who banks here. `risk_level` C1..C5 comes from a questionnaire that expires."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "ix_customers_kyc_until", "kyc_until", postgresql_where=text("kyc_state = 'verified'")
        ),
        Index("ix_customers_email", "email"),
        Index("ix_customers_phone", "phone"),
        Index("ix_customers_birth_date", "birth_date"),
        Index("ix_customers_document", text("(document->>'number')")),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[CustomerKind] = mapped_column(
        default="person"
    )  # or organisation, whose birth date is its founding
    name: Mapped[str]
    native_name: Mapped[str | None]
    birth_date: Mapped[date]
    nationality: Mapped[str]
    residency: Mapped[str]
    language: Mapped[Language]
    segment: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    document: Mapped[Json]
    risk_level: Mapped[str]
    risk_assessed_until: Mapped[date]
    kyc_state: Mapped[KycState]
    kyc_until: Mapped[date]
    kyc_notice_for: Mapped[date | None]  # the `kyc_until` for which a review was opened
    experience: Mapped[str]
    monthly_income: Mapped[Amount]
    knowledge: Mapped[list[str]] = mapped_column(
        default=list
    )  # kinds of product that the customer understands
    consents: Mapped[dict[str, bool]]
    relationship_manager_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("staff_users.id"), index=True
    )
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("households.id"), index=True)
    merged_into: Mapped[UUID | None] = mapped_column(
        ForeignKey("customers.id")
    )  # the same person, kept there
    baseline: Mapped[
        dict[str, Any] | None
    ]  # what stood here before other sources spoke; None until one does
    source: Mapped[str] = mapped_column(default="core_banking")
    source_at: Mapped[datetime]
    created_at: Mapped[Created]


NUMBERS = Sequence("customer_numbers", metadata=Base.metadata, start=1_000_001)


class Household(Base):
    """Customers who live and plan together; they agreed to be shown so."""

    __tablename__ = "households"

    id: Mapped[Key]
    name: Mapped[str]
    created_at: Mapped[Created]


class LifeEvent(Base):
    """Something in a customer's life that changes what they need."""

    __tablename__ = "life_events"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str]
    happened_on: Mapped[date]
    source: Mapped[str]
    noted_by: Mapped[str]
    created_at: Mapped[Created]


class ConsentChange(Base):
    """A consent that was given or taken back; the customer's row has the present state."""

    __tablename__ = "consent_changes"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    purpose: Mapped[str]
    given: Mapped[bool]
    channel: Mapped[str]
    changed_by: Mapped[str]
    created_at: Mapped[Created]


class RiskAssessment(Base):
    """A filled-in risk questionnaire with the level that it gave."""

    __tablename__ = "risk_assessments"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    version: Mapped[int]  # of the questionnaire
    answers: Mapped[Json]
    points: Mapped[int]
    level: Mapped[str]
    valid_until: Mapped[date]
    made_by: Mapped[str]
    created_at: Mapped[Created]


class PortraitRow(Base):
    """A customer's portrait as it was last computed, for the lists of relationship managers."""

    __tablename__ = "portraits"
    __table_args__ = (
        Index("ix_portraits_assets", "assets", "customer_id"),
        Index("ix_portraits_lists", "lists", postgresql_using="gin"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    assets: Mapped[Amount]
    contribution: Mapped[Amount]
    potential: Mapped[Decimal | None]
    churn_risk: Mapped[float | None]
    depth: Mapped[int]
    lists: Mapped[list[str]]
    interests: Mapped[list[str]]
    scores: Mapped[Json]
    computed_at: Mapped[datetime] = mapped_column(index=True)


class Account(Base):
    """A current or savings account."""

    __tablename__ = "accounts"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    iban: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    currency: Mapped[str]
    balance: Mapped[Amount]
    opened_on: Mapped[date]


class Card(Base):
    """A payment card; only the last four digits are kept."""

    __tablename__ = "cards"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    last_four: Mapped[str]
    state: Mapped[CardState]  # blocked from the request on, active again from the confirmation on
    control: Mapped[ControlState | None]
    expires_on: Mapped[date]


class Loan(Base):
    """A loan and what is left of it."""

    __tablename__ = "loans"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str]
    currency: Mapped[str]
    principal: Mapped[Amount]
    outstanding: Mapped[Amount]
    rate_percent: Mapped[Decimal]
    instalment: Mapped[Amount]
    next_due_on: Mapped[date]
    ends_on: Mapped[date]


class Holding(Base):
    """A product that the customer holds, at today's value."""

    __tablename__ = "holdings"

    id: Mapped[Key]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    currency: Mapped[str]
    value: Mapped[Amount]
    bought_on: Mapped[date]


class Transaction(Base):
    """A booking on an account; spent money is negative."""

    __tablename__ = "transactions"
    __table_args__ = (Index("ix_transactions_account_time", "account_id", "booked_at"),)

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    booked_at: Mapped[datetime]
    amount: Mapped[Amount]
    currency: Mapped[str]
    counterparty: Mapped[str]
    country: Mapped[str | None]  # of the counterparty's bank, where it is known
    category: Mapped[str]
